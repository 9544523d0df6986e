//go:build unix

package profile

import (
	"errors"
	"syscall"
)

// freeBytes is the room that is left for this user where a folder lies.
func freeBytes(dir string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

// noRoom reports whether an error is of a disk, or a quota, that is full.
func noRoom(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
