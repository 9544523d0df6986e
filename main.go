// Bandeja: one inbox for the WhatsApp conversations of Waspy and Plática.
package main

import (
	"context"
	"embed"
	"io/fs"
	"os"
	"runtime/debug"

	"bandeja/internal/cli"
)

// The built interface. Its folder keeps one file that the build does not
// remove, so that the program builds without it.
//
//go:embed all:frontend/dist
var dist embed.FS

// version is set by the release build (-ldflags -X main.version=…).
var version = "0.1.0"

func main() {
	assets, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // embedded: cannot fail
	}
	stdout, stderr, done := console()
	code := cli.Run(context.Background(), cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: stdout, Stderr: stderr, Getenv: os.Getenv,
		Assets: assets, Build: build(), Window: window(),
	})
	done(code)
	os.Exit(code)
}

// build reads what the Go toolchain wrote into the program.
func build() cli.Build {
	b := cli.Build{Version: version, Commit: "unknown", Wails: wailsVersion}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Commit = s.Value[:min(12, len(s.Value))]
		}
	}
	return b
}
