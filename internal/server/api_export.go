package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/inbox"
)

// exportAsk is what somebody wants as a file: messages, conversations or people,
// of a person, a thread, or what a list shows.
type exportAsk struct {
	Rows    export.Rows   `json:"rows"`
	Format  export.Format `json:"format"`
	Person  string        `json:"person"`
	Thread  string        `json:"thread"`
	View    cache.View    `json:"view"`
	Account string        `json:"account"`
	Query   string        `json:"q"`
}

// mediaTypes are what a browser is told of a file.
var mediaTypes = map[export.Format]string{
	export.FormatNDJSON: "application/x-ndjson",
	export.FormatCSV:    "text/csv; charset=utf-8",
	export.FormatXLSX:   "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	export.FormatHTML:   "text/html; charset=utf-8",
}

// addExport is POST /api/exports: what is wanted is understood and counted, and
// nothing is written yet.
func (s *Server) addExport(w http.ResponseWriter, r *http.Request) error {
	var in exportAsk
	if err := read(w, r, &in); err != nil {
		return err
	}
	if !in.Rows.Known() {
		return invalid("rows")
	}
	if !in.Format.Known() {
		return invalid("format")
	}
	job := export.Job{Rows: in.Rows, Format: in.Format, Now: s.now(), Words: s.words(r)}
	name, err := s.aim(r.Context(), &job, &in)
	if err != nil {
		return err
	}
	total, err := job.Check(r.Context(), s.o.Cache)
	if errors.As(err, new(*export.TooLongError)) {
		return fail(http.StatusBadRequest, "too_long", "error.page_too_long", "most", export.MostPageRows)
	}
	if err != nil {
		return err
	}
	run := s.exports.add(job, export.FileName(name, s.now().In(job.Zone), in.Format), total)
	return writeJSON(w, http.StatusCreated, run.answer())
}

// aim fills in of what the export is, and says whose name the file carries.
func (s *Server) aim(ctx context.Context, job *export.Job, in *exportAsk) (name string, err error) {
	if job.Channels, err = s.o.Local.ChannelNames(ctx); err != nil {
		return "", err
	}
	if in.Person != "" {
		return s.aimAtPerson(ctx, job, in)
	}
	if in.Thread != "" {
		return "", invalid("thread") // it is a person's
	}
	f, asked, err := s.listOf(ctx, cmp.Or(in.View, cache.All), in.Account, in.Query)
	if err != nil {
		return "", err
	}
	if !f.View.Fixed() {
		return "", invalid("view")
	}
	if p, ok := asked.Misread(); ok {
		key, args := p.Sentence()
		return "", fail(http.StatusBadRequest, "q", key, args...)
	}
	where, _, err := s.where(ctx)
	if err != nil {
		return "", err
	}
	// The list shows as many as it can be scrolled through; a file has all.
	if f.Narrow, _, err = s.o.Search.Narrow(ctx, in.Query, where, f.Now, math.MaxInt32); err != nil {
		return "", err
	}
	job.Select.List = &f
	job.Zone, err = s.zoneOfAccount(ctx, in.Account)
	return job.Words.T("transcript.title_" + string(in.Rows)), err
}

func (s *Server) aimAtPerson(ctx context.Context, job *export.Job, in *exportAsk) (string, error) {
	job.Select = cache.Selection{Person: in.Person, Thread: in.Thread}
	people, err := s.o.Cache.People(ctx, []string{in.Person})
	if err != nil {
		return "", err
	}
	if len(people) == 0 {
		return "", cache.ErrNotFound
	}
	if in.Thread == "" {
		job.Zone, err = s.zoneOfPerson(ctx, in.Person)
		return people[0].Name, err
	}
	t, err := s.o.Cache.Thread(ctx, in.Thread)
	if err != nil {
		return "", err
	}
	if t.Person != in.Person {
		return "", cache.ErrNotFound
	}
	job.Zone, err = s.zoneOfThread(ctx, in.Thread)
	return people[0].Name, err
}

// zoneOfAccount is the clock of an account, or of the first there is.
func (s *Server) zoneOfAccount(ctx context.Context, account string) (*time.Location, error) {
	accounts, err := s.o.Local.Accounts(ctx)
	return inbox.LocationAmong(accounts, account), err
}

// exportState is GET /api/exports/{id}.
func (s *Server) exportState(w http.ResponseWriter, r *http.Request) error {
	run, err := s.exports.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, run.answer())
}

// dropExport is DELETE /api/exports/{id}: it is stopped, and nothing of it is
// left.
func (s *Server) dropExport(w http.ResponseWriter, r *http.Request) error {
	run, err := s.exports.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	run.stop()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// exportFile is GET /api/exports/{id}/file: a download, once.
func (s *Server) exportFile(w http.ResponseWriter, r *http.Request) error {
	run, err := s.exports.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	head := func() {
		w.Header().Set("Content-Type", mediaTypes[run.job.Format])
		w.Header().Set("Content-Disposition", `attachment; filename="`+run.name+`"`)
		w.WriteHeader(http.StatusOK)
	}
	if r.Method == http.MethodHead {
		head()
		return nil
	}
	ctx, err := run.begin(r.Context())
	if err != nil {
		return err
	}
	head()
	// A write that waits for its reader does not end with ctx.
	still := context.AfterFunc(ctx, func() { endWrites(w) })
	err = run.write(ctx, s.o.Cache, w)
	if !still() && err == nil {
		err = ctx.Err() // the end of it will not get through
	}
	run.end(err)
	if err != nil {
		s.o.Log.Warn("export ended early", "err", err)
		// Half a file must not look whole: the connection is cut.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// endWrites ends a write that waits for its reader, and fails every later one.
func endWrites(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now())
}

// exportSum is GET /api/exports/{id}/sum: the checksum of a file that is
// written, to be saved beside it.
func (s *Server) exportSum(w http.ResponseWriter, r *http.Request) error {
	run, err := s.exports.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	a := run.answer()
	if a.State != exportDone {
		return cache.ErrNotFound
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+export.SumFile(run.name)+`"`)
	_, err = io.WriteString(w, export.SumLine(a.SHA256, run.name))
	return err
}

// saveExport is POST /api/exports/{id}/save: in the window, where a person is
// asked for a place and the file is written there.
func (s *Server) saveExport(w http.ResponseWriter, r *http.Request) error {
	run, err := s.exports.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	path, err := s.place(run.name)
	if err != nil {
		return err
	}
	if path == "" {
		run.stop()
		return writeJSON(w, http.StatusOK, map[string]string{"path": ""})
	}
	// It is written whole even if the page goes away meanwhile.
	ctx, err := run.begin(context.WithoutCancel(r.Context()))
	if err != nil {
		return err
	}
	file := export.File{Path: path, Over: true, Beside: !run.job.Format.Carries()} // the dialog has asked
	err = file.Write(func(f io.Writer) error { return run.write(ctx, s.o.Cache, f) })
	run.end(err)
	if errors.Is(err, context.Canceled) {
		return writeJSON(w, http.StatusOK, map[string]string{"path": ""}) // somebody stopped it
	}
	if err != nil {
		return s.notSaved(err)
	}
	return writeJSON(w, http.StatusOK, map[string]string{"path": path})
}

// place asks a person, in the window, where to save a file; "" where they
// thought better of it.
func (s *Server) place(name string) (string, error) {
	if s.o.Native == nil || s.o.Native.SaveAs == nil {
		return "", fail(http.StatusNotImplemented, "no_window", "error.no_window")
	}
	return s.o.Native.SaveAs(name)
}

func (s *Server) notSaved(err error) error {
	s.o.Log.Warn("export not saved", "err", err)
	return fail(http.StatusInternalServerError, "not_saved", "error.not_saved")
}

// saveFile asks where to save a file and has it written there, whole or not at
// all. It answers with the place.
func (s *Server) saveFile(w http.ResponseWriter, name string, write func(io.Writer) error) error {
	path, err := s.place(name)
	if err != nil {
		return err
	}
	if path != "" {
		// The dialog has asked whether a file that is there may go.
		if err := (export.File{Path: path, Over: true}).Write(write); err != nil {
			return s.notSaved(err)
		}
	}
	return writeJSON(w, http.StatusOK, map[string]string{"path": path})
}
