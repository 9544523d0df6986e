package profile

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/care"
	"bandeja/internal/notify"
	"bandeja/internal/search"
	"bandeja/internal/server"
)

// Options say how a profile is opened.
type Options struct {
	Dir      string
	Mode     string // window, serve, sync, demo, account: what owner.json says
	Language string // of a profile that has chosen none
	Version  string
	Assets   fs.FS
	Demo     bool
	KeyStore string         // where new keys go: Keyring or File
	Verbose  io.Writer      // where the log is repeated, nil for nowhere
	Native   *server.Native // what only a window can do, nil outside one
	// FreshCache sets a cache.db of a newer Bandeja aside and copies anew,
	// instead of opening nothing.
	FreshCache bool
	// Notice is told when a damaged file was brought back. Nil: nobody is.
	Notice func(cache.Notice)
	// OpenDemo opens a demo office in a language, for whoever has connected nothing
	// yet, and answers its link; "" where it has a window of its own.
	OpenDemo func(lang string) (link string, err error)
	// ProbeEvery is how often a full disk is looked at, 0 for every 10 s.
	ProbeEvery time.Duration
	// TokenRate is how many requests a second one token may make of the providers'
	// own APIs, 0 for the usual.
	TokenRate float64
}

// Inbox is one running inbox: the owner of a profile, with its files, its
// loops and its door to the screen.
type Inbox struct {
	o      Options
	lock   *lock
	owner  Owner
	logs   io.Closer
	log    *slog.Logger
	cache  *cache.Cache
	local  *cache.Local
	search *search.Engine
	keys   *keys
	server *server.Server

	listener net.Listener
	doors    []*http.Server

	index   chan struct{} // something is queued for the message index
	history chan struct{} // something is on its way to local.db's history
	rules   chan struct{} // stored numbers may be to be read anew
	snoozes chan struct{} // a thread was snoozed, or not any longer
	acts    *acting
	telling chan struct{} // there may be something to tell of
	gather  *notify.Gather
	stale   *staleSet // people whose entry in the index is old
	seen    *onScreen
	marks   *marks
	helper  *helper
	moved   burst // entries of the outbox
	damage  *damage
	space   *space

	life  context.Context // ends as Close begins
	end   context.CancelFunc
	close sync.Once
	work  sync.WaitGroup // everything in the background

	deciding sync.Mutex // held while who is who is decided
	noting   sync.Mutex // held while marks that may be taken back are noted and shown
	naming   sync.Mutex // held while accounts are added, changed or removed
	loading  sync.Mutex // held while the people index reads everybody
	rekeys   sync.Mutex // held while stored numbers are read anew
	// forgetting is held while somebody is forgotten.
	forgetting  sync.Mutex
	scanner     care.Scanner
	forgotSoFar atomic.Pointer[ForgetProgress] // nil while nobody is

	watchers atomic.Int32 // commands that go on until they are stopped

	mu     sync.Mutex
	closed bool
	again  sync.Map       // the accounts of which everything is being copied again
	doing  sync.WaitGroup // commands; none is added once closed
	syncs  bool           // Start was told to sync
	loops  map[string]*running
	ending map[string]*running // loops that are being stopped
}

const settingProfileID = "profile_id"

// Open takes the profile: lock, files, keys, log. Nothing syncs or listens
// yet.
//
// Errors: *OwnedError when another process has it; the kinds of cache.
func Open(ctx context.Context, o Options) (*Inbox, error) {
	if err := refuseShared(o.Dir); err != nil {
		return nil, err
	}
	readOnly, err := prepare(o.Dir)
	if err != nil {
		return nil, err
	}
	in := &Inbox{o: o, index: make(chan struct{}, 1), history: make(chan struct{}, 1), rules: make(chan struct{}, 1), snoozes: make(chan struct{}, 1), acts: newActing(), telling: make(chan struct{}, 1), gather: &notify.Gather{}, stale: newStaleSet(), seen: &onScreen{}, marks: &marks{}, helper: newHelper(), damage: newDamage(), loops: map[string]*running{}, ending: map[string]*running{}}
	in.space = newSpace(o.Dir, func() { in.server.Events().State() }, func(fn func() error) error { return in.local.Still(fn) })
	in.life, in.end = context.WithCancel(context.Background())
	in.owner = Owner{PID: os.Getpid(), Mode: o.Mode, Since: time.Now().UTC(), Secret: newSecret()}
	if readOnly {
		err = in.view(ctx)
	} else if in.lock, err = acquire(ctx, o.Dir); err != nil {
		return nil, err
	} else {
		err = in.open(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return in, nil
}

func (in *Inbox) open(ctx context.Context) (err error) {
	if err := in.lock.announce(in.owner); err != nil {
		return err
	}
	if in.log, in.logs, err = openLog(in.o.Dir, in.o.Verbose); err != nil {
		return err
	}
	if err := endRestoring(in.o.Dir); err != nil {
		return err
	}
	if err := in.openFiles(ctx); err != nil {
		return err
	}
	if err := in.keepOut(ctx); err != nil {
		return err
	}
	id, err := in.profileID(ctx)
	if err != nil {
		return err
	}
	if err := in.layOver(ctx); err != nil {
		return err
	}
	in.wire(id)
	in.watchFiles()
	return nil
}

// layOver lays over the cache what a person did: the marks, the changes that
// wait, and who is who.
func (in *Inbox) layOver(ctx context.Context) error {
	if err := in.mirror(ctx); err != nil {
		return err
	}
	if err := in.showWishes(ctx); err != nil {
		return err
	}
	_, err := in.cache.ShowTies(ctx, in.local)
	return err
}

// wire puts what serves and searches over the files.
func (in *Inbox) wire(id string) {
	in.keys = &keys{dir: in.o.Dir, id: id}
	in.search = search.New(in.cache, in.local)
	in.server = server.New(server.Options{
		Cache: in.cache, Local: in.local, Search: in.search, Assets: in.o.Assets, Version: in.o.Version, Demo: in.o.Demo,
		ProfileID: id, Secret: in.owner.Secret, Language: in.o.Language, Log: in.log, Office: in.office(), Native: in.o.Native, TokenRate: in.o.TokenRate,
	})
}

func (in *Inbox) profileID(ctx context.Context) (string, error) {
	id, err := in.local.Setting(ctx, settingProfileID)
	if err != nil || id != "" {
		return id, err
	}
	id = strings.ToLower(rand.Text()[:12])
	return id, in.local.SaveSetting(ctx, settingProfileID, id)
}

// Cache is what the providers said.
func (in *Inbox) Cache() *cache.Cache { return in.cache }

// Local is what only this profile knows.
func (in *Inbox) Local() *cache.Local { return in.local }

// office is what the screen and other processes may ask of this inbox.
func (in *Inbox) office() server.Office {
	return server.Office{
		AddAccount: func(ctx context.Context, a server.NewAccount) (server.Added, error) {
			added, err := during(ctx, in, func(ctx context.Context) (Found, error) {
				return in.Add(ctx, AddAccount{Provider: a.Provider, Name: a.Name, BaseURL: a.BaseURL, Key: a.Key,
					Region: a.Region, Area: a.Area, Zone: a.Zone, KeyStore: a.KeyStore})
			})
			return server.Added{Workspaces: added.Workspaces, Sample: added.Sample}, err
		},
		SetAccount: func(ctx context.Context, name string, c server.AccountChange) error {
			_, err := during(ctx, in, func(ctx context.Context) (Found, error) {
				return in.Set(ctx, SetAccount{Name: name, BaseURL: c.BaseURL, Region: c.Region, Area: c.Area, Zone: c.Zone, Rate: c.Rate})
			})
			return err
		},
		RekeyAccount: func(ctx context.Context, name, key string) (server.Added, error) {
			found, err := during(ctx, in, func(ctx context.Context) (Found, error) { return in.Rekey(ctx, name, key, false) })
			return server.Added{Workspaces: found.Workspaces, Sample: found.Sample}, err
		},
		RemoveAccount: func(ctx context.Context, name string) error {
			_, err := during(ctx, in, func(ctx context.Context) (struct{}, error) { return struct{}{}, in.Remove(ctx, name, false) })
			return err
		},
		Change: in.changeThreads,
		Retry: func(ctx context.Context, id string) (cache.Wish, error) {
			return during(ctx, in, func(ctx context.Context) (cache.Wish, error) { return in.RetryEntry(ctx, id) })
		},
		Drop: func(ctx context.Context, id string) error {
			_, err := during(ctx, in, func(ctx context.Context) (cache.Wish, error) { return in.DropEntry(ctx, id) })
			return err
		},
		Undo: func(ctx context.Context, ids []string) ([]cache.Undone, error) {
			return during(ctx, in, func(ctx context.Context) ([]cache.Undone, error) { return in.Undo(ctx, ids) })
		},
		Hold: func(ctx context.Context, name string, held bool) error {
			_, err := during(ctx, in, func(ctx context.Context) (struct{}, error) { return struct{}{}, in.Hold(ctx, name, held) })
			return err
		},
		Join: func(ctx context.Context, a, b string) (Decided, error) {
			return during(ctx, in, func(ctx context.Context) (Decided, error) { return in.Join(ctx, a, b) })
		},
		Split: func(ctx context.Context, person, contact string) (Decided, error) {
			return during(ctx, in, func(ctx context.Context) (Decided, error) { return in.Split(ctx, person, contact) })
		},
		Apart: func(ctx context.Context, a, b string) (Decided, error) {
			return during(ctx, in, func(ctx context.Context) (Decided, error) { return in.Apart(ctx, a, b) })
		},
		UndoJoin: func(ctx context.Context, id string) error {
			_, err := during(ctx, in, func(ctx context.Context) (struct{}, error) { return struct{}{}, in.UndoJoin(ctx, id) })
			return err
		},
		Snooze: func(ctx context.Context, threads []string, until time.Time) error {
			_, err := during(ctx, in, func(ctx context.Context) (struct{}, error) { return struct{}{}, in.snooze(ctx, threads, until) })
			return err
		},
		Acts:         in.actsOf(),
		Apply:        in.apply,
		AddToken:     in.addToken,
		OpenDemo:     in.o.OpenDemo,
		DropToken:    in.RevokeToken,
		Forgetter:    in.forgetter(),
		AskProviders: in.AskProviders,
		Brought:      in.Brought,
		Sync:         in.wake,
		CopyAgain:    in.copyAgain,
		Measure:      in.measure,
		Examine:      in.examine,
		Diagnostics:  in.diagnostics,
		SaveBackup:   in.backUpFor,
		Statuses:     in.statuses,
		Opened:       in.opened,
		Fetch:        in.fetch,
		Storage:      in.storage,
		Do: func(ctx context.Context, command string, args json.RawMessage, progress func(any)) (any, error) {
			return in.Do(ctx, command, args, progress)
		},
		KindOf: KindOf,
	}
}

// during runs fn while the inbox is open: Close ends its ctx and waits for it.
func during[T any](ctx context.Context, in *Inbox, fn func(context.Context) (T, error)) (out T, err error) {
	if in.Viewing() {
		return out, fmt.Errorf("%s: %w: it is only being looked at", in.o.Dir, cache.ErrReadOnly)
	}
	return whileOpen(ctx, in, fn)
}

// whileOpen is during for what only reads the profile.
func whileOpen[T any](ctx context.Context, in *Inbox, fn func(context.Context) (T, error)) (out T, err error) {
	in.mu.Lock()
	if in.closed {
		in.mu.Unlock()
		return out, fmt.Errorf("%w: Bandeja is closing", ErrIncomplete)
	}
	in.doing.Add(1)
	in.mu.Unlock()
	defer in.doing.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(in.life, cancel)()
	out, err = fn(ctx)
	if err != nil && in.life.Err() != nil && errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w: Bandeja was closed meanwhile", ErrIncomplete)
	}
	return out, err
}

// Close stops the loops and the commands under way, ends the streams, closes
// the files and gives the profile up, in that order. A second call does
// nothing.
func (in *Inbox) Close() error {
	var err error
	in.close.Do(func() { err = in.closeAll() })
	return err
}

// closeTime is how long answers under way may take to reach their readers.
const closeTime = 5 * time.Second

// closeDoors lets no more in, and waits for those who are.
func (in *Inbox) closeDoors() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	for _, door := range in.doors {
		if door.Shutdown(ctx) != nil {
			err = errors.Join(err, door.Close())
		}
	}
	return err
}

func (in *Inbox) closeAll() error {
	var errs []error
	in.mu.Lock()
	in.closed = true
	in.mu.Unlock()
	in.end()
	if in.server != nil {
		in.server.Close()
	}
	errs = append(errs, in.closeDoors())
	in.doing.Wait()
	in.work.Wait()
	if in.local != nil && in.server != nil && !in.Viewing() {
		// Most commands are over before a day's backup has its turn.
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		in.backUp(ctx)
		cancel()
	}
	if in.cache != nil {
		errs = append(errs, in.cache.Close())
	}
	if in.local != nil {
		errs = append(errs, in.local.Close())
	}
	errs = append(errs, in.scanner.Close()) // the files are closed: no lock hangs on it any more
	if in.logs != nil {
		errs = append(errs, in.logs.Close())
	}
	if in.lock != nil {
		errs = append(errs, in.lock.release())
	}
	return errors.Join(errs...)
}
