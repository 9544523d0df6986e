package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// talk are the words that texts are full of, by how common they are.
var talk = strings.Fields("de la que hola el en y a los se un por con no para gracias una su me si está bien te lo buenas tardes quería saber tienen turno mañana envío pedido factura precio cuándo llega pago transferencia " +
	"dirección color talle perfecto espero consulta producto stock local abierto horario tarjeta cuotas hoy ayer número nombre día semana mes casa compra venta cambio devolución garantía oferta descuento efectivo depósito recibo comprobante")

// lexicon is as many words as a language has, the common ones first.
var lexicon = func() []string {
	const words = 60_000
	parts := strings.Fields("ca sa me so ta ri lo pe na do mi ra tu ve co la be gi fo du li ño cha rro que gua pla tri bre són cer mun tal ")
	random := rand.New(rand.NewPCG(7, 8))
	out, seen := append([]string(nil), talk...), map[string]bool{}
	for len(out) < words {
		w := ""
		for range 2 + random.IntN(4) {
			w += parts[random.IntN(len(parts))]
		}
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}()

// talker says texts in which words are as common as in a language.
type talker struct {
	random *rand.Rand
	zipf   *rand.Zipf
}

func newTalker(seed uint64) talker {
	random := rand.New(rand.NewPCG(seed, 6))
	return talker{random, rand.NewZipf(random, 1.15, 4, uint64(len(lexicon)-1))}
}

func (t talker) text() string {
	var b strings.Builder
	for i := range 3 + t.random.IntN(15) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(lexicon[t.zipf.Uint64()])
	}
	return b.String()
}

// benchAccounts have six, three and one of ten conversations.
var benchAccounts = []inbox.Account{waspyAccount, platicaAccount, {Name: "posventa", Provider: inbox.Waspy, Region: "AR", Area: "351"}}

// benchFrom to benchFrom + benchSpan is when the messages are from.
var (
	benchFrom = time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC)
	benchSpan = 3 * 365 * 24 * time.Hour
)

// benchForm is of what is written below: what was written in another is made
// anew.
const benchForm = 3

func benchFolder() string {
	if folder := os.Getenv("BENCH_DIR"); folder != "" {
		return folder
	}
	return os.TempDir()
}

// benchMessages is a cache of n messages, made once in BENCH_DIR (else the
// system's temporary folder) and used again by later runs.
func benchMessages(b *testing.B, n int) *Engine {
	b.Helper()
	path := filepath.Join(benchFolder(), fmt.Sprintf("bandeja-bench-messages-%d-%d.db", benchForm, n))
	_, err := os.Stat(path)
	making := path
	if err != nil {
		making = path + ".part"
		for _, end := range []string{"", "-wal", "-shm"} {
			os.Remove(making + end)
		}
	}
	c, err := cache.OpenCache(b.Context(), making, cache.ReadWrite)
	if err != nil {
		b.Fatal(err)
	}
	if making != path {
		fillMessages(b, c, n)
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(making, path); err != nil {
			b.Fatal(err)
		}
		if c, err = cache.OpenCache(b.Context(), path, cache.ReadWrite); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { c.Close() })
	return New(c, nil)
}

// fillMessages says n messages as a first copy brings them, conversation by
// conversation. One has a hundredth of all, the others 200 on average.
func fillMessages(b *testing.B, c *cache.Cache, n int) {
	b.Helper()
	began := time.Now()
	t := newTalker(5)
	for _, a := range benchAccounts {
		if err := c.EnsureAccount(b.Context(), a); err != nil {
			b.Fatal(err)
		}
	}
	for left, id := n, 0; left > 0; id++ {
		count := n / 100
		if id > 0 {
			count = 1 + int(t.random.ExpFloat64()*200)
		}
		sayMany(b, c, t, id, min(count, left))
		left -= count
		if id%50 == 0 {
			indexEvery(b, c)
		}
	}
	indexEvery(b, c)
	indexed := time.Since(began)
	for more := true; more; {
		var err error
		if more, err = c.TidyIndex(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d messages written and indexed in %v, the index tidied in %v more", n, indexed.Round(time.Second), (time.Since(began) - indexed).Round(time.Second))
}

func indexEvery(b *testing.B, c *cache.Cache) {
	b.Helper()
	for left := int64(1); left > 0; {
		var err error
		if left, err = c.IndexQueued(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// sayMany stores the messages of one conversation.
func sayMany(b *testing.B, c *cache.Cache, t talker, number, n int) {
	a, conversation := accountOf(number), strconv.Itoa(number)
	b.Helper()
	row := chat(conversation, "Ana", "", benchFrom)
	row.Tags = tagsOf(number)
	if _, err := c.SaveConversations(b.Context(), a.Name, inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{row}}, nil, 1); err != nil {
		b.Fatal(err)
	}
	begun := time.Duration(t.random.Int64N(int64(benchSpan)))
	apart := (benchSpan - begun) / time.Duration(n+1)
	if number != 0 {
		apart = min(apart, time.Duration(t.random.Int64N(int64(6*time.Hour))))
	} else {
		begun, apart = 0, benchSpan/time.Duration(n)
	}
	for from := 0; from < n; from += 5000 {
		r := cache.Reading{Conversation: conversation, More: true}
		for m := from; m < min(from+5000, n); m++ {
			direction := inbox.In
			if t.random.IntN(2) == 0 {
				direction = inbox.Out
			}
			kind := inbox.Text
			if t.random.IntN(20) == 0 {
				kind = inbox.Image
			}
			r.Messages = append(r.Messages, inbox.Message{ID: strconv.Itoa(m), Direction: direction, Kind: kind, Text: t.text(), At: benchFrom.Add(begun + apart*time.Duration(m)), Raw: []byte(`{}`)})
		}
		if _, err := c.SaveMessages(b.Context(), a.Name, []cache.Reading{r}); err != nil {
			b.Fatal(err)
		}
	}
}

// benchQuery is a sort of question, the nth of its sort.
type benchQuery struct {
	name  string
	words func(n int) []cache.Word
}

func lone(text string) []cache.Word { return []cache.Word{{Text: text}} }

// benchQueries ask for words by how common they are: of a hundred messages
// more than ten have a common word, of a hundred thousand about one a rare one.
var benchQueries = []benchQuery{
	{"rare", func(n int) []cache.Word { return lone(lexicon[30_000+n]) }},
	{"middling", func(n int) []cache.Word { return lone(lexicon[1500+n]) }},
	{"common", func(n int) []cache.Word { return lone(talk[n%10]) }},
	{"two common", func(n int) []cache.Word { return lone(talk[n%10] + " " + talk[10+n%10]) }},
	{"common and rare", func(n int) []cache.Word { return lone(talk[n%10] + " " + lexicon[30_000+n]) }},
	{"prefix of three", func(n int) []cache.Word { return []cache.Word{{Text: lexicon[30_000+n][:3], Prefix: true}} }},
	{"word and prefix", func(n int) []cache.Word {
		return []cache.Word{{Text: talk[n%10] + " " + lexicon[3000+n][:4], Prefix: true}}
	}},
	{"common as prefix", func(n int) []cache.Word { return []cache.Word{{Text: talk[20+n%20], Prefix: true}} }},
	{"rare as prefix", func(n int) []cache.Word { return []cache.Word{{Text: lexicon[30_000+n], Prefix: true}} }},
	{"phrase", func(n int) []cache.Word { return []cache.Word{{Text: talk[n%8] + " " + talk[n%7+1], Phrase: true}} }},
	{"rare phrase", func(n int) []cache.Word { return []cache.Word{{Text: talk[n%8] + " " + lexicon[3000+n], Phrase: true}} }},
	{"exclude", func(n int) []cache.Word {
		return []cache.Word{{Text: talk[20+n%10]}, {Text: talk[n%10], Exclude: true}}
	}},
	{"none", func(int) []cache.Word { return lone("zzzzz") }},
}

// accountOf is the account of the conversation with this number.
func accountOf(conversation int) inbox.Account {
	return benchAccounts[[]int{0, 0, 0, 0, 0, 0, 1, 1, 1, 2}[conversation%10]]
}

// tagsOf are the tags of the conversation with this number: of a hundredth, of
// a twentieth, of half of them.
func tagsOf(conversation int) (tags []string) {
	for tag, of := range map[string]int{"vip": 100, "mayorista": 20, "web": 2} {
		if conversation%of == 1 {
			tags = append(tags, tag)
		}
	}
	return tags
}

// benchFilters narrow a question.
func benchFilters(b *testing.B, e *Engine) []benchFilter {
	thread := func(conversation int) string {
		ref, err := e.Cache.ThreadOf(b.Context(), accountOf(conversation).Name, strconv.Itoa(conversation))
		if err != nil {
			b.Fatal(err)
		}
		return ref
	}
	tagged := func(tag string) func(*cache.MessageQuery) {
		return func(q *cache.MessageQuery) { q.Narrow = &cache.Narrow{Facets: cache.Facets{Tags: []string{tag}}} }
	}
	large, usual := thread(0), thread(1)
	return []benchFilter{
		{"no filter", func(*cache.MessageQuery) {}},
		{"account", func(q *cache.MessageQuery) { q.Accounts = []string{"posventa"} }},
		{"large thread", func(q *cache.MessageQuery) { q.Thread = large }},
		{"thread", func(q *cache.MessageQuery) { q.Thread = usual }},
		{"month", func(q *cache.MessageQuery) {
			q.After, q.Before = benchFrom.AddDate(1, 0, 0), benchFrom.AddDate(1, 1, 0)
		}},
		{"direction", func(q *cache.MessageQuery) { q.Direction = inbox.Out }},
		{"kind", func(q *cache.MessageQuery) { q.Kinds = []inbox.Kind{inbox.Image} }},
		{"tag of 1 percent", tagged("vip")},
		{"tag of 5 percent", tagged("mayorista")},
		{"tag of 50 percent", tagged("web")},
	}
}

type benchFilter struct {
	name string
	set  func(*cache.MessageQuery)
}

// BenchmarkFindMessages looks for the fifty newest among BENCH_MESSAGES_SEARCH
// messages, a million where it is not set.
func BenchmarkFindMessages(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("BENCH_MESSAGES_SEARCH"))
	if err != nil {
		n = scaled(1_000_000)
	}
	e := benchMessages(b, n)
	for _, f := range benchFilters(b, e) {
		for _, q := range benchQueries {
			b.Run(strings.ReplaceAll(f.name+"/"+q.name, " ", "_"), func(b *testing.B) {
				partial, hits, asked, before := 0, 0, 0, cpuTime()
				timed(b, func(n int) {
					query := cache.MessageQuery{Words: q.words(n % 100), Limit: 50}
					f.set(&query)
					found, err := e.FindMessages(context.Background(), query)
					if err != nil {
						b.Fatal(err)
					}
					hits = len(found.Messages)
					asked++
					if found.Partial {
						partial++
					}
				})
				b.ReportMetric(float64((cpuTime()-before).Microseconds())/1000/float64(asked), "cpu-ms")
				b.ReportMetric(float64(partial), "partial")
				b.ReportMetric(float64(hits), "hits")
			})
		}
	}
}
