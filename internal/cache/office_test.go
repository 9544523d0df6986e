package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

var (
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

	waspyAccount   = inbox.Account{Name: "ventas", Provider: inbox.Waspy, Region: "AR", Area: "11"}
	platicaAccount = inbox.Account{Name: "soporte", Provider: inbox.Platica, Region: "MX"}
)

// minutes is a time some minutes after noon.
func minutes(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// newCache opens an empty cache with both accounts.
func newCache(t testing.TB) *Cache {
	t.Helper()
	return openCache(t, filepath.Join(t.TempDir(), "cache.db"))
}

func openCache(t testing.TB, path string) *Cache {
	t.Helper()
	c, err := OpenCache(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, a := range []inbox.Account{waspyAccount, platicaAccount} {
		if err := c.EnsureAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// conv fills what a provider package would: the word, the version and the
// object as received.
func conv(c inbox.Conversation) inbox.Conversation {
	if c.Form == "" {
		c.Form = inbox.Listed
	}
	if c.StatusWord == "" {
		c.StatusWord = "open"
	}
	for _, p := range inbox.Providers {
		if s := inbox.StatusOf(p, c.StatusWord); s != inbox.Unknown {
			c.Status = s
		}
	}
	if c.Status == "" {
		c.Status = inbox.Unknown
	}
	if c.ActiveAt.IsZero() {
		c.ActiveAt = c.LastMessageAt
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = noon
	}
	c.Version = fmt.Sprint(c.ActiveAt.UnixMilli(), c.MessageCount, c.LastText)
	if c.Raw == nil {
		c.Raw = rawOf(map[string]any{"id": c.ID, "name": c.Name, "phone": c.Phone, "channel": c.Channel, "contact": c.Contact, "status": c.StatusWord,
			"assignees": c.Assignees, "tags": c.Tags, "active": c.ActiveAt, "last": c.LastText, "direction": c.LastDirection, "count": c.MessageCount,
			"until": c.Window.Until, "lastAt": c.LastMessageAt})
	}
	return c
}

func rawOf(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// chat is a row of Waspy's list.
func chat(id, name, number string, at time.Time) inbox.Conversation {
	return conv(inbox.Conversation{ID: id, Contact: "c-" + id, Channel: "line-1", Name: name, Phone: number, LastMessageAt: at,
		LastText: "hola de " + name, LastDirection: inbox.In, HasLast: true, MessageCount: -1})
}

// session is a row of Plática's list.
func session(id, name, number string, created time.Time) inbox.Conversation {
	return conv(inbox.Conversation{ID: id, PublicID: "pub-" + id, Workspace: "w1", Channel: "canal-1", Name: name, Phone: number,
		StatusWord: "active", CreatedAt: created, ActiveAt: created.Add(time.Minute), MessageCount: 2})
}

// with changes a conversation and makes its object and version anew.
func with(c inbox.Conversation, change func(*inbox.Conversation)) inbox.Conversation {
	change(&c)
	c.Raw = nil
	return conv(c)
}

func msg(id, text string, at time.Time) inbox.Message {
	return inbox.Message{ID: id, Direction: inbox.In, Kind: inbox.Text, KindWord: "text", Text: text, Status: "delivered", At: at,
		Raw: rawOf(map[string]any{"id": id, "text": text, "at": at})}
}

func page(items ...inbox.Conversation) inbox.Page[inbox.Conversation] {
	return inbox.Page[inbox.Conversation]{Items: items}
}

// list saves rows as an answer that has just been asked for.
func list(t testing.TB, c *Cache, a inbox.Account, items ...inbox.Conversation) Delta {
	t.Helper()
	begun, err := c.NextFetch(t.Context(), a.Name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.SaveConversations(t.Context(), a.Name, page(items...), nil, begun)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// read saves messages as the whole history of a conversation.
func read(t testing.TB, c *Cache, a inbox.Account, conversation string, msgs ...inbox.Message) Delta {
	t.Helper()
	r := Reading{Conversation: conversation, Messages: msgs, Version: versionOfConversation(t, c, a, conversation)}
	d, err := c.SaveMessages(t.Context(), a.Name, []Reading{r})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// versionOfConversation is what is listed of it now.
func versionOfConversation(t testing.TB, c *Cache, a inbox.Account, conversation string) (v string) {
	t.Helper()
	if err := c.s.readers.QueryRowContext(t.Context(), `SELECT c.listed_mark FROM conversations c JOIN accounts a ON a.id = c.account WHERE a.name = ? AND c.remote = ?`, a.Name, conversation).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unread(t testing.TB, c *Cache, a inbox.Account) []ToRead {
	t.Helper()
	out, err := c.Unread(t.Context(), a.Name, nil, false, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// threadOf is the thread a conversation is in.
func threadOf(t testing.TB, c *Cache, a inbox.Account, conversation string) Thread {
	t.Helper()
	ref, err := c.ThreadOf(t.Context(), a.Name, conversation)
	if err != nil {
		t.Fatal(err)
	}
	th, err := c.Thread(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// personRefs are the people of the conversations, in order.
func personRefs(t testing.TB, c *Cache, pairs ...string) (out []string) {
	t.Helper()
	for _, p := range pairs {
		account, id, _ := strings.Cut(p, "/")
		out = append(out, threadOf(t, c, inbox.Account{Name: account}, id).Person)
	}
	return out
}

// writes counts the rows that fn inserts, alters or deletes in the file.
func writes(t testing.TB, s *store, fn func()) int64 {
	t.Helper()
	before := number(t, s, `SELECT total_changes()`)
	fn()
	return number(t, s, `SELECT total_changes()`) - before
}

// number asks the writer for one number.
func number(t testing.TB, s *store, query string, args ...any) (n int64) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// indexAll drains the queue.
func indexAll(t testing.TB, c *Cache) {
	t.Helper()
	for {
		left, err := c.IndexQueued(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
	}
}

// checkIndex lets FTS5 compare its index with the rows themselves.
func checkIndex(t testing.TB, c *Cache) {
	t.Helper()
	err := c.s.write(context.Background(), func(x *tx) error {
		if _, err := x.exec(`INSERT INTO message_index (message_index) VALUES ('integrity-check')`); err != nil {
			return err
		}
		if err := x.row(`SELECT 1 FROM index_queue LIMIT 1`).Scan(new(int)); err == nil {
			return errors.New("the queue is not empty")
		}
		_, err := x.exec(`INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)`)
		return err
	})
	if err != nil {
		t.Fatalf("message index: %v", err)
	}
}

// find gives the ids of the messages that hold the words.
func find(t testing.TB, c *Cache, words ...string) []string {
	t.Helper()
	return idsOf(search(t, c, MessageQuery{Words: []Word{{Text: strings.Join(words, " ")}}, Limit: 1000}))
}

// search finds messages.
func search(t testing.TB, c *Cache, q MessageQuery) MessageHits {
	t.Helper()
	found, err := c.SearchMessages(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return found
}

func idsOf(found MessageHits) []string {
	out := []string{}
	for _, m := range found.Messages {
		out = append(out, m.ID)
	}
	return out
}
