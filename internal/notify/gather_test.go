package notify_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/notify"
)

var noon = time.Date(2026, 4, 13, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return noon.Add(-d) }

func heard(account, thread string, at time.Time) notify.Heard {
	return notify.Heard{Account: account, Thread: thread, At: at}
}

func threads(b notify.Batch) (out []string) {
	for _, h := range b.Heard {
		out = append(out, h.Thread)
	}
	return out
}

// TestAdd: what is news depends on how the copy stood before.
func TestAdd(t *testing.T) {
	following := notify.Copy{Listed: true, AsOf: ago(time.Minute)}
	for _, c := range []struct {
		name   string
		h      notify.Heard
		before notify.Copy
		want   bool
	}{
		{"just written", heard("ventas", "t_a", ago(time.Second)), following, true},
		{"written before the copy was whole", heard("ventas", "t_a", ago(12*time.Minute)), following, false},
		{"the first copy, even of this minute", heard("ventas", "t_a", noon), notify.Copy{}, false},
		{"old, read after the first list", heard("ventas", "t_a", ago(time.Hour)), notify.Copy{Listed: true}, false},
		{"new, after the first list", heard("ventas", "t_a", ago(time.Minute)), notify.Copy{Listed: true}, true},
		{"of a night away", heard("ventas", "t_a", ago(5*time.Hour)), notify.Copy{Listed: true, AsOf: ago(8 * time.Hour)}, true},
		{"of before that night", heard("ventas", "t_a", ago(9*time.Hour)), notify.Copy{Listed: true, AsOf: ago(8 * time.Hour)}, false},
		{"a snooze that ended, without any copy", notify.Heard{Account: "ventas", Thread: "t_a", At: noon, Woken: true}, notify.Copy{}, true},
	} {
		var g notify.Gather
		if got := g.Add(c.h, c.before, noon); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if b, _ := g.Take(noon, map[string]notify.Copy{"ventas": following}); len(b.Heard) == 1 != c.want {
			t.Errorf("%s: took %v", c.name, threads(b))
		}
	}
}

// TestTake: few are told one by one, many and late ones as one.
func TestTake(t *testing.T) {
	up := map[string]notify.Copy{"ventas": {Listed: true, AsOf: ago(time.Minute)}, "soporte": {Listed: true, AsOf: ago(time.Minute)}}
	before := notify.Copy{Listed: true, AsOf: ago(8 * time.Hour)}
	var g notify.Gather
	add := func(account, thread string, at time.Time) { g.Add(heard(account, thread, at), before, noon) }
	add("ventas", "t_b", ago(time.Second))
	add("ventas", "t_a", ago(2*time.Second))
	add("ventas", "t_b", noon) // wrote again
	if b, again := g.Take(noon, up); b.Joined || !again.IsZero() || !slices.Equal(threads(b), []string{"t_a", "t_b"}) {
		t.Errorf("two: %+v", b)
	}
	if b, _ := g.Take(noon, up); len(b.Heard) != 0 {
		t.Errorf("told again: %v", threads(b))
	}
	for _, ref := range []string{"t_a", "t_b", "t_c", "t_d"} {
		add("soporte", ref, noon)
	}
	if b, _ := g.Take(noon, up); !b.Joined || len(b.Heard) != 4 {
		t.Errorf("four: %+v", b)
	}
	add("ventas", "t_a", ago(3*time.Hour))
	add("ventas", "t_b", noon)
	if b, _ := g.Take(noon, up); !b.Joined {
		t.Errorf("a late one among two: %+v", b)
	}
	add("ventas", "t_a", noon)
	g.Forget()
	if b, _ := g.Take(noon, up); len(b.Heard) != 0 {
		t.Errorf("not forgotten: %v", threads(b))
	}
}

// TestTakeWaits: an account that catches up is waited for, and not for ever; the
// others are not.
func TestTakeWaits(t *testing.T) {
	was := notify.Copy{Listed: true, AsOf: ago(8 * time.Hour)}
	copies := map[string]notify.Copy{"ventas": was, "soporte": {Listed: true, AsOf: ago(time.Minute)}}
	var g notify.Gather
	for i, ref := range []string{"t_a", "t_b", "t_c"} {
		g.Add(heard("ventas", ref, ago(time.Duration(i)*time.Hour)), was, noon)
	}
	g.Add(heard("soporte", "t_s", noon), copies["soporte"], noon)
	b, again := g.Take(noon, copies)
	if !slices.Equal(threads(b), []string{"t_s"}) || b.Joined || !again.Equal(noon.Add(5*time.Minute)) {
		t.Errorf("took %v, again at %s", threads(b), again)
	}
	later := noon.Add(time.Minute)
	copies["ventas"] = notify.Copy{Listed: true, AsOf: later}
	if b, again := g.Take(later, copies); !slices.Equal(threads(b), []string{"t_c", "t_b", "t_a"}) || !b.Joined || !again.IsZero() {
		t.Errorf("caught up: %+v, %s", b, again)
	}
	copies["ventas"] = was // and one that never gets there
	g.Add(heard("ventas", "t_a", noon), was, noon)
	if b, _ := g.Take(noon.Add(5*time.Minute), copies); len(b.Heard) != 1 {
		t.Errorf("after all patience: %v", threads(b))
	}
}

// TestTakeOnce: whatever is heard in whatever order, each thread is told once,
// and nothing is lost.
func TestTakeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g notify.Gather
		now := noon
		up := notify.Copy{Listed: true, AsOf: noon}
		waiting := map[string]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Second)
			if rapid.Bool().Draw(t, "take") {
				b, _ := g.Take(now, map[string]notify.Copy{"ventas": up})
				got := threads(b)
				for _, ref := range got {
					if !waiting[ref] {
						t.Fatalf("%s was not waiting", ref)
					}
					delete(waiting, ref)
				}
				if len(waiting) != 0 {
					t.Fatalf("left behind: %v", waiting)
				}
				continue
			}
			ref := rapid.SampledFrom([]string{"t_a", "t_b", "t_c", "t_d", "t_e"}).Draw(t, "thread")
			g.Add(notify.Heard{Account: "ventas", Thread: ref, At: now, Woken: rapid.Bool().Draw(t, "woken")}, up, now)
			waiting[ref] = true
		}
	})
}

func TestWants(t *testing.T) {
	me := []cache.AgentRef{{Account: "ventas", Ref: "ana", Me: true}, {Account: "ventas", Ref: "beto"}, {Account: "soporte", Ref: "ana"}}
	of := func(account string, assignees ...string) cache.Thread {
		return cache.Thread{Account: account, Status: inbox.Open, Assignees: assignees}
	}
	mine := notify.Settings{Whose: notify.WhoseMine}
	for _, c := range []struct {
		name string
		s    notify.Settings
		t    cache.Thread
		want bool
	}{
		{"mine", mine, of("ventas", "beto", "ana"), true},
		{"nobody’s", mine, of("ventas"), true},
		{"another’s", mine, of("ventas", "beto"), false},
		{"of another account", mine, of("soporte", "ana"), false},
		{"another’s, of all", notify.Settings{Whose: notify.WhoseAll}, of("ventas", "beto"), true},
		{"spam", notify.Settings{Whose: notify.WhoseAll}, cache.Thread{Status: inbox.Spam}, false},
		{"gone", notify.Settings{Whose: notify.WhoseAll}, cache.Thread{Status: inbox.Open, Gone: true}, false},
	} {
		if got := c.s.Wants(c.t, me); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	s := notify.Default()
	if s.Hears("ventas", noon) {
		t.Error("it begins switched on")
	}
	s.On, s.Muted = true, []string{"soporte"}
	if !s.Hears("ventas", noon) || s.Hears("soporte", noon) {
		t.Error("an account that is muted")
	}
	s.Quiet = notify.Quiet{On: true, From: "11:00", To: "13:00", Days: everyDay}
	if s.Hears("ventas", noon) {
		t.Error("heard in quiet hours")
	}
}
