package cache

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"bandeja/internal/inbox"
)

// leaf is where a leaf page of a table or index is in a closed file, of so many
// the nth.
func leaf(t testing.TB, path, table string, nth int) (at int64) {
	t.Helper()
	db := openWreckForTest(t, path)
	defer db.Close()
	if err := db.QueryRow(`SELECT pgoffset FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET ?`, table, nth).Scan(&at); err != nil {
		t.Fatalf("page %d of %s: %v", nth, table, err)
	}
	return at
}

func ruinPage(t testing.TB, path string, at int64) {
	t.Helper()
	overwrite(t, path, func(b []byte) []byte {
		for i := range 4096 {
			b[at+int64(i)] = 0xee
		}
		return b
	})
}

// From a cache of which some pages cannot be read the rest is taken over:
// conversations that are gone whole or not at all, and the history around the
// hole. What local.db keeps already is not made less.
func TestSalvagePartly(t *testing.T) {
	const chats, each = 30, 20
	path := filepath.Join(t.TempDir(), "cache.db")
	c := openCache(t, path)
	for n := range chats {
		id := fmt.Sprint(n)
		list(t, c, waspyAccount, chat(id, "Ana "+id, "", minutes(n)))
		var msgs []inbox.Message
		for i := range each {
			msgs = append(msgs, msg(fmt.Sprint(id, "-", i), strings.Repeat("girasoles ", 20), minutes(100*n+i)))
		}
		read(t, c, waspyAccount, id, msgs...)
		for i, word := range []string{"pending", "resolved", "open", "closed"} {
			list(t, c, waspyAccount, with(chat(id, "Ana "+id, "", minutes(n+i+1)), func(c *inbox.Conversation) { c.StatusWord = word }))
		}
		bury(t, c, waspyAccount, id)
	}
	l := newLocal(t, waspyAccount, platicaAccount)
	kept, err := c.ReadGone(t.Context(), GoneRef{waspyAccount.Name, "0"}) // its first page is ruined
	if err == nil {
		err = l.KeepGone(t.Context(), kept, noon)
	}
	lines, _, e := c.PendingChanges(t.Context(), 1000)
	if err != nil || e != nil || len(lines) != chats*4 {
		t.Fatal(len(lines), err, e)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for table, nth := range map[string]int{"messages": 0, "changes": 1} {
		ruinPage(t, path, leaf(t, path, table, nth))
	}
	ruinPage(t, path, leaf(t, path, "messages", 40))

	n, err := SalvageCache(t.Context(), path, l)
	if err != nil || n < len(lines)/3 || n >= len(lines) {
		t.Errorf("%d lines of %d, %v", n, len(lines), err)
	}
	found := 0
	for n := range chats {
		got, err := l.ChangesOf(t.Context(), waspyAccount.Name, []string{fmt.Sprint(n)})
		if err != nil {
			t.Fatal(err)
		}
		found += len(got)
	}
	if found != n {
		t.Errorf("%d lines are kept of %d", found, n)
	}
	refs, err := l.KeptGone(t.Context())
	if err != nil || len(refs) < chats-4 || len(refs) >= chats {
		t.Errorf("%d conversations of %d, %v", len(refs), chats, err)
	}
	for _, r := range refs {
		g, err := l.ReadGone(t.Context(), r)
		if err != nil || len(g.Messages) != each {
			t.Errorf("%s with %d messages, %v", r.Conversation, len(g.Messages), err)
		}
	}
	if len(refs) == 0 || refs[0].Conversation != "0" {
		t.Errorf("what was kept before is not kept any more: %v", refs)
	}
}

// What local.db keeps of a conversation is not replaced by the less that a
// damaged cache still has of it.
func TestSalvageTakesNothingAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache.db")
	c := openCache(t, path)
	list(t, c, waspyAccount, chat("1", "Ana", "", noon))
	read(t, c, waspyAccount, "1", msg("m1", "girasoles", noon), msg("m2", "chau", minutes(1)))
	bury(t, c, waspyAccount, "1")
	l := newLocal(t, waspyAccount)
	carry(t, c, l)
	if err := c.s.write(t.Context(), func(x *tx) error { _, err := x.exec(`DELETE FROM messages WHERE remote = 'm2'`); return err }); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := SalvageCache(t.Context(), path, l); err != nil {
		t.Fatal(err)
	}
	if g, err := l.ReadGone(t.Context(), GoneRef{waspyAccount.Name, "1"}); err != nil || len(g.Messages) != 2 {
		t.Errorf("%d messages, %v", len(g.Messages), err)
	}
}
