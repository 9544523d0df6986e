package server

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"sync"

	"bandeja/internal/cache"
	"bandeja/internal/export"
)

// mostExports bounds how many exports are remembered: beyond it the oldest goes.
const mostExports = 50

// How an export stands.
const (
	exportReady   = "ready" // and not begun
	exportRunning = "running"
	exportDone    = "done"
	exportStopped = "stopped"
	exportFailed  = "failed"
)

// exports are those that pages asked for, the oldest first.
type exports struct {
	mu  sync.Mutex
	all []*exportRun
}

// exportRun is one of them.
type exportRun struct {
	id   string
	name string // the file's
	job  export.Job

	mu     sync.Mutex
	state  string
	done   int64
	total  int64
	sum    hash.Hash
	cancel context.CancelFunc
}

// exportAnswer is what a page is told of one.
type exportAnswer struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	State  string `json:"state"`
	Done   int64  `json:"done"`
	Total  *int64 `json:"total"` // null where it is not known
	SHA256 string `json:"sha256"`
}

func (e *exports) add(job export.Job, name string, total int64) *exportRun {
	run := &exportRun{id: "e_" + rand.Text(), name: name, job: job, state: exportReady, total: total}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all = append(e.all, run); len(e.all) > mostExports {
		e.all[0].stop()
		e.all = e.all[1:]
	}
	return run
}

func (e *exports) find(id string) (*exportRun, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, run := range e.all {
		if run.id == id {
			return run, nil
		}
	}
	return nil, cache.ErrNotFound
}

// close stops them all.
func (e *exports) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, run := range e.all {
		run.stop()
	}
}

func (r *exportRun) answer() exportAnswer {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := exportAnswer{ID: r.id, Name: r.name, State: r.state, Done: r.done}
	if r.total > 0 {
		a.Total = &r.total
	}
	if r.state == exportDone {
		a.SHA256 = hex.EncodeToString(r.sum.Sum(nil))
	}
	return a
}

// begin begins it, once; the context ends when somebody stops it.
func (r *exportRun) begin(ctx context.Context) (context.Context, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state != exportReady {
		return nil, fail(http.StatusConflict, "begun", "error.export_begun")
	}
	r.state, r.sum = exportRunning, sha256.New()
	ctx, r.cancel = context.WithCancel(ctx)
	return ctx, nil
}

// write writes the file to w. Whoever has begun it says how that came out: end.
func (r *exportRun) write(ctx context.Context, c *cache.Cache, w io.Writer) error {
	job := r.job
	job.Progress = func(done, _ int64) {
		r.mu.Lock()
		r.done = done
		r.mu.Unlock()
	}
	out := bufio.NewWriterSize(io.MultiWriter(w, r.sum), 1<<16)
	err := job.Write(ctx, c, out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil && ctx.Err() != nil { // whatever it says of that
		err = errors.Join(ctx.Err(), err)
	}
	return err
}

// end says how it came out.
func (r *exportRun) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancel()
	switch {
	case err == nil:
		r.state = exportDone
	case errors.Is(err, context.Canceled):
		r.state = exportStopped
	default:
		r.state = exportFailed
	}
}

// stop ends it, begun or not.
func (r *exportRun) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.state {
	case exportReady:
		r.state = exportStopped
	case exportRunning:
		r.cancel()
	}
}
