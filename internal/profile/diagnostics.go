package profile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/words"
)

// shownErrors is how many of the log's last warnings and errors diagnostics tell
// of.
const shownErrors = 40

// Diagnostics is a text for whoever helps: what a look over the profile finds,
// and how it has been. It is in English, and holds nothing personal: accounts
// are numbers, folders are not named, and of the log only what the program
// itself says, never what it says it of.
func Diagnostics(ctx context.Context, o ExamineOptions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Bandeja %s · %s/%s · %s · %d processors\nmade %s\n", o.Version, runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), inboxTime(time.Now()))
	numbers := map[string]int{}
	writeAccounts(ctx, &b, o.Dir, numbers)
	b.WriteString("\nfindings\n")
	english := words.For(words.English)
	for _, f := range Examine(ctx, o) {
		if f.Account != "" {
			f.args = append([]any{"account", "account " + numberOf(numbers, f.Account)}, f.args[2:]...)
		}
		fmt.Fprintf(&b, "  %-7s %-11s %s\n", f.State, f.Check, f.Text(english))
	}
	writeSizes(&b, o.Dir)
	writeErrors(&b, o.Dir)
	return b.String()
}

func inboxTime(t time.Time) string {
	if text := inbox.TimeJSON(t); text != nil {
		return *text
	}
	return "never"
}

// numberOf gives each account a number, in the order in which they come.
func numberOf(numbers map[string]int, account string) string {
	if numbers[account] == 0 {
		numbers[account] = len(numbers) + 1
	}
	return strconv.Itoa(numbers[account])
}

// writeAccounts writes how each account has been.
func writeAccounts(ctx context.Context, b *strings.Builder, dir string, numbers map[string]int) {
	c, local, err := View(ctx, dir)
	if err != nil {
		fmt.Fprintf(b, "\naccounts: %s\n", KindOf(err))
		return
	}
	defer c.Close()
	defer local.Close()
	all, err := local.Accounts(ctx)
	if err != nil {
		fmt.Fprintf(b, "\naccounts: %s\n", KindOf(err))
		return
	}
	b.WriteString("\naccounts\n")
	for _, a := range all {
		writeAccount(ctx, b, c, a, numberOf(numbers, a.Name))
	}
	if waiting, attention, err := local.OutboxCounts(ctx); err == nil {
		fmt.Fprintf(b, "  outbox: %d wait, %d for a person\n", waiting, attention)
	}
}

func writeAccount(ctx context.Context, b *strings.Builder, c *cache.Cache, a inbox.Account, number string) {
	at := "its own address"
	if a.BaseURL == ownAddress(a.Provider) {
		at = "the usual address"
	}
	fmt.Fprintf(b, "  %s: %s at %s, key in %s, %g requests/s\n", number, a.Provider, at, a.KeyStore, a.Rate)
	s, err := c.State(ctx, a.Name)
	if err != nil {
		fmt.Fprintf(b, "     state: %s\n", KindOf(err))
		return
	}
	fmt.Fprintf(b, "     state %s, error %q, as of %s, %d conversations, %d messages, %d gone, %d in part, %d rejected, %d looked for\n",
		s.State, s.ErrorKind, inboxTime(s.AsOf), s.Conversations, s.Messages, s.Gone, s.Incomplete, s.Rejected, s.Lookups)
	fmt.Fprintf(b, "     last run %s to %s: %d requests, %d retries, %d changed, error %q\n",
		inboxTime(s.Run.StartedAt), inboxTime(s.Run.FinishedAt), s.Run.Requests, s.Run.Retries, s.Run.Changed, s.Run.ErrorKind)
	if hour, day, err := c.CallsUsed(ctx, a.Name, time.Now()); err == nil {
		fmt.Fprintf(b, "     calls: %d in an hour, %d in a day, %d of them retries, %d limited\n", hour.Requests, day.Requests, day.Retries, day.Limited)
	}
}

// writeSizes writes how big the files are that every profile has.
func writeSizes(b *strings.Builder, dir string) {
	b.WriteString("\nfiles\n")
	for _, name := range []string{localFile, localFile + "-wal", cacheFile, cacheFile + "-wal", backupsDir, logsDir} {
		if !exists(pathOf(dir, name)) {
			continue
		}
		if size, err := sizeOf(pathOf(dir, name)); err == nil {
			fmt.Fprintf(b, "  %-12s %d bytes\n", name, size)
		}
	}
}

// writeErrors writes the last warnings and errors of the log: when, and what the
// program calls it. Its messages are texts of the program's own; what stands
// behind them may be anything, and is left out.
func writeErrors(b *strings.Builder, dir string) {
	b.WriteString("\nlast warnings and errors\n")
	f, err := os.Open(filepath.Join(dir, logsDir, "bandeja.log"))
	if err != nil {
		return
	}
	defer f.Close()
	var last []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line, ok := errorLine(lines.Text()); ok {
			last = append(last, line)
			last = last[max(0, len(last)-shownErrors):]
		}
	}
	for _, line := range last {
		_, _ = io.WriteString(b, "  "+line+"\n")
	}
}

// errorLine takes of a line of the log when it was, how bad, and what.
func errorLine(line string) (string, bool) {
	at, rest, ok := strings.Cut(strings.TrimPrefix(line, "time="), " level=")
	level, rest, ok2 := strings.Cut(rest, " msg=")
	if !ok || !ok2 || level != "WARN" && level != "ERROR" {
		return "", false
	}
	if _, err := time.Parse(time.RFC3339, at); err != nil {
		return "", false
	}
	msg := rest
	if quoted, err := strconv.QuotedPrefix(rest); err == nil {
		if msg, err = strconv.Unquote(quoted); err != nil {
			return "", false
		}
	} else {
		msg, _, _ = strings.Cut(rest, " ")
	}
	return at + " " + level + " " + msg, true
}
