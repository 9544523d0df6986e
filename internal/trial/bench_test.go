package trial

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"sync/atomic"
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

// bench is a copy of one side of an office, with the transport's own manners
// and a clock that only waiting moves: an hour of backoff costs nothing.
type bench struct {
	*office
	t    testing.TB
	p    inbox.ProviderName
	dir  string
	pipe *providertest.Pipe

	cache  *cache.Cache
	local  *cache.Local
	api    client
	sender *syncer.Sender
	loop   *syncer.Loop
	o      syncer.Options
	rate   float64
}

type client interface {
	providers.Provider
	io.Closer
}

// onBench runs a test over a bench.
func onBench(t *testing.T, o simulator.Options, p inbox.ProviderName, test func(t *testing.T, b *bench)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b, end := newBench(t, o, p, dir)
		defer end()
		test(t, b)
	})
}

// newBench makes a bench, inside a bubble; end takes it down.
func newBench(t testing.TB, o simulator.Options, p inbox.ProviderName, dir string) (b *bench, end func()) {
	t.Helper()
	o.NoRateLimit, o.History = true, true
	b = &bench{t: t, p: p, dir: dir, pipe: providertest.NewPipe(), rate: 1e6,
		office: &office{Office: simulator.New(o), asked: map[inbox.ProviderName]*atomic.Int64{inbox.Waspy: {}, inbox.Platica: {}}}}
	server := &http.Server{Handler: http.HandlerFunc(b.serve)}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(b.pipe) }()
	b.open()
	return b, func() {
		b.Quiet()
		b.shut()
		_ = server.Close()
		<-served
	}
}

// open starts the program, as it were: the cache is opened, the loop made.
func (b *bench) open() {
	b.t.Helper()
	var err error
	if b.cache, err = cache.OpenCache(b.t.Context(), filepath.Join(b.dir, "cache.db"), cache.ReadWrite); err != nil {
		b.t.Fatal(err)
	}
	if b.local, err = cache.OpenLocal(b.t.Context(), filepath.Join(b.dir, "local.db"), cache.ReadWrite); err != nil {
		b.t.Fatal(err)
	}
	b.connect(b.key(b.p), b.rate)
}

// connect makes a client and a loop of its own.
func (b *bench) connect(key string, rate float64) {
	b.t.Helper()
	o := rest.Options{BaseURL: b.base(), Key: rest.NewSecret(key), Rate: rate, DialContext: b.pipe.DialContext}
	var err error
	if b.p == inbox.Waspy {
		b.api, err = waspy.New(o)
	} else {
		b.api, err = platica.New(o)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	region := map[inbox.ProviderName]string{inbox.Waspy: "AR", inbox.Platica: "MX"}[b.p]
	account := inbox.Account{Name: string(b.p), Provider: b.p, Region: region, Rate: rate, Zone: "UTC", KeyStore: "file"}
	if err := errors.Join(b.cache.EnsureAccount(b.t.Context(), account), b.local.SaveAccount(b.t.Context(), account)); err != nil {
		b.t.Fatal(err)
	}
	b.sender = syncer.NewSender(syncer.SenderOptions{Account: account, Provider: b.api, Cache: b.cache, Local: b.local})
	b.o = syncer.Options{Account: account, Provider: b.api, Cache: b.cache, Outbox: b.sender}
	b.loop = syncer.New(b.o)
}

func (b *bench) base() string {
	return "http://127.0.0.1" + map[inbox.ProviderName]string{inbox.Waspy: simulator.WaspyPath, inbox.Platica: simulator.PlaticaPath}[b.p]
}

// shut ends the program.
func (b *bench) shut() {
	if b.cache == nil {
		return
	}
	if err := errors.Join(b.api.Close(), b.cache.Close(), b.local.Close()); err != nil {
		b.t.Error(err)
	}
	b.cache = nil
}

// again ends the program and starts it anew.
func (b *bench) again() { b.t.Helper(); b.shut(); b.open() }

func (b *bench) once() error { return b.loop.Once(b.t.Context(), false) }

// well is once where nothing may go wrong.
func (b *bench) well() {
	b.t.Helper()
	if err := b.once(); err != nil {
		b.t.Fatalf("once: %v", err)
	}
}

// whole is `sync --full`.
func (b *bench) whole() {
	b.t.Helper()
	if err := b.loop.Once(b.t.Context(), true); err != nil {
		b.t.Fatalf("full: %v", err)
	}
}

// fault sets one rule, for this side.
func (b *bench) fault(f simulator.Fault) {
	b.t.Helper()
	f.Provider = string(b.p)
	if err := b.SetFaults(simulator.Faults{Rules: []simulator.Fault{f}}); err != nil {
		b.t.Fatal(err)
	}
}

// met fails a test whose fault never came to pass.
func (b *bench) met() {
	b.t.Helper()
	for _, r := range b.History().Requests {
		if len(r.Faults) > 0 {
			return
		}
	}
	b.t.Error("the fault never came to pass")
}

// count is how many requests of a kind the office got.
func (b *bench) count(kind string) (n int) {
	for _, r := range b.History().Requests {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

// recovers ends the faults, lets some time go by, and wants a plain run to
// leave all as the office has it.
func (b *bench) recovers() {
	b.t.Helper()
	b.met()
	b.Quiet()
	time.Sleep(20 * time.Minute)
	b.well()
	b.verify(entire)
}

// verify is the whole check of the files, while the program is stopped.
func (b *bench) verify(owes holding) {
	b.t.Helper()
	b.shut()
	k := look(b.t, b.dir)
	k.sound(b.office)
	k.equal(b.office, b.p, owes)
	k.close()
	b.open()
}

// state is what the status line says.
func (b *bench) state() cache.State {
	b.t.Helper()
	all, err := b.cache.States(context.Background())
	if err != nil || len(all) != 1 {
		b.t.Fatalf("states: %v, %v", all, err)
	}
	return all[0]
}

// sides runs a test for both platforms, side by side.
func sides(t *testing.T, test func(t *testing.T, p inbox.ProviderName)) {
	t.Helper()
	for _, p := range platforms {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// tiny is an office of a few people, for what is about single replies.
func tiny(seed uint64) simulator.Options {
	return simulator.Options{Seed: seed, Conversations: 12, Messages: 60}
}

// within fails a test whose clock has gone on too long.
func (b *bench) within(began time.Time, most time.Duration) {
	b.t.Helper()
	if took := time.Since(began); took > most {
		b.t.Errorf("it took %v, at most %v were due", took, most)
	}
}
