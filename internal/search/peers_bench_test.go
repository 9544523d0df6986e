package search

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
)

// A peer answers the same questions about the same messages.
type peer struct {
	name     string
	needs    string // the program that it is; empty for SQLite's own index, which is asked in this process
	messages int    // fewer for who needs a file for each
	write    func(b *testing.B, e *Engine, path string)
	open     func(b *testing.B, path string) func(w cache.Word)
}

var peers = []peer{
	{"rg", "rg", 1_000_000, writeLines, asProgram(askRipgrep)},
	{"notmuch", "notmuch", 100_000, writeMail, asProgram(askNotmuch)},
	{"fts5_words", "", 1_000_000, writeIndex("unicode61 remove_diacritics 2"), askIndex},
	{"fts5_trigram", "", 1_000_000, writeIndex("trigram"), askIndex},
}

// asProgram asks a peer by running it for each question.
func asProgram(args func(path string, w cache.Word) []string) func(*testing.B, string) func(cache.Word) {
	return func(b *testing.B, path string) func(cache.Word) {
		return func(w cache.Word) { run(b, args(path, w)...) }
	}
}

// askRipgrep counts the lines with a word. It knows no two words of one line:
// one of them stands for both, which is less to do.
func askRipgrep(path string, w cache.Word) []string {
	words := strings.Fields(w.Text)
	switch {
	case w.Phrase:
		return []string{"rg", "-iwc", w.Text, path}
	case w.Prefix:
		return []string{"rg", "-ic", `\b` + w.Text, path}
	}
	return []string{"rg", "-iwc", words[len(words)-1], path}
}

func askNotmuch(path string, w cache.Word) []string {
	text := w.Text
	switch {
	case w.Phrase:
		text = `"` + text + `"`
	case w.Prefix:
		text += "*"
	}
	return []string{"notmuch", "--config=" + notmuchConfig(path), "search", "--output=messages", "--sort=newest-first", "--limit=50", text}
}

var peerQueries = []string{"rare", "middling", "common", "two common", "common and rare", "common as prefix", "phrase", "none"}

// BenchmarkBesidePeers asks Bandeja for the fifty newest, and its peers that are
// here, with BENCH_PEERS=1. start-ms is what a peer's process takes to do nothing.
func BenchmarkBesidePeers(b *testing.B) {
	if os.Getenv("BENCH_PEERS") == "" {
		b.Skip("BENCH_PEERS is not set")
	}
	for _, p := range peers {
		start := 0.0
		if p.needs != "" {
			if _, err := exec.LookPath(p.needs); err != nil {
				b.Logf("%s is not here", p.needs)
				continue
			}
			start = median(b, 9, func(int) { run(b, p.needs, "--version") })
		}
		n := scaled(p.messages)
		e := benchMessages(b, n)
		path := filepath.Join(benchFolder(), fmt.Sprintf("bandeja-bench-%s-%d-%d", p.name, benchForm, n))
		if _, err := os.Stat(path + ".done"); err != nil {
			began := time.Now()
			p.write(b, e, path)
			if err := os.WriteFile(path+".done", nil, 0o600); err != nil {
				b.Fatal(err)
			}
			b.Logf("%d messages written for %s, and indexed where it does, in %v", n, p.name, time.Since(began).Round(time.Second))
		}
		ask := p.open(b, path)
		for _, name := range peerQueries {
			q := benchQueries[slices.IndexFunc(benchQueries, func(q benchQuery) bool { return q.name == name })]
			b.Run(strings.ReplaceAll(p.name+"/"+q.name, " ", "_"), func(b *testing.B) {
				var own, theirs float64
				for b.Loop() {
					own = median(b, 20, func(n int) {
						if _, err := e.FindMessages(context.Background(), cache.MessageQuery{Words: q.words(n), Limit: 50}); err != nil {
							b.Fatal(err)
						}
					})
					theirs = median(b, 20, func(n int) { ask(q.words(n)[0]) })
				}
				b.ReportMetric(own, "own-ms")
				b.ReportMetric(theirs, "peer-ms")
				b.ReportMetric(start, "start-ms")
				b.ReportMetric(theirs/own, "ratio")
			})
		}
	}
}

// median is that of n runs, in milliseconds.
func median(b *testing.B, n int, fn func(n int)) float64 {
	b.Helper()
	var took []float64
	for i := range n {
		began := time.Now()
		fn(i)
		took = append(took, float64(time.Since(began).Microseconds())/1000)
	}
	slices.Sort(took)
	return took[n/2]
}

// run runs a program; finding nothing is no failure.
func run(b *testing.B, args ...string) {
	b.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil && (args[0] != "rg" || len(out) > 0) {
		b.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// writeLines writes every message as a line of JSON.
func writeLines(b *testing.B, e *Engine, path string) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	lines := json.NewEncoder(w)
	if err := e.Cache.EachMessage(b.Context(), cache.Selection{}, func(m cache.StoredMessage) error {
		return lines.Encode(map[string]any{"account": m.Account, "conversation": m.Conversation, "id": m.ID, "direction": m.Direction, "text": m.Text, "at": m.At})
	}); err != nil {
		b.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

// writeMail writes every message as a mail, and has notmuch index them.
func writeMail(b *testing.B, e *Engine, path string) {
	b.Helper()
	n := 0
	if err := e.Cache.EachMessage(b.Context(), cache.Selection{}, func(m cache.StoredMessage) error {
		folder := filepath.Join(path, strconv.Itoa(n/1000))
		if n%1000 == 0 {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				return err
			}
		}
		n++
		return os.WriteFile(filepath.Join(folder, strconv.Itoa(n)), fmt.Appendf(nil, "From: a@example.com\nTo: b@example.com\nDate: %s\nMessage-ID: <%s.%s.%s@example.com>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n",
			m.At.Format(time.RFC1123Z), m.Account, m.Conversation, m.ID, m.Text), 0o600)
	}); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(notmuchConfig(path), fmt.Appendf(nil, "[database]\npath=%s\n[user]\nname=a\nprimary_email=a@example.com\n", path), 0o600); err != nil {
		b.Fatal(err)
	}
	run(b, "notmuch", "--config="+notmuchConfig(path), "new", "--quiet")
}

func notmuchConfig(path string) string { return path + ".config" }
