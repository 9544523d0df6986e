package search

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// crowdSizes are those of BENCH_PEOPLE ("10000,100000,1000000"), else 100 000.
func crowdSizes(b *testing.B) (sizes []int) {
	for _, word := range strings.Split(os.Getenv("BENCH_PEOPLE"), ",") {
		if word == "" {
			continue
		}
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			b.Fatalf("BENCH_PEOPLE has %q, which is no number of people", word)
		}
		sizes = append(sizes, n)
	}
	if len(sizes) == 0 {
		sizes = []int{scaled(100_000)}
	}
	return sizes
}

// BenchmarkPeople is what a crowd takes in memory, and a keystroke in it.
func BenchmarkPeople(b *testing.B) {
	for _, size := range crowdSizes(b) {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchCrowd(b, size) })
	}
}

// benchCrowd counts as a person's text their names as written and their
// numbers as shown; what is held beyond it is the index.
func benchCrowd(b *testing.B, size int) {
	members, p := crowd(size, 5)
	b.Run("memory", func(b *testing.B) {
		before, began := heap(), time.Now()
		one := peopleOf(members, 5)
		took := time.Since(began)
		held, text := heap()-before, int64(one.dir.text)
		for b.Loop() { // the figures are of one index
		}
		b.ReportMetric(float64(held-text)/float64(size), "B/person-beyond-text")
		b.ReportMetric(float64(text)/float64(size), "B/person-text")
		b.ReportMetric(float64(one.dir.words.size()), "words")
		b.ReportMetric(took.Seconds(), "s/build")
		b.ReportMetric(0, "ns/op")
	})
	a := newAsker(members, p, 5)
	for _, c := range keystrokes {
		queries := make([]string, 1000)
		for n := range queries {
			queries[n] = c.ask(a)
		}
		b.Run(c.name, func(b *testing.B) {
			timed(b, func(n int) { p.Find(queries[n%len(queries)], buenosAires, 20) })
		})
	}
}

// some is a beginning of s of least to most letters.
func (a *asker) some(s string, least, most int) string {
	r := []rune(s)
	return string(r[:min(len(r), least+a.random.IntN(most-least+1))])
}

func (a *asker) word() string {
	words := a.names[a.somebody()]
	return words[a.random.IntN(len(words))]
}

func (a *asker) digits(n int) string {
	return fmt.Sprintf("%0*d", n, a.random.IntN(pow10(n)))
}

// asked is a whole question of a class.
func (a *asker) asked(class string) string {
	for _, c := range classes {
		if c.name == class {
			return c.ask(a).query
		}
	}
	panic("no class " + class)
}

// A keystroke is a sort of what stands in the box after one.
type keystroke struct {
	name string
	ask  func(a *asker) string
}

var keystrokes = []keystroke{
	{"letter", func(a *asker) string { return a.some(a.word(), 1, 1) }},
	{"beginning", func(a *asker) string { return a.some(a.word(), 2, 5) }},
	{"common_name", func(a *asker) string {
		return []string{"maria", "jose", "garcia", "hernandez", "juan", "ma", "gar"}[a.random.IntN(7)]
	}},
	{"word", (*asker).word},
	{"two_words", func(a *asker) string { return a.word() + " " + a.some(a.word(), 1, 6) }},
	{"two_letters", func(a *asker) string { return a.some(a.word(), 1, 1) + " " + a.some(a.word(), 1, 1) }},
	{"whole_name", func(a *asker) string { return somebody(a.random).name }},
	{"typo", func(a *asker) string {
		return a.asked([]string{"delete", "insert", "substitute", "transpose"}[a.random.IntN(4)])
	}},
	{"typo_being_typed", func(a *asker) string { return a.some(a.asked("transpose"), 4, 12) }},
	{"sounds_alike", func(a *asker) string { return a.asked("sounds_alike") }},
	{"nickname", func(a *asker) string { return a.asked("nickname") }},
	{"three_digits", func(a *asker) string { return a.digits(3) }},
	{"part_of_number", func(a *asker) string { return a.digits(4 + a.random.IntN(5)) }},
	{"country_code", func(a *asker) string { return "+54 9 11 " + a.digits(1+a.random.IntN(4)) }},
	{"with_15", func(a *asker) string { return "15 " + a.digits(3) }},
	{"pasted_number", func(a *asker) string { return a.asked("phone_forms") }},
	{"name_and_number", func(a *asker) string { return a.some(a.word(), 2, 6) + " " + a.digits(3+a.random.IntN(2)) }},
	{"letters", func(a *asker) string {
		words := a.names[a.somebody()]
		return words[0][:1] + a.some(words[1], 2, 4)
	}},
	{"nobody", func(a *asker) string { return "xq" + a.some(a.word(), 2, 6) + "zz" }},
	{"nobodys_name", func(a *asker) string { return a.word() + "qx " + a.word() + "zz " + a.word() }},
	{"met_last", func(*asker) string { return "" }},
}

// BenchmarkPeopleFromFile is the index over a real file: how long it takes to
// make, a search with what is read to show it, and to follow a commit.
func BenchmarkPeopleFromFile(b *testing.B) {
	e := newEngine(b)
	random := rand.New(rand.NewPCG(1, 2))
	size := scaled(100_000)
	for i := 0; i < size; i += 1000 {
		var items []inbox.Conversation
		for k := i; k < min(i+1000, size); k++ {
			m := somebody(random).numbered(random)
			items = append(items, chat(strconv.Itoa(k), m.name, m.number.E164, minutes(random.IntN(500000))))
		}
		begun, err := e.Cache.NextFetch(b.Context(), waspyAccount.Name)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.Cache.SaveConversations(b.Context(), waspyAccount.Name, inbox.Page[inbox.Conversation]{Items: items}, nil, begun); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if err := e.People.Load(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
	})
	b.Run("before_it_is_ready", func(b *testing.B) {
		timed(b, func(n int) {
			if _, err := FindInSQL(b.Context(), e.Cache, Fold(givenNames[n%len(givenNames)])[:2], buenosAires, 20); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("search", func(b *testing.B) {
		timed(b, func(int) {
			m := somebody(random)
			if _, err := e.Search(b.Context(), Ask{Query: m.given[0] + " " + m.family[0][:2], Where: buenosAires, Limit: 20}); err != nil {
				b.Fatal(err)
			}
		})
	})
	refs := make([]string, 500)
	for n := range refs {
		refs[n] = e.People.dir.ref(int32(n))
	}
	b.Run("refresh_500", func(b *testing.B) {
		timed(b, func(int) {
			if err := e.People.Refresh(b.Context(), refs); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// BenchmarkRecall is how many of a thousand questions of a class are answered
// first and among ten (question says what counts), and fewer of the same by
// others: sahilm/fuzzy alone over all names, an FTS5 trigram table, and fzf
// --filter where it is installed. BENCH_PEERS is how many those are asked.
func BenchmarkRecall(b *testing.B) {
	const questions = 1000
	members, p := crowd(scaled(100_000), 9)
	peers := newRivals(b, members)
	for _, c := range classes {
		b.Run(c.name, func(b *testing.B) {
			at1, at10, wrong := newAsker(members, p, 21).recall(questions, c.ask, ours(members, p))
			for b.Loop() { // the figures are those of the questions, not of the time
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(at1, "recall@1-%")
			b.ReportMetric(at10, "recall@10-%")
			b.Logf("%s: not found %q", c.name, wrong)
			for _, peer := range peers.all() {
				_, at10, _ := newAsker(members, p, 21).recall(peers.questions, c.ask, peer.answer)
				b.ReportMetric(at10, peer.name+"@10-%")
			}
		})
	}
}
