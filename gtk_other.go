//go:build desktop && !linux

package main

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// leave leaves closing the window to Wails.
func leave() bool { return false }

// revive shows an address where the page died: these systems bring a new engine
// to life by themselves.
func revive(ctx context.Context, address string) {
	runtime.WindowExecJS(ctx, "location.replace("+quoted(address)+")")
}
