//go:build desktop

package main

import (
	"context"
	goruntime "runtime"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// What the window's menus have, by the commands of internal/keys; "" is a line
// between.
var (
	menuApp          = []string{"settings", "tray", "insights"}
	menuConversation = []string{"search", "find", "", "resolve", "reopen", "snooze", "", "assign", "mine", "unassign", "", "note", "copy_link", "", "undo"}
	menuView         = []string{"view_inbox", "view_needs_reply", "view_mine", "view_unassigned", "view_expiring", "view_snoozed", "view_all", "view_spam"}
)

// menus are the window's, in the language of the screen. What the page does by
// its own keys, which a person may change, has them beside its name: as keys of
// the menu they would be taken from whoever types.
func (w *desktop) menus(ctx context.Context) *menu.Menu {
	t := w.app.in.Words(ctx)
	app := w.submenu(ctx, t.T("app.title"), menuApp)
	conversation := w.submenu(ctx, t.T("native.conversation"), menuConversation)
	view := w.submenu(ctx, t.T("native.view"), menuView)
	view.SubMenu.Append(menu.Separator())
	view.SubMenu.AddText(t.T("native.reload"), nil, func(*menu.CallbackData) {
		w.run(func(ctx context.Context) { runtime.WindowExecJS(ctx, "location.reload()") })
	})
	view.SubMenu.AddText(t.T("native.full_screen"), keys.Key("f11"), func(*menu.CallbackData) { w.run(fullScreen) })
	help := w.submenu(ctx, t.T("native.help"), []string{"help"})
	if goruntime.GOOS == "darwin" {
		// Its own menus: without them copy and paste have no keys there.
		return menu.NewMenuFromItems(menu.AppMenu(), app, menu.EditMenu(), conversation, view, menu.WindowMenu(), help)
	}
	app.SubMenu.Append(menu.Separator())
	app.SubMenu.AddText(t.T("native.quit"), keys.CmdOrCtrl("q"), func(*menu.CallbackData) { w.run(runtime.Quit) })
	return menu.NewMenuFromItems(app, conversation, view, help)
}

func (w *desktop) submenu(ctx context.Context, title string, commands []string) *menu.MenuItem {
	m := menu.NewMenu()
	for _, command := range commands {
		if command == "" {
			m.Append(menu.Separator())
			continue
		}
		label, key := w.app.in.Label(ctx, command)
		if key != "" {
			label += "    " + key
		}
		m.AddText(label, nil, func(*menu.CallbackData) { w.app.in.Press(command) })
	}
	return menu.SubMenu(title, m)
}

// run does something with the window, once it is there.
func (w *desktop) run(do func(context.Context)) {
	if w.opened() {
		do(w.wails)
	}
}

// opened reports whether the window has begun its work.
func (w *desktop) opened() bool {
	select {
	case <-w.open:
		return true
	default:
		return false
	}
}

func fullScreen(ctx context.Context) {
	if runtime.WindowIsFullscreen(ctx) {
		runtime.WindowUnfullscreen(ctx)
	} else {
		runtime.WindowFullscreen(ctx)
	}
}
