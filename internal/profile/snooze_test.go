package profile_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/profile"
)

// asleep are the threads that are snoozed now, those that come back soonest
// first.
func asleep(t testing.TB, in *profile.Inbox) (refs []string) {
	t.Helper()
	page, _, err := in.Cache().Threads(t.Context(), cache.ThreadFilter{View: cache.Snoozed, Here: time.Now()}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range page {
		refs = append(refs, th.Ref)
	}
	return refs
}

// inSnooze is an office with three threads snoozed, one of which was let go
// again: it returns those that are left.
func inSnooze(t *testing.T, dir string, seed uint64) (v *office, left []string) {
	t.Helper()
	v = openOffice(t, seed)
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	all := threads(t, in)
	first, second, third := all[0].Ref, all[len(all)/2].Ref, all[len(all)-1].Ref
	for i, ref := range []string{third, first, second} {
		if err := in.Snooze(t.Context(), []string{ref}, time.Now().Add(time.Duration(i+1)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Snooze(t.Context(), []string{first}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	left = []string{third, second}
	if got := asleep(t, in); !slices.Equal(got, left) {
		t.Fatalf("%v are snoozed, want %v", got, left)
	}
	shut(t, in)
	return v, left
}

// TestSnoozeStays: over a restart, and over a cache that is built anew.
func TestSnoozeStays(t *testing.T) {
	dir := t.TempDir()
	_, left := inSnooze(t, dir, 111)
	in := open(t, dir)
	if got := asleep(t, in); !slices.Equal(got, left) {
		t.Errorf("after a restart %v are snoozed, want %v", got, left)
	}
	shut(t, in)
	removeCache(t, dir)
	in = open(t, dir)
	syncAll(t, in)
	if got := asleep(t, in); !slices.Equal(got, left) {
		t.Errorf("after a rebuild %v are snoozed, want %v", got, left)
	}
}

// TestSnoozeWhileRebuilding: what is let go while the cache is built anew is not
// snoozed again by the marks that wait for their threads.
func TestSnoozeWhileRebuilding(t *testing.T) {
	dir := t.TempDir()
	v, left := inSnooze(t, dir, 112)
	removeCache(t, dir)
	in := open(t, dir) // all marks wait
	syncAll(t, in)
	if err := in.Snooze(t.Context(), left[:1], time.Time{}); err != nil {
		t.Fatal(err)
	}
	th, err := in.Cache().Thread(t.Context(), left[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := v.SetStatus(string(th.Provider), th.Conversation, "resolved"); err != nil {
		t.Fatal(err)
	}
	syncAll(t, in)
	if got := asleep(t, in); !slices.Equal(got, left[1:]) {
		t.Errorf("%v are snoozed, want %v", got, left[1:])
	}
}

// TestSnoozeEndsByMessage: what the customer writes brings a thread back, for
// good.
func TestSnoozeEndsByMessage(t *testing.T) {
	dir := t.TempDir()
	v, left := inSnooze(t, dir, 113)
	in := open(t, dir)
	th, err := in.Cache().Thread(t.Context(), left[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Post(string(th.Provider), th.Conversation, "¿hola?"); err != nil {
		t.Fatal(err)
	}
	syncAll(t, in)
	if got := asleep(t, in); !slices.Equal(got, left[1:]) {
		t.Errorf("%v are snoozed, want %v", got, left[1:])
	}
	if th, err = in.Cache().Thread(t.Context(), left[0]); err != nil || !th.Woken || th.Asleep(time.Now()) {
		t.Errorf("%+v, %v", th, err)
	}
}

// TestSnoozeOfNobody: nothing is snoozed where one of the threads is not here.
func TestSnoozeOfNobody(t *testing.T) {
	dir := t.TempDir()
	_, left := inSnooze(t, dir, 114)
	in := open(t, dir)
	if err := in.Snooze(t.Context(), []string{left[0], "t_nobody"}, time.Time{}); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if got := asleep(t, in); !slices.Equal(got, left) {
		t.Errorf("%v are snoozed, want %v", got, left)
	}
}
