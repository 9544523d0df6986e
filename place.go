package main

import (
	"context"
	"encoding/json"
)

// Place is where the window was when it was last closed, on its screen.
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

// On is the place on a screen of that size, whole: the one where the window was
// may be gone, or smaller now.
func (p Place) On(width, height int) Place {
	if width <= 0 || height <= 0 {
		return p // not known: as it was
	}
	p.Width, p.Height = min(p.Width, width), min(p.Height, height)
	p.X = max(0, min(p.X, width-p.Width))
	p.Y = max(0, min(p.Y, height-p.Height))
	return p
}

// Place reads where the window was; known is false for a first window.
func (a *App) Place(ctx context.Context) (p Place, known bool) {
	p = Place{Width: firstWidth, Height: firstHeight}
	v, err := a.in.Local().Setting(ctx, settingWindow)
	if err != nil || json.Unmarshal([]byte(v), &p) != nil {
		return Place{Width: firstWidth, Height: firstHeight}, false
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
