package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

func (a *app) outbox() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox [list]",
		Short: "The changes that wait to be sent, and why",
		Long: `The changes that wait to be sent, oldest first, and why. What waits for the
network or for a key goes on by itself; a conflict, what the platform refused
and what is older than a day wait for you: retry keeps yours, drop keeps theirs.

The list is read without disturbing a running Bandeja. JSON: {"entries":[…]},
each {"id","account","conversation","field","base","want","now","state",
"reason","made_at"}; base, want and now are a word for a status and a list for
assignees, now is null while nothing else was seen there.`,
		Example: "  bandeja outbox\n  bandeja outbox --json\n  bandeja outbox retry o_3kq5…\n  bandeja outbox drop o_3kq5…",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.listOutbox(cmd.Context()) },
	}
	list := &cobra.Command{
		Use: "list", Short: "List the changes that wait", Example: "  bandeja outbox list --json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listOutbox(cmd.Context()) },
	}
	cmd.AddCommand(list,
		a.moveEntry("retry", "Keep mine: send a change that waits, over what is there now", profile.DoOutboxRetry, "cli.outbox.retried"),
		a.moveEntry("drop", "Keep theirs: give a change up", profile.DoOutboxDrop, "cli.outbox.dropped"))
	return cmd
}

func (a *app) listOutbox(ctx context.Context) error {
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return err
	}
	defer c.Close()
	defer local.Close()
	waiting, _, err := local.Outbox(ctx, 0)
	if err != nil {
		return err
	}
	if a.json {
		return a.print(jsonEntries(waiting))
	}
	if len(waiting) == 0 {
		a.say(a.words.T("cli.outbox.empty"))
		return nil
	}
	agents, err := local.Agents(ctx, "")
	if err != nil {
		return err
	}
	say := entryTexts{a, agents}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for i := range waiting {
		e := &waiting[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.ID, oneLine(e.Account+"/"+e.Conversation), oneLine(say.change(e)), oneLine(say.state(e)))
	}
	return w.Flush()
}

// moveEntry is a command over one entry.
func (a *app) moveEntry(name, short, command, said string) *cobra.Command {
	return &cobra.Command{
		Use:     name + " ID",
		Short:   short,
		Long:    short + ".\n\nID is the entry's, as bandeja outbox lists it. JSON: {\"entries\":[…]} with that entry.",
		Example: "  bandeja outbox " + name + " o_3kq5…",
		Args:    exactly(1, "entry"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var wish cache.Wish
			if err := profile.Command(cmd.Context(), a.options("outbox"), command, profile.EntryArgs{ID: args[0]}, nil, &wish); err != nil {
				return err
			}
			if a.json {
				return a.print(jsonEntries([]cache.Wish{wish}))
			}
			say, err := a.entryTexts(cmd.Context())
			if err != nil {
				return err
			}
			a.say(a.words.T(said, "conversation", wish.Account+"/"+wish.Conversation, "change", say.change(&wish)))
			return nil
		},
	}
}

// outboxEntry is an entry of the outbox (DESIGN §6.3).
type outboxEntry struct {
	ID           string          `json:"id"`
	Account      string          `json:"account"`
	Conversation string          `json:"conversation"`
	Field        string          `json:"field"`
	Base         any             `json:"base"`
	Want         any             `json:"want"`
	Now          any             `json:"now"`
	State        cache.WishState `json:"state"`
	Reason       string          `json:"reason"`
	MadeAt       *string         `json:"made_at"`
}

func jsonEntry(w cache.Wish) outboxEntry {
	e := outboxEntry{ID: w.ID, Account: w.Account, Conversation: w.Conversation, Field: w.Field, Base: jsonValue(w.Field, w.Base), Want: jsonValue(w.Field, w.Want),
		State: w.State, Reason: profile.Clean(w.Reason), MadeAt: inbox.TimeJSON(w.MadeAt)}
	if !w.NowAt.IsZero() {
		e.Now = jsonValue(w.Field, w.Now)
	}
	return e
}

// jsonValue is a value of a field: a status is a word, assignees are a list.
func jsonValue(field, value string) any {
	if field == inbox.FieldAssignees {
		return inbox.RefsOf(value)
	}
	return value
}

func jsonEntries(wishes []cache.Wish) any {
	out := struct {
		Entries []outboxEntry `json:"entries"`
	}{[]outboxEntry{}}
	for _, w := range wishes {
		out.Entries = append(out.Entries, jsonEntry(w))
	}
	return out
}

// entryTexts says entries in the words of the interface.
type entryTexts struct {
	*app
	agents []cache.AgentRef
}

func (a *app) entryTexts(ctx context.Context) (entryTexts, error) {
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return entryTexts{}, err
	}
	defer c.Close()
	defer local.Close()
	agents, err := local.Agents(ctx, "")
	return entryTexts{a, agents}, err
}

// change says what a wish changes: "status: Open → Resolved".
func (s entryTexts) change(w *cache.Wish) string {
	return s.words.T("cli.change."+w.Field, "base", s.value(w, w.Base), "want", s.value(w, w.Want))
}

func (s entryTexts) value(w *cache.Wish, value string) string {
	if w.Field != inbox.FieldAssignees {
		status := inbox.StatusOf(w.Provider, value)
		if status == inbox.Unknown {
			return value
		}
		return s.words.T("status." + string(status))
	}
	refs := inbox.RefsOf(value)
	if len(refs) == 0 {
		return s.words.T("assignee.none")
	}
	for i, ref := range refs {
		for _, agent := range s.agents {
			if agent.Account == w.Account && agent.Ref == ref && agent.Name != "" {
				refs[i] = agent.Name
			}
		}
	}
	return strings.Join(refs, ", ")
}

// state says where an entry stands, and why.
func (s entryTexts) state(w *cache.Wish) string {
	day, clock := localTime(inbox.TimeJSON(w.NowAt))
	text := s.words.T("cli.entry."+string(w.State), "base", s.value(w, w.Base), "want", s.value(w, w.Want), "now", s.value(w, w.Now), "seen", strings.TrimSpace(day+" "+clock))
	kind, code := w.Why()
	if kind == "" {
		return text
	}
	key := "error.change_" + kind
	if !s.words.Has(key) {
		key = "error.change_rejected"
	}
	text += ": " + s.words.T(key, "account", w.Account)
	if code != "" {
		text += " (" + profile.Clean(code) + ")"
	}
	return text
}

// sayAttention says on stderr that changes wait for somebody, where some do.
func (a *app) sayAttention(ctx context.Context) error {
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return err
	}
	defer c.Close()
	defer local.Close()
	_, attention, err := local.OutboxCounts(ctx)
	if err == nil && attention > 0 {
		a.say(a.words.T("cli.outbox.attention", "count", attention))
	}
	return err
}
