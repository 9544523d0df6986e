package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
	"bandeja/internal/profile"
)

// whoIs lists who every contact is, by account, name and number.
func whoIs(t *testing.T, in *profile.Inbox) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := in.Cache().EachPerson(t.Context(), nil, func(r cache.PersonRow) error {
		out[strings.Join([]string{r.Account, r.Channel, r.Phone, r.Thread}, " ")] = r.Person
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// strangers are two people of one account whose numbers are known.
func strangers(t *testing.T, in *profile.Inbox) (a, b cache.Bonds) {
	t.Helper()
	var found []cache.Bonds
	for _, ref := range slices.Sorted(func(yield func(string) bool) {
		for _, p := range whoIs(t, in) {
			if !yield(p) {
				return
			}
		}
	}) {
		bonds, err := in.Cache().Bonds(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if len(bonds.Contacts) == 1 && bonds.Contacts[0].E164 != "" && bonds.Contacts[0].Account == "ventas" &&
			!slices.ContainsFunc(found, func(o cache.Bonds) bool { return o.Contacts[0].ID == bonds.Contacts[0].ID }) {
			found = append(found, bonds)
		}
	}
	if len(found) < 2 {
		t.Fatal("the office has no strangers")
	}
	return found[0], found[1]
}

// What a person says of who is who holds in search at once, and is the same
// after a restart, in a cache that is copied anew, and when an account that was
// removed comes back.
func TestDecisionsLast(t *testing.T) {
	v, dir := openOffice(t, 11), t.TempDir()
	in, err := profile.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy(), v.platica())
	if err := in.Start(false); err != nil {
		t.Fatal(err)
	}
	syncAll(t, in)
	if err := in.People().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, b := strangers(t, in)
	before := whoIs(t, in)
	joined, err := in.Join(t.Context(), a.Contacts[0].Person, b.Contacts[0].Person)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []cache.Contact{a.Contacts[0], b.Contacts[0]} {
		hits := in.People().Find(k.E164, []phone.Context{{Region: "AR"}}, 5)
		if len(hits) != 1 || hits[0].Person != joined.Person {
			t.Errorf("a number of the two finds %+v, want %s", hits, joined.Person)
		}
	}
	split, err := in.Split(t.Context(), joined.Person, b.Contacts[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if now := whoIs(t, in); split.Person == joined.Person || now[keyOf(t, before, b)] != split.Person {
		t.Errorf("split off is %s, of %s", split.Person, joined.Person)
	}
	if err := in.UndoJoin(t.Context(), split.Undo); err != nil {
		t.Fatal(err)
	}
	if err := in.UndoJoin(t.Context(), split.Undo); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("undone twice: %v", err)
	}
	want := whoIs(t, in)
	if want[keyOf(t, before, a)] != want[keyOf(t, before, b)] {
		t.Fatal("the split was not undone")
	}
	same := func(when string, in *profile.Inbox) {
		t.Helper()
		got := whoIs(t, in)
		for k, p := range want {
			if got[k] != p {
				t.Errorf("%s: %s is %s, want %s", when, k, got[k], p)
			}
		}
	}
	shut(t, in)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, "cache.db"+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	in = open(t, dir)
	syncAll(t, in)
	same("copied anew", in)
	if err := in.Remove(t.Context(), "ventas", false); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy())
	syncAll(t, in)
	same("removed and added again", in)
	if err := in.UndoJoin(t.Context(), joined.Undo); err != nil {
		t.Fatal(err)
	}
	want = before
	same("undone at last", in)
}

// keyOf is the name in whoIs of the one contact that bonds have.
func keyOf(t *testing.T, people map[string]string, b cache.Bonds) string {
	t.Helper()
	for k := range people {
		if strings.HasSuffix(k, " "+b.Contacts[0].Threads[0]) {
			return k
		}
	}
	t.Fatal("the contact has no thread")
	return ""
}
