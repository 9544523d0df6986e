package profile_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/simulator"
)

// BenchmarkServing is fifty scripts that read lists of a hundred thousand
// conversations while their messages are being copied as fast as it goes, from a
// simulator in another process: with a second of thought between two requests, as
// a script or a spreadsheet has, and with none. The copying is measured before,
// during and after. The clients' process shares this machine's processors.
func BenchmarkServing(b *testing.B) {
	length := time.Duration(sized("BENCH_SERVING_SECONDS", 60)) * time.Second
	sim := spawn(b, child{Office: &officeSize{sized("BENCH_SERVING_CONVERSATIONS", 100_000), sized("BENCH_SERVING_MESSAGES", 2_500_000)}})
	o := options(b.TempDir())
	o.TokenRate = 1e6
	in, err := profile.Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { shut(b, in) })
	for p, path := range map[inbox.ProviderName]string{inbox.Waspy: simulator.WaspyPath, inbox.Platica: simulator.PlaticaPath} {
		add(b, in, profile.AddAccount{Provider: p, Name: string(p), BaseURL: sim.origin + path, Key: sim.keys[p], Region: "AR", Area: "11", Rate: 1e6, KeyStore: profile.File})
	}
	token, err := in.CreateToken(b.Context(), profile.NewToken{Name: "scripts", Scopes: []string{cache.ScopeRead}})
	if err != nil {
		b.Fatal(err)
	}
	origin, err := in.Listen(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	if err := in.Start(false); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	var copying sync.WaitGroup
	ended := make(chan struct{})
	copying.Go(func() {
		defer close(ended)
		_, _ = in.Sync(ctx, profile.SyncArgs{}, nil) // it is cut off in the end
	})
	defer copying.Wait()
	defer stop()
	waitForLists(b, in, ended)
	first := clients{Origin: origin, Token: token.Token}.first(b)

	quiet := func() float64 { return copied(b, in, ended, length/4, func() {}) }
	before := quiet()
	for _, bb := range []struct {
		name  string
		think time.Duration
	}{{"a-second-of-thought", time.Second}, {"without-pause", 0}} {
		b.Run(bb.name, func(b *testing.B) {
			var a answered
			during := copied(b, in, ended, 0, func() {
				a = scripts(b, clients{Origin: origin, Token: token.Token, Many: 50, Think: bb.think, For: length})
			})
			after := quiet()
			if a.Errors > 0 {
				b.Errorf("%d errors of %d: %q", a.Errors, a.Requests, a.Firsts)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(a.Requests)/length.Seconds(), "requests/s")
			b.ReportMetric(float64(a.Errors), "errors")
			for unit, d := range map[string]time.Duration{"p50-ms": a.P50, "p95-ms": a.P95, "p99-ms": a.P99, "worst-ms": a.Worst} {
				b.ReportMetric(float64(d.Microseconds())/1e3, unit)
			}
			b.ReportMetric(float64(first.Microseconds())/1e3, "first-ms")
			b.ReportMetric(during, "rows/s")
			b.ReportMetric((before+after)/2, "quiet-rows/s")
			b.ReportMetric(2*during/(before+after), "during/quiet")
			before = after
		})
	}
}

// first is how long the first list takes, for which all are read from the file.
func (c clients) first(b *testing.B) time.Duration {
	began := time.Now()
	if err := (&script{}).ask(http.DefaultClient, &c); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// scripts has a process of its own ask.
func scripts(b *testing.B, c clients) (a answered) {
	p := spawn(b, child{Clients: &c})
	if err := json.Unmarshal([]byte(p.said), &a); err != nil {
		b.Fatalf("the scripts said %q: %v", p.said, err)
	}
	return a
}

// waitForLists waits until both lists were read to their end.
func waitForLists(b *testing.B, in *profile.Inbox, ended <-chan struct{}) {
	for {
		all, err := in.Cache().Standings(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if all[string(inbox.Waspy)].Listed && all[string(inbox.Platica)].Listed {
			return
		}
		select {
		case <-ended:
			b.Fatal("the copying has ended")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// copied is how many rows a second are copied while fn runs, and for as long as
// that at least.
func copied(b *testing.B, in *profile.Inbox, ended <-chan struct{}, least time.Duration, fn func()) float64 {
	rows := func() (n int64) {
		states, err := in.Cache().States(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range states {
			n += s.Conversations + s.Messages
		}
		return n
	}
	was, began := rows(), time.Now()
	fn()
	time.Sleep(least - time.Since(began))
	n, took := rows()-was, time.Since(began)
	select {
	case <-ended:
		b.Fatal("the copying ended before it was measured: make BENCH_SERVING_MESSAGES larger")
	default:
	}
	return float64(n) / took.Seconds()
}

// sized is a number from the environment.
func sized(name string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return fallback
}
