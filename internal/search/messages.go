package search

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// shortestPrefix: a prefix of one or two letters walks too much of the index
// (PLATFORM §4), so such a last word must be whole.
const shortestPrefix = 3

// asked is what was typed, cut into words.
type asked struct {
	written []string // as typed: the index folds them as it folded the texts
	folded  []string // as they are compared here, to mark them
	prefix  bool     // the last may be the beginning of a word
}

func ask(query string) asked {
	var a asked
	for _, w := range strings.FieldsFunc(query, func(r rune) bool { return !isWordRune(r) && !unicode.Is(unicode.Mn, r) }) {
		if parts := cut(Fold(w)); len(parts) > 0 {
			a.written, a.folded = append(a.written, w), append(a.folded, parts...)
		}
	}
	if n := len(a.folded); n > 0 {
		a.prefix = utf8.RuneCountInString(a.folded[n-1]) >= shortestPrefix
	}
	return a
}

// messages finds messages by words, newest first.
func (e *Engine) messages(ctx context.Context, query string, limit int) ([]Message, error) {
	out := []Message{}
	a := ask(query)
	if len(a.folded) == 0 || limit <= 0 {
		return out, nil
	}
	hits, err := e.Cache.SearchMessages(ctx, cache.MessageQuery{Words: a.written, PrefixLast: a.prefix, Limit: limit}, a.matches)
	for _, m := range hits {
		ranges, _ := a.mark(m.Text)
		out = append(out, Message{m.Account, m.Provider, m.Thread, m.Conversation, m.ID, inbox.TimeJSON(m.At), m.Direction, m.Text, ranges})
	}
	return out, err
}

// matches reports whether a text has every word. Most texts lack one even as
// letters, which is quickly seen.
func (a asked) matches(text string) bool {
	plain := Fold(text)
	for _, w := range a.folded {
		if !strings.Contains(plain, w) {
			return false
		}
	}
	_, ok := a.mark(text)
	return ok
}

// mark finds every word in a text; ok is false unless all are there. A word of
// the text is marked once, by the longest that it begins with.
func (a asked) mark(text string) (ranges [][2]int, ok bool) {
	f := foldWithOffsets(text)
	ranges = [][2]int{}
	seen := make([]bool, len(a.folded))
	for _, w := range f.words() {
		here, marked := f.text[w.start:w.end], 0
		for i, word := range a.folded {
			if here == word || a.prefix && i == len(a.folded)-1 && strings.HasPrefix(here, word) {
				seen[i] = true
				marked = max(marked, len(word))
			}
		}
		if marked > 0 {
			ranges = append(ranges, f.span(w.start, w.start+marked))
		}
	}
	return ranges, !slices.Contains(seen, false)
}
