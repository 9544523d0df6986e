//go:build desktop

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// The web engine is another process, and dies by itself: of a driver, of memory,
// of being killed. Wails does not notice, and the window stays empty.
const (
	lookEvery = time.Second
	// patience is how long a page may say nothing: a start on a machine that is
	// busy, a reload. One that lives listens all the time.
	patience = 10 * time.Second
	// firstPatience: the engine itself has to start.
	firstPatience = 30 * time.Second
)

// watch sees to it that there is a page in the window: one that died is shown
// anew, and where that does not help a person is told in words of the system,
// which need no web engine, where else the inbox is.
func (w *desktop) watch() {
	select {
	case <-w.open:
	case <-w.done:
		return
	}
	if w.err != nil {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	limit, silent, tried, said := firstPatience, time.Duration(0), false, false
	for {
		select {
		case <-tick.C:
		case <-w.done:
			return
		}
		// Time that the machine slept does not count: only looks do.
		if silent += lookEvery; w.app.in.Alive(2 * lookEvery) {
			limit, silent, tried = patience, 0, false
		}
		if silent < limit || said {
			continue
		}
		if silent = 0; !tried {
			tried = true
			revive(w.wails, w.app.in.Link())
			continue
		}
		said = true
		w.work.Go(w.blank)
	}
}

// blank tells a person that the window shows nothing, and offers the browser.
func (w *desktop) blank() {
	t, link := w.app.in.Words(w.ctx), w.app.in.Link()
	fmt.Fprintln(os.Stderr, t.T("native.blank_said", "url", link))
	answer, err := runtime.MessageDialog(w.wails, runtime.MessageDialogOptions{Type: runtime.QuestionDialog, Title: t.T("native.blank_title"), Message: t.T("native.blank"), DefaultButton: "Yes"})
	if err == nil && answer == "Yes" {
		runtime.BrowserOpenURL(w.wails, link)
	}
}

// screenSize is that of the screen the window is on; 0 where nobody knows.
func screenSize(ctx context.Context) (width, height int) {
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil {
		return 0, 0
	}
	for _, s := range screens {
		if s.IsCurrent {
			return s.Size.Width, s.Size.Height
		}
	}
	return 0, 0
}
