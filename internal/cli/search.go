package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/profile"
	"bandeja/internal/query"
	"bandeja/internal/search"
	"bandeja/internal/words"
)

func (a *app) search() *cobra.Command {
	limit := 20
	cmd := &cobra.Command{
		Use:     "search QUERY…",
		Short:   "Find people by name or number, and messages by words",
		Example: "  bandeja search garcia\n  bandeja search '011 15-5983-4410'\n  bandeja search mi pedido --json\n  bandeja search 'estado:abierta -factura \"mi pedido\"'",
		RunE: func(cmd *cobra.Command, args []string) error {
			query := strings.TrimSpace(strings.Join(args, " "))
			if query == "" {
				return badUsage("wants_query", "command", cmd.CommandPath())
			}
			if limit < 1 || limit > 1000 {
				return badUsage("limit")
			}
			c, local, err := profile.View(cmd.Context(), a.dir)
			if err != nil {
				return err
			}
			defer c.Close()
			defer local.Close()
			engine := search.New(c, local)
			if err := engine.People.Load(cmd.Context()); err != nil {
				return err
			}
			where, err := local.Phones(cmd.Context())
			if err != nil {
				return err
			}
			result, err := engine.Search(cmd.Context(), search.Ask{Query: query, Where: where, Limit: limit})
			if err != nil {
				return err
			}
			for _, p := range result.Parsed.Problems {
				a.say(a.problem(p))
			}
			if a.json {
				return a.print(result)
			}
			return a.showResult(result)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "at most this many people, and this many messages")
	return cmd
}

func (a *app) showResult(r search.Result) error {
	var lines []string
	for _, p := range r.People {
		lines = append(lines, cmp.Or(p.Name, a.words.T("cli.nameless"))+"  "+strings.Join(p.Phones, ", "))
		for _, t := range p.Threads {
			lines = append(lines, fmt.Sprintf("  %s/%s  %s", t.Account, t.Conversation, t.Status))
		}
	}
	for _, m := range r.Messages {
		day, clock := localTime(m.At)
		lines = append(lines, fmt.Sprintf("%s %s  %s/%s  %s", day, clock, m.Account, m.Conversation, m.Text))
	}
	for _, l := range lines {
		if err := a.tell(l); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		a.say(a.words.T("cli.nothing_found"))
	}
	a.say(a.words.T("cli.coverage", "complete", r.Coverage.Complete, "conversations", r.Coverage.Conversations))
	return nil
}

// problem says what of a query was not understood, and what may have been
// meant.
func (a *app) problem(p query.Problem) string {
	key, args := p.Sentence()
	said := a.words.T(key, args...)
	if len(p.Suggest) == 0 {
		return said
	}
	lang := query.Spanish
	if a.words.Lang() == words.English {
		lang = query.English
	}
	return said + " " + a.words.T("cli.did_you_mean", "value", p.Suggest[0].Render(lang))
}

// localTime shows a time of ours as this machine's clock has it, "" and blanks
// where it is not known.
func localTime(at *string) (day, clock string) {
	if at != nil {
		if t, err := time.Parse(time.RFC3339, *at); err == nil {
			return t.Local().Format("2006-01-02"), t.Local().Format("15:04")
		}
	}
	return "", "     "
}
