//go:build !windows

package cache

// lockless is SQLite's name for the system's files without locks.
const lockless = "unix-none"
