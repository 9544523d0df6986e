package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/syncer"
)

// accountStatus is a line of `sync` and `status` (DESIGN §6.3).
type accountStatus struct {
	Name          string             `json:"name"`
	Provider      inbox.ProviderName `json:"provider"`
	State         string             `json:"state"`
	Conversations int64              `json:"conversations"`
	Messages      int64              `json:"messages"`
	Gone          int64              `json:"gone"`
	Incomplete    int64              `json:"incomplete"`
	Requests      int64              `json:"requests"`
	Retries       int64              `json:"retries"`
	Changed       int64              `json:"changed"`
	AsOf          *string            `json:"as_of"`
	Error         *string            `json:"error"`
	toRead        int64
	kind          string
}

func (a *app) sync() *cobra.Command {
	var args profile.SyncArgs
	var watch bool
	cmd := &cobra.Command{
		Use:   "sync [NAME…]",
		Short: "Bring the copy up to date, and exit",
		Long: `Send what waits in the outbox, bring the copy up to date, and exit. What waits
there for a person changes no exit code: see bandeja outbox.`,
		Example: "  bandeja sync\n  bandeja sync ventas --full --json\n  bandeja sync --watch",
		RunE: func(cmd *cobra.Command, names []string) error {
			args.Names = names
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			return a.syncRounds(ctx, args, watch)
		},
	}
	cmd.Flags().BoolVar(&args.Full, "full", false, "a new sweep over everything, and every message again")
	a.freshFlag(cmd)
	cmd.Flags().BoolVar(&watch, "watch", false, "go on until stopped")
	return cmd
}

// syncRounds is one round, or with watch one after the other until somebody
// stops it: that is its proper end then, and a single round's is incomplete.
func (a *app) syncRounds(ctx context.Context, args profile.SyncArgs, watch bool) error {
	for {
		err := a.syncOnce(ctx, args)
		switch {
		case watch && ctx.Err() != nil:
			return nil
		case stopped(ctx, err):
			a.say(a.words.T("cli.stopped"))
			return &outcome{exitIncomplete}
		case !watch, err != nil && !errors.As(err, new(*outcome)):
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
		args.Full = false
	}
}

// watchEvery is the pause between the rounds of `sync --watch`.
const watchEvery = 20 * time.Second

func (a *app) syncOnce(ctx context.Context, args profile.SyncArgs) error {
	bar := a.newProgress()
	var outcomes []profile.Synced
	err := profile.Command(ctx, a.options("sync"), profile.DoSync, args, bar.show, &outcomes)
	bar.end()
	if err != nil {
		return err
	}
	lines, err := a.statuses(ctx, args.Names)
	if err != nil {
		return err
	}
	kinds := make([]string, len(lines))
	for i := range lines {
		for _, o := range outcomes {
			if o.Account == lines[i].Name {
				lines[i].settle(o)
			}
		}
		kinds[i] = lines[i].kind
	}
	if err := a.printStatuses(lines); err != nil {
		return err
	}
	if err := a.sayAttention(ctx); err != nil {
		return err
	}
	if code := worst(kinds); code != exitDone {
		return &outcome{code}
	}
	return nil
}

// settle takes a run's own outcome over what the cache remembers of it.
func (l *accountStatus) settle(o profile.Synced) {
	l.kind, l.Error = o.Kind, nil
	if o.Kind != "" {
		text := profile.Clean(o.Error)
		l.Error = &text
	}
}

func (a *app) status() *cobra.Command {
	return &cobra.Command{
		Use:     "status [NAME…]",
		Short:   "Say how complete the copy is, without the network",
		Example: "  bandeja status --json",
		RunE: func(cmd *cobra.Command, names []string) error {
			lines, err := a.statuses(cmd.Context(), names)
			if err != nil {
				return err
			}
			return a.printStatuses(lines)
		},
	}
}

// statuses reads the state of the accounts named, or of all.
func (a *app) statuses(ctx context.Context, names []string) ([]accountStatus, error) {
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer local.Close()
	accounts, err := local.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	states, err := c.States(ctx)
	if err != nil {
		return nil, err
	}
	lines := []accountStatus{}
	for _, acc := range accounts {
		if len(names) > 0 && !slices.Contains(names, acc.Name) {
			continue
		}
		line := accountStatus{Name: acc.Name, Provider: acc.Provider, State: syncer.FirstCopy}
		for _, s := range states {
			if s.Name == acc.Name {
				line.fill(s)
			}
		}
		lines = append(lines, line)
	}
	for _, n := range names {
		if !slices.ContainsFunc(lines, func(l accountStatus) bool { return l.Name == n }) {
			return nil, fmt.Errorf("%s: %w", n, profile.ErrNoAccount)
		}
	}
	return lines, nil
}

func (l *accountStatus) fill(s cache.State) {
	l.State, l.Conversations, l.Messages, l.Gone, l.Incomplete = s.State, s.Conversations, s.Messages, s.Gone, s.Incomplete
	l.Requests, l.Retries, l.Changed, l.AsOf, l.toRead = s.Run.Requests, s.Run.Retries, s.Run.Changed, inbox.TimeJSON(s.AsOf), s.ToRead
	if s.Error != "" {
		text := profile.Clean(s.Error)
		l.Error, l.kind = &text, s.ErrorKind
	}
}

func (a *app) printStatuses(lines []accountStatus) error {
	if a.json {
		return a.print(map[string]any{"accounts": lines})
	}
	if len(lines) == 0 {
		a.say(a.words.T("cli.no_accounts"))
	}
	for _, l := range lines {
		day, clock := localTime(l.AsOf)
		if err := a.tell(a.words.T("cli.status."+l.State, "account", l.Name, "provider", l.Provider.Title(), "as_of", strings.TrimSpace(day+" "+clock),
			"conversations", l.Conversations, "messages", l.Messages, "incomplete", l.Incomplete, "changed", l.Changed)); err != nil {
			return err
		}
		if l.Error == nil {
			continue
		}
		if key := "error." + l.kind; a.words.Has(key) {
			a.say("  " + a.words.T(key, "account", l.Name))
		}
		a.say("  " + *l.Error)
	}
	return nil
}

// progress tells how far a run is: a line that is written over on a terminal,
// one line a second otherwise.
type progress struct {
	a    *app
	tty  bool
	last time.Time
	seen map[string]profile.SyncProgress
}

func (a *app) newProgress() *progress {
	return &progress{a: a, tty: terminal(a.Stderr), seen: map[string]profile.SyncProgress{}}
}

func (p *progress) show(raw json.RawMessage) {
	var s profile.SyncProgress
	if p.a.quiet || json.Unmarshal(raw, &s) != nil {
		return
	}
	p.seen[s.Account] = s
	every := time.Second
	if p.tty {
		every = 200 * time.Millisecond
	}
	if time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	var names []string
	for n := range p.seen {
		names = append(names, n)
	}
	slices.Sort(names)
	text := ""
	for _, n := range names {
		if part := p.a.progressText(p.seen[n]); part != "" {
			text += "  " + n + ": " + part
		}
	}
	switch {
	case text == "":
	case p.tty:
		fmt.Fprintf(p.a.Stderr, "\r\033[K%s", text)
	default:
		fmt.Fprintln(p.a.Stderr, text)
	}
}

func (a *app) progressText(s profile.SyncProgress) string {
	switch {
	case s.Total > 0:
		return bar(s.Done, s.Total) + a.words.T("cli.reading", "done", s.Done, "total", s.Total)
	case s.Seen > 0 && !s.BackTo.IsZero():
		return a.words.T("cli.listing_back", "seen", s.Seen, "month", s.BackTo.Local().Format("2006-01"))
	case s.Seen > 0:
		return a.words.T("cli.listing", "seen", s.Seen)
	}
	return ""
}

// bar draws how much of a known total is done.
func bar(done, total int64) string {
	const width = 16
	full := int(done * width / total)
	out := make([]rune, 0, width+3)
	out = append(out, '[')
	for i := range width {
		if i < full {
			out = append(out, '█')
		} else {
			out = append(out, '·')
		}
	}
	return string(append(out, ']', ' '))
}

func (p *progress) end() {
	if p.tty && !p.a.quiet {
		fmt.Fprint(p.a.Stderr, "\r\033[K")
	}
}
