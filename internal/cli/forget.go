package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/care"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/server"
)

func (a *app) forget() *cobra.Command {
	var yes, list bool
	var lift string
	cmd := &cobra.Command{
		Use:   "forget NUMBER | p_…",
		Short: "Erase a person from every file here, and keep them out",
		Long: `Erase a person from every file and index of this profile, and keep them out of
what is copied later. A number, however it is written, means everybody who has
it. It cannot be undone. The platforms keep what they have; what waits to be sent
to them about this person is dropped unsent.

Without --yes it says what would be erased, and erases nothing (exit code 2).
It prints a receipt, which names nobody: how much was erased, which files were
looked through afterwards, and what was found in them. Exit code 1 where that is
not nothing. JSON: the receipt.

Who was forgotten is known by keyed hashes alone. --list says when that was; with
--lift a number, or an id of that list, is let in again from then on.`,
		Example: "  bandeja forget '011 15-5983-4410'\n  bandeja forget p_3kq5… --yes --json > receipt.json\n  bandeja forget --list\n  bandeja forget --lift '011 15-5983-4410'",
		RunE: func(cmd *cobra.Command, args []string) error {
			lifts := cmd.Flags().Changed("lift")
			switch {
			case list && !lifts && !yes && len(args) == 0:
				return a.listForgotten(cmd.Context())
			case lifts && !list && !yes && len(args) == 0:
				return a.liftForgotten(cmd.Context(), lift)
			case list || lifts || len(args) != 1:
				return badUsage("wants_person", "command", cmd.CommandPath())
			case !yes:
				return a.previewForget(cmd.Context(), args[0])
			}
			return a.forgetNow(cmd.Context(), args[0])
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "erase it: this cannot be undone")
	cmd.Flags().BoolVar(&list, "list", false, "when somebody was forgotten")
	cmd.Flags().StringVar(&lift, "lift", "", "let this number in again, or this id of the list")
	return cmd
}

// previewForget says what would be erased, of a profile that somebody may own.
func (a *app) previewForget(ctx context.Context, who string) error {
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return err
	}
	defer c.Close()
	defer local.Close()
	people, err := profile.WhoIs(ctx, c, local, who)
	if err != nil {
		return err
	}
	p, err := profile.PreviewForget(ctx, c, local, people)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.print(p); err != nil {
			return err
		}
	}
	names := strings.Join(p.Names, ", ")
	if names == "" {
		names = a.words.T("cli.nameless")
	}
	a.say(a.words.T("cli.forget.would", "names", names, "conversations", p.Conversations, "messages", p.Messages, "notes", p.Notes+p.Drafts, "changes", p.Changes))
	if len(p.People) > 1 {
		a.say(a.words.T("cli.forget.several", "count", len(p.People)))
	}
	if p.Shared {
		a.say(a.words.T("cli.forget.shared"))
	}
	return badUsage("forget_yes")
}

func (a *app) forgetNow(ctx context.Context, who string) error {
	var r care.Receipt
	shown := time.Now()
	err := profile.Command(ctx, a.options("forget"), profile.DoForget, profile.ForgetArgs{Who: who}, func(raw json.RawMessage) {
		var p profile.ForgetProgress
		if json.Unmarshal(raw, &p) == nil && p.Total > 0 && time.Since(shown) > time.Second {
			shown = time.Now()
			a.say(bar(min(p.Done, p.Total), p.Total) + a.words.T("cli.forget.looking"))
		}
	}, &r)
	if err != nil {
		return err
	}
	if a.json {
		err = a.print(r)
	} else {
		err = a.printReceipt(&r)
	}
	if err == nil && !r.Clean() {
		err = &outcome{exitFailed}
	}
	return err
}

// printReceipt says a receipt in words. It names nobody, so that it can be
// given away.
func (a *app) printReceipt(r *care.Receipt) error {
	for _, line := range server.ReceiptText(a.words, r) {
		if err := a.tell(line); err != nil {
			return err
		}
	}
	return nil
}

type forgottenLine struct {
	ID    string  `json:"id"`
	At    *string `json:"at"`
	Known int64   `json:"known_by"`
}

func (a *app) listForgotten(ctx context.Context) error {
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return err
	}
	defer c.Close()
	defer local.Close()
	all, err := local.KeptOut(ctx)
	if err != nil {
		return err
	}
	if a.json {
		out := struct {
			Forgotten []forgottenLine `json:"forgotten"`
		}{[]forgottenLine{}}
		for _, k := range all {
			out.Forgotten = append(out.Forgotten, forgottenLine{k.ID, inbox.TimeJSON(k.At), k.Sides})
		}
		return a.print(out)
	}
	if len(all) == 0 {
		a.say(a.words.T("cli.forget.none"))
		return nil
	}
	return a.printForgotten(all)
}

func (a *app) printForgotten(all []cache.KeptOutSince) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, k := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", k.ID, k.At.Local().Format("2006-01-02 15:04"), a.words.T("cli.forget.known", "count", k.Sides))
	}
	return w.Flush()
}

func (a *app) liftForgotten(ctx context.Context, who string) error {
	var out profile.Lifted
	if err := profile.Command(ctx, a.options("forget"), profile.DoLift, profile.LiftArgs{Who: who}, nil, &out); err != nil {
		return err
	}
	if a.json {
		return a.print(out)
	}
	a.say(a.words.T("cli.forget.lifted"))
	return nil
}
