package server

import (
	"errors"
	"fmt"
	"io"
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

// figures are one chart's, for a spreadsheet.
type figures struct {
	name string // the file's
	head []string
	rows [][]any
}

// figuresOf counts what is asked for, with the names of the columns in the
// session's language.
func (s *Server) figuresOf(r *http.Request) (f figures, err error) {
	table := insights.Table(r.PathValue("table"))
	if !table.Valid() {
		return f, fail(http.StatusNotFound, "not_found", "error.no_such_route")
	}
	ask, err := s.insightsOf(r)
	if err != nil {
		return f, err
	}
	report, _, err := insights.Read(r.Context(), s.o.Cache, s.o.Local, ask)
	if err != nil {
		return f, err
	}
	in := s.words(r)
	f.head, f.rows = report.Rows(table)
	for i, c := range f.head {
		f.head[i] = in.T("insights.column." + c)
	}
	f.name = fmt.Sprintf("bandeja-%s-%s-%s.csv", table, report.From, report.To)
	return f, nil
}

// insightsTable is GET /api/insights/{table}: a download.
func (s *Server) insightsTable(w http.ResponseWriter, r *http.Request) error {
	f, err := s.figuresOf(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	w.WriteHeader(http.StatusOK)
	_ = export.WriteCSV(w, f.head, f.rows) // the reader may have gone
	return nil
}

// saveInsights is POST /api/insights/{table}: in the window, where a person is
// asked for a place and the file is written there.
func (s *Server) saveInsights(w http.ResponseWriter, r *http.Request) error {
	f, err := s.figuresOf(r)
	if err != nil {
		return err
	}
	return s.saveFile(w, f.name, func(to io.Writer) error { return export.WriteCSV(to, f.head, f.rows) })
}
