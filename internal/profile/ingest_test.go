//go:build unix

package profile_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/providers/waspy"
)

// BenchmarkIngest is a first copy as a person has it, all included: HTTP,
// decode, phone, rows, threads, message index and people index, from a
// simulator in another process, in pages of 100. Beside it, in the same run:
// the same list and messages read once more, unchanged, as the daily sweep
// does, and as --full does, which looks through the file first; how soon the
// first fifty threads can be used; the same replies decoded and nothing else;
// the same rows inserted by the driver and nothing else.
func BenchmarkIngest(b *testing.B) {
	sim := spawn(b, child{Office: &officeSize{sized("BENCH_CONVERSATIONS", 20_000), sized("BENCH_MESSAGES", 200_000)}})
	for b.Loop() {
		dir := b.TempDir()
		in, err := profile.Open(b.Context(), options(dir))
		if err != nil {
			b.Fatal(err)
		}
		add(b, in, profile.AddAccount{Provider: inbox.Waspy, Name: "bench", BaseURL: sim.origin + simulator.WaspyPath, Key: sim.keys[inbox.Waspy],
			Region: "AR", Area: "11", Rate: 1e6, KeyStore: profile.File})
		if err := in.Start(false); err != nil {
			b.Fatal(err)
		}
		usable := watchFirst(b, in)
		began, half, ended := measured(b, in, false)
		s := copyState(b, in)
		if s.Incomplete > 0 || s.Run.Changed == 0 {
			b.Fatalf("%+v", s)
		}
		report(b, "conversations", began, half, s.Conversations)
		report(b, "messages", half, ended, s.Messages)
		rows := s.Conversations + s.Messages
		all := report(b, "all", began, ended, rows)
		first := <-usable
		b.ReportMetric(float64(first.at.wall.Sub(began.wall).Microseconds())/1e3, "first50-ms")
		b.ReportMetric(float64(first.requests), "first50-requests")

		aDayLater(b, in, dir)
		reread(b, in, "unchanged", false, s)
		looked := lookThrough(b, in)
		reread(b, in, "full", true, s)
		report(b, "look-through", lap{}, looked, rows)
		if err := in.Close(); err != nil {
			b.Fatal(err)
		}
		decode := decodeAlone(b, sim, rows)
		bare := insertBare(b, filepath.Join(dir, "cache.db"))
		b.ReportMetric(all/bare, "all/bare")
		b.ReportMetric(all/(bare+decode), "all/bare+decode")
	}
}

// lap is a moment of a run: the clock, and what this process has used, without
// its children.
type lap struct {
	cpu  time.Duration
	wall time.Time
}

func now(b *testing.B) lap {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return lap{time.Duration(u.Utime.Nano() + u.Stime.Nano()), time.Now()}
}

// report says what rows took between two moments, and returns the CPU µs a row.
func report(b *testing.B, name string, from, to lap, rows int64) float64 {
	cpu := float64((to.cpu - from.cpu).Nanoseconds()) / 1e3 / float64(rows)
	b.ReportMetric(cpu, name+"-cpu-µs/row")
	b.ReportMetric(float64(rows)/to.wall.Sub(from.wall).Seconds(), name+"-rows/s")
	return cpu
}

// aDayLater makes a sweep due, and every conversation's messages with it: the
// daily one reads those of the last days' conversations alone.
func aDayLater(b *testing.B, in *profile.Inbox, dir string) {
	feed, err := in.Cache().Feed(b.Context(), "bench", cache.Sweep)
	if err != nil {
		b.Fatal(err)
	}
	feed.FinishedAt = feed.FinishedAt.Add(-25 * time.Hour)
	if err := in.Cache().SaveFeed(b.Context(), "bench", feed); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "cache.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(b.Context(), `INSERT INTO rechecks (conversation, account, active_at) SELECT id, account, active_at FROM conversations`); err != nil {
		b.Fatal(err)
	}
}

// reread copies once more what is here already: as the daily sweep does, or
// fully, with each column held to its object.
func reread(b *testing.B, in *profile.Inbox, name string, full bool, s cache.State) {
	requests := s.Run.Requests
	began, half, ended := measured(b, in, full)
	now := copyState(b, in)
	if now.Run.Changed > 0 || now.Run.Requests < requests*9/10 {
		b.Fatalf("%s: a second copy changed %d rows with %d requests of %d", name, now.Run.Changed, now.Run.Requests, requests)
	}
	report(b, name+"-conversations", began, half, s.Conversations)
	report(b, name+"-messages", half, ended, s.Messages)
	report(b, name+"-all", began, ended, s.Conversations+s.Messages)
}

// lookThrough is what a look through the whole file takes.
func lookThrough(b *testing.B, in *profile.Inbox) lap {
	from := now(b)
	if err := in.Cache().CheckContent(b.Context()); err != nil {
		b.Fatal(err)
	}
	to := now(b)
	return lap{to.cpu - from.cpu, time.Time{}.Add(to.wall.Sub(from.wall))}
}

// measured syncs, and says when it began, when the list was done and when all
// was.
func measured(b *testing.B, in *profile.Inbox, full bool) (began, half, ended lap) {
	before := sweptAt(b, in)
	done := make(chan lap, 1)
	began = now(b)
	go func() {
		for sweptAt(b, in).Equal(before) && b.Context().Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		done <- now(b)
	}()
	if _, err := in.Sync(b.Context(), profile.SyncArgs{Full: full}, nil); err != nil {
		b.Fatal(err)
	}
	return began, <-done, now(b)
}

func sweptAt(b *testing.B, in *profile.Inbox) time.Time {
	f, err := in.Cache().Feed(b.Context(), "bench", cache.Sweep)
	if err != nil {
		b.Error(err)
	}
	return f.FinishedAt
}

func copyState(b *testing.B, in *profile.Inbox) cache.State {
	states, err := in.Cache().States(b.Context())
	if err != nil || len(states) != 1 {
		b.Fatalf("%d states, %v", len(states), err)
	}
	return states[0]
}

// usableAt is when the first page of the list was there, and after how many
// requests at most.
type usableAt struct {
	at       lap
	requests int64
}

func watchFirst(b *testing.B, in *profile.Inbox) <-chan usableAt {
	out := make(chan usableAt, 1)
	go func() {
		for b.Context().Err() == nil {
			page, _, err := in.Cache().Threads(b.Context(), cache.ThreadFilter{View: cache.All, Now: time.Now()}, "", 50)
			if err != nil {
				b.Error(err)
				return
			}
			if len(page) == 50 {
				feed, err := in.Cache().Feed(b.Context(), "bench", cache.Sweep)
				if err != nil {
					b.Error(err)
				}
				out <- usableAt{now(b), feed.Pages + 1} // the newest come before the sweep's own pages
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return out
}

// tape keeps replies, and gives them again without a network.
type tape struct {
	mu    sync.Mutex
	kept  map[string][]byte
	live  http.RoundTripper
	reply http.Header
}

func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	body, ok := t.kept[r.URL.String()]
	t.mu.Unlock()
	if !ok {
		res, err := t.live.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		if body, err = io.ReadAll(res.Body); err != nil {
			return nil, err
		}
		t.mu.Lock()
		t.kept[r.URL.String()], t.reply = body, res.Header
		t.mu.Unlock()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: t.reply, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// decodeAlone reads everything twice, the second time from memory, and says
// what that took.
func decodeAlone(b *testing.B, sim *process, rows int64) float64 {
	t := &tape{kept: map[string][]byte{}, live: &http.Transport{DisableCompression: true}}
	c, err := waspy.New(rest.Options{BaseURL: sim.origin + simulator.WaspyPath, Key: rest.NewSecret(sim.keys[inbox.Waspy]), Rate: 1e9, Burst: 1e6, Transport: t})
	if err != nil {
		b.Fatal(err)
	}
	readAll(b, c)
	from := now(b)
	if n := readAll(b, c); n != rows {
		b.Fatalf("%d rows decoded, want %d", n, rows)
	}
	return report(b, "decode", from, now(b), rows)
}

func readAll(b *testing.B, c *waspy.Client) (rows int64) {
	for mark, more := inbox.Mark(nil), true; more; {
		page, err := c.Sweep(b.Context(), mark)
		if err != nil {
			b.Fatal(err)
		}
		rows += int64(len(page.Items))
		mark, more = page.Next, page.More
		for i := range page.Items {
			for mark, more := inbox.Mark(nil), true; more; {
				messages, err := c.Messages(b.Context(), page.Items[i].ID, mark)
				if err != nil {
					b.Fatal(err)
				}
				rows += int64(len(messages.Items))
				mark, more = messages.Next, messages.More
			}
		}
	}
	return rows
}

// insertBare puts the rows of a cache into tables without an index, a thousand
// a transaction, by the driver alone.
func insertBare(b *testing.B, path string) float64 {
	from, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=wal_autocheckpoint(16000)&_pragma=secure_delete(ON)")
	if err != nil {
		b.Fatal(err)
	}
	defer to.Close()
	to.SetMaxOpenConns(1)
	var rows int64
	var took lap
	for _, table := range []string{"conversations", "messages"} {
		all, columns := rowsOf(b, from, table)
		began := now(b)
		insertAll(b, to, table, columns, all)
		ended := now(b)
		report(b, "bare-"+table, began, ended, int64(len(all)))
		took.cpu += ended.cpu - began.cpu
		rows += int64(len(all))
	}
	bare := float64(took.cpu.Nanoseconds()) / 1e3 / float64(rows)
	b.ReportMetric(bare, "bare-cpu-µs/row")
	return bare
}

func rowsOf(b *testing.B, db *sql.DB, table string) (all [][]any, columns []string) {
	rows, err := db.QueryContext(b.Context(), "SELECT * FROM "+table)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return all, columns
}

func insertAll(b *testing.B, db *sql.DB, table string, columns []string, all [][]any) {
	ctx := context.Background() // one that can end costs the driver a goroutine a statement
	names, marks := "", ""
	for i, c := range columns {
		if i > 0 {
			names, marks = names+",", marks+","
		}
		names, marks = names+c, marks+"?"
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE "+table+" ("+names+")"); err != nil {
		b.Fatal(err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	insert, err := conn.PrepareContext(ctx, "INSERT INTO "+table+" VALUES ("+marks+")")
	if err != nil {
		b.Fatal(err)
	}
	defer insert.Close()
	do := func(statement string) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			b.Fatal(err)
		}
	}
	for i, row := range all {
		if i%1000 == 0 {
			do("BEGIN")
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 999 || i == len(all)-1 {
			do("COMMIT")
		}
	}
}
