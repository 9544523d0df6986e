package cache

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"

	"pgregory.net/rapid"
)

func TestDerivedThread(t *testing.T) {
	until := minutes(24 * 60)
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, c *Cache)
		want func(t *testing.T, th Thread)
	}{
		{"a list row alone", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, with(chat("1", "Ana", "011 15-5983-4410", minutes(3)), func(c *inbox.Conversation) {
				c.Window, c.Assignees, c.Tags = inbox.Window{Known: true, Until: until}, []string{"ag-1"}, []string{"vip"}
			}))
		}, func(t *testing.T, th Thread) {
			needs, known := th.NeedsReply()
			if th.LastText != "hola de Ana" || th.LastDir != inbox.In || !th.LastAt.Equal(minutes(3)) || !th.At.Equal(minutes(3)) || !needs || !known || th.Complete ||
				!th.Window.Until.Equal(until) || !th.Window.Known || !slices.Equal(th.Assignees, []string{"ag-1"}) || !slices.Equal(th.Tags, []string{"vip"}) ||
				th.Account != "ventas" || th.Provider != inbox.Waspy || th.Channel != "line-1" || th.Conversation != "1" || !strings.HasPrefix(th.Ref, "t_") || !strings.HasPrefix(th.Person, "p_") {
				t.Errorf("%+v", th)
			}
		}},
		{"a row that says nothing of its last message", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, with(session("1", "Lupe", "", noon), func(c *inbox.Conversation) { c.ActiveAt = minutes(7) }))
		}, func(t *testing.T, th Thread) {
			if _, known := th.NeedsReply(); known || th.LastDir != "" || !th.LastAt.IsZero() || !th.At.Equal(minutes(7)) || th.Unread {
				t.Errorf("%+v", th)
			}
		}},
		{"messages say more than the provider's stamp", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, with(session("1", "Lupe", "", noon), func(c *inbox.Conversation) { c.ActiveAt = minutes(70) }))
			out := msg("b", "va", minutes(5))
			out.Direction = inbox.Out
			read(t, c, waspyAccount, "1", msg("a", "hola", minutes(4)), out)
		}, func(t *testing.T, th Thread) {
			if needs, known := th.NeedsReply(); needs || !known || !th.At.Equal(minutes(5)) || th.LastText != "va" || !th.Complete {
				t.Errorf("%+v", th)
			}
		}},
		{"the list knows a newer message than was read", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, chat("1", "Ana", "", noon))
			read(t, c, waspyAccount, "1", msg("a", "hola", noon))
			list(t, c, waspyAccount, with(chat("1", "Ana", "", minutes(9)), func(c *inbox.Conversation) { c.LastText, c.LastDirection = "listo", inbox.Out }))
		}, func(t *testing.T, th Thread) {
			if th.LastText != "listo" || th.LastDir != inbox.Out || !th.At.Equal(minutes(9)) || th.Complete {
				t.Errorf("%+v", th)
			}
		}},
		{"the newest session is the live one", func(t *testing.T, c *Cache) {
			old, newer := session("old", "Lupe", "5215512345678", noon), session("1", "Lupe", "5215512345678", minutes(60))
			list(t, c, waspyAccount, newer, with(old, func(c *inbox.Conversation) { c.StatusWord, c.ActiveAt = "finished", minutes(600) }))
			read(t, c, waspyAccount, "old", msg("z", "vieja", minutes(500)))
		}, func(t *testing.T, th Thread) {
			if th.Conversation != "1" || th.Status != inbox.Open || th.Sessions != 2 || th.LastText != "vieja" || th.Complete {
				t.Errorf("%+v", th)
			}
		}},
		{"never a word", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, conv(inbox.Conversation{ID: "1", Contact: "x", CreatedAt: minutes(2)}))
		}, func(t *testing.T, th Thread) {
			if !th.At.Equal(minutes(2)) || th.LastDir != "" {
				t.Errorf("%+v", th)
			}
		}},
		{"a long text is cut between letters", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, with(chat("1", "Ana", "", noon), func(c *inbox.Conversation) { c.LastText = strings.Repeat("ñ", 500) }))
		}, func(t *testing.T, th Thread) {
			if th.LastText != strings.Repeat("ñ", previewRunes) {
				t.Errorf("%d bytes", len(th.LastText))
			}
		}},
		{"an unknown status asks for attention", func(t *testing.T, c *Cache) {
			list(t, c, waspyAccount, with(chat("1", "Ana", "", noon), func(c *inbox.Conversation) { c.StatusWord, c.Status = "novel", inbox.Unknown }))
		}, func(t *testing.T, th Thread) {
			if th.Status != inbox.Unknown || th.StatusWord != "novel" || !th.Status.Live() {
				t.Errorf("%+v", th)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCache(t)
			tt.do(t, c)
			tt.want(t, threadOf(t, c, waspyAccount, "1"))
		})
	}
}

// What the first copy brings counts as read; what comes after does not, until
// local.db says so, and then for ever.
func TestUnreadAndMarks(t *testing.T) {
	c := newCache(t)
	ctx := t.Context()
	l, err := OpenLocal(ctx, t.TempDir()+"/local.db", ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, floor := range []time.Time{minutes(5), minutes(50)} { // set once
		if err := c.SaveReadFloor(ctx, waspyAccount.Name, floor); err != nil {
			t.Fatal(err)
		}
	}
	list(t, c, waspyAccount, chat("old", "Ana", "", minutes(4)), chat("top", "Beto", "", minutes(5)), chat("new", "Caro", "", minutes(6)))
	unread := func(id string) bool { return threadOf(t, c, waspyAccount, id).Unread }
	if unread("old") || unread("top") || !unread("new") {
		t.Errorf("unread: old %v top %v new %v", unread("old"), unread("top"), unread("new"))
	}
	if n, err := c.Counts(ctx, ThreadFilter{Now: noon}); err != nil || n.Unread != 1 {
		t.Errorf("%+v, %v", n, err)
	}
	ref := threadOf(t, c, waspyAccount, "new").Ref
	m, err := l.SaveRead(ctx, waspyAccount.Name, ref, minutes(6))
	if err != nil || m.Seq != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	for range 2 {
		if err := c.Mirror(ctx, []Mark{m}); err != nil {
			t.Fatal(err)
		}
	}
	if unread("new") {
		t.Error("unread though it was read")
	}
	if seq, err := c.Mirrored(ctx); err != nil || seq != 1 {
		t.Errorf("mirrored up to %d, %v", seq, err)
	}
	// An older mark does not unread.
	if m, err = l.SaveRead(ctx, waspyAccount.Name, ref, minutes(3)); err != nil || m.Seq != 1 || !m.ReadAt.Equal(minutes(6)) {
		t.Errorf("%+v, %v", m, err)
	}
	list(t, c, waspyAccount, chat("new", "Caro", "", minutes(7)))
	if !unread("new") {
		t.Error("a newer message is not unread")
	}
	// A cache that was away catches up from where it stood; one rebuilt, from
	// the start.
	other := threadOf(t, c, waspyAccount, "top").Ref
	for i, at := range []time.Time{minutes(7), minutes(8), minutes(9)} {
		if m, err := l.SaveRead(ctx, waspyAccount.Name, []string{ref, other, ref}[i], at); err != nil || m.Seq != int64(i+2) {
			t.Errorf("%+v, %v", m, err)
		}
	}
	marks, err := l.MarksAfter(ctx, 1)
	if err != nil || len(marks) != 2 || marks[0].Thread != other || marks[1].Seq != 4 || !marks[1].ReadAt.Equal(minutes(9)) {
		t.Fatalf("%+v, %v", marks, err)
	}
	if err := c.Mirror(ctx, marks); err != nil {
		t.Fatal(err)
	}
	if err := c.Mirror(ctx, marks[:1]); err != nil {
		t.Fatal(err)
	}
	if seq, err := c.Mirrored(ctx); err != nil || seq != 4 || unread("new") {
		t.Errorf("mirrored up to %d, %v", seq, err)
	}
	if err := c.Mirror(ctx, nil); err != nil {
		t.Error(err)
	}
}

// office fills a cache with threads of every kind, many of one time.
func office(t testing.TB, c *Cache) {
	for i := range 60 {
		word := []string{"open", "pending", "resolved", "closed", "novel"}[i%5]
		row := chat(fmt.Sprint(i), fmt.Sprint("Ana ", i), "", minutes(i/4))
		list(t, c, waspyAccount, with(row, func(c *inbox.Conversation) {
			c.StatusWord, c.Status = word, ""
			if i%3 == 0 {
				c.Assignees = []string{"ag-1"}
			}
			if i%2 == 0 {
				c.LastDirection = inbox.Out
			}
			if i%4 != 0 {
				c.Window = inbox.Window{Known: true, Until: noon.Add(time.Duration(i/6-3) * time.Hour)}
			}
		}))
		if i%3 == 0 {
			s := session(fmt.Sprint(i), fmt.Sprint("Lupe ", i), "", minutes(i/4))
			list(t, c, platicaAccount, with(s, func(c *inbox.Conversation) {
				c.ActiveAt = c.CreatedAt
				c.StatusWord = []string{"active", "spam", "finished", "expired"}[i/3%4]
			}))
			if i%2 == 0 {
				read(t, c, platicaAccount, fmt.Sprint(i), msg("m", "hola", minutes(i/4)))
			}
		}
	}
}

// in says what belongs to a view, in words of its own.
func in(v View, th Thread, now time.Time) bool {
	needs, _ := th.NeedsReply()
	switch v {
	case Inbox:
		return th.Status.Live()
	case NeedsReply:
		return needs
	case Unassigned:
		return th.Status.Live() && len(th.Assignees) == 0
	case Expiring:
		return th.Status.Live() && th.Window.Until.After(now) && !th.Window.Until.After(now.Add(ExpiringWithin))
	case SpamView:
		return th.Status == inbox.Spam
	}
	return true
}

// Any walk over the pages of any view of any account yields exactly what
// belongs there, in order, and the counts agree.
func TestThreadPaging(t *testing.T) {
	c := newCache(t)
	office(t, c)
	everything, _, err := c.Threads(t.Context(), ThreadFilter{View: All}, "", 1000)
	if err != nil || len(everything) != 80 {
		t.Fatalf("%d threads, %v", len(everything), err)
	}
	rapid.Check(t, func(r *rapid.T) {
		f := ThreadFilter{View: rapid.SampledFrom([]View{Inbox, NeedsReply, Unassigned, Expiring, All, SpamView}).Draw(r, "view"),
			Account: rapid.SampledFrom([]string{"", "ventas", "soporte", "nobody"}).Draw(r, "account"), Now: noon.Add(time.Duration(rapid.IntRange(-300, 300).Draw(r, "now")) * time.Minute)}
		want := map[string]bool{}
		for _, th := range everything {
			if in(f.View, th, f.Now) && (f.Account == "" || f.Account == th.Account) {
				want[th.Ref] = true
			}
		}
		limit := rapid.IntRange(1, 100).Draw(r, "limit")
		var walk []Thread
		for cursor, more := "", true; more; more = cursor != "" {
			page, next, err := c.Threads(t.Context(), f, cursor, limit)
			if err != nil || len(page) > limit {
				r.Fatalf("%d rows, %v", len(page), err)
			}
			walk, cursor = append(walk, page...), next
		}
		for i, th := range walk {
			if !want[th.Ref] {
				r.Fatalf("%s is here twice or should not be: %+v", th.Ref, th)
			}
			delete(want, th.Ref)
			if i == 0 {
				continue
			}
			if f.View == Expiring && walk[i-1].Window.Until.After(th.Window.Until) || f.View != Expiring && walk[i-1].At.Before(th.At) {
				r.Fatalf("%d is out of order", i)
			}
		}
		if len(want) != 0 {
			r.Fatalf("missing %v", want)
		}
		n, err := c.Counts(t.Context(), f)
		if err != nil {
			r.Fatal(err)
		}
		if got := map[View]int64{Inbox: n.Inbox, NeedsReply: n.NeedsReply, Unassigned: n.Unassigned, Expiring: n.Expiring, All: n.All, SpamView: n.Spam}[f.View]; got != int64(len(walk)) {
			r.Fatalf("counted %d, walked %d", got, len(walk))
		}
	})
}

func TestThreadCursors(t *testing.T) {
	c := newCache(t)
	office(t, c)
	for _, cursor := range []string{"%", "YWJj", "MTJ4fHRfeA"} { // no base64, no bar, 12x|t_x
		if _, _, err := c.Threads(t.Context(), ThreadFilter{View: All}, cursor, 5); !errors.Is(err, ErrCursor) {
			t.Errorf("%q: %v", cursor, err)
		}
	}
	if _, _, err := c.Threads(t.Context(), ThreadFilter{View: "nonsense"}, "", 5); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if page, _, err := c.Threads(t.Context(), ThreadFilter{View: All}, "", 0); err != nil || len(page) != 1 {
		t.Errorf("a limit of none: %v %v", page, err)
	}
	// The thread that a cursor names may go: it hides none of the others.
	first, next, err := c.Threads(t.Context(), ThreadFilter{View: All, Account: "ventas"}, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	last := first[9]
	if err := c.s.write(t.Context(), func(x *tx) error {
		_, err := x.exec(`UPDATE threads SET ref = 't_another' WHERE ref = ?`, last.Ref)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, th := range first {
		seen[th.Ref] = true
	}
	for next != "" {
		var page []Thread
		if page, next, err = c.Threads(t.Context(), ThreadFilter{View: All, Account: "ventas"}, next, 10); err != nil {
			t.Fatal(err)
		}
		for _, th := range page {
			seen[th.Ref] = true
		}
	}
	if len(seen) != 61 || !seen["t_another"] {
		t.Errorf("saw %d of 60 and the one that took its place", len(seen))
	}
}

// planOf explains a query: no page of a list may sort or scan.
func planOf(t *testing.T, c *Cache, query string, args ...any) string {
	t.Helper()
	var plan []string
	if err := each(t.Context(), c.s.readers, "EXPLAIN QUERY PLAN "+query, args, func(scan func(...any) error) error {
		var id, parent, unused int64
		var detail string
		err := scan(&id, &parent, &unused, &detail)
		plan = append(plan, detail)
		return err
	}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(plan, "\n")
}

func TestPlans(t *testing.T) {
	c := newCache(t)
	office(t, c)
	indexAll(t, c)
	if err := c.s.write(t.Context(), func(x *tx) error { _, err := x.exec(`ANALYZE`); return err }); err != nil {
		t.Fatal(err)
	}
	analyzed := c
	fresh := newCache(t)
	for name, c := range map[string]*Cache{"fresh": fresh, "analyzed": analyzed} {
		check := func(what, want, query string, args ...any) {
			t.Helper()
			plan := planOf(t, c, query, args...)
			if strings.Contains(plan, "TEMP B-TREE") && !strings.Contains(want, "TEMP B-TREE") || !strings.Contains(plan, want) {
				t.Errorf("%s, %s: no %q in\n%s", name, what, want, plan)
			}
			for line := range strings.SplitSeq(plan, "\n") {
				if strings.HasPrefix(line, "SCAN") && line != want {
					t.Errorf("%s, %s scans:\n%s", name, what, plan)
				}
			}
		}
		for view, index := range map[View]string{Inbox: "threads_inbox", NeedsReply: "threads_reply", Unassigned: "threads_unassigned", Expiring: "threads_expiring", Snoozed: "threads_snoozed", All: "threads_all", SpamView: "threads_spam"} {
			f := ThreadFilter{View: view, Now: noon, Here: noon}
			for _, cursor := range []threadPlace{{}, {at: 1, id: 1}} {
				query, args, err := f.page(cursor, cursor != threadPlace{})
				if err != nil {
					t.Fatal(err)
				}
				check(string(view)+" page", "USING INDEX "+index, query, append(args, 1, 50)...)
			}
			cond, args, err := (ThreadFilter{View: view, Now: noon}).where()
			if err != nil {
				t.Fatal(err)
			}
			if view.hides() {
				check(string(view)+" snoozed", "INDEX threads_snoozed", asleepQuery(cond), append(args, 1, 1)...)
			}
			check(string(view)+" count", "INDEX "+index, countQuery(cond), append(args, 1)...)
		}
		check("unread count", "INDEX threads_unread", countQuery(unreadThreads), 1)
		check("messages", "USING INDEX messages_thread (thread=?)", placedColumns+`WHERE m.thread = ? ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT ?`, 1, 50)
		check("older messages", "USING INDEX messages_thread (thread=? AND (at,seq)<(?,?))", placedColumns+`WHERE m.thread = ? AND (m.at, m.seq, m.id) < (?,?,?) ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT ?`, 1, 1, 1, 1, 50)
		check("first of a day", "USING COVERING INDEX messages_thread (thread=? AND at>?)", firstFrom, 1, 1)
		check("last until a day", "USING COVERING INDEX messages_thread (thread=? AND at<?)", lastUntil, 1, 1)
		check("newest message", "USING INDEX messages_thread (thread=?)", `SELECT at, direction, kind, text, status FROM messages WHERE thread = ? ORDER BY at DESC, seq DESC, id DESC LIMIT 1`, 1)
		check("to read", "USING INDEX conversations_toread (account=?)", unreadFrom+`ORDER BY c.active_at DESC LIMIT ?`, 1, 9)
		check("to read again", "USING INDEX rechecks_newest (account=?)", rechecksFrom+`ORDER BY r.active_at DESC LIMIT ?`, 1, 9)
		check("look-ups", "USING COVERING INDEX lookups_due (account=? AND due<?)", `SELECT conversation FROM lookups WHERE account = ? AND due <= ? ORDER BY due, conversation LIMIT ?`, 1, 1, 9)
		check("what was not seen", "USING COVERING INDEX", `SELECT id, remote FROM conversations WHERE account = ?`, 1)
		check("open ones", "USING INDEX conversations_live (account=?)", liveColumns, 1)
		for _, w := range []indexWalk{{match: "x"}, {match: "x", texts: true}, {texts: true}} {
			want := "SCAN f VIRTUAL TABLE INDEX 192:M2><"
			if w.match == "" {
				want = "SEARCH i USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
			}
			query, args := w.query(&messageSearch{to: 9})
			check("words", want, query, args...)
		}
		for i, want := range []string{"SCAN q", "SEARCH m USING INTEGER PRIMARY KEY (rowid>?)", "SEARCH m USING INTEGER PRIMARY KEY (rowid<?)"} {
			check("not indexed", want, (&messageSearch{accounts: []int64{1}}).unindexed(unindexedMessages[i]), 9)
		}
		check("line", "USING INDEX contacts_line (phone_key=? AND account=?)", `SELECT id, person, guessed FROM contacts WHERE phone_key = ? AND phone_key <> '' AND account = ?`, "5", 1)
		check("person", "USING INDEX contacts_person (person=?)", personColumns+`WHERE k.person IN (?,?)`, "p", "q")
		check("incomplete", "INDEX conversations_short (account=?)", `SELECT count(*) FROM conversations WHERE account = ? AND short = 1 AND gone = 0 AND listed_mark = read_mark`, 1)
	}
}
