package search

import (
	"context"
	"slices"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Messages are a page of messages that were found.
type Messages struct {
	Messages []Message
	Next     string // the cursor of the next page, "" at the end
	Partial  bool   // some of what is here was not looked through: see cache.MessageHits
	Index    cache.IndexState
}

// FindMessages finds messages, with what was asked for marked in their texts.
// Errors as cache.SearchMessages's.
func (e *Engine) FindMessages(ctx context.Context, q cache.MessageQuery) (Messages, error) {
	found, err := e.Cache.SearchMessages(ctx, q)
	out := Messages{make([]Message, 0, len(found.Messages)), found.Next, found.Partial, found.Index}
	if err != nil {
		return out, err
	}
	marks := newMarker(q.Words)
	for i := range found.Messages {
		m := &found.Messages[i]
		out.Messages = append(out.Messages, Message{m.Account, m.Provider, m.Thread, m.Conversation, m.ID, inbox.TimeJSON(m.At), m.Direction, m.Text, marks.ranges(m.Text)})
	}
	return out, nil
}

// asksFor reports whether there is a word among them to look for.
func asksFor(words []cache.Word) bool {
	for _, w := range words {
		if !w.Exclude && len(w.Terms()) > 0 {
			return true
		}
	}
	return false
}

// marker marks in a text what was asked for.
type marker struct {
	whole      map[string][]cache.Term // by their first word
	beginnings []cache.Term            // of one word
}

func newMarker(words []cache.Word) marker {
	m := marker{whole: map[string][]cache.Term{}}
	for _, w := range words {
		if w.Exclude {
			continue
		}
		for _, t := range w.Terms() {
			if t.Prefix && len(t.Words) == 1 {
				m.beginnings = append(m.beginnings, t)
			} else {
				m.whole[t.Words[0]] = append(m.whole[t.Words[0]], t)
			}
		}
	}
	return m
}

// ranges are where the terms stand: UTF-16 offsets in order, none within
// another. Of a beginning only the beginning is marked; a phrase is marked from
// its first word to its last.
func (m marker) ranges(text string) [][2]int {
	out := [][2]int{}
	words := slices.Collect(cache.Tokens(text))
	for i, w := range words {
		end := 0
		for _, t := range slices.Concat(m.whole[w.Folded], m.beginnings) {
			end = max(end, endOf(t, words[i:]))
		}
		switch n := len(out); {
		case end == 0:
		case n > 0 && w.Start < out[n-1][1]: // phrases may overlap
			out[n-1][1] = max(out[n-1][1], end)
		default:
			out = append(out, [2]int{w.Start, end})
		}
	}
	return out
}

// endOf is the offset at which a term ends that begins with the first of the
// words, 0 where none does.
func endOf(t cache.Term, words []cache.Token) int {
	last := len(t.Words) - 1
	if len(words) <= last {
		return 0
	}
	for i, w := range t.Words[:last] {
		if words[i].Folded != w {
			return 0
		}
	}
	switch w := t.Words[last]; {
	case words[last].Folded == w:
		return words[last].End
	case t.Prefix && strings.HasPrefix(words[last].Folded, w):
		return words[last].EndOf(len(w))
	}
	return 0
}
