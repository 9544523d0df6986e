package main

import (
	"io"
	"os"
	"strings"
	"syscall"
	"unsafe"
)

// console is where the program speaks. bandeja.exe is a program of windows: it
// has no console of its own, and joins the one it was started from. Started from
// a menu there is none: what it would have said there before it fails, done
// shows in a box. bandeja-cli.exe, and what is redirected, are as everywhere.
func console() (stdout, stderr io.Writer, done func(code int)) {
	if h, err := syscall.GetStdHandle(syscall.STD_ERROR_HANDLE); err == nil && h != 0 && h != syscall.InvalidHandle {
		return os.Stdout, os.Stderr, func(int) {}
	}
	const parent = 0xffffffff // ATTACH_PARENT_PROCESS
	if ok, _, _ := syscall.NewLazyDLL("kernel32.dll").NewProc("AttachConsole").Call(parent); ok != 0 {
		if screen, err := os.OpenFile("CONOUT$", os.O_RDWR, 0); err == nil {
			os.Stdout, os.Stderr = screen, screen // of what else writes there
			return screen, screen, func(int) {}
		}
	}
	said := &strings.Builder{}
	return io.Discard, said, func(code int) {
		if code != 0 {
			showBox(said.String())
		}
	}
}

// showBox shows a text and waits for OK.
func showBox(text string) {
	const iconError = 0x10 // MB_ICONERROR
	title, err := syscall.UTF16PtrFromString("Bandeja")
	if err != nil {
		return
	}
	body, err := syscall.UTF16PtrFromString(strings.ReplaceAll(text, "\x00", ""))
	if err != nil {
		return
	}
	syscall.NewLazyDLL("user32.dll").NewProc("MessageBoxW").Call(0, uintptr(unsafe.Pointer(body)), uintptr(unsafe.Pointer(title)), iconError)
}
