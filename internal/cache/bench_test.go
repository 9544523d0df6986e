package cache

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
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

// perRow reports the CPU that rows took.
func perRow(b *testing.B, before time.Duration, rows int) {
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/1000/float64(rows), "cpu-µs/row")
}

// timed runs fn and reports its median and 99th percentile.
func timed(b *testing.B, fn func()) {
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		fn()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

// object is about as long as a provider's.
func object(id, name string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"contactId":"c-%s","phoneNumberId":"line-1","status":"open","assignedTo":null,"lastMessageAt":"2026-03-02T12:00:00.000Z","lastMessagePreview":"hola, quería saber si tienen turno para mañana","lastMessageDirection":"inbound","lastMessageStatus":"delivered","serviceWindowExpiresAt":"2026-03-03T12:00:00.000Z","createdAt":"2026-03-02T11:00:00.000Z","contact":{"id":"c-%s","phoneNumber":"+5491159834410","name":%q}}`, id, id, id, name)
}

func benchChat(i int) inbox.Conversation {
	id := fmt.Sprintf("conv-%08d", i)
	c := chat(id, fmt.Sprint("Ana ", i), fmt.Sprintf("+54911%08d", 40000000+i), noon.Add(time.Duration(i)*time.Second))
	c.Raw = object(id, c.Name)
	word := []string{"open", "open", "pending", "resolved", "closed"}[i%5]
	c.StatusWord, c.Status = word, inbox.StatusOf(inbox.Waspy, word)
	c.Window = inbox.Window{Known: true, Until: c.LastMessageAt.Add(24 * time.Hour)}
	if i%3 == 0 {
		c.Assignees = []string{fmt.Sprint("ag-", i%39)}
	}
	if i%2 == 0 {
		c.LastDirection = inbox.Out
	}
	return c
}

func benchPage(from int) []inbox.Conversation {
	out := make([]inbox.Conversation, 100)
	for i := range out {
		out[i] = benchChat(from + i)
	}
	return out
}

var benchWords = []string{"hola", "quería", "saber", "si", "tienen", "turno", "para", "mañana", "gracias", "por", "la", "ayuda", "envío", "pedido", "factura", "dirección", "girasoles", "precio", "color", "talle"}

func benchMessages(conversation string, from, n int) []inbox.Message {
	random := rand.New(rand.NewPCG(1, uint64(from)))
	out := make([]inbox.Message, n)
	for i := range out {
		text := ""
		for range 3 + random.IntN(12) {
			text += benchWords[random.IntN(len(benchWords))] + " "
		}
		id := fmt.Sprintf("msg-%s-%06d", conversation, from+i)
		out[i] = inbox.Message{ID: id, Direction: inbox.In, Kind: inbox.Text, KindWord: "text", Text: text, Status: "delivered", At: noon.Add(time.Duration(from+i) * time.Second),
			Raw: fmt.Appendf(nil, `{"id":%q,"direction":"inbound","type":"text","content":{"body":%q},"status":"delivered","createdAt":"2026-03-02T12:00:00.000Z"}`, id, text)}
	}
	return out
}

func BenchmarkSaveConversations(b *testing.B) {
	c := newCache(b)
	var pages [][]inbox.Conversation
	for i := range 200 {
		pages = append(pages, benchPage(i*100))
	}
	rows, before := 0, cpuTime()
	for b.Loop() {
		for n, p := range pages {
			if rows == 0 || n >= 0 {
				for i := range p {
					p[i].ID = fmt.Sprint(rows + i)
					p[i].Contact = p[i].ID
				}
			}
			list(b, c, waspyAccount, p...)
			rows += len(p)
		}
	}
	perRow(b, before, rows)
}

// BenchmarkUnchanged is a sync that finds nothing new.
func BenchmarkUnchanged(b *testing.B) {
	c := newCache(b)
	var pages [][]inbox.Conversation
	for i := range scaled(20_000) / 100 {
		pages = append(pages, benchPage(i*100))
		list(b, c, waspyAccount, pages[i]...)
	}
	rows, before := 0, cpuTime()
	for b.Loop() {
		for _, p := range pages {
			if d := list(b, c, waspyAccount, p...); !d.Empty() {
				b.Fatalf("%+v", d)
			}
			rows += len(p)
		}
	}
	perRow(b, before, rows)
}

// BenchmarkSaveMessages saves ten pages a transaction, as sync does, and
// indexes them.
func BenchmarkSaveMessages(b *testing.B) {
	for _, indexed := range []bool{false, true} {
		b.Run(map[bool]string{false: "rows", true: "indexed"}[indexed], func(b *testing.B) {
			c := newCache(b)
			for i := range 10 {
				list(b, c, waspyAccount, benchPage(i*100)...)
			}
			rows, before := 0, cpuTime()
			for b.Loop() {
				b.StopTimer()
				paused := cpuTime()
				var batch []Reading
				for i := range 10 {
					conversation := fmt.Sprintf("conv-%08d", (rows/100+i)%1000)
					batch = append(batch, Reading{Conversation: conversation, Messages: benchMessages(conversation, rows, 100), Next: inbox.Mark("x"), More: true})
				}
				before += cpuTime() - paused
				b.StartTimer()
				if _, err := c.SaveMessages(b.Context(), waspyAccount.Name, batch); err != nil {
					b.Fatal(err)
				}
				rows += 1000
				if indexed && rows%indexBatch == 0 {
					indexAll(b, c)
				}
			}
			if indexed {
				indexAll(b, c)
			}
			perRow(b, before, rows)
		})
	}
}

// BenchmarkSaveShort saves short histories, ten a transaction, as they are at
// most customers.
func BenchmarkSaveShort(b *testing.B) {
	c := newCache(b)
	n := scaled(20_000)
	for i := 0; i < n; i += 100 {
		list(b, c, waspyAccount, benchPage(i)...)
	}
	rows, before := 0, cpuTime()
	for b.Loop() {
		b.StopTimer()
		paused := cpuTime()
		var batch []Reading
		for i := range 10 {
			conversation := fmt.Sprintf("conv-%08d", (rows/10+i)%n)
			batch = append(batch, Reading{Conversation: conversation, Messages: benchMessages(conversation, rows+i*10, 10), Next: inbox.Mark("x")})
		}
		before += cpuTime() - paused
		b.StartTimer()
		if _, err := c.SaveMessages(b.Context(), waspyAccount.Name, batch); err != nil {
			b.Fatal(err)
		}
		rows += 100
	}
	perRow(b, before, rows)
}

func BenchmarkThreadsFirstPage(b *testing.B) {
	c := newCache(b)
	n := scaled(100_000)
	for i := 0; i < n; i += 100 {
		list(b, c, waspyAccount, benchPage(i)...)
	}
	now := noon.Add(time.Duration(n)*time.Second + 20*time.Hour) // most windows have ended
	f := ThreadFilter{Now: now, Here: now, Me: []AgentRef{{Account: waspyAccount.Name, Ref: "ag-3"}}}
	snoozeMany(b, c, n/500, now.Add(time.Hour))
	counts := func(b *testing.B) {
		timed(b, func() {
			if n, err := c.Counts(b.Context(), f); err != nil || n.Mine == 0 || n.Snoozed == 0 {
				b.Fatalf("%+v, %v", n, err)
			}
		})
	}
	b.Run("counts/file", counts)
	if err := c.LoadFacts(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("counts", counts)
	for _, v := range []View{Inbox, NeedsReply, Mine, Unassigned, Expiring, Snoozed, All, SpamView} {
		b.Run(string(v), func(b *testing.B) {
			f := f
			f.View = v
			timed(b, func() {
				page, _, err := c.Threads(b.Context(), f, "", 50)
				if err != nil || len(page) == 0 && v != SpamView {
					b.Fatalf("%d rows, %v", len(page), err)
				}
			})
		})
	}
	b.Run("states", func(b *testing.B) {
		timed(b, func() {
			if _, err := c.States(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("agents", func(b *testing.B) {
		timed(b, func() {
			if refs, err := c.AgentRefs(b.Context(), ""); err != nil || len(refs) == 0 {
				b.Fatalf("%v %v", refs, err)
			}
		})
	})
	b.Run("coverage", func(b *testing.B) {
		timed(b, func() {
			if _, err := c.Coverage(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// snoozeMany shows as many threads of benchChat's as snoozed.
func snoozeMany(b *testing.B, c *Cache, n int, until time.Time) {
	marks := make([]Mark, n)
	for i := range marks {
		th := threadOf(b, c, waspyAccount, fmt.Sprintf("conv-%08d", i*500))
		marks[i] = Mark{Account: waspyAccount.Name, Thread: th.Ref, Snooze: &Snooze{until, th.At}, Seq: int64(i + 1)}
	}
	if err := c.Mirror(b.Context(), marks); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkOpenThread(b *testing.B) {
	c := newCache(b)
	list(b, c, waspyAccount, benchPage(0)...)
	n := scaled(50_000)
	for i := 0; i < n; i += 1000 {
		if _, err := c.SaveMessages(b.Context(), waspyAccount.Name, []Reading{{Conversation: "conv-00000007", Messages: benchMessages("conv-00000007", i, 1000)}}); err != nil {
			b.Fatal(err)
		}
	}
	ref := threadOf(b, c, waspyAccount, "conv-00000007").Ref
	for name, around := range map[string]string{"end": "", "around": fmt.Sprintf("msg-conv-00000007-%06d", n/2)} {
		b.Run(name, func(b *testing.B) {
			timed(b, func() {
				p, err := c.Messages(b.Context(), ref, Spot{Around: around}, 50)
				if err != nil || len(p.Messages) != min(n, 50) {
					b.Fatalf("%d, %v", len(p.Messages), err)
				}
				if _, err := c.ConversationsOf(b.Context(), ref); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
