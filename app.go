package main

import (
	"fmt"
	"strings"

	"bandeja/internal/cli"
	"bandeja/internal/profile"
	"bandeja/internal/server"
)

// App is one running inbox in a window: the profile, its door on loopback, and
// what only a window can do, which it gives to the server as a few funcs. The
// page in the window has no other way to Go than the API (PLATFORM §1).
type App struct {
	in *profile.Inbox
	o  cli.WindowOptions
}

// NewApp makes an App for an inbox that neither listens nor syncs yet.
func NewApp(in *profile.Inbox, o cli.WindowOptions) *App { return &App{in, o} }

// Start gives the server what the window can do, opens the door and sets the
// inbox to work. It returns the address the window is to show.
func (a *App) Start(n server.Native) (link string, err error) {
	open := n.OpenLink
	n.OpenLink = func(url string) error { return open(plainURL(url)) }
	a.in.SetNative(&n)
	if err := a.o.Started(); err != nil {
		return "", err
	}
	return a.in.Link(), nil
}

// plainURL percent-encodes what Wails' opener refuses though URLs may have it.
// The scheme was checked by the server's own list.
func plainURL(url string) string {
	var b strings.Builder
	for _, r := range url {
		if strings.ContainsRune("()~!*;|`$<>{}[]\\'\"", r) {
			fmt.Fprintf(&b, "%%%02X", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
