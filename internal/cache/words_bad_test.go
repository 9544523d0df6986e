package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"bandeja/internal/inbox"
)

// badInput is what people and programs put into a box that nobody meant to be
// searched for.
var badInput = []string{
	"", " ", "\x00", "\x00\x00a", "girasoles\x00", "\x01\x02\x1b[31m", "\n\t\r", "\xff\xfe", "a\xc3", "\ufeff",
	`"`, `""`, `"""`, `"girasoles`, `girasoles"`, `a"b`, `' OR 1=1 --`, `"; DROP TABLE messages; --`, `%' _`,
	"AND", "OR", "NOT", "NEAR", "NEAR(", "NEAR(a b, 5)", "a AND", "AND OR NOT", "* *", "*", "a*", "gir*", "^", "^gir", "-", "-gir", "--", "+", "a+b", ":", "text:", "text:gir", "facets:a1", "{text}", "{text facets}:",
	"(", ")", "((", "(a", "a)", "[", "{", "}", "\\", "/", "%", "_", "?", "?1", "$1", "@x", "#", ";", ",", "....", "---", "¿?¡!", "«»“”‘’", "`´",
	"🎉", "👩🏽‍🦰", "👍👍👍", "\u200f\u202eגירסול\u202c", "\u200e", "مرحبا بالعالم", "中文", "नमस्ते", "e\u0301\u0301\u0301", "\u0301", "\u0301\u0301 \u0301", "ı İ ß ﬁ ½ ⅷ", "\U0010ffff", "\ue000",
	strings.Repeat("a", 10_000), strings.Repeat("a ", 5000), strings.Repeat(`"`, 10_000), strings.Repeat("(", 10_000), strings.Repeat("NOT ", 2500), strings.Repeat("🎉", 2500), strings.Repeat("é", 5000), strings.Repeat("a* ", 3333),
	distinct(5000),
}

// distinct are words of which none is another.
func distinct(length int) string {
	var b strings.Builder
	for i := 0; b.Len() < length; i++ {
		fmt.Fprintf(&b, "w%d ", i)
	}
	return b.String()
}

// halfIndexed says each text twice: once indexed, once not yet.
func halfIndexed(t testing.TB, texts []string) *Cache {
	t.Helper()
	c := newCache(t)
	list(t, c, waspyAccount, chat("indexed", "Ana", "", noon), chat("fresh", "Beto", "", noon))
	for _, conversation := range []string{"indexed", "fresh"} {
		indexAll(t, c)
		var msgs []inbox.Message
		for i, text := range texts {
			msgs = append(msgs, msg(fmt.Sprint(i), text, minutes(i)))
		}
		read(t, c, waspyAccount, conversation, msgs...)
	}
	return c
}

// twins wants each message found, or not, in both conversations.
func twins(t testing.TB, what string, found MessageHits) {
	t.Helper()
	ids := map[string][]string{}
	for _, m := range found.Messages {
		ids[m.Conversation] = append(ids[m.Conversation], m.ID)
	}
	if !slices.Equal(ids["indexed"], ids["fresh"]) {
		t.Errorf("%.60s: indexed %v, not indexed %v", what, ids["indexed"], ids["fresh"])
	}
}

// Whatever is typed is looked for, as words: in the index as in what is not
// indexed yet, and never as a part of a query.
func TestBadInput(t *testing.T) {
	c := halfIndexed(t, append([]string{"girasoles AND jazmines", "text : near (amapolas)", "a b NOT c"}, badInput...))
	for _, text := range badInput {
		for n := range 8 {
			w := Word{text, n&1 > 0, n&2 > 0, n&4 > 0}
			for _, words := range [][]Word{{w}, {{Text: "girasoles"}, w}, {w, w, {Text: text, Prefix: true}}} {
				twins(t, fmt.Sprintf("%+v", words), search(t, c, MessageQuery{Words: words, Best: n == 4, Limit: 1000}))
			}
		}
		// What was said in those very words is found by them, if there are any.
		if terms := (Word{Text: text, Phrase: true}).Terms(); len(terms) > 0 && !strings.Contains(text, "\xff") && !strings.Contains(text, "\xc3") {
			found := search(t, c, MessageQuery{Words: []Word{{Text: text, Phrase: true}}, Limit: 1000})
			if !slices.ContainsFunc(found.Messages, func(m StoredMessage) bool { return m.Text == text }) {
				t.Errorf("%.60q is not found by itself", text)
			}
		} else if found := search(t, c, MessageQuery{Words: []Word{{Text: text}}, Limit: 1}); len(terms) == 0 && len(found.Messages) != 0 {
			t.Errorf("%.60q finds %q", text, found.Messages[0].Text)
		}
	}
	if got := find(t, c, "AND", "jazmines"); !slices.Equal(got, []string{"0", "0"}) {
		t.Errorf("found %v", got)
	}
	for what, q := range map[string]MessageQuery{
		"an account": {Accounts: []string{`ventas" OR "`}}, "a thread": {Thread: "t_' OR 1"}, "a person": {Person: `p_"`}, "threads": {Threads: []string{}},
		"a direction": {Direction: `in" OR "x`}, "a kind": {Kinds: []inbox.Kind{`text"`, "\x00", ""}}, "times": {After: minutes(5), Before: minutes(5)},
	} {
		q.Words, q.Limit = []Word{{Text: "jazmines"}}, 10
		if found := search(t, c, q); what != "a kind" && len(found.Messages) != 0 {
			t.Errorf("%s: %+v", what, found)
		}
	}
	for _, cursor := range []string{"x", "....", "MQ", strings.Repeat("A", 9999), "\x00", cursor{after: start}.String() + "AA"} {
		if _, err := c.SearchMessages(t.Context(), MessageQuery{Words: []Word{{Text: "a"}}, Cursor: cursor, Limit: 1}); !errors.Is(err, ErrCursor) {
			t.Errorf("cursor %.20q: %v", cursor, err)
		}
	}
	ofBest := search(t, c, MessageQuery{Words: []Word{{Text: "a"}}, Best: true, Limit: 1}).Next
	if _, err := c.SearchMessages(t.Context(), MessageQuery{Words: []Word{{Text: "a"}}, Cursor: ofBest, Limit: 1}); ofBest == "" || !errors.Is(err, ErrCursor) {
		t.Errorf("a cursor of the best, newest first: %v", err)
	}
}

func FuzzSearchMessages(f *testing.F) {
	for _, text := range badInput {
		f.Add(text, text, uint8(5))
	}
	c := halfIndexed(f, []string{"x"})
	f.Fuzz(func(t *testing.T, said, asked string, how uint8) {
		indexAll(t, c)
		m := msg("0", said, noon)
		read(t, c, waspyAccount, "indexed", m)
		indexAll(t, c)
		read(t, c, waspyAccount, "fresh", m)
		words := []Word{{asked, how&1 > 0, how&2 > 0, how&4 > 0}, {Text: said, Phrase: how&8 > 0}}
		found := search(t, c, MessageQuery{Words: words[:1+how>>7], Best: how&16 > 0, Limit: 10})
		twins(t, fmt.Sprintf("%+v in %q", words, said), found)
	})
}

// endingContext ends when it has been asked often enough whether it has.
type endingContext struct {
	context.Context
	left atomic.Int64
	done chan struct{}
}

func (c *endingContext) end() {
	if c.left.Add(-1) == 0 {
		close(c.done)
	}
}

func (c *endingContext) Done() <-chan struct{} { c.end(); return c.done }
func (c *endingContext) Err() error {
	c.end()
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

// A new key ends the old search, wherever it is, and the next one is as if it
// had not been.
func TestSearchIsInterrupted(t *testing.T) {
	c := talkative(t, t.TempDir()+"/cache.db", 200)
	read(t, c, waspyAccount, "1", msg("fresh", "girasoles", minutes(9000)))
	q := MessageQuery{Words: []Word{{Text: "gira", Prefix: true}, {Text: "jazmines", Exclude: true}}, Best: true, Limit: 50}
	want := idsOf(search(t, c, q))
	interrupted := 0
	for often := int64(1); ; often += 1 + often/8 {
		ctx := &endingContext{Context: t.Context(), done: make(chan struct{})}
		ctx.left.Store(often)
		found, err := c.SearchMessages(ctx, q)
		if err == nil && ctx.left.Load() > 0 {
			break // it came to its end before
		}
		if err != nil {
			interrupted++
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("ended at %d: %v", often, err)
			}
		} else if !slices.Equal(idsOf(found), want) {
			t.Fatalf("ended at %d, it found %d", often, len(found.Messages))
		}
		if got := idsOf(search(t, c, q)); !slices.Equal(got, want) {
			t.Fatalf("the search after the one ended at %d found %d", often, len(got))
		}
	}
	if interrupted < 10 {
		t.Errorf("interrupted %d times", interrupted)
	}
}
