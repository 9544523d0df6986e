package server

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/insights"
)

const (
	// insightsBudget is how long a screen waits for figures: after it the answer
	// says how far the first look over all messages is.
	insightsBudget = 200 * time.Millisecond
	usualPeriod    = 28   // days
	longestPeriod  = 3660 // days: ten years
)

type insightsAnswer struct {
	Ready  bool             `json:"ready"`
	Done   int64            `json:"done"`  // threads looked through, of the first look
	Total  int64            `json:"total"` // and how many there are
	Report *insights.Report `json:"report"`
}

func (s *Server) insights(w http.ResponseWriter, r *http.Request) error {
	ask, err := s.insightsOf(r)
	if err != nil {
		return err
	}
	ask.Budget = insightsBudget
	report, p, err := insights.Read(r.Context(), s.o.Cache, s.o.Local, ask)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, insightsAnswer{report != nil, p.Done, p.Total, report})
}

// insightsOf reads which period of which account is asked for.
func (s *Server) insightsOf(r *http.Request) (ask insights.Ask, err error) {
	q := r.URL.Query()
	ask.Account, ask.Now = q.Get("account"), s.clocks()
	zone, err := s.insightsZone(r, ask.Account)
	if err != nil {
		return ask, err
	}
	today := insights.DayOf(ask.Now(ask.Account), zone)
	if ask.To, err = calendarDay(q.Get("to"), "to", today); err != nil {
		return ask, err
	}
	if ask.Whole = q.Get("from") == "oldest"; ask.Whole {
		ask.From = ask.To - longestPeriod + 1
		return ask, nil
	}
	if ask.From, err = calendarDay(q.Get("from"), "from", ask.To-usualPeriod+1); err != nil {
		return ask, err
	}
	if ask.From > ask.To || ask.To-ask.From >= longestPeriod {
		return ask, invalid("from")
	}
	return ask, nil
}

// insightsZone is where it is today: at the account, or at the first of all.
func (s *Server) insightsZone(r *http.Request, account string) (*time.Location, error) {
	accounts, err := s.o.Local.Accounts(r.Context())
	if err != nil {
		return nil, err
	}
	if account != "" {
		a, err := s.o.Local.Account(r.Context(), account)
		if errors.Is(err, cache.ErrNotFound) {
			return nil, invalid("account")
		}
		return insights.ZoneOf(a), err
	}
	for _, a := range accounts {
		return insights.ZoneOf(a), nil
	}
	return time.UTC, nil
}

func calendarDay(text, name string, otherwise insights.Day) (insights.Day, error) {
	if text == "" {
		return otherwise, nil
	}
	day, err := insights.ParseDay(text)
	if err != nil {
		return 0, invalid(name)
	}
	return day, nil
}

// insightsTable is GET /api/insights/{table}: the figures of one chart, for a
// spreadsheet.
func (s *Server) insightsTable(w http.ResponseWriter, r *http.Request) error {
	table := insights.Table(r.PathValue("table"))
	if !table.Valid() {
		return fail(http.StatusNotFound, "not_found", "error.no_such_route")
	}
	ask, err := s.insightsOf(r)
	if err != nil {
		return err
	}
	report, _, err := insights.Read(r.Context(), s.o.Cache, s.o.Local, ask)
	if err != nil {
		return err
	}
	in := s.words(r)
	columns, rows := report.Rows(table)
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = in.T("insights.column." + c)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="bandeja-%s-%s-%s.csv"`, table, report.From, report.To))
	w.WriteHeader(http.StatusOK)
	_ = export.WriteCSV(w, head, rows) // the reader may have gone
	return nil
}
