package cache

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// rollOf is what the conversations in memory say, spelled out in their orders.
func rollOf(t testing.TB, c *Cache) (out []string) {
	t.Helper()
	if err := c.Roll(t.Context(), func(groups []*RollGroup) { out = spelled(groups) }); err != nil {
		t.Fatal(err)
	}
	return out
}

func spelled(groups []*RollGroup) (out []string) {
	every := func(string) bool { return true }
	for _, g := range groups {
		for o := range rollOrders {
			for w := g.Walk(o, false, &RollFilter{}); w.Next(); {
				row, r := g.orders[o][w.at], g.rows
				out = append(out, fmt.Sprint(g.Account, g.Workspace, g.several, o, *w.Entry(), r.state[row]>>rollStatusAt, r.channels.values[r.channel[row]], r.tags[r.list[row]], r.at[ByCreated][row],
					string(g.names.get(r.name[row])), string(g.numbers.get(r.number[row])), r.twin(row, every)))
			}
		}
	}
	return out
}

// TestRollAgrees: whatever is saved, wished, found gone or removed, the
// conversations in memory are those of the file, in order.
func TestRollAgrees(t *testing.T) {
	otra := inbox.Account{Name: "otra", Provider: inbox.Waspy, Region: "AR", Area: "11"}
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), "cache.db")
		m := narrowModel{c: openCache(t, path)}
		defer m.c.Close()
		if err := m.c.EnsureAccount(t.Context(), otra); err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			id := fmt.Sprint("v", rapid.IntRange(0, 9).Draw(r, "id"))
			switch rapid.IntRange(0, 6).Draw(r, "what") {
			case 0: // the same conversation with another key
				list(t, m.c, otra, chat(id, "Ana María", "+5491159834411", minutes(rapid.IntRange(0, 50).Draw(r, "at"))))
			case 1:
				if _, err := m.c.Received(t.Context(), waspyAccount.Name, id); err == nil {
					bury(t, m.c, waspyAccount, id)
				}
			case 2:
				want := rapid.SampledFrom([]string{"closed", "resolved"}).Draw(r, "want")
				if _, err := m.c.mirrorWishes(t.Context(), waspyAccount.Name, map[string][]Overlay{id: {{Field: inbox.FieldStatus, Want: &want}}}); err != nil {
					r.Fatal(err)
				}
			case 3:
				s := session(strings.Replace(id, "v", "s", 1), "Ñandú", "5215559834411", minutes(rapid.IntRange(0, 50).Draw(r, "begun")))
				s.Workspace = rapid.SampledFrom([]string{"w1", "w2"}).Draw(r, "workspace")
				s.MessageCount = rapid.IntRange(0, 2).Draw(r, "count")
				s.Raw = fmt.Appendf(nil, `{"v":%d}`, rapid.IntRange(0, 1<<30).Draw(r, "version"))
				list(t, m.c, platicaAccount, s)
			case 4:
				if rapid.IntRange(0, 5).Draw(r, "seldom") == 0 {
					if _, err := m.c.RemoveAccount(t.Context(), otra.Name); err != nil {
						r.Fatal(err)
					}
					if err := m.c.EnsureAccount(t.Context(), otra); err != nil {
						r.Fatal(err)
					}
				}
			default:
				m.step(r, t)
			}
			if rapid.Bool().Draw(r, "look") {
				continue
			}
			has := rollOf(t, m.c)
			var fresh roll
			if err := fresh.settle(t.Context(), m.c.s); err != nil {
				r.Fatal(err)
			}
			want := spelled(fresh.groups)
			if !slices.Equal(has, want) {
				r.Fatalf("in memory\n%s\nin the file\n%s", strings.Join(has, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// TestRollWalks: whichever way it is walked and however it is narrowed, one by one
// or by the texts of all, a group gives what a look at each of its conversations
// does.
func TestRollWalks(t *testing.T) {
	otra := inbox.Account{Name: "otra", Provider: inbox.Platica, Region: "MX"}
	c := newCache(t)
	if err := c.EnsureAccount(t.Context(), otra); err != nil {
		t.Fatal(err)
	}
	type told struct {
		inbox.Conversation
		account string
	}
	all := map[string]told{}
	names := []string{"Ana María Núñez", "ana", "Zoé", "O'Higgins 42", "Ñandú", "", "Mariana"}
	for i := range 3 * patience {
		s := session(fmt.Sprintf("s%04d", i*7%5000), names[i%len(names)], fmt.Sprintf("52155%08d", 10000000+i*37), minutes(i*11%400))
		s.Workspace, s.Channel, s.MessageCount = fmt.Sprint("w", i%2), fmt.Sprint("ch", i%3), 1
		s.StatusWord = inbox.StatusWords(inbox.Platica)[i%4]
		s.Status = inbox.StatusOf(inbox.Platica, s.StatusWord)
		s.CreatedAt = minutes(i * 13 % 900)
		if i%50 == 0 {
			s.CreatedAt = time.Time{}
		}
		s.Tags = [][]string{nil, {"VIP"}, {"a", "b"}}[i%3]
		if i == 5*7 {
			s.Tags = []string{"rare"}
		}
		account := platicaAccount
		if i%5 == 0 {
			account = otra
		}
		if i%25 == 0 { // both have it
			list(t, c, platicaAccount, s)
			all[platicaAccount.Name+s.ID] = told{s, platicaAccount.Name}
		}
		list(t, c, account, s)
		all[account.Name+s.ID] = told{s, account.Name}
	}
	rapid.Check(t, func(r *rapid.T) {
		var f RollFilter
		by, down := rapid.SampledFrom([]RollOrder{BySaid, ByActive, ByCreated}).Draw(r, "by"), rapid.Bool().Draw(r, "down")
		f.Channel = rapid.SampledFrom([]string{"", "", "ch1", "nowhere"}).Draw(r, "channel")
		word := rapid.SampledFrom(append([]inbox.Status{""}, inbox.Statuses...)).Draw(r, "status")
		if word != "" {
			f.Status = func(s inbox.Status) bool { return s == word }
		}
		tag := rapid.SampledFrom([]string{"", "vip", "rare", "none"}).Draw(r, "tag")
		if tag != "" {
			f.Tag = func(its string) bool { return strings.EqualFold(its, tag) }
		}
		if rapid.Bool().Draw(r, "dated") {
			from := rapid.IntRange(-1, 900).Draw(r, "from")
			f.Begun = &RollSpan{inbox.Millis(minutes(from)), inbox.Millis(minutes(from + rapid.IntRange(1, 500).Draw(r, "for")))}
		}
		if rapid.Bool().Draw(r, "searched") {
			f.Search = &RollSearch{Name: FoldName(rapid.SampledFrom([]string{"", "ana", "ñez", "higgins 4", "zoe", "nobody", "a"}).Draw(r, "name"))}
			if rapid.Bool().Draw(r, "digits") {
				f.Search.Digits = rapid.SampledFrom([]string{"215510", "37", "0013", "999999"}).Draw(r, "part")
				f.Search.Part = func(string) string { return rapid.SampledFrom([]string{"", "0074"}).Draw(r, "other part") }
				part := f.Search.Part("")
				f.Search.Part = func(string) string { return part }
			}
		}
		if rapid.Bool().Draw(r, "served") {
			f.Served = func(string) bool { return true }
		}
		offset := rapid.IntRange(0, 50).Draw(r, "offset")

		wants := func(s told) bool {
			tags := slices.ContainsFunc(s.Tags, func(its string) bool { return strings.EqualFold(its, tag) })
			begun := inbox.Millis(s.CreatedAt)
			in := f.Begun == nil || begun != 0 && begun >= f.Begun.From && begun < f.Begun.Until
			_, both := all[otra.Name+s.ID]
			_, here := all[platicaAccount.Name+s.ID]
			twice := both && here && s.account == max(otra.Name, platicaAccount.Name)
			found := f.Search == nil
			if q := f.Search; q != nil {
				key := phone.Parse(s.Phone, phone.Context{Region: "MX"}).Key
				found = q.Name != "" && strings.Contains(FoldName(s.Name), q.Name)
				found = found || q.Digits != "" && (strings.Contains(s.Phone, q.Digits) || strings.Contains(key, q.Digits) || q.Part("") != "" && strings.Contains(key, q.Part("")))
			}
			return (f.Channel == "" || s.Channel == f.Channel) && (word == "" || s.Status == word) && (tag == "" || tags) && in && found && (f.Served == nil || !twice)
		}
		stamp := func(s told) int64 {
			return inbox.Millis(map[RollOrder]time.Time{BySaid: s.ActiveAt, ByActive: s.ActiveAt, ByCreated: s.CreatedAt}[by])
		}
		if err := c.Roll(t.Context(), func(groups []*RollGroup) {
			for _, g := range groups {
				var rows []told
				for _, s := range all {
					if s.account == g.Account && s.Workspace == g.Workspace && wants(s) {
						rows = append(rows, s)
					}
				}
				slices.SortFunc(rows, func(a, b told) int {
					order := cmp.Or(cmp.Compare(stamp(a), stamp(b)), strings.Compare(a.ID, b.ID))
					if down {
						order = -order
					}
					return order
				})
				var want, got []string
				for _, s := range rows[min(offset, len(rows)):] {
					want = append(want, s.ID)
				}
				w := g.Walk(by, down, &f)
				w.Skip(offset)
				for w.Next() {
					got = append(got, w.Entry().ID)
				}
				if !slices.Equal(got, want) {
					r.Fatalf("%s %s: %v, want %v", g.Account, g.Workspace, got, want)
				}
				if len(want) > 1 && down {
					at := rows[offset]
					again := g.Walk(by, true, &f)
					again.Behind(stamp(at), func(id []byte) bool { return string(id) < at.ID })
					if !again.Next() || again.Entry().ID != want[1] {
						r.Fatalf("behind %s comes %+v, want %s", at.ID, again.Entry(), want[1])
					}
				}
			}
		}); err != nil {
			r.Fatal(err)
		}
	})
}

// TestRollWhileSaved: who walks while rows are saved sees each conversation once
// and in order, and one that was saved before they came is there as it was saved.
func TestRollWhileSaved(t *testing.T) {
	c := newCache(t)
	const many = 60
	var saved atomic.Int64 // how many times all were
	save := func(n int) {
		for i := range many {
			list(t, c, waspyAccount, chat(fmt.Sprintf("v%02d", i), fmt.Sprint("Ana ", n), "+5491159834411", minutes(n*many+i*7%many)))
		}
		saved.Store(int64(n))
	}
	save(0)
	done := make(chan struct{})
	var walkers sync.WaitGroup
	for w := range 4 {
		walkers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				least := saved.Load()
				if w == 0 {
					if err := c.SettleRoll(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if err := c.Roll(t.Context(), func(groups []*RollGroup) {
					seen, last := map[string]bool{}, int64(-1)
					for walk := groups[0].Walk(ByActive, false, &RollFilter{Search: &RollSearch{Name: "ana"}}); walk.Next(); {
						e := walk.Entry()
						if seen[e.ID] || e.At < last || e.At < inbox.Millis(minutes(int(least)*many)) {
							t.Errorf("%s of %d after %d, saved %d times", e.ID, e.At, last, least)
						}
						seen[e.ID], last = true, e.At
					}
					if len(seen) != many {
						t.Errorf("%d conversations, want %d", len(seen), many)
					}
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := 1; n < 6; n++ {
		save(n)
	}
	close(done)
	walkers.Wait()
}

// TestRollText: texts are found by their parts, whatever is changed and dropped,
// and their room comes back.
func TestRollText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var text rollText
		at, want := make([]uint32, 20), map[uint32]string{}
		draw := rapid.StringMatching(`[ab]{0,4}`)
		for range rapid.IntRange(0, 300).Draw(r, "steps") {
			row := uint32(rapid.IntRange(1, 19).Draw(r, "row"))
			next := draw.Draw(r, "text")
			_, there := want[row]
			switch {
			case !there:
				at[row], want[row] = text.add(row, next), next
			case rapid.IntRange(0, 5).Draw(r, "seldom") == 0:
				text.drop(at[row])
				delete(want, row)
			default:
				at[row], want[row] = text.change(at[row], next), next
			}
			text.tidy(at)
		}
		if len(text.rows) > 64+2*len(want)+1 {
			r.Errorf("%d texts are held, of %d", len(text.rows), len(want))
		}
		part := rapid.StringMatching(`[ab]{1,3}`).Draw(r, "part")
		has := map[uint32]bool{}
		text.each([]byte(part), func(row uint32) {
			if has[row] {
				r.Errorf("%d is found twice", row)
			}
			has[row] = true
		})
		for row, its := range want {
			if string(text.get(at[row])) != its || has[row] != strings.Contains(its, part) {
				r.Errorf("%d is %q, want %q; %q is found: %v", row, text.get(at[row]), its, part, has[row])
			}
			delete(has, row)
		}
		if len(has) > 0 {
			r.Errorf("found of nobody: %v", has)
		}
	})
}

// TestRollOfAnotherFile: a cache that is begun anew has what is in it then.
func TestRollOfAnotherFile(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("one", "Ana", "+5491159834411", noon))
	if has := rollOf(t, c); len(has) != int(rollOrders) {
		t.Fatalf("%q", has)
	}
	if _, err := c.Rebuild(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if has := rollOf(t, c); len(has) != 0 {
		t.Errorf("of the file before: %q", has)
	}
	if err := c.EnsureAccount(t.Context(), waspyAccount); err != nil {
		t.Fatal(err)
	}
	list(t, c, waspyAccount, chat("two", "Ana", "+5491159834411", noon))
	if has := rollOf(t, c); len(has) != int(rollOrders) || !strings.Contains(has[0], "two") {
		t.Errorf("%q", has)
	}
}

// TestReceivedForms: a single object is the read form, with what a newer list
// has for the same fields.
func TestReceivedForms(t *testing.T) {
	c := newCache(t)
	one := chat("one", "Ana", "+5491159834411", noon)
	one.Raw = []byte(`{"id":"one","status":"open","listed":1,"same":1}`)
	list(t, c, waspyAccount, one)
	received := func() (single, listed string) {
		t.Helper()
		r, err := c.Received(t.Context(), "ventas", "one")
		if err != nil {
			t.Fatal(err)
		}
		return string(r.Single), string(r.Raw)
	}
	if single, listed := received(); single != string(one.Raw) || listed != string(one.Raw) {
		t.Errorf("listed alone: %s, %s", single, listed)
	}
	two := one
	two.Form, two.Raw = inbox.Read, []byte(`{"id":"one","status":"open","read":2,"same":2}`)
	list(t, c, waspyAccount, two)
	if single, listed := received(); single != string(two.Raw) || listed != `{"id":"one","status":"open","listed":1,"same":2}` {
		t.Errorf("read after: %s, %s", single, listed)
	}
	three := with(one, func(v *inbox.Conversation) { v.StatusWord = "closed" })
	three.Raw = []byte(`{"id":"one","status":"closed","listed":3,"same":3}`)
	list(t, c, waspyAccount, three)
	if single, listed := received(); single != `{"id":"one","status":"closed","read":2,"same":3}` || listed != string(three.Raw) {
		t.Errorf("listed again: %s, %s", single, listed)
	}
}
