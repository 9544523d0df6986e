package profile

import (
	"cmp"
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
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"bandeja/internal/cache"
	"bandeja/internal/search"
	"bandeja/internal/server"
	"bandeja/internal/syncer"
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
	http     *http.Server

	index chan struct{} // something is queued for the message index
	stale *staleSet     // people whose entry in the index is old
	seen  *onScreen

	mu    sync.Mutex
	run   context.Context // of the loops; nil before Start
	syncs bool            // Start was told to sync
	stop  context.CancelFunc
	loops map[string]*running
	work  sync.WaitGroup
}

// running is one account's loop and its end.
type running struct {
	loop *syncer.Loop
	stop context.CancelFunc
	done chan struct{}
}

const settingProfileID = "profile_id"

// Open takes the profile: lock, files, keys, log. Nothing syncs or listens
// yet.
//
// Errors: *OwnedError when another process has it; the kinds of cache.
func Open(ctx context.Context, o Options) (*Inbox, error) {
	if err := prepare(o.Dir); err != nil {
		return nil, err
	}
	l, err := acquire(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	in := &Inbox{o: o, lock: l, index: make(chan struct{}, 1), stale: newStaleSet(), seen: &onScreen{}, loops: map[string]*running{}}
	in.owner = Owner{PID: os.Getpid(), Mode: o.Mode, Since: time.Now().UTC(), Secret: newSecret()}
	if err := in.open(ctx); err != nil {
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
	if in.local, err = cache.OpenLocal(ctx, filepath.Join(in.o.Dir, localFile), cache.ReadWrite); err != nil {
		return err
	}
	if in.cache, err = cache.OpenCache(ctx, filepath.Join(in.o.Dir, cacheFile), cache.ReadWrite); err != nil {
		return err
	}
	id, err := in.profileID(ctx)
	if err != nil {
		return err
	}
	in.keys = &keys{dir: in.o.Dir, id: id}
	in.search = search.New(in.cache)
	if err := in.mirror(ctx); err != nil {
		return err
	}
	in.server = server.New(server.Options{
		Cache: in.cache, Local: in.local, Search: in.search, Assets: in.o.Assets, Version: in.o.Version, Demo: in.o.Demo,
		ProfileID: id, Secret: in.owner.Secret, Language: in.o.Language, Log: in.log, Office: in.office(), Native: in.o.Native,
	})
	return nil
}

func (in *Inbox) profileID(ctx context.Context) (string, error) {
	id, err := in.local.Setting(ctx, settingProfileID)
	if err != nil || id != "" {
		return id, err
	}
	id = strings.ToLower(rand.Text()[:12])
	return id, in.local.SaveSetting(ctx, settingProfileID, id)
}

// mirror shows in the cache what local.db noted while the cache was away.
func (in *Inbox) mirror(ctx context.Context) error {
	at, err := in.cache.Mirrored(ctx)
	if err != nil {
		return err
	}
	marks, err := in.local.MarksAfter(ctx, at)
	if err != nil {
		return err
	}
	return in.cache.Mirror(ctx, marks)
}

// Cache is what the providers said.
func (in *Inbox) Cache() *cache.Cache { return in.cache }

// Local is what only this profile knows.
func (in *Inbox) Local() *cache.Local { return in.local }

// office is what the screen and other processes may ask of this inbox.
func (in *Inbox) office() server.Office {
	return server.Office{
		AddAccount: func(ctx context.Context, a server.NewAccount) (server.Added, error) {
			added, err := in.Add(ctx, AddAccount{Provider: a.Provider, Name: a.Name, BaseURL: a.BaseURL, Key: a.Key,
				Region: a.Region, Area: a.Area, Zone: a.Zone, KeyStore: a.KeyStore})
			return server.Added{Workspaces: added.Workspaces, Sample: added.Sample}, err
		},
		RemoveAccount: func(ctx context.Context, name string) error { return in.Remove(ctx, name, false) },
		Sync:          in.wake,
		Statuses:      in.statuses,
		Opened: func(thread string) {
			in.seen.open(thread, time.Now())
			in.wake("")
		},
		Do: func(ctx context.Context, command string, args json.RawMessage, progress func(any)) (any, error) {
			return in.Do(ctx, command, args, progress)
		},
		KindOf: KindOf,
	}
}

// Connections and times the listener bears (DESIGN §8).
const (
	mostConnections = 256
	headerTime      = 10 * time.Second
	idleTime        = 2 * time.Minute
	headerBytes     = 32 << 10
)

const settingPort = "port"

// Listen opens the door: at address, or, for "", on loopback with a port
// chosen once and remembered. It tells others by owner.json and returns the
// origin, http://127.0.0.1:PORT.
func (in *Inbox) Listen(ctx context.Context, address string) (origin string, err error) {
	if in.listener, err = in.bind(ctx, address); err != nil {
		return "", err
	}
	at := in.listener.Addr().String()
	in.http = &http.Server{
		Handler: in.server.Guard(at), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(in.log.Handler(), slog.LevelWarn),
	}
	in.work.Go(func() {
		if err := in.http.Serve(netutil.LimitListener(in.listener, mostConnections)); !errors.Is(err, http.ErrServerClosed) {
			in.log.Error("listener ended", "err", err)
		}
	})
	in.owner.Address = "http://" + at
	return in.owner.Address, in.lock.announce(in.owner)
}

func (in *Inbox) bind(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	if address != "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, fmt.Errorf("%w: --listen wants HOST:PORT: %v", ErrUsage, err)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, fmt.Errorf("%w: %s is not a loopback address, and this version listens on loopback alone", ErrUsage, cmp.Or(host, "every interface"))
		}
		l, err := lc.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
		return l, nil
	}
	port, err := in.local.Setting(ctx, settingPort)
	if err != nil {
		return nil, err
	}
	if port != "" {
		if l, err := lc.Listen(ctx, "tcp", "127.0.0.1:"+port); err == nil {
			return l, nil
		}
		in.log.Warn("the remembered port is taken, another is used this once", "port", port)
	}
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	if port == "" {
		_, chosen, _ := net.SplitHostPort(l.Addr().String())
		err = in.local.SaveSetting(ctx, settingPort, chosen)
	}
	return l, err
}

// Link is an address that opens one session: good once, for ten minutes.
func (in *Inbox) Link() string { return in.owner.Address + "/#k=" + in.server.Code() }

// SetNative gives the server what only a window can do, before Listen.
func (in *Inbox) SetNative(n *server.Native) {
	in.o.Native = n
	in.server.SetNative(n)
}

// Close stops the loops, ends the streams, closes the files and gives the
// profile up, in that order.
func (in *Inbox) Close() error {
	var errs []error
	in.mu.Lock()
	if in.stop != nil {
		in.stop()
	}
	in.mu.Unlock()
	if in.server != nil {
		in.server.Close()
	}
	if in.http != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if err := in.http.Shutdown(ctx); err != nil {
			errs = append(errs, in.http.Close())
		}
		cancel()
	}
	in.work.Wait()
	if in.cache != nil {
		errs = append(errs, in.cache.Close())
	}
	if in.local != nil {
		errs = append(errs, in.local.Close())
	}
	if in.logs != nil {
		errs = append(errs, in.logs.Close())
	}
	return errors.Join(append(errs, in.lock.release())...)
}

// Origin is where the inbox listens: http://127.0.0.1:PORT.
func (in *Inbox) Origin() string { return in.owner.Address }
