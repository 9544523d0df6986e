package simulator

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// drifted reads both lists while they drift; what changed, and what it became.
func drifted(t *testing.T, d Drift, requests int) (*Office, History) {
	t.Helper()
	o := New(Options{Seed: 1, Conversations: 200, Now: testNow, Clock: func() time.Time { return testNow }, History: true, NoRateLimit: true})
	ask := recorded(o)
	if err := o.SetFaults(Faults{Drift: &d}); err != nil {
		t.Fatal(err)
	}
	for i := range requests {
		path, key := WaspyPath+"/conversations?limit=10", o.WaspyKey()
		if i%2 == 1 {
			path, key = PlaticaPath+"/conversations?limit=10&offset="+strconv.Itoa(5*i), o.PlaticaKey()
		}
		if w := ask("GET", path, key); w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
	}
	o.Quiet()
	return o, o.History()
}

func TestDriftComesAgain(t *testing.T) {
	d := Drift{Seed: 7, Every: 1, Changes: 2}
	a, ha := drifted(t, d, 150)
	b, hb := drifted(t, d, 150)
	if !slices.Equal(ha.Events, hb.Events) || !slices.Equal(everything(a), everything(b)) {
		t.Error("the same drift makes other changes")
	}
	fields := map[string]int{}
	for _, e := range ha.Events {
		if e.Who != "drift" || e.Request == 0 || ha.request(e.Request) == nil {
			t.Errorf("%+v", e)
		}
		fields[e.Field+" "+map[bool]string{true: e.After}[e.Field == "conversation"]]++
	}
	for _, want := range []string{"conversation there", "conversation gone", "message ", "status ", "assignees ", "tags ", "operation ", "message.status ", "message.text ", "order "} {
		if fields[want] == 0 {
			t.Errorf("nothing of %q: %v", want, fields)
		}
	}
	d.Seed = 8
	if c, hc := drifted(t, d, 150); slices.Equal(ha.Events, hc.Events) || slices.Equal(everything(a), everything(c)) {
		t.Error("another seed makes the same changes")
	}
	// What it made stays whole.
	for _, o := range []*Office{a, b} {
		rows := o.waspy.chats.rows
		for i := 1; i < len(rows); i++ {
			if newestFirst(rows[i-1], rows[i]) >= 0 {
				t.Fatal("out of order")
			}
		}
		for _, row := range o.PlaticaConversations() {
			if n := len(o.PlaticaMessages(field[string](row, "id"))); n != int(field[float64](row, "messageCount")) {
				t.Errorf("%d messages: %s", n, row)
			}
		}
		for _, row := range o.WaspyConversations() {
			msgs := o.WaspyMessages(field[string](row, "id"))
			seen := map[string]bool{}
			for i, m := range msgs {
				if id := field[string](m, "id"); seen[id] {
					t.Fatalf("two messages of one id: %s", m)
				} else if seen[id] = true; i > 0 && field[string](msgs[i-1], "createdAt") > field[string](m, "createdAt") {
					t.Fatalf("messages out of order: %s", m)
				}
			}
			if n := len(msgs); n > 0 && field[string](msgs[n-1], "createdAt") != field[string](row, "lastMessageAt") {
				t.Errorf("row and last message disagree: %s", row)
			}
		}
	}
}

func TestDriftWeights(t *testing.T) {
	for _, tc := range []struct {
		name  string
		drift Drift
		want  func(e Event) bool
		count int // of changes of a conversation's being there; -1: any
	}{
		{"inserts", Drift{Inserts: 1}, func(e Event) bool { return e.Before == "" || e.Field != "conversation" }, 40},
		{"deletes", Drift{Deletes: 1}, func(e Event) bool { return e.After == "gone" }, 40},
		{"silent", Drift{SilentPatches: 1}, func(e Event) bool { return e.Field != "order" && e.Field != "message" && e.Field != "conversation" }, 0},
		{"late", Drift{LateMessages: 1}, func(e Event) bool { return true }, -1},
		{"one provider", Drift{Provider: "waspy"}, func(e Event) bool { return e.Provider == "waspy" }, -1},
	} {
		_, h := drifted(t, tc.drift, 40)
		n := 0
		for _, e := range h.Events {
			if !tc.want(e) {
				t.Errorf("%s: %+v", tc.name, e)
			}
			if e.Field == "conversation" {
				n++
			}
		}
		if tc.count >= 0 && n != tc.count || len(h.Events) == 0 {
			t.Errorf("%s: %d of %d", tc.name, n, len(h.Events))
		}
	}
	// Silent changes move no list.
	o := New(Options{Seed: 1, Conversations: 200, Now: testNow})
	list := ids(o.WaspyConversations())
	moved, _ := drifted(t, Drift{SilentPatches: 1, Changes: 5}, 40)
	if !slices.Equal(ids(moved.WaspyConversations()), list) {
		t.Error("a silent change moved the list")
	}
	// So many, so often, and everything may go.
	if _, h := drifted(t, Drift{Inserts: 1, Every: 4, Changes: 3, Most: 7}, 40); len(h.Events) == 0 || created(h) != 7 {
		t.Errorf("%d made", created(h))
	}
	if _, h := drifted(t, Drift{Inserts: 1, Every: 4, Changes: 3}, 40); created(h) != 30 {
		t.Errorf("%d made", created(h))
	}
	if o, _ := drifted(t, Drift{Deletes: 1, Changes: 30}, 40); len(o.Deleted("waspy"))+len(o.Deleted("platica")) < 400 {
		t.Error("not everything went")
	}
}

func created(h History) (n int) {
	for _, e := range h.Events {
		if e.Field == "conversation" && e.Before == "" {
			n++
		}
	}
	return n
}

// Faults that do nothing just now leave the office as still as none.
func TestStillUnderFaults(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 50, History: true})
	plain := held(waspy, platica)
	waspy.faults(o, Faults{Rules: []Fault{{Kind: "status", After: 1 << 30}, {Kind: "html", Conversation: "nobody"}}})
	sameRows(t, "under faults", held(waspy, platica), plain)
	waspy.faults(o, Faults{Rules: []Fault{{Kind: "stale"}}})
	sameRows(t, "stale", held(waspy, platica), plain)
}

// After Quiet nothing drifts any more, whatever is still on its way.
func TestQuietIsQuiet(t *testing.T) {
	o := New(Options{Seed: 1, Conversations: 50, Now: testNow, NoRateLimit: true})
	ask := recorded(o)
	for range 30 {
		if err := o.SetFaults(Faults{Drift: &Drift{Changes: 20}}); err != nil {
			t.Fatal(err)
		}
		var asking sync.WaitGroup
		for range 4 {
			asking.Go(func() {
				for range 5 {
					ask("GET", WaspyPath+"/conversations?limit=1", o.WaspyKey())
				}
			})
		}
		o.Quiet()
		before := ids(append(o.WaspyConversations(), o.PlaticaConversations()...))
		asking.Wait()
		if after := ids(append(o.WaspyConversations(), o.PlaticaConversations()...)); !slices.Equal(before, after) {
			t.Fatal("it drifts")
		}
	}
}
