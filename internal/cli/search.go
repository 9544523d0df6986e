package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/profile"
	"bandeja/internal/search"
)

func (a *app) search() *cobra.Command {
	limit := 20
	cmd := &cobra.Command{
		Use:     "search QUERY…",
		Short:   "Find people by name or number, and messages by words",
		Example: "  bandeja search garcia\n  bandeja search '011 15-5983-4410'\n  bandeja search mi pedido --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			query := strings.TrimSpace(strings.Join(args, " "))
			if query == "" {
				return usagef("%s", a.words.T("cli.no_query"))
			}
			if limit < 1 || limit > 1000 {
				return usagef("--limit is between 1 and 1000")
			}
			c, local, err := profile.View(cmd.Context(), a.dir)
			if err != nil {
				return err
			}
			defer c.Close()
			defer local.Close()
			engine := search.New(c)
			if err := engine.People.Load(cmd.Context()); err != nil {
				return err
			}
			where, err := local.Phones(cmd.Context())
			if err != nil {
				return err
			}
			result, err := engine.Search(cmd.Context(), query, where[0], limit)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(result)
			}
			a.showResult(result)
			return nil
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "at most this many people, and this many messages")
	return cmd
}

func (a *app) showResult(r search.Result) {
	for _, p := range r.People {
		name := p.Name
		if name == "" {
			name = a.words.T("cli.nameless")
		}
		fmt.Fprintf(a.Stdout, "%s  %s\n", name, strings.Join(p.Phones, ", "))
		for _, t := range p.Threads {
			fmt.Fprintf(a.Stdout, "  %s/%s  %s\n", t.Account, t.Conversation, t.Status)
		}
	}
	for _, m := range r.Messages {
		at := ""
		if m.At != nil {
			if t, err := time.Parse(time.RFC3339, *m.At); err == nil {
				at = t.Local().Format("2006-01-02 15:04")
			}
		}
		fmt.Fprintf(a.Stdout, "%s  %s/%s  %s\n", at, m.Account, m.Conversation, oneLine(m.Text))
	}
	if len(r.People)+len(r.Messages) == 0 {
		a.say("%s", a.words.T("cli.nothing_found"))
	}
	a.say("%s", a.words.T("cli.coverage", "complete", r.Coverage.Complete, "conversations", r.Coverage.Conversations))
}

// oneLine shows a text of a customer on a terminal: no line breaks, and
// nothing that a terminal obeys.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0):
			return '�'
		}
		return r
	}, s)
}
