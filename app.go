package main

import (
	"context"
	"encoding/json"
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

// Place is where the window was when it was last closed.
type Place struct {
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
}

const settingWindow = "window"

// The smallest window that is usable, and the first one.
const (
	leastWidth, leastHeight = 640, 480
	firstWidth, firstHeight = 1280, 800
)

// Place reads where the window was; known is false for a first window.
func (a *App) Place(ctx context.Context) (p Place, known bool) {
	p = Place{Width: firstWidth, Height: firstHeight}
	v, err := a.in.Local().Setting(ctx, settingWindow)
	if err != nil || json.Unmarshal([]byte(v), &p) != nil {
		return p, false
	}
	p.Width, p.Height = max(p.Width, leastWidth), max(p.Height, leastHeight)
	return p, true
}

// SavePlace remembers where the window is.
func (a *App) SavePlace(ctx context.Context, p Place) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return a.in.Local().SaveSetting(ctx, settingWindow, string(b))
}
