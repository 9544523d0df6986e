package insights

import (
	"slices"
)

// Table is the figures of one chart, as rows.
type Table string

// The tables of a report.
const (
	DaysTable      Table = "days"
	ResponsesTable Table = "responses"
	AssigneesTable Table = "assignees"
	HoursTable     Table = "hours"
	AgesTable      Table = "ages"
	ChannelsTable  Table = "channels"
	WindowsTable   Table = "windows"
)

// Valid reports whether there is such a table.
func (t Table) Valid() bool {
	return slices.Contains([]Table{DaysTable, ResponsesTable, AssigneesTable, HoursTable, AgesTable, ChannelsTable, WindowsTable}, t)
}

// Rows are a table's cells, text, whole numbers or nil, below the names of its
// columns. Response times are in seconds, rounded down.
func (r *Report) Rows(t Table) (columns []string, rows [][]any) {
	switch t {
	case DaysTable:
		columns = []string{"day", "conversations_in", "conversations_out", "conversations_unknown", "messages_in", "messages_out", "messages_unknown", "missed", "resolved", "reopened"}
		for _, d := range r.Days {
			rows = append(rows, slices.Concat([]any{d.Day.String()}, d.Conversations.cells(), d.Messages.cells(), []any{d.Missed, cell(d.Resolved, 1), cell(d.Reopened, 1)}))
		}
	case ResponsesTable, AssigneesTable:
		columns = []string{"account", "assignee", "answered", "unanswered", "waiting", "unclear", "median_s", "p90_s"}
		from := r.Assignees
		if t == ResponsesTable {
			columns, from = slices.Delete(columns, 1, 2), r.Responses
		}
		for _, of := range from {
			row := []any{of.Account, of.Ref, of.Answered, of.Unanswered, of.Waiting, of.Unclear, cell(of.MedianMS, 1000), cell(of.P90MS, 1000)}
			switch {
			case t == ResponsesTable:
				row = slices.Delete(row, 1, 2)
			case of.Name != "":
				row[1] = of.Name
			}
			rows = append(rows, row)
		}
	case HoursTable:
		columns = []string{"weekday", "hour", "messages_in", "messages_out"}
		for _, h := range r.Hours {
			rows = append(rows, []any{h.Weekday, h.Hour, h.In, h.Out})
		}
	case AgesTable:
		columns = []string{"hours_from", "hours_to", "waiting_customer", "waiting_other"}
		for _, a := range r.Ages {
			rows = append(rows, []any{a.HoursFrom, cell(a.HoursTo, 1), a.Customer, a.Other})
		}
	case ChannelsTable:
		columns = []string{"account", "channel", "platform", "conversations_in", "conversations_out", "conversations_unknown", "messages_in", "messages_out", "messages_unknown"}
		for _, c := range r.Channels {
			name := c.Name
			if name == "" {
				name = c.Channel
			}
			rows = append(rows, slices.Concat([]any{c.Account, name, c.Platform}, c.Conversations.cells(), c.Messages.cells()))
		}
	case WindowsTable:
		columns = []string{"account", "closed", "missed", "unclear"}
		for _, w := range r.Windows {
			rows = append(rows, []any{w.Account, w.Closed, w.Missed, w.Unclear})
		}
	}
	return columns, rows
}

func (c Count) cells() []any { return []any{c.In, c.Out, c.Unknown} }

// cell is a number in units of so many, nil where it is not known.
func cell[N int | int64](n *N, unit N) any {
	if n == nil {
		return nil
	}
	return *n / unit
}
