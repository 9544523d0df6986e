package simulator

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Benchmarks of Bandeja are served by this office from another process: it
// must not be what they measure.
func BenchmarkPages(b *testing.B) {
	o := New(Options{Seed: 1, Now: testNow, Conversations: 100_000, Messages: 1_000_000, NoRateLimit: true})
	h := o.Handler()
	middle := o.waspy.chats.rows[50_000]
	for _, page := range []struct{ name, path, key string }{
		{"waspy list", WaspyPath + "/conversations" + q("limit", "100", "cursor", middle.cursor()), o.WaspyKey()},
		{"waspy messages", WaspyPath + "/conversations/" + middle.id + "/messages", o.WaspyKey()},
		{"platica list", PlaticaPath + "/conversations?limit=100&offset=20000&sortBy=creationDate&sortDirection=asc", o.PlaticaKey()},
		{"platica single", PlaticaPath + "/conversations/" + o.platica.workspaces[0].byUpdate.rows[30_000].id, o.PlaticaKey()},
	} {
		b.Run(page.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, page.path, nil)
				r.Header.Set("Authorization", "Bearer "+page.key)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New(Options{Seed: 1, Now: time.Date(2026, 4, 13, 18, 2, 0, 0, time.UTC), Conversations: 100_000, Messages: 1_000_000})
	}
}
