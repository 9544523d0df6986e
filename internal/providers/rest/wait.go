package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Waiting (SYNC §3).
const (
	firstBackoff  = 500 * time.Millisecond
	longestPause  = 60 * time.Second // of one backoff
	shortestRetry = time.Second      // a Retry-After below it is raised to it
	longestWait   = 15 * time.Minute // a Retry-After above it is not waited out
	farthest      = 10 * 365 * 24 * time.Hour
)

// backoff is the pause before try n+1 (n from 0): full jitter, r in [0,1).
func backoff(n int, r float64) time.Duration {
	limit := longestPause
	if n < 16 {
		limit = min(limit, firstBackoff<<n)
	}
	return time.Duration(r * float64(limit))
}

// retryAfter reads a Retry-After of seconds or of a date; a date counts from
// the reply's own Date, whatever our clock says. ok is false when there is
// none or it is garbage. The shortest wait is a second; how long is too long
// is for the caller.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		if seconds > uint64(farthest/time.Second) {
			return farthest, true
		}
		return max(shortestRetry, time.Duration(seconds)*time.Second), true
	} else if digits(text) {
		return farthest, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(farthest, max(shortestRetry, at.Sub(now))), true
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// sleep waits for d or for the end of ctx, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
