package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/insights"
	"bandeja/internal/profile"
)

func (a *app) insights() *cobra.Command {
	var account, from, to string
	cmd := &cobra.Command{
		Use:   "insights [TABLE]",
		Short: "Count the work done, from the copy and without the network",
		Long: `Count the work done, from the copy and without the network. TABLE is one of
days, responses, assignees, hours, ages, channels and windows; with --json all
of them are written.`,
		Example: "  bandeja insights\n  bandeja insights responses --from 2026-03-01 --to 2026-03-31\n  bandeja insights hours --account ventas --from oldest\n  bandeja insights --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			table := insights.DaysTable
			if len(args) > 0 {
				table = insights.Table(args[0])
			}
			if len(args) > 1 || !table.Valid() {
				return badUsage("wants_table", "command", cmd.CommandPath())
			}
			c, local, err := profile.View(cmd.Context(), a.dir)
			if err != nil {
				return err
			}
			defer c.Close()
			defer local.Close()
			ask := insights.Ask{Account: account, Now: func(string) time.Time { return time.Now() }}
			today, err := ask.Today(cmd.Context(), local)
			if errors.Is(err, cache.ErrNotFound) {
				return fmt.Errorf("%s: %w", account, profile.ErrNoAccount)
			}
			if err != nil {
				return err
			}
			var wrong *insights.PeriodError
			if err := ask.Period(from, to, today); errors.As(err, &wrong) {
				return badUsage("period", "flag", "--"+wrong.End, "value", wrong.Text)
			}
			report, _, err := insights.Read(cmd.Context(), c, local, ask)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(report)
			}
			return a.showFigures(report, table)
		},
	}
	f := cmd.Flags()
	f.StringVar(&account, "account", "", "of this account only")
	f.StringVar(&from, "from", "", "first day, such as 2026-04-13, or oldest (default: four weeks with the last)")
	f.StringVar(&to, "to", "", "last day (default: today)")
	return cmd
}

// showFigures writes a table in columns, and says what it covers.
func (a *app) showFigures(r *insights.Report, table insights.Table) error {
	columns, rows := r.Rows(table)
	lines := [][]string{make([]string, len(columns))}
	for i, c := range columns {
		lines[0][i] = a.words.T("insights.column." + c)
	}
	for _, row := range rows {
		line := make([]string, len(row))
		for i, cell := range row {
			if cell != nil {
				line[i] = oneLine(fmt.Sprint(cell))
			}
		}
		lines = append(lines, line)
	}
	for _, line := range aligned(lines) {
		if err := a.tell(line); err != nil {
			return err
		}
	}
	all := insights.Count{}
	messages := 0
	for _, d := range r.Days {
		all.In, all.Out, all.Unknown = all.In+d.Conversations.In, all.Out+d.Conversations.Out, all.Unknown+d.Conversations.Unknown
		messages += d.Messages.All()
	}
	a.say(a.words.T("insights.summary", "conversations", all.All(), "messages", messages, "from", r.From.String(), "to", r.To.String()))
	for _, of := range r.Coverage.Accounts {
		if !of.Listed || of.ToRead > 0 {
			a.say(a.words.T("cli.insights_partly", "account", of.Account))
		}
	}
	return nil
}

// aligned sets cells below each other, two blanks apart.
func aligned(lines [][]string) []string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	out := make([]string, len(lines))
	for n, line := range lines {
		var b strings.Builder
		for i, cell := range line {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		out[n] = strings.TrimRight(b.String(), " ")
	}
	return out
}
