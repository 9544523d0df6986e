package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

// setFlags are what `set` is asked for.
type setFlags struct {
	status   string
	assign   []string
	unassign bool
	wait     time.Duration
	yes      bool
	dryRun   bool
}

const (
	longestWait = time.Hour
	longestRef  = 320 // an e-mail address at its longest
)

func (a *app) set() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:   "set ACCOUNT/CONVERSATION [--status S] [--assign REF… | --unassign]",
		Short: "Change a conversation's status or assignees",
		Long: `Change a conversation's status or assignees. The change is kept in the outbox
before this returns, online or off, and is sent by the running inbox or by the
next sync. Bandeja looks first what the platform has: where somebody else has
changed it meanwhile nothing is overwritten, and bandeja outbox shows both.

A status is open, pending, resolved, closed, spam or expired, as far as the
platform has it, or the platform's own word. REF is an agent as the platform
names them (Waspy: an id, and one at most; Plática: e-mail addresses), or me,
once said with bandeja account set ACCOUNT --me REF.

With --json it prints the entry of the outbox; where both status and assignees
are given, {"entries":[…]}, the status first.

Exit codes with --wait: 0 done, 3 still queued, 4 key refused, 1 conflict or
refused. Without --wait: 0 once it is queued.`,
		Example: "  bandeja set ventas/conv-uuid --status resolved\n  bandeja set soporte/1234 --assign ana@example.com --assign beto@example.com\n" +
			"  bandeja set ventas/conv-uuid --assign me --wait 30s --json\n  bandeja set soporte/1234 --status expired --yes\n  bandeja set ventas/conv-uuid --unassign --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			change, err := f.change(cmd, args)
			if err != nil {
				return err
			}
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			var made profile.Changed
			if err := profile.Command(ctx, a.options("set"), profile.DoChange, change, nil, &made); err != nil {
				return a.notSet(ctx, change, err)
			}
			if err := a.printSet(ctx, made.Entries, f.dryRun, change.Status != nil && change.Assignees != nil); err != nil {
				return err
			}
			return f.outcome(made)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.status, "status", "", "the status it is to have")
	fs.StringArrayVar(&f.assign, "assign", nil, "the agents it is to be assigned to, instead of those it has")
	fs.BoolVar(&f.unassign, "unassign", false, "assign it to nobody")
	fs.DurationVar(&f.wait, "wait", 0, "try to send it now, for this long, such as 30s")
	fs.BoolVar(&f.yes, "yes", false, "do what cannot be undone, such as Plática's expired")
	fs.BoolVar(&f.dryRun, "dry-run", false, "only say what would change")
	return cmd
}

// change reads the command line. Further arguments are further agents.
func (f *setFlags) change(cmd *cobra.Command, args []string) (c profile.ChangeArgs, err error) {
	command, fs := cmd.CommandPath(), cmd.Flags()
	if len(args) == 0 || len(args) > 1 && len(f.assign) == 0 {
		return c, badUsage("wants_conversation", "command", command)
	}
	var ok bool
	if c.Account, c.Conversation, ok = strings.Cut(args[0], "/"); !ok || c.Account == "" || c.Conversation == "" {
		return c, badUsage("thread_name", "value", args[0])
	}
	refs := append(append([]string{}, f.assign...), args[1:]...) // a null would change nothing
	switch {
	case len(f.assign) > 0 && f.unassign:
		return c, badUsage("assign_or_unassign")
	case !fs.Changed("status") && len(refs) == 0 && !f.unassign:
		return c, badUsage("nothing_to_set", "command", command)
	case fs.Changed("wait") && (f.wait <= 0 || f.wait > longestWait):
		return c, badUsage("wait", "value", f.wait.String())
	}
	for _, ref := range refs {
		if !validRef(ref) {
			return c, badUsage("ref", "value", ref)
		}
	}
	c.Status = changed(fs, "status", f.status)
	if len(refs) > 0 || f.unassign {
		c.Assignees = &refs
	}
	c.Wait, c.Confirm, c.DryRun = f.wait, f.yes, f.dryRun
	return c, nil
}

func validRef(ref string) bool { return strings.TrimSpace(ref) != "" && len(ref) <= longestRef }

// notSet says in the language of the run why nothing was queued.
func (a *app) notSet(ctx context.Context, c profile.ChangeArgs, err error) error {
	switch {
	case errors.Is(err, cache.ErrIrreversible):
		return badUsage("irreversible", "value", *c.Status)
	case errors.Is(err, profile.ErrWho):
		return badUsage("who", "account", c.Account)
	case errors.Is(err, inbox.ErrUnsupported):
		return a.lacks(ctx, c, err)
	}
	return err
}

// lacks says what of a change an account's platform lacks, and what it has.
func (a *app) lacks(ctx context.Context, c profile.ChangeArgs, err error) error {
	copied, local, failed := profile.View(ctx, a.dir)
	if failed != nil {
		return err
	}
	defer copied.Close()
	defer local.Close()
	acc, failed := local.Account(ctx, c.Account)
	if failed != nil {
		return err
	}
	title := acc.Provider.Title()
	if c.Status != nil {
		if _, ok := inbox.StatusWord(acc.Provider, *c.Status); !ok {
			return badUsage("status", "value", *c.Status, "provider", title, "words", strings.Join(statusWords(acc.Provider), ", "))
		}
	}
	if acc.Provider == inbox.Waspy && len(*c.Assignees) > 1 {
		return badUsage("one_assignee", "provider", title)
	}
	return badUsage("foreign_ref", "account", c.Account)
}

// statusWords are the words that a platform's status is set by, unified ones
// beside its own.
func statusWords(p inbox.ProviderName) (out []string) {
	for _, word := range inbox.StatusWords(p) {
		if s := string(inbox.StatusOf(p, word)); s != word {
			word = s + " (" + word + ")"
		}
		out = append(out, word)
	}
	return out
}

// printSet prints what became of a change.
func (a *app) printSet(ctx context.Context, entries []cache.Enqueued, dryRun, both bool) error {
	wishes := make([]cache.Wish, 0, len(entries))
	for _, e := range entries {
		if e.Outcome == cache.Withdrawn {
			// What was queued before is out: the platform has what is wished.
			e.Want, e.State, e.Reason = e.Base, cache.WishDone, ""
		}
		wishes = append(wishes, e.Wish)
	}
	slices.SortStableFunc(wishes, func(a, b cache.Wish) int { return strings.Compare(b.Field, a.Field) })
	if a.json && !both && len(wishes) == 1 {
		return a.print(jsonEntry(wishes[0]))
	}
	if a.json {
		return a.print(jsonEntries(wishes))
	}
	say, err := a.entryTexts(ctx)
	if err != nil {
		return err
	}
	for i := range wishes {
		state := say.state(&wishes[i])
		switch {
		case wishes[i].ID == "" && wishes[i].State == cache.WishDone:
			state = a.words.T("cli.outbox.same")
		case dryRun:
			state = a.words.T("cli.outbox.dry_run")
		}
		if err := a.tell(wishes[i].Account + "/" + wishes[i].Conversation + "  " + say.change(&wishes[i]) + ": " + state); err != nil {
			return err
		}
	}
	return nil
}

// outcome is the exit code of a change that was waited for.
func (f *setFlags) outcome(made profile.Changed) error {
	if f.wait == 0 || f.dryRun {
		return nil
	}
	codes := []int{}
	for _, e := range made.Entries {
		codes = append(codes, codeOfEntry(e))
	}
	if made.Kind != "" && slices.Contains(codes, exitIncomplete) {
		codes = append(codes, codeOf(made.Kind))
	}
	for _, code := range []int{exitFailed, exitKey, exitIncomplete} {
		if slices.Contains(codes, code) {
			return &outcome{code}
		}
	}
	return nil
}

func codeOfEntry(e cache.Enqueued) int {
	switch {
	case e.State == cache.WishDone, e.Outcome == cache.Withdrawn:
		return exitDone
	case e.State.Attention():
		return exitFailed
	case e.ByKey():
		return exitKey
	}
	return exitIncomplete
}

// checkMe says what cannot be the ref of whoever uses the profile.
func checkMe(fs *pflag.FlagSet, ref string) error {
	if fs.Changed("me") && ref != "" && (!validRef(ref) || ref == profile.Me) {
		return badUsage("ref", "value", ref)
	}
	return nil
}
