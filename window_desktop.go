//go:build desktop

package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	goruntime "runtime"
	"sync"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"bandeja/internal/cli"
	"bandeja/internal/profile"
	"bandeja/internal/server"
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
		Menu:        menus(), EnableDefaultContextMenu: true,
		Logger: logger.NewDefaultLogger(), LogLevelProduction: logger.ERROR,
		OnStartup: func(ctx context.Context) {
			if known && !place.Maximised {
				runtime.WindowSetPosition(ctx, place.X, place.Y)
			}
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
		Windows: &windows.Options{Theme: windows.SystemDefault},
	})
	w.close()
	if err != nil {
		return fmt.Errorf("open the window: %w", err)
	}
	return w.err
}

func startState(p Place) options.WindowStartState {
	if p.Maximised {
		return options.Maximised
	}
	return options.Normal
}

// menus gives macOS the ones without which copy and paste have no keys.
func menus() *menu.Menu {
	if goruntime.GOOS != "darwin" {
		return nil
	}
	return menu.NewMenuFromItems(menu.AppMenu(), menu.EditMenu(), menu.WindowMenu())
}

// desktop is the window while it is open.
type desktop struct {
	app   *App
	ctx   context.Context // of the run
	link  string
	err   error
	notes *notifier
	once  sync.Once
	open  chan struct{} // closed when link or err is known
	done  chan struct{} // closed when the window is
	work  sync.WaitGroup
}

// startup opens the inbox behind the splash; the window closes where that
// fails, and the command line says why.
func (w *desktop) startup(ctx context.Context) {
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
			address, err := json.Marshal(w.link)
			if err != nil {
				return // a string always marshals
			}
			runtime.WindowExecJS(ctx, "location.replace("+string(address)+")")
		})
	})
}

// beforeClose remembers the window's place; it never prevents.
func (w *desktop) beforeClose(ctx context.Context) bool {
	p, _ := w.app.Place(ctx)
	p.Maximised = runtime.WindowIsMaximised(ctx)
	if !p.Maximised {
		p.Width, p.Height = runtime.WindowGetSize(ctx)
		p.X, p.Y = runtime.WindowGetPosition(ctx)
	}
	_ = w.app.SavePlace(context.WithoutCancel(ctx), p) // a window that opens elsewhere is no reason not to close
	return false
}

func (w *desktop) close() {
	close(w.done)
	w.work.Wait()
}
