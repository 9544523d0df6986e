package cache

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"

	"pgregory.net/rapid"
)

// toldMessage is a row, to be searched by looking at each.
type toldMessage struct {
	row                     int64
	account, thread, person string
	id                      string
	at                      time.Time
	direction               inbox.Direction
	kind                    inbox.Kind
	tokens                  []string
}

// toldMessages reads every message, newest first, its words cut by FTS5 itself.
func toldMessages(t testing.TB, c *Cache, db *sql.DB) (out []toldMessage) {
	t.Helper()
	cut := map[string][]string{}
	if err := each(t.Context(), c.s.readers, messageColumns+`ORDER BY m.at DESC, m.id DESC`, nil, func(scan func(...any) error) error {
		m, row, err := scanMessage(scan)
		tokens, ok := cut[m.Text]
		if !ok {
			tokens = ftsTokens(t, db, m.Text)
			cut[m.Text] = tokens
		}
		out = append(out, toldMessage{row, m.Account, m.Thread, m.Person, m.Conversation + "/" + m.ID, m.At, m.Direction, m.Kind, tokens})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// has looks for tokens side by side, the last of them whole or only begun.
func has(tokens, phrase []string, prefix bool) bool {
	for i := 0; i+len(phrase) <= len(tokens); i++ {
		ok := true
		for k, w := range phrase {
			ok = ok && (tokens[i+k] == w || prefix && k == len(phrase)-1 && strings.HasPrefix(tokens[i+k], w))
		}
		if ok {
			return true
		}
	}
	return false
}

// wanted says what SearchMessages must find, word by word.
func (m *toldMessage) wanted(t testing.TB, db *sql.DB, q MessageQuery) bool {
	any := false
	for _, w := range q.Words {
		tokens := ftsTokens(t, db, w.Text)
		if len(tokens) == 0 {
			continue
		}
		any = true
		prefix := w.Prefix && len([]rune(tokens[len(tokens)-1])) >= 3
		switch {
		case w.Exclude:
			if has(m.tokens, tokens, prefix) {
				return false
			}
		case w.Phrase:
			if !has(m.tokens, tokens, prefix) {
				return false
			}
		default:
			for i, token := range tokens {
				if !has(m.tokens, []string{token}, prefix && i == len(tokens)-1) {
					return false
				}
			}
		}
	}
	return (any || len(q.Words) == 0) &&
		(len(q.Accounts) == 0 || slices.Contains(q.Accounts, m.account)) &&
		(q.Thread == "" || q.Thread == m.thread) && (q.Person == "" || q.Person == m.person) &&
		(q.Threads == nil || slices.Contains(q.Threads, m.thread)) &&
		(q.Narrow == nil || slices.Contains(q.Narrow.Accounts, m.account)) &&
		(q.Direction == "" || q.Direction == m.direction) && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, m.kind)) &&
		(q.After.IsZero() || !m.at.Before(q.After)) && (q.Before.IsZero() || m.at.Before(q.Before))
}

// pages collects a query's answer page by page.
func pages(t testing.TB, c *Cache, q MessageQuery) (keys []string) {
	t.Helper()
	for range 10_000 {
		found := search(t, c, q)
		if !found.Index.Ready || found.Partial && found.Next == "" {
			t.Fatalf("%+v: partial: %+v", q, found)
		}
		if len(found.Messages) > q.Limit {
			t.Fatalf("%d on a page of %d", len(found.Messages), q.Limit)
		}
		for _, m := range found.Messages {
			keys = append(keys, m.Account+"/"+m.Thread+"/"+m.Conversation+"/"+m.ID)
		}
		if found.Next == "" {
			return keys
		}
		q.Cursor = found.Next
	}
	t.Fatalf("%+v: no end", q)
	return nil
}

// office of a property test: what may be said, and by whom.
var (
	saidWords  = []string{"hola", "holanda", "girasoles", "Jazmín", "JAZMIN", "ñandú", "nº", "5", "AND", "factura-2026", "🎉", "te\u0301", "中文"}
	askedWords = []string{"hola", "hol", "jazmin", "ÑANDU", "gir", "5", "and", "2026", "te", "factura-2026", "中", "zzz", "*", `"hola"`, "hola girasoles"}
)

func drawText(r *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(saidWords), 0, 5).Draw(r, "text"), rapid.SampledFrom([]string{" ", ", ", "\n"}).Draw(r, "between"))
}

func drawQuery(r *rapid.T, told []toldMessage) MessageQuery {
	q := MessageQuery{Limit: rapid.SampledFrom([]int{1, 2, 3, 7, 50}).Draw(r, "limit"), Best: rapid.IntRange(0, 4).Draw(r, "best") == 0}
	maybe := func(what string) bool { return rapid.IntRange(0, 3).Draw(r, what) == 0 }
	for range rapid.IntRange(0, 3).Draw(r, "words") {
		q.Words = append(q.Words, Word{rapid.SampledFrom(askedWords).Draw(r, "word"), maybe("phrase"), maybe("exclude"), maybe("prefix")})
	}
	someone := func() toldMessage {
		if len(told) == 0 {
			return toldMessage{account: "ventas", thread: "t_none", person: "p_none"}
		}
		return rapid.SampledFrom(told).Draw(r, "of")
	}
	minute := func() time.Time { return minutes(rapid.IntRange(-1, 6).Draw(r, "minute")) }
	if maybe("accounts") {
		q.Accounts = []string{someone().account}
	}
	if maybe("thread") {
		q.Thread = someone().thread
	}
	if maybe("person") {
		q.Person = someone().person
	}
	if maybe("threads") {
		q.Threads = []string{someone().thread, someone().thread, "t_none"}
	}
	if maybe("narrow") {
		q.Narrow = &Narrow{Facets: Facets{Accounts: []string{someone().account}}}
	}
	if maybe("direction") {
		q.Direction = rapid.SampledFrom([]inbox.Direction{inbox.In, inbox.Out}).Draw(r, "direction")
	}
	if maybe("kinds") {
		q.Kinds = []inbox.Kind{inbox.Image, rapid.SampledFrom([]inbox.Kind{inbox.Text, inbox.Audio}).Draw(r, "kind")}
	}
	if maybe("after") {
		q.After = minute()
	}
	if maybe("before") {
		q.Before = minute()
	}
	return q
}

// drawBudget makes a search give up one way and try another soon.
func drawBudget(r *rapid.T) searchBudget {
	few := func(what string) int { return rapid.SampledFrom([]int{1, 2, 5, 1000}).Draw(r, what) }
	return searchBudget{fresh: 1000, walked: few("walked"), narrowed: few("narrowed"), recent: few("recent"), spelled: few("spelled"), large: int64(few("large")), ranked: few("ranked"), threads: few("threads")}
}

// Whatever is indexed and whatever is not, also halfway through a rebuild, and
// whichever way it is looked for, searches find what looking at each message
// finds, page by page, none twice and in order.
func TestSearchIsLookingAtEach(t *testing.T) {
	db := memoryIndex(t)
	rapid.Check(t, func(r *rapid.T) {
		c := newCache(t)
		defer c.Close()
		phones := []string{"", "5215512345678", "+54 9 11 5983-4410"}
		for i := range 4 {
			list(t, c, waspyAccount, chat(fmt.Sprint(i), "Ana", rapid.SampledFrom(phones).Draw(r, "phone"), noon))
		}
		list(t, c, platicaAccount, session("0", "Lupe", rapid.SampledFrom(phones).Draw(r, "phone"), noon))
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"read", "read", "read", "index", "rebuild"}).Draw(r, "step") {
			case "read":
				a, conversation := waspyAccount, fmt.Sprint(rapid.IntRange(0, 3).Draw(r, "conversation"))
				if rapid.IntRange(0, 3).Draw(r, "other") == 0 {
					a, conversation = platicaAccount, "0"
				}
				var msgs []inbox.Message
				for i := range rapid.IntRange(1, 6).Draw(r, "messages") {
					m := msg(fmt.Sprint("m", rapid.IntRange(0, 9).Draw(r, "message")), drawText(r), minutes(rapid.IntRange(0, 5).Draw(r, "minute")))
					m.Seq = i
					m.Direction = rapid.SampledFrom([]inbox.Direction{inbox.In, inbox.Out}).Draw(r, "direction")
					m.Kind = rapid.SampledFrom([]inbox.Kind{inbox.Text, inbox.Image, inbox.Audio}).Draw(r, "kind")
					m.Raw = rawOf([]any{m.Text, m.At, m.Direction, m.Kind})
					msgs = append(msgs, m)
				}
				read(t, c, a, conversation, msgs...)
			case "index":
				if _, err := c.indexSome(t.Context(), int64(rapid.IntRange(1, 9).Draw(r, "batch"))); err != nil {
					r.Fatal(err)
				}
			case "rebuild":
				c.DistrustIndex()
				if _, err := c.indexSome(t.Context(), int64(rapid.IntRange(1, 9).Draw(r, "batch"))); err != nil {
					r.Fatal(err)
				}
			}
		}
		told := toldMessages(t, c, db)
		for range 5 {
			q := drawQuery(r, told)
			var want []string
			for i := range told {
				if told[i].wanted(t, db, q) {
					want = append(want, told[i].account+"/"+told[i].thread+"/"+told[i].id)
				}
			}
			c.budget = drawBudget(r)
			got := pages(t, c, q)
			if q.Best { // in whatever order, which is that of one long page
				whole := q
				whole.Limit = 1000
				all := pages(t, c, whole)
				if !slices.Equal(got, all) {
					r.Fatalf("%+v: %q by pages, %q at once", q, got, all)
				}
				slices.Sort(got)
				slices.Sort(want)
			}
			if !slices.Equal(got, want) {
				r.Fatalf("%+v:\nfound %q\n want %q", q, got, want)
			}
		}
		if why, err := c.CheckIndex(t.Context()); err != nil || why != "" {
			r.Fatalf("the index: %s, %v", why, err)
		}
		indexAll(t, c)
		checkIndex(t, c)
		if n := number(t, c.s, `SELECT count(*) FROM indexed i JOIN messages m ON m.id = i.message WHERE m.thread <> i.thread`); n != 0 {
			r.Fatalf("%d are indexed under another thread", n)
		}
	})
}
