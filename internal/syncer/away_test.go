package syncer_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/providers/waspy"
	"bandeja/internal/syncer"
)

const (
	awayRate  = 10.0
	awayBurst = 5
)

// awayDesk is a desk in fake time over an office in memory, whose network can
// be cut.
func awayDesk(t *testing.T, p inbox.ProviderName, dir string) (d *desk, cut *atomic.Bool) {
	t.Helper()
	v := &office{Office: simulator.New(simulator.Options{Seed: 61, Conversations: 900, Messages: 900, Now: providertest.Noon, NoRateLimit: true, History: true})}
	pipe := providertest.NewPipe()
	server := &http.Server{Handler: v.Handler()}
	go func() { _ = server.Serve(pipe) }()
	cut = &atomic.Bool{}
	key := rest.NewSecret(v.key(p))
	o := rest.Options{Key: key, Rate: awayRate, Burst: awayBurst, Tries: 2, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if cut.Load() {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ENETUNREACH}
		}
		return pipe.DialContext(ctx, network, address)
	}}
	var client interface {
		providers.Provider
		Close() error
	}
	var err error
	if p == inbox.Waspy {
		o.BaseURL = "http://127.0.0.1" + simulator.WaspyPath
		client, err = waspy.New(o)
	} else {
		o.BaseURL = "http://127.0.0.1" + simulator.PlaticaPath
		client, err = platica.New(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	d = &desk{t: t, p: p, office: v, cache: openCache(t, dir), local: openLocal(t, dir, account(p))}
	d.o = syncer.SenderOptions{Account: account(p), Provider: client, Cache: d.cache, Local: d.local}
	d.again()
	if err := d.cache.EnsureAccount(t.Context(), d.o.Account); err != nil {
		t.Fatal(err)
	}
	var mark inbox.Mark
	for more := true; more; {
		page, err := client.Sweep(t.Context(), mark)
		if err != nil {
			t.Fatal(err)
		}
		begun, err := d.cache.NextFetch(t.Context(), "shop")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.cache.SaveConversations(t.Context(), "shop", page, nil, begun); err != nil {
			t.Fatal(err)
		}
		mark, more = page.Next, page.More
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
		synctest.Wait()
	})
	return d, cut
}

// F32: a thousand wishes (at Plática, two hundred) in seven days without a
// network. Then it comes back:
// the last day's go out at the key's pace, the older ones ask, and none is
// lost.
func TestSendAfterAWeek(t *testing.T) {
	for _, p := range platforms {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			wishes := map[inbox.ProviderName]int{inbox.Waspy: 300, inbox.Platica: 100}[p]
			if os.Getenv("BANDEJA_SOAK") != "" {
				wishes = map[inbox.ProviderName]int{inbox.Waspy: 1000, inbox.Platica: 200}[p]
			}
			synctest.Test(t, func(t *testing.T) { afterAWeek(t, p, dir, wishes) })
		})
	}
}

func afterAWeek(t *testing.T, p inbox.ProviderName, dir string, wishes int) {
	d, cut := awayDesk(t, p, dir)
	d.o.Provider.(interface{ Close() error }).Close() // no connection outlives the network
	cut.Store(true)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { d.sender.Run(ctx) })
	defer running.Wait()
	defer stop()

	const burst, week = 20, 7 * 24 * time.Hour
	var all []cache.Enqueued
	made := map[string]time.Time{}
	var ids []string
	workspace := map[string]string{}
	if err := d.cache.EachConversation(t.Context(), cache.Selection{}, func(s cache.StoredConversation) error {
		if s.Status != inbox.Expired {
			ids = append(ids, s.ID)
			workspace[s.ID] = s.Workspace
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(ids) < wishes/2 {
		t.Fatalf("%d conversations", len(ids))
	}
	for n := range wishes {
		id, field := ids[n%(wishes/2)], []string{statusField, assigneesField}[n/(wishes/2)]
		want := d.word(inbox.Resolved)
		target, err := d.cache.Target(t.Context(), "shop", id)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case field == statusField && target.Status == want:
			want = d.word(inbox.Open)
		case field == assigneesField && target.Assignees == "[]":
			want = inbox.RefList(append(d.PlaticaUsers(workspace[id]), d.WaspyAgents()...)[:1])
		case field == assigneesField:
			want = "[]"
		}
		e := d.wish(id, field, want)
		all, made[e.ID] = append(all, e), time.Now()
		d.sender.Wake()
		if n%burst == 0 {
			time.Sleep(week / time.Duration(wishes) * burst)
		}
	}
	states := func() map[cache.WishState]int {
		n := map[cache.WishState]int{}
		for _, e := range all {
			n[d.entry(e.ID).State]++ // every one is there
		}
		return n
	}
	asked := d.Requests()
	before := states()
	if before[cache.WishDone] != 0 || before[cache.WishStale] == 0 || before[cache.WishQueued]+before[cache.WishChecking]+before[cache.WishParked]+before[cache.WishStale] != len(all) {
		t.Errorf("after a week without a network: %v", before)
	}
	cut.Store(false)
	time.Sleep(time.Hour)
	synctest.Wait()
	for _, e := range all {
		want := cache.WishDone
		if made[e.ID].Before(time.Now().Add(-25 * time.Hour)) {
			want = cache.WishStale
		}
		if age := time.Since(made[e.ID]); age > 23*time.Hour && age < 26*time.Hour {
			continue // it became a day old as the network came back
		}
		if w := d.entry(e.ID); w.State != want {
			t.Errorf("made %s ago: %s %s, want %s", time.Since(made[e.ID]), w.State, w.Reason, want)
		}
	}
	for _, e := range all {
		if d.entry(e.ID).State == cache.WishStale {
			if _, err := d.local.RetryWish(t.Context(), e.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.sender.Wake()
	time.Sleep(time.Hour)
	synctest.Wait()
	if after := states(); after[cache.WishDone] != len(all) {
		t.Errorf("in the end: %v of %d", after, len(all))
	}
	for _, e := range all {
		if got := d.theirs(e.Conversation, e.Field); got != e.Want {
			t.Errorf("the office has %s, want %s", got, e.Want)
		}
		if n := d.Effects(string(p), e.Conversation, e.Field); n != 1 {
			t.Errorf("%d effects of %s", n, e.ID)
		}
	}
	d.checkNeverBlind()
	checkPace(t, d.History().Requests, asked)
}

// checkPace holds requests to the key's rate (SYNC I11).
func checkPace(t *testing.T, requests []simulator.Request, from int64) {
	t.Helper()
	var times []time.Time
	for _, r := range requests {
		if r.N > from {
			times = append(times, r.At)
		}
	}
	first := 0
	for i, at := range times {
		for at.Sub(times[first]) > time.Second {
			first++
		}
		if n := i - first + 1; n > awayRate+awayBurst+1 {
			t.Fatalf("%d requests within a second", n)
		}
	}
	if len(times) == 0 {
		t.Fatal("no request")
	}
}
