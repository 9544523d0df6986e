package profile

import (
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// What waits for a person is wished once more by wishing it; and what was done
// after the conversation was read counts, not what was read.
func TestSameAlready(t *testing.T) {
	read := time.Now()
	entry := func(s cache.WishState, doneAt time.Time) []cache.Wish {
		return []cache.Wish{{ID: "o_1", Field: inbox.FieldStatus, Base: "open", Want: "resolved", State: s, DoneAt: doneAt}}
	}
	for _, tt := range []struct {
		name    string
		entries []cache.Wish
		want    string
		same    bool
	}{
		{"nothing waits", nil, "resolved", false},
		{"nothing waits, as it is", nil, "open", true},
		{"queued", entry(cache.WishQueued, time.Time{}), "resolved", true},
		{"queued, back", entry(cache.WishQueued, time.Time{}), "open", false},
		{"stale", entry(cache.WishStale, time.Time{}), "resolved", false},
		{"conflict", entry(cache.WishConflict, time.Time{}), "resolved", false},
		{"conflict, theirs", entry(cache.WishConflict, time.Time{}), "open", false},
		{"refused", entry(cache.WishRefused, time.Time{}), "resolved", false},
		{"done long ago, and changed since", entry(cache.WishDone, read.Add(-time.Hour)), "resolved", false},
		{"done meanwhile", entry(cache.WishDone, read.Add(time.Second)), "resolved", true},
		{"done meanwhile, back", entry(cache.WishDone, read.Add(time.Second)), "open", false},
	} {
		in := cache.Intent{Field: inbox.FieldStatus, Want: tt.want, Now: "open", AsOf: read}
		if e, same := sameAlready(tt.entries, in, cache.Target{}); same != tt.same || same && e.Want != tt.want {
			t.Errorf("%s: %v, %+v", tt.name, same, e)
		}
	}
}
