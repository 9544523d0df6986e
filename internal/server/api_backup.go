package server

import (
	"context"
	"io"
	"net/http"
	"strconv"
)

// backupAnswer is what a page is told of a backup that waits to be fetched.
type backupAnswer struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Bytes     int64  `json:"bytes"`
	Protected bool   `json:"protected"`
}

// placedBackup is what a window is told of one.
type placedBackup struct {
	Path      string `json:"path"` // "" where nobody wanted it after all
	Bytes     int64  `json:"bytes"`
	Protected bool   `json:"protected"`
}

// addBackup is POST /api/backups: it is made while the request waits, and whoever
// waits no longer has stopped it.
func (s *Server) addBackup(w http.ResponseWriter, r *http.Request) error {
	return s.makeBackup(w, r, func(ctx context.Context, name string, wish BackupWish) error {
		made, err := s.o.Office.SaveBackup(ctx, "", wish, s.backups.told)
		if err != nil {
			return s.notBackedUp(r.Context(), ctx, err)
		}
		m, err := s.backups.keep(ctx, name, made)
		if err != nil {
			return s.notBackedUp(r.Context(), ctx, err)
		}
		return writeJSON(w, http.StatusCreated, backupAnswer{m.id, m.name, m.Bytes, m.Protected})
	})
}

// makeBackup has save make the one that a request wants, where no other is being
// made; ctx ends where that is stopped, and name is what its file is called.
func (s *Server) makeBackup(w http.ResponseWriter, r *http.Request, save func(ctx context.Context, name string, wish BackupWish) error) error {
	var wish BackupWish
	if err := read(w, r, &wish); err != nil {
		return err
	}
	name, err := s.backupName(r.Context())
	if err != nil {
		return err
	}
	ctx, end, err := s.backups.begin(r.Context())
	if err != nil {
		return err
	}
	defer end()
	return save(ctx, name, wish)
}

// backupState is GET /api/backups: how far the one is that is being made.
func (s *Server) backupState(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, s.backups.state())
}

// backupName is what a backup is called: by its day, and by nothing of the
// office's.
func (s *Server) backupName(ctx context.Context) (string, error) {
	zone, err := s.zoneOfAccount(ctx, "")
	if err != nil {
		return "", err
	}
	return "bandeja-" + s.now().In(zone).Format("2006-01-02") + ".bandeja", nil
}

// backupFile is GET /api/backups/{id}/file: a download, once. What was fetched
// is here no longer, nor is what could not be fetched whole.
func (s *Server) backupFile(w http.ResponseWriter, r *http.Request) error {
	take := s.backups.look
	if r.Method != http.MethodHead {
		take = func(id string) (*madeBackup, error) { return s.backups.take(id, func() { endWrites(w) }) }
	}
	m, err := take(r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+m.name+`"`)
	w.Header().Set("Content-Length", strconv.FormatInt(m.Bytes, 10))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	defer s.backups.fetched(m)
	if _, err := io.CopyN(w, m.file, m.Bytes); err != nil {
		s.o.Log.Warn("backup was not fetched whole", "err", err)
		// Part of a file must not look whole: the connection is cut.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// dropBackup is DELETE /api/backups/{id}: nothing of it is left.
func (s *Server) dropBackup(w http.ResponseWriter, r *http.Request) error {
	if err := s.backups.drop(r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// saveBackup is POST /api/backups/save: in the window, where a person is asked
// for a place and it is written there.
func (s *Server) saveBackup(w http.ResponseWriter, r *http.Request) error {
	return s.makeBackup(w, r, func(ctx context.Context, name string, wish BackupWish) error {
		path, err := s.place(name)
		if err != nil {
			return err
		}
		if path == "" {
			return writeJSON(w, http.StatusOK, placedBackup{})
		}
		made, err := s.o.Office.SaveBackup(ctx, path, wish, s.backups.told)
		if err != nil {
			return s.notBackedUp(r.Context(), ctx, err)
		}
		return writeJSON(w, http.StatusOK, placedBackup{made.Path, made.Bytes, made.Protected})
	})
}

// notBackedUp says why one was not made. What was stopped says so to whoever
// still waits for it.
func (s *Server) notBackedUp(asked, making context.Context, err error) error {
	if asked.Err() != nil {
		return err
	}
	if making.Err() != nil {
		return fail(http.StatusConflict, "stopped", "error.backup_stopped")
	}
	s.o.Log.Warn("backup not saved", "err", err)
	switch kind := s.o.Office.KindOf(err); kind {
	case "disk_full":
		return fail(http.StatusInsufficientStorage, kind, "error.backup_full")
	case "unexpected", "usage", "file_exists": // the place cannot be written
		return fail(http.StatusInternalServerError, "not_saved", "error.not_saved")
	}
	return err
}
