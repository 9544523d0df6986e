package server_test

import (
	"slices"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/server"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func at(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }

// line is what sync saw change between two minutes.
func line(conversation, before, after string, since, until int) cache.ChangeLine {
	return cache.ChangeLine{Account: "ventas", Conversation: conversation, Field: inbox.FieldStatus, Before: before, After: after, Since: at(since), Until: at(until)}
}

// done is an entry of ours that was sent between two minutes.
func done(id, conversation, base, want string, made, end int) cache.Wish {
	return cache.Wish{ID: id, Account: "ventas", Conversation: conversation, Field: inbox.FieldStatus, Base: base, Want: want,
		State: cache.WishDone, Attempts: 1, MadeAt: at(made), DoneAt: at(end)}
}

func TestHistoryTellsEachChangeOnce(t *testing.T) {
	other := done("o_1", "a", "open", "closed", 10, 12)
	other.Field = inbox.FieldAssignees
	unsent, waits := done("o_1", "a", "open", "closed", 10, 12), done("o_1", "a", "open", "closed", 10, 12)
	unsent.Attempts, waits.State = 0, cache.WishConfirming
	touching := done("o_1", "a", "active", "finished", 10, 12)
	touching.Touched = []string{"a", "b"}
	for _, test := range []struct {
		name   string
		lines  []cache.ChangeLine // newest first
		wishes []cache.Wish       // oldest first
		want   []string           // conversation before after entry
	}{
		{"nothing", nil, nil, nil},
		{"theirs", []cache.ChangeLine{line("a", "open", "closed", 1, 2)}, nil, []string{"a open closed -"}},
		{"ours, seen by sync", []cache.ChangeLine{line("a", "open", "closed", 9, 11)}, []cache.Wish{done("o_1", "a", "open", "closed", 10, 12)}, []string{"a open closed o_1"}},
		{"ours, seen late", []cache.ChangeLine{line("a", "open", "closed", 1, 90)}, []cache.Wish{done("o_1", "a", "open", "closed", 10, 12)}, []string{"a open closed o_1"}},
		{"ours, not seen yet", nil, []cache.Wish{done("o_1", "a", "open", "closed", 10, 12)}, []string{"a open closed o_1"}},
		{"theirs before ours was made", []cache.ChangeLine{line("a", "open", "closed", 1, 9)}, []cache.Wish{done("o_1", "a", "pending", "closed", 10, 12)},
			[]string{"a pending closed o_1", "a open closed -"}},
		{"theirs after ours", []cache.ChangeLine{line("a", "open", "closed", 13, 14)}, []cache.Wish{done("o_1", "a", "open", "closed", 10, 12)},
			[]string{"a open closed -", "a open closed o_1"}},
		{"theirs and ours while it waited", []cache.ChangeLine{line("a", "open", "closed", 14, 16), line("a", "closed", "open", 12, 13), line("a", "open", "closed", 10, 11)},
			[]cache.Wish{done("o_1", "a", "open", "closed", 9, 15)}, []string{"a open closed o_1", "a closed open -", "a open closed -"}},
		{"twice ours", []cache.ChangeLine{line("a", "open", "closed", 22, 24), line("a", "open", "closed", 10, 12)},
			[]cache.Wish{done("o_1", "a", "open", "closed", 9, 11), done("o_2", "a", "open", "closed", 21, 23)}, []string{"a open closed o_2", "a open closed o_1"}},
		{"two of ours seen as one", []cache.ChangeLine{line("a", "open", "resolved", 9, 30)},
			[]cache.Wish{done("o_1", "a", "open", "pending", 10, 11), done("o_2", "a", "pending", "resolved", 12, 13)}, []string{"a open resolved o_2", "a open pending o_1"}},
		{"another field", []cache.ChangeLine{line("a", "open", "closed", 9, 11)}, []cache.Wish{other}, []string{"a open closed o_1", "a open closed -"}},
		{"another conversation", []cache.ChangeLine{line("b", "open", "closed", 9, 13)}, []cache.Wish{done("o_1", "a", "open", "closed", 10, 12)},
			[]string{"b open closed -", "a open closed o_1"}},
		{"one call changed two", []cache.ChangeLine{line("b", "active", "finished", 9, 14), line("a", "active", "finished", 9, 13)}, []cache.Wish{touching},
			[]string{"b active finished o_1", "a active finished o_1"}},
		{"somebody was faster", []cache.ChangeLine{line("a", "open", "closed", 9, 11)}, []cache.Wish{unsent}, []string{"a open closed -"}},
		{"not done yet", []cache.ChangeLine{line("a", "open", "closed", 9, 11)}, []cache.Wish{waits}, []string{"a open closed -"}},
		{"nobody knows since when", []cache.ChangeLine{{Account: "ventas", Conversation: "a", Field: inbox.FieldStatus, Before: "open", After: "closed", Until: at(11)}},
			[]cache.Wish{done("o_1", "a", "open", "closed", 10, 12)}, []string{"a open closed o_1"}},
	} {
		if got := server.TellHistory(test.lines, test.wishes); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestHistory of a thread over the API: a change at the platform, then one from
// here that sync sees, too.
func TestHistory(t *testing.T) {
	d := copied(t)
	r := d.rows(t, "ventas", "open")[0]
	keep := func(lines ...cache.ChangeLine) {
		t.Helper()
		for i := range lines {
			lines[i].Account, lines[i].Conversation = "ventas", r.Conversation
		}
		if err := d.in.Local().KeepChanges(t.Context(), lines); err != nil {
			t.Fatal(err)
		}
	}
	keep(cache.ChangeLine{Field: "tags", Before: `["a"]`, After: `["a","vip"]`, Since: at(0), Until: at(1)},
		cache.ChangeLine{Field: "name", Before: "Ana", After: "Ana María", Until: at(2)})
	e := d.change(t, []string{r.Thread}, `"status":"closed"`).Entries[0]
	d.brought(t, e.ID, cache.WishNote{}, cache.WishChecking, cache.WishSending, cache.WishConfirming, cache.WishDone)
	type change struct {
		Conversation, Field, Until string
		Before, After              []string
		BeforeStatus               string `json:"before_status"`
		AfterStatus                string `json:"after_status"`
		Since                      *string
		Entry                      *string
	}
	read := func(query string) []change {
		t.Helper()
		var h struct{ Changes []change }
		d.get(t, "/api/threads/"+r.Thread+"/history"+query, &h)
		return h.Changes
	}
	check := func(when string) {
		t.Helper()
		h := read("")
		if len(h) != 3 {
			t.Fatalf("%s: %+v", when, h)
		}
		ours, name, tags := h[0], h[1], h[2]
		if ours.Entry == nil || *ours.Entry != e.ID || ours.BeforeStatus != "open" || ours.AfterStatus != "closed" || ours.Since == nil || ours.Conversation != r.Conversation {
			t.Errorf("%s: ours: %+v", when, ours)
		}
		if name.Entry != nil || name.Since != nil || !slices.Equal(name.After, []string{"Ana María"}) || name.AfterStatus != "" || name.Until != "2026-05-04T12:02:00.000Z" {
			t.Errorf("%s: name: %+v", when, name)
		}
		if !slices.Equal(tags.Before, []string{"a"}) || !slices.Equal(tags.After, []string{"a", "vip"}) {
			t.Errorf("%s: tags: %+v", when, tags)
		}
	}
	check("before sync has seen it")
	keep(cache.ChangeLine{Field: "status", Before: "open", After: "closed", Since: time.Now().Add(-time.Minute), Until: time.Now()})
	check("since sync has seen it")
	if h := read("?limit=1"); len(h) != 1 || h[0].Field != "status" {
		t.Errorf("limit: %+v", h)
	}
	for query, want := range map[string]string{"?limit=0": "limit", "?limit=501": "limit"} {
		if code, _ := d.ask(t, "GET", "/api/threads/"+r.Thread+"/history"+query, nil).code(t); code != want {
			t.Errorf("%s: %s", query, code)
		}
	}
	if a := d.ask(t, "GET", "/api/threads/t_nothing/history", nil); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
