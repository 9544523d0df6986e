package cli

import (
	"errors"
	"fmt"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// usage is a mistake on the command line.
type usage struct{ text string }

func (u *usage) Error() string { return u.text }

func usagef(format string, args ...any) error { return &usage{fmt.Sprintf(format, args...)} }

// exitCode maps an error's kind to the contract.
func (a *app) exitCode(err error) int {
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
	case "usage", "no_account", "not_found", "exists":
		return exitUsage
	case "refused", "forbidden", "no_key":
		return exitKey
	case "unreachable", "limited", "failing", "not_api", "incomplete":
		return exitIncomplete
	}
	return exitFailed
}

// worst picks the exit code of several accounts: 1, then 4, then 3.
func worst(codes []int) int {
	for _, c := range []int{exitFailed, exitUsage, exitKey, exitIncomplete} {
		for _, got := range codes {
			if got == c {
				return c
			}
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
		return u.text
	case errors.As(err, &owned):
		if owned.Owner == nil {
			return a.words.T("cli.owned_unknown", "dir", a.dir)
		}
		return a.words.T("cli.owned", "dir", a.dir, "pid", fmt.Sprint(owned.Owner.PID), "mode", owned.Owner.Mode, "since", owned.Owner.Since.Local().Format("2006-01-02 15:04"))
	}
	kind := profile.KindOf(err)
	key := "cli.error." + kind
	if errors.Is(err, cache.ErrOlder) {
		key = "cli.error.older"
	}
	if errors.Is(err, cache.ErrForeign) {
		key = "cli.error.foreign"
	}
	detail := profile.Clean(err.Error())
	if !a.words.Has(key) {
		return detail
	}
	return a.words.T(key, "dir", a.dir) + " (" + detail + ")"
}
