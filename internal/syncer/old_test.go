package syncer

import (
	"testing"
	"time"

	"bandeja/internal/cache"
)

// A wish is sent unasked for a day. The clock may have gone back since it was
// made: by a little it is young, by more nobody knows.
func TestTooOld(t *testing.T) {
	for age, want := range map[time.Duration]bool{
		0: false, time.Minute: false, 23 * time.Hour: false, 25 * time.Hour: true,
		-time.Minute: false, -23 * time.Hour: false, -25 * time.Hour: true, -365 * 24 * time.Hour: true,
	} {
		if got := tooOld(cache.Wish{MadeAt: time.Now().Add(-age)}); got != want {
			t.Errorf("made %s ago: %v", age, got)
		}
	}
}
