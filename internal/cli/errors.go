package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// outcome is an exit code whose reasons have been said already.
type outcome struct{ code int }

func (o *outcome) Error() string { return fmt.Sprintf("exit code %d", o.code) }

// exitCode maps an error's kind to the contract.
func exitCode(err error) int {
	var u *usage
	var owned *profile.OwnedError
	switch {
	case errors.As(err, &owned):
		return exitOwned
	case errors.As(err, &u):
		return exitUsage
	}
	return codeOf(profile.KindOf(err))
}

func codeOf(kind string) int {
	switch kind {
	case "":
		return exitDone
	case "usage", "no_account", "not_found", "exists", "token_exists", "no_token", "unsupported", "irreversible", "who", "file_exists", "in_use":
		return exitUsage
	case "refused", "forbidden", "no_key", "other_workspace":
		return exitKey
	case "unreachable", "limited", "failing", "not_api", "incomplete", "held":
		return exitIncomplete
	}
	return exitFailed
}

// worst picks the exit code of several accounts: 1, then 4, then 3. What one
// account's settings make impossible is a failure, and no bad usage of this
// command line.
func worst(kinds []string) int {
	found := map[int]bool{}
	for _, k := range kinds {
		code := codeOf(k)
		if code == exitUsage {
			code = exitFailed
		}
		found[code] = true
	}
	for _, code := range []int{exitFailed, exitKey, exitIncomplete} {
		if found[code] {
			return code
		}
	}
	return exitDone
}

// sentence says an error in the language of the run, with what to do, and the
// cause in its own words after it.
func (a *app) sentence(err error) string {
	var u *usage
	var owned *profile.OwnedError
	switch {
	case errors.As(err, &u):
		return a.words.T(u.key, u.args...)
	case errors.As(err, &owned):
		if owned.Owner == nil {
			return a.words.T("cli.owned_unknown", "dir", a.dir)
		}
		return a.words.T("cli.owned", "dir", a.dir, "pid", fmt.Sprint(owned.Owner.PID), "mode", owned.Owner.Mode, "since", owned.Owner.Since.Local().Format("2006-01-02 15:04"))
	}
	key := "cli.error." + profile.KindOf(err)
	switch {
	case errors.Is(err, cache.ErrOlder):
		key = "cli.error.older"
	case errors.Is(err, cache.ErrForeign):
		key = "cli.error.foreign"
	case errors.Is(err, syscall.EADDRINUSE):
		key = "cli.error.address_taken"
	case errors.Is(err, syscall.ENOSPC):
		key = "cli.error.disk_full"
	case errors.Is(err, cache.ErrNewer) && strings.Contains(err.Error(), "cache.db"):
		key = "cli.error.newer_cache" // it can
	case errors.Is(err, profile.ErrDamagedAgain):
	case errors.Is(err, cache.ErrCorrupt) && strings.Contains(err.Error(), "local.db"):
		key = "cli.error.damaged_local" // it cannot be copied again
	}
	// The profile's folder is named by the sentence.
	detail := profile.Clean(strings.ReplaceAll(err.Error(), a.dir+string(filepath.Separator), ""))
	if key == "cli.error.usage" {
		// The detail is the whole reason: "bad usage" says nothing more.
		return a.words.T(key) + ": " + strings.TrimPrefix(detail, profile.ErrUsage.Error()+": ")
	}
	if !a.words.Has(key) {
		return detail
	}
	return a.words.T(key, "dir", a.dir) + " (" + detail + ")"
}
