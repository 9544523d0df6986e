//go:build !windows

package main

import (
	"io"
	"os"
)

// console is where the program speaks; done is told how it ended.
func console() (stdout, stderr io.Writer, done func(code int)) {
	return os.Stdout, os.Stderr, func(int) {}
}
