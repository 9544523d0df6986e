package search

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// scaled multiplies the size of a benchmark's data by BENCH_SCALE.
func scaled(n int) int {
	if f, err := strconv.ParseFloat(os.Getenv("BENCH_SCALE"), 64); err == nil && f > 0 {
		return max(1, int(float64(n)*f))
	}
	return n
}

// timed runs fn and reports its median and 99th percentile, by the clock and
// in CPU time of its thread: others may have the machine meanwhile.
func timed(b *testing.B, fn func(n int)) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var took, cpu []time.Duration
	for n := 0; b.Loop(); n++ {
		began, used := time.Now(), threadTime()
		fn(n)
		took, cpu = append(took, time.Since(began)), append(cpu, threadTime()-used)
	}
	for _, t := range []struct {
		unit string
		took []time.Duration
	}{{"ms", took}, {"cpu-ms", cpu}} {
		slices.Sort(t.took)
		b.ReportMetric(float64(t.took[len(t.took)*99/100].Microseconds())/1000, "p99-"+t.unit)
		b.ReportMetric(float64(t.took[len(t.took)/2].Microseconds())/1000, "p50-"+t.unit)
	}
}

// heap is what the program holds.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
