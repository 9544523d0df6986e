//go:build desktop

package main

/*
#cgo !webkit2_41 pkg-config: gtk+-3.0 webkit2gtk-4.0
#cgo webkit2_41 pkg-config: gtk+-3.0 webkit2gtk-4.1
#include <gtk/gtk.h>
#include <stdlib.h>
#include <webkit2/webkit2.h>

static gboolean leave(gpointer none) {
	GList *windows = gtk_window_list_toplevels();
	g_list_foreach(windows, (GFunc)g_object_ref, NULL);
	for (GList *each = windows; each; each = each->next)
		if (GTK_IS_DIALOG(each->data) && gtk_widget_get_visible(GTK_WIDGET(each->data)))
			gtk_dialog_response(GTK_DIALOG(each->data), GTK_RESPONSE_CANCEL);
	g_list_free_full(windows, g_object_unref);
	if (gtk_main_level() > 0)
		gtk_main_quit();
	return G_SOURCE_CONTINUE;
}

static void leave_soon(void) { g_timeout_add(20, leave, NULL); }

static void load_in(GtkWidget *widget, gpointer address) {
	if (WEBKIT_IS_WEB_VIEW(widget))
		webkit_web_view_load_uri(WEBKIT_WEB_VIEW(widget), address);
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), load_in, address);
}

static gboolean load(gpointer address) {
	GList *windows = gtk_window_list_toplevels();
	for (GList *each = windows; each; each = each->next)
		load_in(GTK_WIDGET(each->data), address);
	g_list_free(windows);
	g_free(address);
	return G_SOURCE_REMOVE;
}

static void load_soon(const char *address) { g_idle_add(load, g_strdup(address)); }
*/
import "C"

import (
	"context"
	"unsafe"
)

// leave ends the window's loop, and reports that it does: Wails is not to. It
// calls gtk_main_quit on whatever thread it is, which GTK does not bear, once for
// every signal and quit, also when the loop has ended; and a loop inside, which a
// dialog has, goes on for ever. Here it is asked again on GTK's own thread until
// the loop is over, and dialogs are answered by Cancel: one that opens just now
// is, too.
func leave() bool {
	C.leave_soon()
	return true
}

// revive shows an address where the page died with its web engine. A script,
// which is all that Wails can give a page, would need one that lives.
func revive(_ context.Context, address string) {
	c := C.CString(address)
	defer C.free(unsafe.Pointer(c))
	C.load_soon(c)
}
