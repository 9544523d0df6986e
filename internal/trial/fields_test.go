package trial

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/simulator"
)

// oddities are what a field may be instead: nothing, null, or of another type
// than it is, and a word that nobody knows (F13, F14).
var oddities = []struct {
	name  string
	value json.RawMessage
}{
	{"absent", nil},
	{"null", json.RawMessage(`null`)},
	{"a number", json.RawMessage(`7`)},
	{"true", json.RawMessage(`true`)},
	{"a word", json.RawMessage(`"¿nueva?"`)},
	{"an array", json.RawMessage(`[{"a":[1.50]},null,"x"]`)},
	{"an object", json.RawMessage(`{"deep":{"er":[12345678901234567890.10]}}`)},
}

// pathsOf are the members of an object, and of the objects in it.
func pathsOf(o object) (out []string) {
	for _, key := range slices.Sorted(maps.Keys(o)) {
		out = append(out, key)
		if inner, ok := o[key].(map[string]any); ok {
			for _, path := range pathsOf(inner) {
				out = append(out, key+"."+path)
			}
		}
	}
	return out
}

// fieldsOf are the members that any of an office's objects has.
func fieldsOf(t *testing.T, objects []json.RawMessage) []string {
	t.Helper()
	all := map[string]bool{}
	for _, raw := range objects {
		for _, path := range pathsOf(objectOf(t, raw)) {
			all[path] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// TestOddFields (F13, F14): every field of a conversation and of a message, one
// at a time, absent, null, of each other type, and a word that is not known.
// The row is kept with what it said, or refused with a reason; its neighbours
// and its page never notice.
func TestOddFields(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		size := simulator.Options{Seed: 91, Conversations: 24, Messages: 200, Now: providertest.Noon}
		v := simulator.New(size)
		rows, messages := v.WaspyConversations(), v.WaspyMessages
		if p == inbox.Platica {
			rows, messages = v.PlaticaConversations(), v.PlaticaMessages
		}
		var texts []json.RawMessage
		for _, raw := range rows {
			texts = append(texts, messages(objectOf(t, raw).text("id"))...)
		}
		for _, path := range fieldsOf(t, rows) {
			if path == "messages" { // they are another list's
				continue
			}
			t.Run(path, func(t *testing.T) {
				oddly(t, size, p, path, func(b *bench, id string, value json.RawMessage) error {
					return b.SetField(string(p), id, path, value)
				})
			})
		}
		for _, path := range fieldsOf(t, texts) {
			if deep := strings.Contains(path, "."); deep && !soaking() {
				continue
			}
			t.Run("message "+path, func(t *testing.T) {
				oddly(t, size, p, "message "+path, func(b *bench, id string, value json.RawMessage) error {
					for _, raw := range b.messages(p, id) {
						if o := objectOf(b.t, raw); slices.Contains(pathsOf(o), path) {
							return b.SetMessageField(string(p), id, o.text("id"), path, value)
						}
					}
					return errors.New("no message has it")
				})
			})
		}
	})
}

// oddly gives conversations an oddity each, copies, and holds the copy to what
// was said; then the oddities go away.
func oddly(t *testing.T, size simulator.Options, p inbox.ProviderName, path string, set func(b *bench, id string, value json.RawMessage) error) {
	t.Helper()
	onBench(t, size, p, func(t *testing.T, b *bench) {
		ran(t)
		odd := map[string]string{}
		for _, raw := range b.conversations(p) {
			id := objectOf(t, raw).text("id")
			if len(odd) == len(oddities) {
				break
			}
			o := oddities[len(odd)]
			if len(b.messages(p, id)) > 0 && set(b, id, o.value) == nil {
				odd[id] = o.name
			}
		}
		if len(odd) == 0 { // some fields are few
			t.Fatal("no conversation could be made odd")
		}
		b.well()
		b.kept(odd, path == "id")
		b.ClearFields()
		b.whole()
		b.verifyButGhosts()
	})
}

// kept holds the copy to an office with oddities: the odd rows are as they
// were given, all others as ever. A row without an id is refused and counted.
func (b *bench) kept(odd map[string]string, nameless bool) {
	b.t.Helper()
	b.shut()
	defer b.open()
	k := look(b.t, b.dir)
	defer k.close()
	k.sound(b.office)
	rows, raws, texts := k.rows(string(b.p)), k.raws(string(b.p)), k.messages(string(b.p))
	wrong := complaints{t: b.t}
	for _, raw := range b.conversations(b.p) {
		want := rowOf(b.t, b.p, raw)
		got, here := rows[want.ID]
		if want.Workspace == "" { // the list says whose its rows are
			want.Workspace = got.Workspace
		}
		switch {
		case want.ID == "" && here:
			wrong.add("a row without an id is here")
		case want.ID == "":
		case !here:
			wrong.add("conversation %s is missing (%s)", want.ID, odd[want.ID])
		case !sameJSON(raws[want.ID].Raw, raw):
			wrong.add("conversation %s (%s) is given back differently:\n got %s\nwant %s", want.ID, odd[want.ID], raws[want.ID].Raw, raw)
		case got != want:
			wrong.add("conversation %s (%s) differs:%s", want.ID, odd[want.ID], differences(got, want))
		}
		b.keptMessages(&wrong, want.ID, texts[want.ID])
	}
	refused := map[bool]int{true: 4, false: 0}[nameless] // absent, null, an array, an object
	if s := k.states()[string(b.p)]; s.Rejected < int64(refused) {
		wrong.add("%d rows were refused, at least %d have no id", s.Rejected, refused)
	}
}

// keptMessages wants every message that has an id, as it was given.
func (b *bench) keptMessages(wrong *complaints, conversation string, got []message) {
	b.t.Helper()
	by := map[string]message{}
	for _, m := range got {
		by[m.ID] = m
	}
	for _, raw := range b.messages(b.p, conversation) {
		want := messageOf(b.t, b.p, raw)
		m, here := by[want.ID]
		switch {
		case want.ID == "":
		case !here:
			wrong.add("conversation %s: message %s is missing: %s", conversation, want.ID, raw)
		case !sameJSON(m.raw, raw):
			wrong.add("conversation %s: message %s is given back differently:\n got %s\nwant %s", conversation, want.ID, m.raw, raw)
		case m.Direction != want.Direction, m.Word != want.Word, m.Status != want.Status:
			wrong.add("conversation %s: message %s differs:%s", conversation, want.ID, differences(m, want))
		}
	}
}

// verifyButGhosts is verify for a copy that may hold, besides, the rows that
// an odd id has made: what is not there any more is never deleted for that.
func (b *bench) verifyButGhosts() {
	b.t.Helper()
	b.shut()
	defer b.open()
	k := look(b.t, b.dir)
	defer k.close()
	k.sound(b.office)
	for _, ghosts := range []string{`UPDATE conversations SET gone = 1 WHERE`, `DELETE FROM messages WHERE`} {
		if _, err := k.db.Exec(ghosts + ` remote IN ('7', 'true', '¿nueva?')`); err != nil {
			b.t.Fatal(err)
		}
	}
	k.equal(b.office, b.p, entire)
}

// TestOddPairs (F14): two fields of one row are odd at once, any two in any
// way.
func TestOddPairs(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		size := simulator.Options{Seed: 92, Conversations: 24, Messages: 120, Now: providertest.Noon}
		v := simulator.New(size)
		rows := v.WaspyConversations()
		if p == inbox.Platica {
			rows = v.PlaticaConversations()
		}
		paths := slices.DeleteFunc(fieldsOf(t, rows), func(path string) bool { return path == "messages" || path == "id" })
		seeds(t, often(8, 300), func(t *testing.T, seed uint64) {
			random := rand.New(rand.NewPCG(seed, 14))
			onBench(t, size, p, func(t *testing.T, b *bench) {
				ran(t)
				odd := map[string]string{}
				for _, raw := range b.conversations(p)[:16] {
					id := objectOf(t, raw).text("id")
					for range 2 {
						o, path := oddities[random.IntN(len(oddities))], paths[random.IntN(len(paths))]
						if b.SetField(string(p), id, path, o.value) == nil {
							odd[id] += " " + path + ": " + o.name
						}
					}
				}
				b.well()
				b.kept(odd, false)
				b.ClearFields()
				b.whole()
				b.verify(entire)
			})
		})
	})
}
