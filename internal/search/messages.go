package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// shortestPrefix: a prefix of one or two letters walks too much of the index
// (PLATFORM §4), so such a last word must be whole.
const shortestPrefix = 3

// messages finds messages by words, newest first, in the index and in what is
// queued for it, so that no committed message is missed.
func (e *Engine) messages(ctx context.Context, query string, limit int) ([]Message, error) {
	words := wordsOf(query)
	if len(words) == 0 {
		return []Message{}, nil
	}
	prefix := utf8.RuneCountInString(words[len(words)-1]) >= shortestPrefix
	q := cache.MessageQuery{Words: words, PrefixLast: prefix, Limit: limit}
	// The queue first: what leaves it meanwhile is then in the index.
	var found []cache.StoredMessage
	have := map[[3]string]bool{}
	take := func(m cache.StoredMessage) {
		id := [3]string{m.Account, m.Conversation, m.ID}
		if !have[id] {
			have[id] = true
			found = append(found, m)
		}
	}
	if err := e.Cache.QueuedMessages(ctx, q, func(m cache.StoredMessage) bool {
		if _, ok := mark(m.Text, words, prefix); ok {
			take(m)
		}
		return len(found) < limit
	}); err != nil {
		return nil, err
	}
	indexed, err := e.Cache.FindMessages(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, m := range indexed {
		take(m)
	}
	slices.SortStableFunc(found, func(a, b cache.StoredMessage) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq))
	})
	out := []Message{}
	for _, m := range found[:min(limit, len(found))] {
		ranges, _ := mark(m.Text, words, prefix)
		out = append(out, Message{m.Account, m.Provider, m.Thread, m.Conversation, m.ID, inbox.TimeJSON(m.At), m.Direction, m.Text, ranges})
	}
	return out, nil
}

// mark finds every searched word in a text; ok is false unless all are there.
func mark(text string, words []string, prefixLast bool) (ranges [][2]int, ok bool) {
	f := foldWithOffsets(text)
	ranges = [][2]int{}
	seen := make([]bool, len(words))
	for _, w := range f.words() {
		here := f.text[w.start:w.end]
		for i, word := range words {
			if here == word || (prefixLast && i == len(words)-1 && strings.HasPrefix(here, word)) {
				seen[i] = true
				ranges = append(ranges, f.span(w.start, w.start+len(word)))
				break
			}
		}
	}
	// A word typed twice is marked once.
	for i, word := range words {
		seen[i] = seen[i] || slices.Contains(words[:i], word)
	}
	return ranges, !slices.Contains(seen, false)
}
