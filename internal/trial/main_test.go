package trial

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the suites owe (SYNC §7): fault runs of a whole `make test`, and of a
// whole `make soak`.
const (
	owed     = 300
	owedSoak = 3000
)

// tally counts fault runs, each a fault injected and its outcome checked, by
// suite, and the processes that were killed in them.
var tally = struct {
	sync.Mutex
	runs  map[string]int
	kills int
}{runs: map[string]int{}}

// ran counts a fault run of the suite that t belongs to.
func ran(t testing.TB) {
	suite, _, _ := strings.Cut(t.Name(), "/")
	tally.Lock()
	defer tally.Unlock()
	tally.runs[suite]++
}

func killed() {
	tally.Lock()
	defer tally.Unlock()
	tally.kills++
}

func TestMain(m *testing.M) {
	if told := os.Getenv(childEnv); told != "" {
		os.Exit(runChild(told))
	}
	inMemory()
	began := time.Now()
	code := m.Run()
	total := 0
	for _, suite := range slices.Sorted(maps.Keys(tally.runs)) {
		fmt.Printf("  %-24s %5d\n", suite, tally.runs[suite])
		total += tally.runs[suite]
	}
	fmt.Printf("fault runs: %d, kills: %d, steps of the model: %d, in %s\n", total, tally.kills, stepsMade.Load(), time.Since(began).Round(time.Second))
	if least := least(); code == 0 && whole() && total < least {
		fmt.Printf("FAIL: %d fault runs are fewer than the %d that a whole run owes\n", total, least)
		code = 1
	}
	os.Exit(code)
}

// inMemory keeps the profiles in memory where the system has a place for that:
// what a killed process has written is the kernel's on any medium, and
// thousands of runs do not wait for a disk.
func inMemory() {
	const shm = "/dev/shm"
	probe, err := os.MkdirTemp(shm, "bandeja-trial-")
	if os.Getenv("TMPDIR") != "" || err != nil {
		return
	}
	_ = os.Remove(probe)
	_ = os.Setenv("TMPDIR", shm)
}

// whole reports whether nobody narrowed the run.
func whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return !testing.Short() && os.Getenv(seedEnv) == ""
}

func least() int {
	if soaking() {
		return owedSoak
	}
	return owed
}

// soaking: the long runs were asked for.
func soaking() bool { return os.Getenv("BANDEJA_SOAK") != "" }

// often is how many runs a suite makes: in a test, and in a soak.
func often(test, soak int) int {
	if soaking() {
		return soak
	}
	if testing.Short() {
		return min(test, 2)
	}
	return test
}

const seedEnv = "BANDEJA_TEST_SEED"

// seeds runs a test for n seeds, or for the one that is to be played again.
func seeds(t *testing.T, n int, test func(t *testing.T, seed uint64)) {
	t.Helper()
	first := uint64(1)
	if given := os.Getenv(seedEnv); given != "" {
		seed, err := strconv.ParseUint(given, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", seedEnv, err)
		}
		first, n = seed, 1
	}
	for seed := first; seed < first+uint64(n); seed++ {
		if !t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					t.Log(replay(t, seed))
				}
			})
			test(t, seed)
		}) && t.Failed() && soaking() {
			return // one is enough to go and look
		}
	}
}

// replay is the line that plays a seed again.
func replay(t testing.TB, seed uint64) string {
	parts := strings.Split(t.Name(), "/")
	for i := range parts {
		parts[i] = "^" + parts[i] + "$"
	}
	return fmt.Sprintf("play again with: %s=%d go test -count=1 -run '%s' ./internal/trial", seedEnv, seed, strings.Join(parts, "/"))
}
