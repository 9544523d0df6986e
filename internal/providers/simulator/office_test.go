package simulator

import (
	"encoding/json"
	"testing"
	"time"
)

var testNow = time.Date(2026, 4, 13, 18, 2, 0, 0, time.UTC)

func TestNewIsDeterministicAndValidJSON(t *testing.T) {
	a, b := New(Options{Seed: 7, Now: testNow}), New(Options{Seed: 7, Now: testNow})
	rows, again := a.WaspyConversations(), b.WaspyConversations()
	for i := range rows {
		if string(rows[i]) != string(again[i]) || !json.Valid(rows[i]) {
			t.Fatalf("row %d: %s\n%s", i, rows[i], again[i])
		}
		t.Logf("%s", rows[i])
	}
	for _, r := range a.PlaticaConversations()[:40] {
		if !json.Valid(r) {
			t.Fatal(string(r))
		}
		t.Logf("%s", r)
	}
}

func TestBig(t *testing.T) {
	start := time.Now()
	o := New(Options{Seed: 7, Conversations: 100_000, Messages: 1_000_000})
	t.Log(time.Since(start), len(o.WaspyConversations()))
	n, start := 0, time.Now()
	for _, c := range o.waspy.chats.rows {
		n += len(o.WaspyMessages(c.id))
	}
	m := 0
	for id := range o.platica.byID {
		m += len(o.PlaticaMessages(id))
	}
	t.Log(time.Since(start), n, m)
}
