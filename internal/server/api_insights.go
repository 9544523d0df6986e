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

// insightsBudget is how long a screen waits for figures: after it the answer
// says how far the first look over all messages is.
const insightsBudget = 200 * time.Millisecond

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
func (s *Server) insightsOf(r *http.Request) (insights.Ask, error) {
	q := r.URL.Query()
	ask := insights.Ask{Account: q.Get("account"), Now: s.clocks()}
	today, err := ask.Today(r.Context(), s.o.Local)
	if errors.Is(err, cache.ErrNotFound) {
		return ask, invalid("account")
	}
	if err != nil {
		return ask, err
	}
	var wrong *insights.PeriodError
	if err := ask.Period(q.Get("from"), q.Get("to"), today); errors.As(err, &wrong) {
		return ask, invalid(wrong.End)
	}
	return ask, nil
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
