package simulator

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestHistoryTellsRequestsAndChanges(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 20, History: true})
	id, sid := field[string](o.WaspyConversations()[0], "id"), field[string](o.PlaticaConversations()[0], "id")
	user := o.PlaticaUsers(field[string](o.PlaticaConversations()[0], "workspaceId"))[1]
	if err := o.SetStatus("platica", sid, "active"); err != nil {
		t.Fatal(err)
	}
	o.ForgetHistory()
	waspy.get("/conversations?limit=5")
	waspy.get("/conversations/" + id)
	waspy.get("/conversations/" + id + "/messages")
	waspy.call("GET", "/conversations/by-phone/nadie", "")
	waspy.call("PATCH", "/conversations/"+id, `{"status":"closed"}`)
	platica.get("/conversations")
	platica.get("/conversations/" + sid)
	platica.call("PATCH", "/conversations/"+sid, `{"owners":["`+user+`"],"status":"active"}`)
	desk{t, waspy.base, "wrong"}.call("GET", "/conversations", "")
	desk{t, waspy.base, ""}.call("GET", "/contacts", "")
	h := o.History()
	var got []string
	seq := int64(0)
	for _, r := range h.Requests {
		got = append(got, r.Provider+" "+r.Kind+" "+r.Conversation+" "+r.Key+" "+http.StatusText(r.Status))
		if r.Began <= seq || r.Ended <= r.Began || r.At.After(r.Answered) || r.Path == "" || r.Method == "" {
			t.Errorf("%+v after %d", r, seq)
		}
		seq = r.Ended
	}
	want := []string{
		"waspy list  waspy OK", "waspy single " + id + " waspy OK", "waspy messages " + id + " waspy OK", "waspy phone  waspy Bad Request",
		"waspy patch " + id + " waspy OK", "platica list  platica OK", "platica single " + sid + " platica OK", "platica patch " + sid + " platica OK",
		"waspy list  other Unauthorized", "waspy   none Unauthorized",
	}
	if !slices.Equal(got, want) {
		t.Errorf("requests\n%q\nwant\n%q", got, want)
	}
	if h.Requests[0].Query != "limit=5" {
		t.Errorf("%+v", h.Requests[0])
	}
	var changes []string
	for _, e := range h.Events {
		if e.Field != "order" {
			changes = append(changes, e.Who+" "+e.Conversation+" "+e.Field+" "+e.Before+" > "+e.After)
		}
		if r := h.request(e.Request); r == nil || e.Seq < r.Began || e.Seq > r.Ended || e.At.IsZero() {
			t.Errorf("%+v is not of its request %+v", e, r)
		}
	}
	wantChanges := []string{"patch " + id + " status open > closed", "patch " + sid + " assignees [] > [\"" + user + "\"]"}
	if !slices.Equal(changes, wantChanges) {
		t.Errorf("changes\n%q\nwant\n%q", changes, wantChanges)
	}
	if a, b := o.Effects("waspy", id, "status"), o.Effects("platica", sid, "status"); a != 1 || b != 1 || o.Effects("waspy", id, "assignees") != 0 {
		t.Errorf("effects %d, %d", a, b)
	}
	waspy.call("PATCH", "/conversations/"+id, `{"status":"closed","assignedTo":null}`)
	if a, b := o.Effects("waspy", id, "status"), o.Effects("waspy", id, "assignees"); a != 2 || b != 1 {
		t.Errorf("effects of a second %d, %d", a, b)
	}
}

func TestNoHistoryUnasked(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 3})
	waspy.get("/conversations")
	if err := o.SetStatus("waspy", field[string](o.WaspyConversations()[0], "id"), "x"); err != nil {
		t.Fatal(err)
	}
	if h := o.History(); len(h.Requests)+len(h.Events) != 0 {
		t.Errorf("%+v", h)
	}
}

func TestValueAt(t *testing.T) {
	o := New(Options{Seed: 1, Now: testNow, Conversations: 3, History: true})
	id := field[string](o.WaspyConversations()[0], "id")
	if _, ok := o.History().Value("waspy", id, "status", 99); ok {
		t.Error("the history tells of what never changed")
	}
	for _, word := range []string{"pending", "closed", "closed", "open"} {
		if err := o.SetStatus("waspy", id, word); err != nil {
			t.Fatal(err)
		}
	}
	h := o.History()
	if len(h.Events) != 3 {
		t.Fatalf("%+v", h.Events)
	}
	for i, e := range h.Events {
		next := h.Events[min(i+1, 2)].Seq
		if at := h.Place(e.At); at < e.Seq || at > next || h.Place(e.At.Add(-time.Hour)) != 0 {
			t.Errorf("at %v it is %d of %+v", e.At, at, h.Events)
		}
	}
	for i, want := range []string{"open", "pending", "closed", "open", "open"} {
		seq := int64(0)
		if i > 0 {
			seq = h.Events[min(i, 3)-1].Seq
		}
		if got, ok := h.Value("waspy", id, "status", seq); !ok || got != want {
			t.Errorf("after %d changes: %q", i, got)
		}
	}
}

// A write over a third party's: in the gap, with a look between, and blind.
func TestOverwrites(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 9, History: true})
	for i, row := range o.WaspyConversations()[:4] {
		id := field[string](row, "id")
		look := func() { waspy.get("/conversations/" + id) }
		theirs := func() {
			if err := o.SetStatus("waspy", id, "unknown_word"); err != nil {
				t.Fatal(err)
			}
		}
		steps := [][]func(){{look, theirs}, {theirs, look}, {theirs}, {look}}[i]
		o.ForgetHistory()
		for _, step := range steps {
			step()
		}
		waspy.call("PATCH", "/conversations/"+id, `{"status":"closed"}`)
		h := o.History()
		over := h.Overwrites()
		if i == 3 {
			if len(over) != 0 {
				t.Errorf("nobody else wrote: %+v", over)
			}
		} else if len(over) != 1 || over[0].InGap != (i == 0) || (over[0].Looked != nil) != (i < 2) || over[0].Theirs.Who != "hand" || over[0].Ours.After != "closed" {
			t.Errorf("case %d: %+v", i, over)
		}
		if got := len(h.Unlooked()); got != map[bool]int{true: 1}[i == 2] {
			t.Errorf("case %d: %d PATCHes without a look", i, got)
		}
		waspy.call("PATCH", "/conversations/"+id, `{"status":"open"}`)
		if got := len(o.History().Unlooked()); got != map[bool]int{true: 2, false: 1}[i == 2] {
			t.Errorf("case %d: a second PATCH needs a look of its own: %d", i, got)
		}
	}
}

func TestOverlapping(t *testing.T) {
	o, waspy, _ := serve(t, Options{Seed: 1, Now: testNow, Conversations: 3, History: true})
	id := field[string](o.WaspyConversations()[0], "id")
	patch := func() { waspy.call("PATCH", "/conversations/"+id, `{"status":"open"}`) }
	patch()
	patch()
	if got := o.History().Overlapping(); len(got) != 0 {
		t.Errorf("one after the other: %+v", got)
	}
	waspy.fault(o, Fault{Kind: "late", Request: "patch", Delay: time.Hour, Times: 1})
	held := make(chan struct{})
	go func() {
		defer close(held)
		patch()
	}()
	for o.Requests() < 3 {
		time.Sleep(time.Millisecond)
	}
	for len(o.History().Requests) < 3 {
		time.Sleep(time.Millisecond)
	}
	patch()
	o.Quiet()
	<-held
	if got := o.History().Overlapping(); len(got) != 1 || got[0].N != 4 {
		t.Errorf("at once: %+v", got)
	}
}

// In a bubble the times are exact.
func TestBusiestAndEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := New(Options{Seed: 1, Conversations: 2, History: true, NoRateLimit: true})
		ask := recorded(o)
		for range 3 {
			ask("GET", WaspyPath+"/conversations", o.WaspyKey())
			ask("GET", PlaticaPath+"/conversations", o.PlaticaKey())
			time.Sleep(400 * time.Millisecond)
		}
		for range 4 {
			ask("GET", WaspyPath+"/conversations", o.WaspyKey())
		}
		// At 0, 400, 800 and four at 1200: the first is a whole second before the last 4.
		if most, first := o.History().Busiest("waspy", time.Second); most != 6 || first != 3 {
			t.Errorf("%d from %d on", most, first)
		}
		if most, _ := o.History().Busiest("platica", time.Second); most != 3 {
			t.Errorf("%d", most)
		}
		for _, tc := range []struct {
			retry string
			code  int
			gap   time.Duration
			by    time.Duration // 0: not early
		}{
			{"120", 429, time.Minute, time.Minute},
			{"120", 429, 2 * time.Minute, 0},
			{"120", 503, time.Minute, time.Minute},
			{"120", 500, time.Minute, 0},
			{"120", 429, 5 * time.Millisecond, 0}, // was on its way
			{"1000000000", 429, 14 * time.Minute, time.Minute},
			{"1000000000", 429, 15 * time.Minute, 0},
			{"0", 429, 50 * time.Millisecond, 0},
			{"soon", 429, 50 * time.Millisecond, 0},
			{"", 429, 50 * time.Millisecond, 0},
			{"date -1h", 429, 50 * time.Millisecond, 0},
			{"date 1h", 429, time.Minute, 14 * time.Minute},
		} {
			o.ForgetHistory()
			if err := o.SetFaults(Faults{Rules: []Fault{{Kind: "status", Status: []int{tc.code}, RetryAfter: tc.retry, Times: 1}}}); err != nil {
				t.Fatal(err)
			}
			ask("GET", WaspyPath+"/conversations", o.WaspyKey())
			time.Sleep(tc.gap)
			ask("GET", PlaticaPath+"/conversations", o.PlaticaKey())
			ask("GET", WaspyPath+"/conversations", o.WaspyKey())
			early := o.History().Early(10 * time.Millisecond)
			if tc.by == 0 && len(early) != 0 || tc.by != 0 && (len(early) != 1 || early[0].By != tc.by) {
				t.Errorf("%+v: %+v", tc, early)
			}
			time.Sleep(time.Hour)
		}
	})
}
