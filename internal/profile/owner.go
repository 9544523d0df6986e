package profile

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Owner is the process that holds a profile's lock, as it says itself in
// owner.json (0600).
type Owner struct {
	PID     int       `json:"pid"`
	Mode    string    `json:"mode"` // window, serve, sync, demo, account
	Since   time.Time `json:"since"`
	Address string    `json:"address"` // http://127.0.0.1:PORT, "" while it does not listen
	Secret  string    `json:"secret"`
}

// OwnedError: another process owns the profile and could not be asked.
type OwnedError struct {
	Owner *Owner // nil where it has not said who it is
	Err   error
}

func (e *OwnedError) Error() string {
	if e.Owner == nil {
		return "another process is using this profile"
	}
	return fmt.Sprintf("another Bandeja is using this profile: process %d (%s), since %s", e.Owner.PID, e.Owner.Mode, e.Owner.Since.Local().Format("2006-01-02 15:04"))
}

func (e *OwnedError) Unwrap() error { return e.Err }

// lock is the OS file lock of a profile, held for life.
type lock struct {
	f   *flock.Flock
	dir string
}

// lockWait is how long a command waits for another's short work to end.
const lockWait = 1500 * time.Millisecond

// acquire takes the profile's lock. *OwnedError when another process has it.
func acquire(ctx context.Context, dir string) (*lock, error) {
	f := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	deadline := time.Now().Add(lockWait)
	for {
		ok, err := f.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock the profile %s: %w", dir, err)
		}
		if ok {
			return &lock{f, dir}, nil
		}
		owner, err := ReadOwner(dir)
		if err == nil && owner.Address != "" || time.Now().After(deadline) {
			return nil, &OwnedError{Owner: owner, Err: err}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (l *lock) announce(o Owner) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := writePrivate(filepath.Join(l.dir, ownerFile), b); err != nil {
		return fmt.Errorf("say who owns the profile: %w", err)
	}
	return nil
}

func (l *lock) release() error {
	err := os.Remove(filepath.Join(l.dir, ownerFile))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.f.Unlock())
}

// ReadOwner reads who owns a profile. What a killed process left behind may be
// there too: only a failed lock says that it is alive.
func ReadOwner(dir string) (*Owner, error) {
	b, err := os.ReadFile(filepath.Join(dir, ownerFile))
	if err != nil {
		return nil, err
	}
	var o Owner
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, fmt.Errorf("read %s: %w", ownerFile, err)
	}
	return &o, nil
}

func newSecret() string { return rand.Text() + rand.Text() }

// Ask has the owner do a command: the second process's way in. progress gets
// what the owner says on the way; result, a pointer, its answer.
//
// Errors: *OwnedError when it cannot be asked; else what Do would have given.
func (o *Owner) Ask(ctx context.Context, command string, args any, progress func(json.RawMessage), result any) error {
	if o.Address == "" {
		return &OwnedError{Owner: o}
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.Address+"/owner/"+command, bytes.NewReader(body))
	if err != nil {
		return &OwnedError{Owner: o, Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+o.Secret)
	req.Header.Set("Content-Type", "application/json")
	// One answer, from here and nowhere else: what is sent may hold a key.
	asker := http.Client{Transport: &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: answerWait}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := asker.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			err = errors.Join(errNobody, err)
		}
		return &OwnedError{Owner: o, Err: err}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return &OwnedError{Owner: o, Err: fmt.Errorf("it answered HTTP %d", res.StatusCode)}
	}
	return o.hear(ctx, res.Body, progress, result)
}

// answerWait: an owner says at once that it has heard, however long the command
// takes then. One that stands still never does.
const answerWait = 10 * time.Second

// errNobody: nobody listens where the owner said it does.
var errNobody = errors.New("nobody listens there")

// hear reads an owner's answer, line by line.
func (o *Owner) hear(ctx context.Context, body io.Reader, progress func(json.RawMessage), result any) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var l Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return &OwnedError{Owner: o, Err: err}
		}
		switch {
		case l.Progress != nil:
			if progress != nil {
				progress(l.Progress)
			}
		case l.Error != nil:
			return l.Error.restore()
		default:
			if result == nil || len(l.Result) == 0 {
				return nil
			}
			return json.Unmarshal(l.Result, result)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &OwnedError{Owner: o, Err: errors.Join(lines.Err(), errors.New("it ended before it answered"))}
}

// Line is one line of an owner's answer: progress, then a result or an error.
type Line struct {
	Progress json.RawMessage `json:"progress,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Error    *RemoteError    `json:"error,omitempty"`
}
