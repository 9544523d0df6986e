package search

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
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

func benchEngine(b *testing.B, people int) *Engine {
	e := newEngine(b)
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < people; i += 1000 {
		var items []inbox.Conversation
		for k := i; k < min(i+1000, people); k++ {
			number := fmt.Sprintf("+54911%08d", 20000000+random.IntN(79999999))
			if k%3 == 0 {
				number = fmt.Sprintf("+52155%08d", 10000000+random.IntN(89999999))
			}
			items = append(items, chat(strconv.Itoa(k), somebody(random).name, number, minutes(random.IntN(500000))))
		}
		begun, err := e.Cache.NextFetch(b.Context(), waspyAccount.Name)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.Cache.SaveConversations(b.Context(), waspyAccount.Name, inbox.Page[inbox.Conversation]{Items: items}, nil, begun); err != nil {
			b.Fatal(err)
		}
	}
	began, before := time.Now(), heap()
	if err := e.People.Load(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d people loaded in %v, %d bytes each", people, time.Since(began).Round(time.Millisecond), (heap()-before)/int64(people))
	return e
}

// BenchmarkPeopleLookup is one keystroke: every beginning of a query is one.
func BenchmarkPeopleLookup(b *testing.B) {
	e := benchEngine(b, scaled(100_000))
	random := rand.New(rand.NewPCG(3, 4))
	queries := func(one func() string) (out []string) {
		for range 500 {
			out = append(out, one())
		}
		return out
	}
	word := func() string {
		words := strings.Fields(somebody(random).name)
		return words[random.IntN(len(words))]
	}
	begun := func(s string, least int) string {
		r := []rune(s)
		return string(r[:min(len(r), least+random.IntN(5))])
	}
	digits := func(n int) string {
		s := ""
		for range n {
			s += strconv.Itoa(random.IntN(10))
		}
		return s
	}
	for _, class := range []struct {
		name    string
		queries []string
	}{
		{"letter", queries(func() string { return begun(word(), 1)[:1] })},
		{"prefix", queries(func() string { return begun(word(), 2) })},
		{"word", queries(word)},
		{"two_words", queries(func() string { return word() + " " + begun(word(), 2) })},
		{"name", queries(func() string { return somebody(random).name })},
		{"partial_number", queries(func() string { return digits(3 + random.IntN(5)) })},
		{"country_code", queries(func() string { return "+54 9 11 " + digits(random.IntN(4)) })},
		{"name_and_number", queries(func() string { return begun(word(), 2) + " " + digits(3+random.IntN(2)) })},
		{"letters", queries(func() string {
			w := strings.Fields(strings.ToLower(somebody(random).name))
			return w[0][:1] + begun(w[1], 3)
		})},
		{"nobody", queries(func() string { return "xq" + begun(word(), 3) + "zz" })},
	} {
		b.Run(class.name, func(b *testing.B) {
			timed(b, func(n int) { e.People.Find(class.queries[n%len(class.queries)], buenosAires, 20) })
		})
	}
	b.Run("search", func(b *testing.B) { // with what is read from the cache to show it
		q := queries(func() string { return word() + " " + begun(word(), 2) })
		timed(b, func(n int) {
			if _, err := e.Search(b.Context(), Ask{Query: q[n%len(q)], Where: buenosAires, Limit: 20}); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("refresh", func(b *testing.B) {
		timed(b, func(n int) {
			if err := e.People.Refresh(b.Context(), []string{e.People.dir.ref(int32(n % e.People.dir.people))}); err != nil {
				b.Fatal(err)
			}
		})
	})
}
