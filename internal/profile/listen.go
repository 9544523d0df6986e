package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"bandeja/internal/server"
)

// Connections and times the listener bears (DESIGN §8).
const (
	mostConnections = 256
	headerTime      = 10 * time.Second
	idleTime        = 2 * time.Minute
	headerBytes     = 128 << 10 // a query of ten thousand characters, each written as %F0%9F%99%82
	// Where no stream of events is served.
	readTime  = 30 * time.Second
	writeTime = 60 * time.Second
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
	in.owner.Address = "http://" + at
	door := in.httpServer(in.server.Guard(at))
	in.serve(door, func() error { return door.Serve(netutil.LimitListener(in.listener, mostConnections)) })
	if in.Viewing() {
		return in.owner.Address, nil
	}
	return in.owner.Address, in.lock.announce(in.owner)
}

func (in *Inbox) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(in.log.Handler(), slog.LevelWarn),
	}
}

// serve runs a door until Close.
func (in *Inbox) serve(door *http.Server, run func() error) {
	in.doors = append(in.doors, door)
	in.work.Go(func() {
		if err := run(); !errors.Is(err, http.ErrServerClosed) {
			in.log.Error("listener ended", "err", err)
		}
	})
}

func (in *Inbox) bind(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	if address != "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, fmt.Errorf("%w: --listen wants HOST:PORT: %v", ErrUsage, err)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, fmt.Errorf("%w: %s is not a loopback address, where alone the inbox is served", ErrUsage, cmp.Or(host, "every interface"))
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
	if port == "" && !in.Viewing() {
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

// Origin is where the inbox listens: http://127.0.0.1:PORT.
func (in *Inbox) Origin() string { return in.owner.Address }
