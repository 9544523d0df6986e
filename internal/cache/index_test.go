package cache

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"

	"pgregory.net/rapid"
)

func TestSearchBeforeAndAfterIndexing(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon), chat("2", "Beto", "", noon))
	list(t, c, platicaAccount, session("s", "Lupe", "", noon))
	read(t, c, waspyAccount, "1", msg("a", "quiero girasoles", noon), msg("b", "no", minutes(2)))
	read(t, c, waspyAccount, "2", msg("c", "girasoles para hoy", minutes(3)))
	read(t, c, platicaAccount, "s", msg("d", "hay girasoles", minutes(1)))
	check := func(when string) {
		t.Helper()
		for _, tt := range []struct {
			name string
			q    MessageQuery
			want []string
		}{
			{"newest first", MessageQuery{}, []string{"c", "d", "a"}},
			{"limited", MessageQuery{Limit: 2}, []string{"c", "d"}},
			{"one account", MessageQuery{Accounts: []string{"ventas"}}, []string{"c", "a"}},
			{"both accounts", MessageQuery{Accounts: []string{"ventas", "soporte"}}, []string{"c", "d", "a"}},
			{"no such account", MessageQuery{Accounts: []string{"nobody"}}, []string{}},
			{"one thread", MessageQuery{Thread: threadOf(t, c, waspyAccount, "1").Ref}, []string{"a"}},
			{"no such thread", MessageQuery{Thread: "t_none"}, []string{}},
			{"a thread of another account", MessageQuery{Accounts: []string{"soporte"}, Thread: threadOf(t, c, waspyAccount, "1").Ref}, []string{}},
		} {
			q := tt.q
			q.Words = []Word{{Text: "girasoles"}}
			if q.Limit == 0 {
				q.Limit = 10
			}
			if got := idsOf(search(t, c, q)); !slices.Equal(got, tt.want) {
				t.Errorf("%s, %s: %v, want %v", when, tt.name, got, tt.want)
			}
		}
	}
	check("queued")
	indexAll(t, c)
	check("indexed")
	if got := idsOf(search(t, c, MessageQuery{Words: []Word{{Text: "giras", Prefix: true}}, Limit: 9})); len(got) != 3 {
		t.Errorf("by its beginning: %v", got)
	}
	read(t, c, waspyAccount, "2", msg("e", "más girasoles", minutes(-4)))
	if got := find(t, c, "girasoles"); !slices.Equal(got, []string{"c", "d", "a", "e"}) {
		t.Errorf("half queued: %v", got)
	}
}

// After any run of saves, changes, moves and removals, the index holds exactly
// the rows, and every thread's row is what deriving it anew would make it.
func TestIndexHoldsExactlyTheRows(t *testing.T) {
	words := []string{"girasoles", "jazmines", "amapolas", "rosas"}
	phones := []string{"", "5215512345678", "+52 55 1234 5678", "5215587654321", "55 8765 4321"}
	rapid.Check(t, func(r *rapid.T) {
		c := newCache(t)
		defer c.Close()
		accounts := []inbox.Account{waspyAccount, platicaAccount}
		convs := map[string]inbox.Conversation{}
		model := map[string]string{} // account/conversation/message → text
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			a := rapid.SampledFrom(accounts).Draw(r, "account")
			id := fmt.Sprint(rapid.IntRange(1, 4).Draw(r, "conversation"))
			switch rapid.SampledFrom([]string{"list", "read", "read", "read", "index", "remove", "region", "again"}).Draw(r, "step") {
			case "list":
				p := rapid.SampledFrom(phones).Draw(r, "phone")
				row := chat(id, "Ana", p, minutes(rapid.IntRange(0, 9).Draw(r, "at")))
				if a.Provider == inbox.Platica {
					row = session(id, "Ana", p, minutes(rapid.IntRange(0, 9).Draw(r, "at")))
				}
				convs[a.Name+"/"+id] = row
				list(t, c, a, row)
			case "read":
				if _, ok := convs[a.Name+"/"+id]; !ok {
					continue
				}
				var msgs []inbox.Message
				for i := range rapid.IntRange(1, 4).Draw(r, "messages") {
					m := msg(fmt.Sprint("m", rapid.IntRange(0, 5).Draw(r, "message")), rapid.SampledFrom(words).Draw(r, "text"), minutes(rapid.IntRange(0, 3).Draw(r, "minute")))
					m.Seq = i
					if rapid.IntRange(0, 9).Draw(r, "timeless") == 0 {
						m.At = time.Time{}
					}
					msgs = append(msgs, m)
					model[a.Name+"/"+id+"/"+m.ID] = m.Text
				}
				read(t, c, a, id, msgs...)
			case "index":
				if _, err := c.IndexQueued(t.Context()); err != nil {
					r.Fatal(err)
				}
			case "remove":
				if _, err := c.RemoveAccount(t.Context(), a.Name); err != nil {
					r.Fatal(err)
				}
				for k := range model {
					if strings.HasPrefix(k, a.Name+"/") {
						delete(model, k)
					}
				}
				for k := range convs {
					if strings.HasPrefix(k, a.Name+"/") {
						delete(convs, k)
					}
				}
				if err := c.EnsureAccount(t.Context(), a); err != nil {
					r.Fatal(err)
				}
			case "region":
				a.Region = rapid.SampledFrom([]string{"AR", "MX", ""}).Draw(r, "region")
				if err := c.EnsureAccount(t.Context(), a); err != nil {
					r.Fatal(err)
				}
			case "again":
				if _, err := c.BeginSweep(t.Context(), a.Name, inbox.Page[inbox.Conversation]{}, &Feed{Kind: Sweep, Running: true}, 0, true); err != nil {
					r.Fatal(err)
				}
			}
			sameWords(t, r, c, words, model)
		}
		indexAll(t, c)
		sameWords(t, r, c, words, model)
		checkIndex(t, c)
		checkDerived(t, r, c)
	})
}

func sameWords(t *testing.T, r *rapid.T, c *Cache, words []string, model map[string]string) {
	for _, w := range words {
		var got, want []string
		for _, m := range search(t, c, MessageQuery{Words: []Word{{Text: w}}, Limit: 1000}).Messages {
			got = append(got, m.Account+"/"+m.Conversation+"/"+m.ID)
		}
		for k, text := range model {
			if text == w {
				want = append(want, k)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			r.Fatalf("%s: found %v, want %v", w, got, want)
		}
	}
}

// checkDerived derives everything anew and wants nothing to change.
func checkDerived(t *testing.T, r *rapid.T, c *Cache) {
	err := c.s.write(t.Context(), func(x *tx) error {
		for _, a := range c.accounts {
			ch := newChanges(0)
			if err := x.query(`SELECT id FROM threads WHERE account = ?`, []any{a.id}, func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				ch.touch(id)
				return err
			}); err != nil {
				return err
			}
			var d Delta
			if err := ch.settle(x, a, &d); err != nil {
				return err
			}
			if len(d.Threads) != 0 {
				return fmt.Errorf("threads of %s were not what they derive to: %v", a.name, d.Threads)
			}
		}
		for what, query := range map[string]string{
			"conversations that miscount their messages": `SELECT count(*) FROM conversations c WHERE messages <> (SELECT count(*) FROM messages WHERE conversation = c.id)`,
			"conversations with another newest time":     `SELECT count(*) FROM conversations c WHERE newest_at <> (SELECT coalesce(max(at), 0) FROM messages WHERE conversation = c.id)`,
			"accounts that miscount": `SELECT count(*) FROM accounts a WHERE (conversations, messages, to_read) <>
				((SELECT count(*) FROM conversations WHERE account = a.id), (SELECT coalesce(sum(messages), 0) FROM conversations WHERE account = a.id),
				(SELECT count(*) FROM conversations WHERE account = a.id AND listed_mark <> read_mark AND gone = 0))`,
			"messages in another thread": `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.thread <> c.thread`,
			"contacts without a thread":  `SELECT count(*) FROM contacts k WHERE NOT EXISTS (SELECT 1 FROM threads WHERE contact = k.id)`,
			"lines of two people, but for Waspy's customers": `SELECT count(*) FROM (SELECT 1 FROM contacts k JOIN accounts a ON a.id = k.account
				WHERE phone_key <> '' AND provider <> 'waspy' GROUP BY account, phone_key HAVING count(DISTINCT person) > 1)`,
		} {
			var n int64
			if err := x.row(query).Scan(&n); err != nil || n != 0 {
				return fmt.Errorf("%d %s, %v", n, what, err)
			}
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
}

// A full disk changes nothing of what was committed, and is over when there is
// room again.
func TestFullDisk(t *testing.T) {
	path := t.TempDir() + "/cache.db"
	c := openCache(t, path)
	ctx := t.Context()
	feed := Feed{Kind: Sweep, Gen: 1, Running: true, Mark: inbox.Mark("page 1"), Pages: 1}
	if _, err := c.SaveConversations(ctx, waspyAccount.Name, page(chat("1", "Ana", "+54 9 11 5983-4410", noon)), &feed, 1); err != nil {
		t.Fatal(err)
	}
	read(t, c, waspyAccount, "1", msg("a", "girasoles", noon))
	pages := number(t, c.s, `PRAGMA page_count`)
	number(t, c.s, `PRAGMA max_page_count = `+itoa(pages+20))
	before := number(t, c.s, `SELECT count(*) FROM conversations`)
	next := feed
	next.Mark, next.Pages = inbox.Mark("page 2"), 2
	var big []inbox.Conversation
	for i := range 200 {
		big = append(big, chat(fmt.Sprint("x", i), strings.Repeat("Ana ", 300), "+54 9 11 5983-4410", minutes(i)))
	}
	_, err := c.SaveConversations(ctx, waspyAccount.Name, page(big...), &next, 2)
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), path) {
		t.Fatalf("got %v, want ErrFull with the file's name", err)
	}
	if n := number(t, c.s, `SELECT count(*) FROM conversations`); n != before {
		t.Errorf("%d conversations, want %d", n, before)
	}
	if f, err := c.Feed(ctx, waspyAccount.Name, Sweep); err != nil || string(f.Mark) != "page 1" {
		t.Errorf("bookmark %+v, %v", f, err)
	}
	if got := find(t, c, "girasoles"); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	number(t, c.s, `PRAGMA max_page_count = 1000000`)
	d, err := c.SaveConversations(ctx, waspyAccount.Name, page(big...), &next, 2)
	if err != nil || d.Conversations != 200 {
		t.Errorf("with room again: %d, %v", d.Conversations, err)
	}
	if f, err := c.Feed(ctx, waspyAccount.Name, Sweep); err != nil || string(f.Mark) != "page 2" {
		t.Errorf("bookmark %+v, %v", f, err)
	}
	var integrity string
	if err := c.s.readers.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&integrity); err != nil || integrity != "ok" {
		t.Errorf("%s, %v", integrity, err)
	}
}

// What was removed is not left in the file for anybody to find.
func TestRemovedIsErased(t *testing.T) {
	path := t.TempDir() + "/cache.db"
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Anastasia", "+54 9 11 5983-4410", noon))
	read(t, c, waspyAccount, "1", msg("a", "quiero girasoles", noon))
	indexAll(t, c)
	if _, err := c.RemoveAccount(t.Context(), waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Anastasia", "quiero girasoles", "59834410"} {
		if strings.Contains(string(b), word) {
			t.Errorf("%q is still in the file", word)
		}
	}
}

// What is new is known by its number alone. A number is never given twice, or
// what comes after a removal would count as indexed; and what changes before it
// is indexed leaves nothing in the queue.
func TestFreshByNumber(t *testing.T) {
	path := t.TempDir() + "/cache.db"
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon), chat("2", "Beto", "", noon))
	queued := func(want int64) {
		t.Helper()
		if n := number(t, c.s, `SELECT count(*) FROM index_queue`); n != want {
			t.Errorf("%d rows queued, want %d", n, want)
		}
	}
	found := func(word string, want ...string) {
		t.Helper()
		if got := find(t, c, word); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%s: found %v, want %v", word, got, want)
		}
	}
	a, b := msg("a", "girasoles", noon), msg("b", "jazmines", minutes(1))
	read(t, c, waspyAccount, "1", a, b)
	b.Text, b.Raw = "amapolas", rawOf("b again")
	a.At, a.Raw = minutes(2), rawOf("a moved")
	read(t, c, waspyAccount, "1", a, b)
	queued(0)
	found("jazmines")
	found("amapolas", "b")
	found("girasoles", "a")

	indexAll(t, c)
	a.At, a.Raw = minutes(3), rawOf("a moved again") // the last number goes, and with it its place
	read(t, c, waspyAccount, "1", a, b)
	queued(1)
	found("girasoles", "a")
	if err := c.Close(); err != nil { // as a kill would leave it: committed, not indexed
		t.Fatal(err)
	}
	c = openCache(t, path)
	found("girasoles", "a")
	if n, err := c.Queued(t.Context()); err != nil || n != 2 {
		t.Errorf("%d to do, %v", n, err)
	}
	indexAll(t, c)
	checkIndex(t, c)
	found("girasoles", "a")

	// Nothing is left of the rows with the last numbers: the next one is above
	// them all the same.
	if _, err := c.RemoveAccount(t.Context(), waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	if err := c.EnsureAccount(t.Context(), waspyAccount); err != nil {
		t.Fatal(err)
	}
	list(t, c, waspyAccount, chat("1", "Ana", "", noon))
	read(t, c, waspyAccount, "1", msg("z", "rosas", noon))
	found("rosas", "z")
	indexAll(t, c)
	checkIndex(t, c)
	found("rosas", "z")
}

// Two messages whose times and numbers give the same place: the second takes
// the next, and each is found, altered and removed by its own.
func TestPlacesCollide(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon))
	a, b := msg("a", "girasoles", noon), msg("b", "jazmines", noon)
	b.Seq = 1
	read(t, c, waspyAccount, "1", a)
	number(t, c.s, `UPDATE messages SET id = id + (1 << 20) RETURNING id`)
	indexAll(t, c)
	number(t, c.s, `UPDATE messages SET id = id - (1 << 20) RETURNING id`)
	number(t, c.s, `UPDATE indexed SET message = message - (1 << 20) RETURNING message`)
	number(t, c.s, `UPDATE meta SET value = CAST(value AS INTEGER) + (1 << 20) - 1 WHERE key = 'indexed_to' RETURNING value`)
	read(t, c, waspyAccount, "1", a, b) // one apart from a by 2^20
	indexAll(t, c)
	checkIndex(t, c)
	if n := number(t, c.s, `SELECT max(place) - min(place) FROM indexed`); n != 1 {
		t.Fatalf("places are %d apart, want 1", n)
	}
	b.Text, b.Raw = "amapolas", rawOf("b again")
	a.At, a.Raw = minutes(1), rawOf("a moved")
	read(t, c, waspyAccount, "1", a, b)
	indexAll(t, c)
	checkIndex(t, c)
	for word, want := range map[string][]string{"girasoles": {"a"}, "jazmines": {}, "amapolas": {"b"}} {
		if got := find(t, c, word); !slices.Equal(got, want) {
			t.Errorf("%s: found %v, want %v", word, got, want)
		}
	}
}

// A first version's messages, indexed, altered and queued, are all found after
// the upgrade, in their order.
func TestUpgradeKeepsMessages(t *testing.T) {
	fixture, err := os.ReadFile("testdata/cache-v1.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := script(t, string(fixture)+`
		INSERT INTO accounts (id, name, provider) VALUES (1, 'ventas', 'waspy');
		INSERT INTO contacts (id, account, remote, person, name, phone, phone_key, e164, display, guessed) VALUES (1, 1, 'k', 'p_1', 'Ana', '', '', '', '', 0);
		INSERT INTO threads (id, ref, account, channel, contact, live) VALUES (1, 't_1', 1, '', 1, 1);
		INSERT INTO conversations (id, account, remote, thread, public_id, workspace, channel, name, phone, status, status_word, assignees, tags, topic, platform, operation,
			created_at, active_at, last_at, last_text, last_dir, last_status, has_last, window_known, window_open, window_until, message_count, listed_mark)
			VALUES (1, 1, 'c', 1, '', '', '', 'Ana', '', 'open', 'open', '[]', '[]', '', '', '', 0, 0, 0, '', '', '', 0, 0, 0, 0, -1, '');
		INSERT INTO messages (id, conversation, thread, remote, at, seq, at_known, direction, kind, kind_word, status, text, raw) VALUES
			(3 << 20, 1, 1, 'new', 3, 0, 1, 'in', 'text', '', '', 'hay girasoles', '{"n":3}'),
			(2 << 20, 1, 1, 'indexed', 2, 0, 1, 'in', 'text', '', '', 'girasoles', '{"n":2}'),
			(1 << 20, 1, 1, 'altered', 1, 0, 1, 'in', 'image', '', '', 'girasoles', '{"n":1}');
		INSERT INTO message_index (rowid, text, facets) VALUES (1 << 20, 'jazmines', 'a1 t1 din'), (2 << 20, 'girasoles', 'a1 t1 din');
		INSERT INTO index_queue (message, old_text, old_facets) VALUES (3 << 20, NULL, NULL), (1 << 20, 'jazmines', 'a1 t1 din');`)
	c, err := OpenCache(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := []string{"new", "indexed", "altered"}
	for range 2 {
		for word, want := range map[string][]string{"girasoles": want, "jazmines": {}} {
			if got := find(t, c, word); !slices.Equal(got, want) {
				t.Errorf("%s: found %v, want %v", word, got, want)
			}
		}
		indexAll(t, c)
	}
	checkIndex(t, c)
	for kind, want := range map[inbox.Kind]int{inbox.Text: 1, inbox.Image: 1, inbox.Video: 0} {
		if n, err := c.CountThreads(t.Context(), ThreadFilter{View: All, Narrow: Narrow{Facets: Facets{Kinds: []inbox.Kind{kind}}}}, 9); n != want || err != nil {
			t.Errorf("threads with %s: %d, %v", kind, n, err)
		}
	}
	var got string
	if err := c.EachMessage(t.Context(), Selection{}, func(m StoredMessage) error {
		got += m.ID + string(m.Raw)
		return nil
	}); err != nil || got != `altered{"n":1}indexed{"n":2}new{"n":3}` {
		t.Errorf("kept %s, %v", got, err)
	}
}
