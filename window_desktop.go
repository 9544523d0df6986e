//go:build desktop

package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"bandeja/internal/cli"
	"bandeja/internal/profile"
	"bandeja/internal/server"
	"bandeja/internal/words"
)

// wailsVersion is pinned in go.mod; `version` shows it.
const wailsVersion = "v2.16.0"

// The splash is all that Wails' own asset server carries: it crashes under
// request bodies (PLATFORM §1), so the window shows our loopback address.
//
//go:embed build/splash
var splash embed.FS

//go:embed build/appicon.png
var icon []byte

func window() func(context.Context, *profile.Inbox, cli.WindowOptions) error { return openWindow }

// openWindow shows the inbox in a window and returns when it is closed, or ctx
// ends. Signals Wails takes by itself. cli.ErrNoDisplay where there is no
// display.
func openWindow(ctx context.Context, in *profile.Inbox, o cli.WindowOptions) error {
	if !hasDisplay(os.Getenv) {
		return cli.ErrNoDisplay
	}
	if err := graphics(o.SafeGraphics); err != nil {
		return err
	}
	assets, err := fs.Sub(splash, "build/splash")
	if err != nil {
		return err
	}
	w := &desktop{app: NewApp(in, o), ctx: ctx, open: make(chan struct{}), done: make(chan struct{})}
	place, known := w.app.Place(ctx)
	err = wails.Run(&options.App{
		Title: o.Title, Width: place.Width, Height: place.Height, MinWidth: leastWidth, MinHeight: leastHeight,
		WindowStartState: startState(place), BackgroundColour: options.NewRGB(0xf7, 0xf6, 0xf4),
		AssetServer: &assetserver.Options{Assets: assets},
		Menu:        w.menus(ctx), EnableDefaultContextMenu: true,
		Logger: logger.NewDefaultLogger(), LogLevelProduction: logger.ERROR,
		OnStartup: func(ctx context.Context) {
			w.settle(ctx, place, known)
			w.startup(ctx)
		},
		OnDomReady:    w.ready,
		OnBeforeClose: w.beforeClose,
		OnShutdown: func(context.Context) {
			if w.notes != nil {
				w.notes.close()
			}
		},
		Linux:   &linux.Options{Icon: icon, ProgramName: "bandeja", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows: &windows.Options{Theme: windows.SystemDefault, Messages: webViewWords(in.Words(ctx))},
	})
	w.close()
	if err != nil && !w.opened() {
		// Nothing has begun: without its web view a machine has no window for us,
		// as one without a display.
		return errors.Join(cli.ErrNoDisplay, err)
	}
	if err != nil {
		return fmt.Errorf("open the window: %w", err)
	}
	return w.err
}

// webViewWords are what is said where Microsoft's WebView2 is missing, or fails.
func webViewWords(t words.Words) *windows.Messages {
	m := windows.DefaultMessages()
	m.MissingRequirements, m.Error = t.T("app.title"), t.T("app.title")
	m.InstallationRequired = t.T("native.webview_missing")
	m.UpdateRequired = t.T("native.webview_old")
	m.Webview2NotInstalled = t.T("native.webview_refused")
	m.FailedToInstall = t.T("native.webview_failed")
	m.WebView2ProcessCrash = t.T("native.webview_crashed")
	return m
}

func startState(p Place) options.WindowStartState {
	if p.Maximised {
		return options.Maximised
	}
	return options.Normal
}

// settle puts a window that was open before where it was, and any whole on its
// screen.
func (w *desktop) settle(ctx context.Context, was Place, known bool) {
	if was.Maximised {
		return
	}
	p := was.On(screenSize(ctx))
	smaller := p.Width != was.Width || p.Height != was.Height
	if smaller {
		runtime.WindowSetSize(ctx, p.Width, p.Height)
	}
	if known || smaller { // one that was put in the middle, too, when it was larger
		runtime.WindowSetPosition(ctx, p.X, p.Y)
	}
}

// desktop is the window while it is open.
type desktop struct {
	app   *App
	ctx   context.Context // of the run
	wails context.Context // what Wails' runtime wants, once open is closed
	link  string
	err   error
	notes *notifier
	once  sync.Once
	open  chan struct{} // closed when link or err is known
	done  chan struct{} // closed when the window is
	work  sync.WaitGroup
	left  atomic.Bool // it is being closed
}

// startup opens the inbox behind the splash; the window closes where that
// fails, and the command line says why.
func (w *desktop) startup(ctx context.Context) {
	w.wails = ctx
	raise := func() {
		runtime.WindowUnminimise(ctx)
		runtime.Show(ctx)
		runtime.WindowShow(ctx)
	}
	w.notes = newNotifier(ctx, func(thread string) {
		raise()
		w.app.in.GoTo(thread)
	})
	w.link, w.err = w.app.Start(server.Native{
		SaveAs: func(name string) (string, error) {
			return runtime.SaveFileDialog(ctx, runtime.SaveDialogOptions{DefaultFilename: name, CanCreateDirectories: true})
		},
		OpenLink: func(url string) error {
			runtime.BrowserOpenURL(ctx, url)
			return nil
		},
		Raise:  raise,
		Notify: w.notes.show,
		Title:  func(title string) { runtime.WindowSetTitle(ctx, title) },
	})
	close(w.open)
	if w.err != nil {
		runtime.Quit(ctx)
		return
	}
	w.work.Go(w.watch)
	w.work.Go(func() {
		select {
		case <-w.ctx.Done():
			runtime.Quit(ctx)
		case <-w.done:
		}
	})
}

// ready runs when the splash is there, which may be before the inbox is open,
// and once more for each page of ours.
func (w *desktop) ready(ctx context.Context) {
	w.once.Do(func() {
		w.work.Go(func() {
			select {
			case <-w.open:
			case <-w.done:
				return
			}
			if w.err != nil {
				return
			}
			runtime.WindowExecJS(ctx, "location.replace("+quoted(w.link)+")")
		})
	})
}

// quoted is s as a literal of JavaScript.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""` // a string always marshals
	}
	return string(b)
}

// beforeClose remembers the window's place, once: a signal comes by Wails and by
// ctx, and somebody may press the button meanwhile. It reports whether Wails is
// to leave the closing alone.
func (w *desktop) beforeClose(ctx context.Context) bool {
	if !w.left.CompareAndSwap(false, true) {
		return true
	}
	p, _ := w.app.Place(ctx)
	p.Maximised = runtime.WindowIsMaximised(ctx)
	if !p.Maximised {
		p.Width, p.Height = runtime.WindowGetSize(ctx)
		p.X, p.Y = runtime.WindowGetPosition(ctx)
	}
	_ = w.app.SavePlace(context.WithoutCancel(ctx), p) // a window that opens elsewhere is no reason not to close
	return leave()
}

func (w *desktop) close() {
	close(w.done)
	w.work.Wait()
}
