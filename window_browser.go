//go:build !desktop

package main

import (
	"context"

	"bandeja/internal/cli"
	"bandeja/internal/profile"
)

// wailsVersion is empty: this build has no window.
const wailsVersion = ""

// window is nil: the command line opens the browser.
func window() func(context.Context, *profile.Inbox, cli.WindowOptions) error { return nil }
