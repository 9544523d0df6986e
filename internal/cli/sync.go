package cli

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"bandeja/internal/profile"
)

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
			if watch {
				return a.syncWatch(ctx, args)
			}
			err := a.syncOnce(ctx, args)
			if stopped(ctx, err) {
				a.say(a.words.T("cli.stopped"))
				return &outcome{exitIncomplete}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&args.Full, "full", false, "a new sweep over everything, and every message again")
	a.freshFlag(cmd)
	cmd.Flags().BoolVar(&watch, "watch", false, "go on until stopped")
	return cmd
}

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

// progress tells how far a run is.
type progress struct {
	live
	seen map[string]profile.SyncProgress
}

func (a *app) newProgress() *progress {
	return &progress{a.newLive(), map[string]profile.SyncProgress{}}
}

func (p *progress) show(raw json.RawMessage) {
	var s profile.SyncProgress
	if json.Unmarshal(raw, &s) != nil {
		return
	}
	p.seen[s.Account] = s
	if !p.due() {
		return
	}
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
	if text != "" {
		p.write(text)
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
