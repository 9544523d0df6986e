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

// timed runs fn and reports its median and 99th percentile.
func timed(b *testing.B, fn func(n int)) {
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		began := time.Now()
		fn(n)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

// heap is what the program holds.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
