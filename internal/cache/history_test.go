package cache

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

func newLocal(t testing.TB, accounts ...inbox.Account) *Local {
	t.Helper()
	l, err := OpenLocal(t.Context(), filepath.Join(t.TempDir(), "local.db"), ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for _, a := range accounts {
		if err := l.SaveAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func pending(t testing.TB, c *Cache) (lines []ChangeLine, last int64) {
	t.Helper()
	lines, last, err := c.PendingChanges(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return lines, last
}

// said drops the times, which other tests look at.
func said(lines []ChangeLine) (out [][3]string) {
	for _, l := range lines {
		out = append(out, [3]string{l.Field, l.Before, l.After})
	}
	return out
}

// What differs from what the columns held is a line; what is seen for the
// first time, what is the same in another order and what a form lacks is none.
func TestHistoryOfChanges(t *testing.T) {
	base := session("s1", "Lupe", "5215512345678", noon)
	base.Assignees, base.Tags, base.Operation = []string{"b@x", "a@x"}, []string{"vip"}, "automatic"
	base = with(base, func(*inbox.Conversation) {})
	for _, tt := range []struct {
		name   string
		change func(*inbox.Conversation)
		want   [][3]string
	}{
		{"nothing", func(*inbox.Conversation) {}, nil},
		{"status", func(c *inbox.Conversation) { c.StatusWord = "finished" }, [][3]string{{"status", "active", "finished"}}},
		{"a word nobody knows", func(c *inbox.Conversation) { c.StatusWord = "dormant" }, [][3]string{{"status", "active", "dormant"}}},
		{"assignees", func(c *inbox.Conversation) { c.Assignees = []string{"c@x"} }, [][3]string{{"assignees", `["a@x","b@x"]`, `["c@x"]`}}},
		{"unassigned", func(c *inbox.Conversation) { c.Assignees = nil }, [][3]string{{"assignees", `["a@x","b@x"]`, `[]`}}},
		{"another order", func(c *inbox.Conversation) { c.Assignees = []string{"a@x", "b@x"} }, nil},
		{"tags", func(c *inbox.Conversation) { c.Tags = []string{"vip", "mora"} }, [][3]string{{"tags", `["vip"]`, `["mora","vip"]`}}},
		{"operation", func(c *inbox.Conversation) { c.Operation = "assistance" }, [][3]string{{"operation", "automatic", "assistance"}}},
		{"name", func(c *inbox.Conversation) { c.Name = "Guadalupe" }, [][3]string{{"name", "Lupe", "Guadalupe"}}},
		{"name lacking", func(c *inbox.Conversation) { c.Name = "" }, nil},
		{"other fields", func(c *inbox.Conversation) { c.Topic, c.MessageCount, c.ActiveAt = "envío", 9, minutes(5) }, nil},
		{"all", func(c *inbox.Conversation) {
			c.StatusWord, c.Operation, c.Name, c.Assignees, c.Tags = "spam", "assistance", "L", []string{}, nil
		}, [][3]string{{"status", "active", "spam"}, {"operation", "automatic", "assistance"}, {"name", "Lupe", "L"}, {"assignees", `["a@x","b@x"]`, `[]`}, {"tags", `["vip"]`, `[]`}}},
	} {
		for _, form := range []inbox.Form{inbox.Listed, inbox.Read} {
			c := newCache(t)
			if d := list(t, c, platicaAccount, base); d.History != 0 {
				t.Fatalf("first sight: %+v", d)
			}
			now := with(base, func(c *inbox.Conversation) { c.Form = form; tt.change(c) })
			now.Raw = rawOf(now)
			d := list(t, c, platicaAccount, now)
			lines, _ := pending(t, c)
			if got := said(lines); !reflect.DeepEqual(got, tt.want) || d.History != len(tt.want) {
				t.Errorf("%s, %s: got %v (%d), want %v", tt.name, form, got, d.History, tt.want)
			}
			for _, l := range lines {
				if l.Account != platicaAccount.Name || l.Conversation != "s1" {
					t.Errorf("%s: %+v", tt.name, l)
				}
			}
		}
	}
}

// A form without a status says nothing of it, nor does the next one that has
// it again.
func TestHistoryOfLackingStatus(t *testing.T) {
	c := newCache(t)
	row := chat("1", "Ana", "", noon)
	for _, word := range []string{"open", "", "closed"} {
		row.StatusWord, row.Raw = word, rawOf(word)
		list(t, c, waspyAccount, row)
	}
	if lines, _ := pending(t, c); len(lines) != 0 {
		t.Errorf("%+v", lines)
	}
}

// A line never says that something was so for longer than is known: since the
// answer that last differed was asked for, or since a pass began that must
// have seen it and was completed.
func TestHistorySaysWhenAndNotMore(t *testing.T) {
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d).Truncate(time.Millisecond).UTC() }
	sweep := func(began time.Time, complete bool) func(*testing.T, *Cache) {
		return func(t *testing.T, c *Cache) {
			old, err := c.Feed(t.Context(), waspyAccount.Name, Sweep)
			if err != nil {
				t.Fatal(err)
			}
			f := Feed{Kind: Sweep, Gen: old.Gen + 1, Running: true, Begun: began, FinishedAt: old.FinishedAt}
			for range 2 {
				if err := c.SaveFeed(t.Context(), waspyAccount.Name, f); err != nil {
					t.Fatal(err)
				}
				if !complete {
					return
				}
				f.Running, f.FinishedAt = false, time.Now().Add(time.Duration(f.Gen)*time.Second)
			}
		}
	}
	asked := ago(48 * time.Hour)
	run := func(query string) func(*testing.T, *Cache) {
		return func(t *testing.T, c *Cache) {
			if err := c.s.write(t.Context(), func(x *tx) error { _, err := x.exec(query); return err }); err != nil {
				t.Fatal(err)
			}
		}
	}
	begin := ago(time.Hour)
	for _, tt := range []struct {
		name  string
		steps []func(*testing.T, *Cache)
		want  time.Time
	}{
		{"no pass since", nil, asked},
		{"a pass under way", []func(*testing.T, *Cache){sweep(begin, false)}, asked},
		{"a complete pass", []func(*testing.T, *Cache){sweep(begin, true)}, begin},
		{"a complete one, and another under way", []func(*testing.T, *Cache){sweep(begin, true), sweep(ago(time.Minute), false)}, begin},
		{"a pass older than the row", []func(*testing.T, *Cache){sweep(ago(72*time.Hour), true)}, asked},
		{"a pass that nobody knows the begin of", []func(*testing.T, *Cache){sweep(time.Time{}, true)}, asked},
		{"a pass that did not see it", []func(*testing.T, *Cache){sweep(begin, true), run(`INSERT INTO lookups VALUES ((SELECT id FROM accounts WHERE name = 'ventas'), '1', 0)`)}, asked},
		{"a look-up that did not find it once", []func(*testing.T, *Cache){sweep(begin, true), run(`UPDATE conversations SET missing_since = 5`)}, asked},
		{"the answer's time is not known", []func(*testing.T, *Cache){run(`UPDATE conversations SET saved_at = 0`)}, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCache(t)
			row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
			list(t, c, waspyAccount, row)
			run(`UPDATE conversations SET saved_at = `+itoa(asked.UnixMilli()))(t, c)
			for _, step := range tt.steps {
				step(t, c)
			}
			before := time.Now().Truncate(time.Millisecond)
			list(t, c, waspyAccount, with(row, func(c *inbox.Conversation) { c.StatusWord = "closed" }))
			lines, _ := pending(t, c)
			if len(lines) != 1 || !lines[0].Since.Equal(tt.want) || lines[0].Until.Before(before) || lines[0].Until.After(time.Now()) {
				t.Errorf("got %+v, want since %s", lines, tt.want)
			}
		})
	}
}

// The time of the answer, not of its saving, is what is sure.
func TestHistoryCountsFromTheAsking(t *testing.T) {
	c := newCache(t)
	row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	begun, err := c.NextFetch(t.Context(), waspyAccount.Name)
	if err != nil {
		t.Fatal(err)
	}
	asked := time.Now()
	time.Sleep(20 * time.Millisecond)
	if _, err := c.SaveConversations(t.Context(), waspyAccount.Name, page(row), nil, begun); err != nil {
		t.Fatal(err)
	}
	list(t, c, waspyAccount, with(row, func(c *inbox.Conversation) { c.StatusWord = "closed" }))
	lines, _ := pending(t, c)
	if len(lines) != 1 || lines[0].Since.IsZero() || lines[0].Since.After(asked) {
		t.Errorf("%+v, asked at %s", lines, asked)
	}
}

// Lines go to local.db and only then leave the cache: however often a kill
// comes between, each is there once.
func TestHistoryIsKeptOnce(t *testing.T) {
	c, l := newCache(t), newLocal(t, waspyAccount)
	ctx := t.Context()
	row := chat("1", "Ana", "+54 9 11 5983-4410", noon)
	list(t, c, waspyAccount, row, chat("2", "Beto", "", noon))
	for _, word := range []string{"closed", "open", "pending"} {
		time.Sleep(2 * time.Millisecond) // lines of one moment are told apart by it
		list(t, c, waspyAccount, with(row, func(c *inbox.Conversation) { c.StatusWord = word }))
		lines, _ := pending(t, c) // and killed before they are dropped
		if err := l.KeepChanges(ctx, lines); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * time.Millisecond)
	list(t, c, waspyAccount, with(chat("2", "Beto", "", noon), func(c *inbox.Conversation) { c.Assignees = []string{"ag-1"} }))
	lines, last := pending(t, c)
	if err := l.KeepChanges(ctx, lines); err != nil {
		t.Fatal(err)
	}
	if err := c.DropChanges(ctx, last-1); err != nil {
		t.Fatal(err)
	}
	if rest, _ := pending(t, c); len(rest) != 1 || rest[0].Field != "assignees" {
		t.Errorf("left: %+v", rest)
	}
	if err := c.DropChanges(ctx, last); err != nil {
		t.Fatal(err)
	}
	if rest, _ := pending(t, c); len(rest) != 0 {
		t.Errorf("left: %+v", rest)
	}
	kept, err := l.ChangesOf(ctx, waspyAccount.Name, []string{"1", "none"})
	want := [][3]string{{"status", "open", "pending"}, {"status", "closed", "open"}, {"status", "open", "closed"}}
	if err != nil || !reflect.DeepEqual(said(kept), want) {
		t.Errorf("%v, %v", said(kept), err)
	}
	all, err := l.ChangesOf(ctx, waspyAccount.Name, []string{"1", "2"})
	if err != nil || len(all) != 4 || all[0] != lines[len(lines)-1] {
		t.Errorf("%+v, %v", all, err)
	}
	if none, err := l.ChangesOf(ctx, platicaAccount.Name, []string{"1"}); err != nil || len(none) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

// An account that is removed takes its history along, also what was on its
// way.
func TestHistoryOfRemovedAccount(t *testing.T) {
	c, l := newCache(t), newLocal(t, waspyAccount)
	ctx := t.Context()
	row := chat("1", "Ana", "", noon)
	list(t, c, waspyAccount, row)
	list(t, c, waspyAccount, with(row, func(c *inbox.Conversation) { c.StatusWord = "closed" }))
	onTheirWay, _ := pending(t, c)
	if _, err := c.RemoveAccount(ctx, waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	if err := l.RemoveAccount(ctx, waspyAccount.Name, false); err != nil {
		t.Fatal(err)
	}
	if err := l.KeepChanges(ctx, onTheirWay); err != nil {
		t.Fatal(err)
	}
	if lines, _ := pending(t, c); len(lines) != 0 {
		t.Errorf("%+v", lines)
	}
	if kept, err := l.ChangesOf(ctx, waspyAccount.Name, []string{"1"}); err != nil || len(kept) != 0 {
		t.Errorf("%+v, %v", kept, err)
	}
}
