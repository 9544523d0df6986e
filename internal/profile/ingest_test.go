//go:build unix

package profile_test

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/simulator"
)

// cpuTime is what this process has used, without its children.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sized is a number from the environment.
func sized(name string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return fallback
}

// lap is a moment of a run.
type lap struct {
	cpu  time.Duration
	wall time.Time
}

func now(b *testing.B) lap { return lap{cpuTime(b), time.Now()} }

// report says what rows took between two moments.
func report(b *testing.B, name string, from, to lap, rows int64) {
	b.ReportMetric(float64((to.cpu-from.cpu).Nanoseconds())/1e3/float64(rows), name+"-cpu-µs/row")
	b.ReportMetric(float64(rows)/to.wall.Sub(from.wall).Seconds(), name+"-rows/s")
}

// BenchmarkIngest is a first copy as a person has it, all included: HTTP,
// decode, phone, rows, threads, message index and people index, from a
// simulator in another process; and the same list once more, unchanged.
func BenchmarkIngest(b *testing.B) {
	sim := spawn(b, child{Office: &officeSize{sized("BENCH_CONVERSATIONS", 20_000), sized("BENCH_MESSAGES", 200_000)}})
	for b.Loop() {
		in, err := profile.Open(b.Context(), options(b.TempDir()))
		if err != nil {
			b.Fatal(err)
		}
		add(b, in, profile.AddAccount{Provider: inbox.Waspy, Name: "bench", BaseURL: sim.origin + simulator.WaspyPath, Key: sim.key,
			Region: "AR", Area: "11", Rate: 1e6, KeyStore: profile.File})
		if err := in.Start(false); err != nil {
			b.Fatal(err)
		}
		listed := make(chan lap, 1)
		began := now(b)
		go func() {
			for {
				f, err := in.Cache().Feed(b.Context(), "bench", cache.Sweep)
				if err != nil || !f.FinishedAt.IsZero() {
					listed <- now(b)
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
		syncAll(b, in)
		ended, half := now(b), <-listed
		states, err := in.Cache().States(b.Context())
		if err != nil || states[0].Incomplete > 0 {
			b.Fatalf("%+v, %v", states, err)
		}
		s := states[0]
		report(b, "conversations", began, half, s.Conversations)
		report(b, "messages", half, ended, s.Messages)
		report(b, "all", began, ended, s.Conversations+s.Messages)
		if err := in.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
