package shape_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

const (
	benchChats   = 100_000
	benchClients = 50
)

// manyChats is a hub whose copy holds that many conversations of each platform.
func manyChats(b testing.TB, n int) *hub {
	b.Helper()
	h := &hub{in: openProfile(b, b.TempDir())}
	ctx := context.Background()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, p := range inbox.Providers {
		a := inbox.Account{Name: map[inbox.ProviderName]string{inbox.Waspy: "ventas", inbox.Platica: "soporte"}[p], Provider: p, BaseURL: "http://127.0.0.1:1", Region: "AR", Zone: "America/Mexico_City", Rate: 1, KeyStore: "file"}
		if err := h.in.Local().SaveAccount(ctx, a); err != nil {
			b.Fatal(err)
		}
		if err := h.in.Cache().EnsureAccount(ctx, a); err != nil {
			b.Fatal(err)
		}
		for from := 0; from < n; from += 1000 {
			var page inbox.Page[inbox.Conversation]
			for i := from; i < min(n, from+1000); i++ {
				page.Items = append(page.Items, manyOf(p, i, start))
			}
			begun, err := h.in.Cache().NextFetch(ctx, a.Name)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := h.in.Cache().SaveConversations(ctx, a.Name, page, nil, begun); err != nil {
				b.Fatal(err)
			}
		}
	}
	h.serve(b, "127.0.0.1:0", false)
	return h
}

var benchNames = []string{"María García", "Juan Pérez", "Ñandú Gómez", "Lucía Fernández", "José Muñoz", "Aurelio Buendía"}

// manyOf is one of many conversations, no two alike.
func manyOf(p inbox.ProviderName, i int, start time.Time) inbox.Conversation {
	at := start.Add(time.Duration(i*7919%benchChats) * 7 * time.Minute)
	c := inbox.Conversation{ID: fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(i)*2654435761, i), Channel: fmt.Sprint("channel_", i%5), Name: fmt.Sprint(benchNames[i%len(benchNames)], " ", i),
		Phone: fmt.Sprintf("+54911%08d", 20000000+i), CreatedAt: at.Add(-time.Hour), ActiveAt: at, MessageCount: 3, Version: "x", Form: inbox.Listed}
	stamp := at.Format("2006-01-02T15:04:05.000Z")
	if p == inbox.Waspy {
		c.StatusWord = inbox.StatusWords(p)[min(3, i%40)]
		c.Contact, c.LastMessageAt, c.LastText, c.LastDirection, c.HasLast = "k"+c.ID, at, "Hola, quería consultar", inbox.In, true
		c.Raw = fmt.Appendf(nil, `{"id":%q,"contactId":"k%s","phoneNumberId":%q,"status":%q,"assignedTo":null,"lastMessageAt":%q,"lastMessagePreview":"Hola, quería consultar","lastMessageDirection":"inbound","lastMessageStatus":"delivered","serviceWindowExpiresAt":null,"createdAt":%q,"contact":{"id":"k%s","phoneNumber":%q,"name":%q}}`,
			c.ID, c.ID, c.Channel, c.StatusWord, stamp, stamp, c.ID, c.Phone, c.Name)
	} else {
		c.StatusWord, c.Workspace, c.PublicID = inbox.StatusWords(p)[min(3, i%40)], fmt.Sprint("ws_", i%3), strings.TrimPrefix(c.Phone, "+")
		c.Tags = []string{fmt.Sprint("tag", i%1000)}
		c.Raw = fmt.Appendf(nil, `{"id":%q,"conversationId":%q,"canSendDirectMessage":false,"workspaceId":%q,"channelId":%q,"contactName":%q,"phoneNumber":%q,"topic":"","platform":"whatsapp","status":%q,"operation":"automatic","messageCount":3,"messages":[],"owners":[],"tags":[%q],"creationDate":%q,"lastUpdate":%q}`,
			c.ID, c.PublicID, c.Workspace, c.Channel, c.Name, c.PublicID, c.StatusWord, c.Tags[0], stamp, stamp)
	}
	c.Status = inbox.StatusOf(p, c.StatusWord)
	return c
}

// BenchmarkListPage: fifty clients ask for pages of a hundred thousand
// conversations of each platform, while rows of them are being saved.
func BenchmarkListPage(b *testing.B) {
	h := manyChats(b, benchChats)
	own, all := h.token(b, "own", []string{cache.ScopeRead}), h.token(b, "every", []string{cache.ScopeRead}, "all")
	h.weigh(b, own)
	deep := "2024-06-01T00:00:00.000Z|" + manyOf(inbox.Waspy, 5, time.Time{}).ID
	for _, bb := range []struct {
		name  string
		asker asker
		path  string
	}{
		{"waspy_first", own, "/waspy/api/v2/conversations"},
		{"waspy_deep", own, "/waspy/api/v2/conversations?cursor=" + strings.ReplaceAll(deep, "|", "%7C")},
		{"waspy_rare-status", own, "/waspy/api/v2/conversations?status=resolved"},
		{"waspy_search-nothing", own, "/waspy/api/v2/conversations?search=nobody"},
		{"waspy_every-account", all, "/waspy/api/v2/conversations"},
		{"platica_first", own, "/platica/v1/conversations"},
		{"platica_deep", own, "/platica/v1/conversations?offset=30000"},
		{"platica_rare-tag", own, "/platica/v1/conversations?tags=tag77&offset=10"},
		{"platica_every-account", all, "/platica/v1/conversations"},
	} {
		for _, saving := range []bool{false, true} {
			name := bb.name
			if saving {
				name += "_saving"
			}
			b.Run(name, func(b *testing.B) { h.load(b, bb.asker, bb.path, saving) })
		}
	}
}

// weigh measures what the conversations of all lists cost in memory, once one
// was asked for.
func (h *hub) weigh(b *testing.B, a asker) {
	held := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before, begun := held(), time.Now()
	a.get(b, "/waspy/api/v2/conversations?limit=1", new(map[string]any))
	took, weight := time.Since(begun), held()-before
	b.Run("first", func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(took.Seconds()*1000, "first-ms")
		b.ReportMetric(weight/1e6, "MB")
		b.ReportMetric(weight/2/benchChats, "B/conversation")
	})
}

// load has the clients ask b.N times in all.
func (h *hub) load(b *testing.B, a asker, path string, saving bool) {
	bb := bench{path: path}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchClients}}
	defer client.CloseIdleConnections()
	a.get(b, path, new(map[string]any)) // what is read once has been
	ctx, stop := context.WithCancel(context.Background())
	var background sync.WaitGroup
	if saving {
		background.Go(func() { h.save(ctx, b) })
	}
	left := make(chan struct{}, b.N)
	for range b.N {
		left <- struct{}{}
	}
	close(left)
	b.ResetTimer()
	used := cpuTime()
	var work sync.WaitGroup
	for range benchClients {
		work.Go(func() {
			for range left {
				bb.once(b, client, a, path)
			}
		})
	}
	work.Wait()
	b.StopTimer()
	used = cpuTime() - used // the clients', and what is saved, with it
	stop()
	background.Wait()
	slices.Sort(bb.took)
	b.ReportMetric(float64(used)/1e6/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(bb.took[len(bb.took)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(bb.took[len(bb.took)*99/100])/1e6, "p99-ms")
}

type bench struct {
	path string
	mu   sync.Mutex
	took []time.Duration
}

func (x *bench) once(b *testing.B, client *http.Client, a asker, path string) {
	req, err := http.NewRequest(http.MethodGet, a.origin+path, nil)
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	begun := time.Now()
	res, err := client.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	var n int64
	buf := make([]byte, 64<<10)
	for {
		m, err := res.Body.Read(buf)
		if n += int64(m); err != nil {
			break
		}
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || n == 0 {
		b.Errorf("%d", res.StatusCode)
	}
	x.mu.Lock()
	x.took = append(x.took, time.Since(begun))
	x.mu.Unlock()
}

// save has rows change all the time, a page of them ten times a second.
func (h *hub) save(ctx context.Context, b *testing.B) {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := 0; ctx.Err() == nil; n++ {
		var page inbox.Page[inbox.Conversation]
		for i := range 100 {
			c := manyOf(inbox.Waspy, (n*100+i)%benchChats, start)
			c.Raw = append(c.Raw[:len(c.Raw)-1], fmt.Sprintf(`,"n":%d}`, n)...)
			page.Items = append(page.Items, c)
		}
		begun, err := h.in.Cache().NextFetch(context.Background(), "ventas")
		if err == nil {
			_, err = h.in.Cache().SaveConversations(context.Background(), "ventas", page, nil, begun)
		}
		if err != nil {
			b.Error(err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}
