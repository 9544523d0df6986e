package server

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/export"
)

// exported is what somebody wants as a file: the messages of a person, or of one
// of their threads.
type exported struct {
	sel    cache.Selection
	format export.Format
	zone   *time.Location
	name   string // the file's
}

// exportOf reads what is wanted of whom.
func (s *Server) exportOf(ctx context.Context, person, thread, format string) (e exported, err error) {
	e = exported{sel: cache.Selection{Person: person, Thread: thread}, format: export.Format(format)}
	if !e.format.Known() {
		return e, invalid("format")
	}
	people, err := s.o.Cache.People(ctx, []string{person})
	if err != nil {
		return e, err
	}
	if len(people) == 0 {
		return e, cache.ErrNotFound
	}
	if thread == "" {
		e.zone, err = s.zoneOfPerson(ctx, person)
	} else if t, failed := s.o.Cache.Thread(ctx, thread); failed != nil {
		return e, failed
	} else if t.Person != person {
		return e, cache.ErrNotFound
	} else {
		e.zone, err = s.zoneOfThread(ctx, thread)
	}
	if err != nil {
		return e, err
	}
	e.name = export.FileName(people[0].Name, s.now().In(e.zone), e.format)
	return e, nil
}

func (s *Server) write(ctx context.Context, e exported, w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	return errors.Join(export.WriteMessages(ctx, s.o.Cache, e.sel, e.format, e.zone, out), out.Flush())
}

// exportPerson is GET /api/people/{person}/export: a download.
func (s *Server) exportPerson(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	e, err := s.exportOf(r.Context(), r.PathValue("person"), q.Get("thread"), cmp.Or(q.Get("format"), string(export.FormatNDJSON)))
	if err != nil {
		return err
	}
	kind := map[export.Format]string{export.FormatNDJSON: "application/x-ndjson", export.FormatCSV: "text/csv; charset=utf-8"}
	w.Header().Set("Content-Type", kind[e.format])
	w.Header().Set("Content-Disposition", `attachment; filename="`+e.name+`"`)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if err := s.write(r.Context(), e, w); err != nil {
		s.o.Log.Warn("export ended early", "err", err)
		// Half a file must not look whole: the connection is cut.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// saveExport is POST /api/people/{person}/export: in the window, where a person
// is asked for a place and the file is written there.
func (s *Server) saveExport(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Format string `json:"format"`
		Thread string `json:"thread"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	e, err := s.exportOf(r.Context(), r.PathValue("person"), in.Thread, in.Format)
	if err != nil {
		return err
	}
	// It is written whole even if the page goes away meanwhile.
	ctx := context.WithoutCancel(r.Context())
	return s.saveFile(w, e.name, func(f io.Writer) error { return s.write(ctx, e, f) })
}

// saveFile asks a person, in the window, where to save a file, and has it
// written there, whole or not at all. It answers with the place, "" where they
// thought better of it.
func (s *Server) saveFile(w http.ResponseWriter, name string, write func(io.Writer) error) error {
	if s.o.Native == nil || s.o.Native.SaveAs == nil {
		return fail(http.StatusNotImplemented, "no_window", "error.no_window")
	}
	path, err := s.o.Native.SaveAs(name)
	if err != nil {
		return err
	}
	if path != "" {
		if err := export.ToFile(path, write); err != nil {
			s.o.Log.Warn("export not saved", "err", err)
			return fail(http.StatusInternalServerError, "not_saved", "error.not_saved")
		}
	}
	return writeJSON(w, http.StatusOK, map[string]string{"path": path})
}
