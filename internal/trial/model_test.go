package trial

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers/simulator"
)

// stepsMade counts the steps of all machines.
var stepsMade atomic.Int64

// TestModel: customers write, colleagues meddle, the network fails, the
// program syncs, is used and is killed, in any order; and after every sync the
// copy, the outbox and what is shown are what a simple model says. A failure is
// shrunk, and its file plays it again.
func TestModel(t *testing.T) {
	sides(t, func(t *testing.T, p inbox.ProviderName) {
		set(t, "rapid.steps", "100")
		set(t, "rapid.checks", fmt.Sprint(often(12, 5_200))) // of about 100 steps, on either side
		set(t, "rapid.nofailfile", "true")
		root := t.TempDir()
		rapid.Check(t, func(rt *rapid.T) {
			var failed any
			synctest.Test(t, func(t *testing.T) {
				defer func() { failed = recover() }() // rapid's to handle, outside the bubble
				m := newMachine(t, rt, p, root)
				defer m.end()
				rt.Repeat(rapid.StateMachineActions(m))
				m.settle()
			})
			if failed != nil {
				panic(failed)
			}
		})
		t.Logf("%d steps so far", stepsMade.Load())
	})
	ran(t)
}

func set(t *testing.T, name, value string) {
	t.Helper()
	if f := flag.Lookup(name); f != nil && f.Value.String() != f.DefValue {
		return // somebody has said otherwise, to play a failure again
	}
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// machineTB lets the checker speak to rapid, which must see failures to shrink
// them.
type machineTB struct {
	*testing.T
	rt *rapid.T
}

func (m machineTB) Helper()                      {}
func (m machineTB) Error(args ...any)            { m.rt.Error(args...) }
func (m machineTB) Errorf(f string, args ...any) { m.rt.Errorf(f, args...) }
func (m machineTB) Fatal(args ...any)            { m.rt.Fatal(args...) }
func (m machineTB) Fatalf(f string, args ...any) { m.rt.Fatalf(f, args...) }
func (m machineTB) Failed() bool                 { return m.rt.Failed() }
func (m machineTB) Cleanup(func())               {} // the checks end within their step

// machine is the program and its surroundings. The office is the model of what
// is true; besides it knows which of its conversations have changed in a way
// that only a full run must see, and which wishes were made and not dropped.
type machine struct {
	*bench
	rt     *rapid.T
	root   string
	down   func()
	hidden map[string]bool
	made   []string
	wished []wish // every one, those replaced and dropped too
	broken bool
}

func newMachine(t *testing.T, rt *rapid.T, p inbox.ProviderName, root string) *machine {
	m := &machine{rt: rt, root: root, hidden: map[string]bool{}}
	m.bench, m.down = newBench(machineTB{t, rt}, simulator.Options{Seed: rapid.Uint64Range(1, 40).Draw(rt, "office"), Conversations: 14, Messages: 60}, p, m.folder())
	return m
}

func (m *machine) folder() string {
	dir, err := os.MkdirTemp(m.root, "desk-")
	if err != nil {
		m.rt.Fatal(err)
	}
	return dir
}

func (m *machine) end() {
	m.down()
	if err := os.RemoveAll(m.dir); err != nil {
		m.rt.Error(err)
	}
}

// any draws one of the office's conversations; "" where there is none.
func (m *machine) any() string {
	all := m.conversations(m.p)
	if len(all) == 0 {
		return ""
	}
	return objectOf(m.t, all[rapid.IntRange(0, len(all)-1).Draw(m.rt, "conversation")]).text("id")
}

func (m *machine) must(err error) {
	if err != nil {
		m.rt.Fatal(err)
	}
}

// Check counts: rapid calls it after each step.
func (m *machine) Check(*rapid.T) { stepsMade.Add(1) }

// What customers do.

func (m *machine) CustomerWrites(*rapid.T) {
	if id := m.any(); id != "" {
		m.must(m.Post(string(m.p), id, "una cosa más"))
	}
}

func (m *machine) CustomerComes(*rapid.T) {
	if len(m.conversations(m.p)) < 40 {
		_, err := m.NewCustomer(string(m.p), "Nadia", fmt.Sprint(5491150000000+rapid.IntRange(0, 9999999).Draw(m.rt, "line")), "hola")
		m.must(err)
	}
}

func (m *machine) MessageComesLate(*rapid.T) {
	id := m.any()
	if all := m.messages(m.p, id); len(all) > 0 {
		if _, err := m.LateMessage(string(m.p), id, "antes", time.UnixMilli(messageOf(m.t, m.p, all[len(all)-1]).At-2000)); err == nil {
			m.hidden[id] = true
		}
	}
}

// What colleagues do, in the platform's own inbox.

func (m *machine) ColleagueChooses(*rapid.T) {
	id := m.any()
	if id == "" {
		return
	}
	word := rapid.SampledFrom(inbox.StatusWords(m.p)).Draw(m.rt, "status")
	m.must(m.SetStatus(string(m.p), id, word))
	m.hidden[id] = true
}

func (m *machine) ColleagueDeletes(*rapid.T) {
	if all := m.conversations(m.p); len(all) > 8 {
		id := m.any()
		m.must(m.Delete(string(m.p), id))
		m.hidden[id] = true
	}
}

func (m *machine) ColleagueRestores(*rapid.T) {
	if gone := m.Deleted(string(m.p)); len(gone) > 0 {
		m.must(m.Restore(string(m.p), gone[0]))
		m.hidden[gone[0]] = true
	}
}

// What the world does.

func (m *machine) TimePasses(*rapid.T) {
	time.Sleep(time.Duration(rapid.IntRange(1, 7200).Draw(m.rt, "seconds")) * time.Second)
}

func (m *machine) ThingsBreak(*rapid.T) {
	f := rapid.SampledFrom([]simulator.Fault{
		{Kind: "drop", Request: "patch", Effect: true}, {Kind: "drop", Request: "patch"}, {Kind: "status", Status: []int{500}, Request: "patch", Effect: true},
		{Kind: "status", Status: []int{503}, Chance: 0.3}, {Kind: "reset", Chance: 0.2}, {Kind: "drop"},
	}).Draw(m.rt, "fault")
	m.fault(f)
	m.broken = true
}

func (m *machine) ThingsMend(*rapid.T) {
	m.Quiet()
	m.broken = false
}

func (m *machine) ProgramIsKilled(*rapid.T) {
	// What lies on the disk just now is what a kill -9 leaves.
	next := m.folder()
	for _, name := range []string{"cache.db", "cache.db-wal", "local.db", "local.db-wal"} {
		copyFile(m.t, filepath.Join(m.dir, name), filepath.Join(next, name))
	}
	before := m.dir
	m.shut()
	m.must(os.RemoveAll(before))
	m.dir = next
	m.open()
	m.show()
}

// show lays the outbox over the cache, as the start of the program does.
func (m *machine) show() {
	_, err := m.cache.ShowWishes(m.t.Context(), m.local, string(m.p), nil)
	m.must(err)
}

// What the program and its user do.

func (m *machine) Sync(*rapid.T) {
	if err := m.once(); err != nil {
		if !m.broken {
			m.rt.Fatalf("sync: %v", err)
		}
		return
	}
	m.agrees()
}

func (m *machine) UserChooses(*rapid.T) {
	id := m.any()
	target, err := m.cache.Target(m.t.Context(), string(m.p), id)
	if err != nil {
		return // it has not come yet
	}
	want := rapid.SampledFrom(inbox.StatusWords(m.p)).Draw(m.rt, "status")
	done, err := m.local.Enqueue(m.t.Context(), cache.Intent{Account: string(m.p), Conversation: id, Field: "status", Want: want, Now: target.FieldOf("status"), Confirm: true})
	m.must(err)
	m.hidden[id] = true // its own effect may move no list
	for _, e := range done {
		m.made = slices.DeleteFunc(m.made, func(id string) bool { return id == e.ID })
		if e.ID != "" && e.Outcome != cache.Withdrawn {
			m.made = append(m.made, e.ID)
		}
		m.wished = append(m.wished, wish{Account: e.Account, Conversation: e.Conversation, Field: e.Field, Base: e.Base, Want: e.Want})
	}
	m.show()
}

func (m *machine) UserDrops(*rapid.T) {
	if len(m.made) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.made)-1).Draw(m.rt, "wish")
	dropped, err := m.local.DropWish(m.t.Context(), m.made[i])
	if err == nil && dropped.Attempts > 0 {
		m.forget(dropped) // it may have had its effect: what was done before need not hold
	} else if err == nil {
		m.made = slices.Delete(m.made, i, i+1)
	}
	m.show()
}

// forget expects nothing any more of the wishes for the field of one.
func (m *machine) forget(w cache.Wish) {
	m.made = slices.DeleteFunc(m.made, func(id string) bool {
		made, err := m.local.OutboxEntry(m.t.Context(), id)
		return id == w.ID || err == nil && made.Conversation == w.Conversation && made.Field == w.Field
	})
}

// agrees holds the copy to the model after a run that went well: whatever the
// lists tell is here, as the office has it.
func (m *machine) agrees() {
	m.shut()
	k := look(m.t, m.dir)
	k.threads()
	k.counts()
	rows, texts := k.rows(string(m.p)), k.messages(string(m.p))
	wrong := complaints{t: m.t}
	for _, raw := range m.conversations(m.p) {
		want := rowOf(m.t, m.p, raw)
		if m.hidden[want.ID] {
			continue
		}
		if rows[want.ID] != want {
			wrong.add("conversation %s differs:%s", want.ID, differences(rows[want.ID], want))
		}
		k.sameMessages(&wrong, m.p, want.ID, texts[want.ID], m.messages(m.p, want.ID), entire)
	}
	k.close()
	m.open()
	m.show()
}

// settle ends a run: all mends, two full runs an hour apart leave everything
// equal, and the office's history shows no blind write.
func (m *machine) settle() {
	m.Quiet()
	for range 3 {
		time.Sleep(2 * time.Hour)
		m.must(m.loop.Once(m.t.Context(), true))
	}
	m.shut()
	k := look(m.t, m.dir)
	k.sound(m.office)
	k.equal(m.office, m.p, entire)
	k.outbox(m.office, m.made)
	k.neverBlind(m.office, m.wished...)
	k.close()
	m.open()
}
