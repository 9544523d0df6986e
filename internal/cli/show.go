package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
	"bandeja/internal/profile"
)

// shown is `show --json`.
type shown struct {
	Thread        string                `json:"thread"`
	Person        string                `json:"person"`
	Conversations []export.Conversation `json:"conversations"`
	Messages      []export.Message      `json:"messages"`
}

func (a *app) show() *cobra.Command {
	var number string
	cmd := &cobra.Command{
		Use:     "show ACCOUNT/CONVERSATION | --phone NUMBER",
		Short:   "Print a thread",
		Example: "  bandeja show ventas/conv-uuid\n  bandeja show --phone '011 15-5983-4410' --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("phone") == (len(args) == 1) || len(args) > 1 {
				return badUsage("wants_thread", "command", cmd.CommandPath())
			}
			c, local, err := profile.View(cmd.Context(), a.dir)
			if err != nil {
				return err
			}
			defer c.Close()
			defer local.Close()
			var ref string
			if len(args) == 0 {
				ref, err = a.threadByPhone(cmd.Context(), c, local, number)
			} else {
				ref, err = threadByName(cmd.Context(), c, local, args[0])
			}
			if err != nil {
				return err
			}
			return a.showThread(cmd.Context(), c, ref)
		},
	}
	cmd.Flags().StringVar(&number, "phone", "", "the thread of this line, however it is written")
	return cmd
}

// threadByName reads ACCOUNT/CONVERSATION: the first slash splits.
func threadByName(ctx context.Context, c *cache.Cache, local *cache.Local, name string) (string, error) {
	account, conversation, ok := strings.Cut(name, "/")
	if !ok {
		return "", badUsage("thread_name", "value", name)
	}
	if _, err := local.Account(ctx, account); errors.Is(err, cache.ErrNotFound) {
		return "", fmt.Errorf("%s: %w", account, profile.ErrNoAccount)
	} else if err != nil {
		return "", err
	}
	return c.ThreadOf(ctx, account, conversation)
}

// threadByPhone finds the newest thread of a line.
func (a *app) threadByPhone(ctx context.Context, c *cache.Cache, local *cache.Local, number string) (string, error) {
	contexts, err := local.Phones(ctx)
	if err != nil {
		return "", err
	}
	why, isPhone := "", false
	for _, where := range append(contexts, phone.Context{}) {
		n := phone.Parse(number, where)
		if n.Kind != phone.Phone {
			why = cmp.Or(why, n.Reason)
			continue
		}
		isPhone = true
		ref, err := c.ThreadByLine(ctx, n.Key)
		if err == nil || !errors.Is(err, cache.ErrNotFound) {
			return ref, err
		}
	}
	if !isPhone {
		return "", badUsage("not_a_number", "reason", why)
	}
	return "", badUsage("no_such_line")
}

func (a *app) showThread(ctx context.Context, c *cache.Cache, ref string) error {
	t, err := c.Thread(ctx, ref)
	if err != nil {
		return err
	}
	out := shown{Thread: t.Ref, Person: t.Person, Conversations: []export.Conversation{}, Messages: []export.Message{}}
	now := time.Now()
	convs, err := c.ConversationsOf(ctx, ref)
	if err != nil {
		return err
	}
	for _, conv := range convs {
		out.Conversations = append(out.Conversations, export.ConversationRow(conv, conv.Window.OpenAt(now)))
	}
	for before := ""; ; {
		page, err := c.Messages(ctx, ref, cache.Spot{Before: before}, 500)
		if err != nil {
			return err
		}
		rows := make([]export.Message, 0, len(page.Messages)+len(out.Messages))
		for _, m := range page.Messages {
			rows = append(rows, export.MessageRow(m))
		}
		out.Messages = append(rows, out.Messages...)
		if before = page.Before; before == "" {
			break
		}
	}
	if a.json {
		return a.print(out)
	}
	return a.printThread(t, out)
}

func (a *app) printThread(t cache.Thread, s shown) error {
	lines := []string{fmt.Sprintf("%s  %s  (%s, %s)", t.Name, t.Phone, t.Account, t.StatusWord)}
	day, conv := "", ""
	for _, m := range s.Messages {
		if conv != "" && m.Conversation != conv {
			lines = append(lines, "--- "+m.Conversation)
		}
		at, clock := localTime(m.At)
		if at != day {
			lines = append(lines, "", at)
		}
		day, conv = at, m.Conversation
		mark := "?"
		switch m.Direction {
		case inbox.In:
			mark = "<"
		case inbox.Out:
			mark = ">"
		}
		kind := ""
		if m.Type != inbox.Text {
			kind = "[" + string(m.Type) + "] "
		}
		lines = append(lines, fmt.Sprintf("%s %s %s%s", clock, mark, kind, m.Text))
	}
	for _, l := range lines {
		if err := a.tell(l); err != nil {
			return err
		}
	}
	return nil
}
