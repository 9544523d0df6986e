//go:build desktop

package main

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// hasDisplay reports whether a window can be opened here. GTK ends the program
// where it cannot, so it must not be asked.
func hasDisplay(getenv func(string) string) bool {
	if runtime.GOOS != "linux" {
		return true
	}
	if w := getenv("WAYLAND_DISPLAY"); w != "" {
		if !filepath.IsAbs(w) {
			w = filepath.Join(getenv("XDG_RUNTIME_DIR"), w)
		}
		if answers("unix", w) {
			return true
		}
	}
	host, number, ok := strings.Cut(getenv("DISPLAY"), ":")
	if !ok {
		return false
	}
	number, _, _ = strings.Cut(number, ".")
	if host != "" && host != "unix" {
		return true // somebody else's screen: let GTK try
	}
	return answers("unix", "/tmp/.X11-unix/X"+number) || answers("unix", "\x00/tmp/.X11-unix/X"+number)
}

func answers(network, address string) bool {
	c, err := net.Dial(network, address)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// graphics sets what WebKit reads at its start. Blank windows are known on
// machines with NVIDIA's driver (PLATFORM §1).
func graphics(safe bool) error {
	set := map[string]string{}
	if _, err := os.Stat("/sys/module/nvidia"); err == nil || safe {
		set["WEBKIT_DISABLE_DMABUF_RENDERER"] = "1"
	}
	if safe {
		set["WEBKIT_DISABLE_COMPOSITING_MODE"] = "1"
	}
	for k, v := range set {
		if os.Getenv(k) != "" {
			continue
		}
		if err := os.Setenv(k, v); err != nil {
			return err
		}
	}
	return nil
}
