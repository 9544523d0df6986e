package cli

import (
	"context"
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
	state         cache.State
	kind          string
}

func (a *app) status() *cobra.Command {
	return &cobra.Command{
		Use:     "status [NAME…]",
		Short:   "Say how complete the copy is, without the network",
		Long:    "Say how complete the copy is, without the network; with --verbose also what\nthe last runs did.",
		Example: "  bandeja status --json",
		RunE: func(cmd *cobra.Command, names []string) error {
			lines, err := a.statuses(cmd.Context(), names)
			if err != nil {
				return err
			}
			if err := a.printStatuses(lines); err != nil || a.json {
				return err
			}
			return a.sayDetails(cmd.Context(), lines)
		},
	}
}

// sayDetails says of each account what its line has no room for: what could
// not be read, what is being looked for, what was asked of the platform.
func (a *app) sayDetails(ctx context.Context, lines []accountStatus) error {
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return err
	}
	defer c.Close()
	defer local.Close()
	for _, l := range lines {
		held, err := local.Held(ctx, l.Name)
		if err != nil {
			return err
		}
		if held {
			a.say("  " + a.words.T("error.held", "account", l.Name))
		}
		for _, n := range []struct {
			key   string
			count int64
		}{{"cli.status_gone", l.Gone}, {"cli.status_lookups", l.state.Lookups}, {"cli.status_rejected", l.state.Rejected}} {
			if n.count > 0 {
				a.say("  " + l.Name + ": " + a.words.T(n.key, "count", n.count))
			}
		}
		if l.state.Name == "" {
			continue // nothing of it is here yet
		}
		if err := a.sayCalls(ctx, c, l.Name); err != nil {
			return err
		}
	}
	return nil
}

// shownRuns is how many of the last runs --verbose tells of.
const shownRuns = 10

func (a *app) sayCalls(ctx context.Context, c *cache.Cache, account string) error {
	hour, day, err := c.CallsUsed(ctx, account, time.Now())
	if err != nil {
		return err
	}
	if day.Requests > 0 {
		a.say("  " + account + ": " + a.words.T("cli.status_calls", "hour", hour.Requests, "day", day.Requests, "retries", day.Retries, "limited", day.Limited))
	}
	if !a.verbose {
		return nil
	}
	runs, err := c.Runs(ctx, account, shownRuns)
	if err != nil {
		return err
	}
	for _, r := range runs {
		day, from := localTime(inbox.TimeJSON(r.StartedAt))
		_, to := localTime(inbox.TimeJSON(r.FinishedAt))
		text := a.words.T("cli.status_run", "day", day, "from", from, "to", to, "requests", r.Requests, "changed", r.Changed)
		if r.ErrorKind != "" {
			text += " · " + strings.TrimPrefix(a.words.T("error."+r.ErrorKind, "account", account), account+": ")
		}
		a.say("  " + account + ": " + text)
	}
	return nil
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
	l.state = s
	l.State, l.Conversations, l.Messages, l.Gone, l.Incomplete = s.State, s.Conversations, s.Messages, s.Gone, s.Incomplete
	l.Requests, l.Retries, l.Changed, l.AsOf = s.Run.Requests, s.Run.Retries, s.Run.Changed, inbox.TimeJSON(s.AsOf)
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

// settle takes a run's own outcome over what the cache remembers of it.
func (l *accountStatus) settle(o profile.Synced) {
	l.kind, l.Error = o.Kind, nil
	if o.Kind != "" {
		text := profile.Clean(o.Error)
		l.Error = &text
	}
}
