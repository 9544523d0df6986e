package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Forgetting is one under way: begun with BeginForgetting, and ended with
// EndForgetting once nothing of them is left.
type Forgetting struct {
	At      time.Time // what it is called by: no two are alike
	Needles []byte    // what is still to be looked for in the files, as care has it
	Done    Erased    // so far
}

// ID names it (f_…), also once it is over: see KeptOut.
func (g Forgetting) ID() string { return forgottenID(inbox.Millis(g.At)) }

// ForgetPlan is what BeginForgetting does at once.
type ForgetPlan struct {
	Sides    []string // Subject's
	Views    []string // v_…, that name them
	Needles  []byte
	Searches func(recent string) (kept string, dropped int64) // cleans the recent searches
}

// recentSearches is where the screen keeps the latest.
const recentSearches = "recent_searches"

// BeginForgetting keeps somebody out from now on and erases what local.db has
// of them, in one transaction: none of it is lost half, and nothing of it is
// needed to go on.
func (l *Local) BeginForgetting(ctx context.Context, p ForgetPlan, now time.Time) (g Forgetting, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		f := &Forgotten{sides: map[string]int64{}}
		if f.keys, err = forgetKeys(t); err != nil {
			return err
		}
		var at int64
		if err := t.row(`SELECT max(?, coalesce((SELECT max(made_at) + 1 FROM (SELECT made_at FROM forgotten UNION ALL SELECT made_at FROM forgetting)), 0))`, inbox.Millis(now)).Scan(&at); err != nil {
			return err
		}
		g = Forgetting{At: inbox.FromMillis(at), Needles: p.Needles}
		for _, side := range p.Sides {
			digest := f.digest(side)
			f.sides[digest] = at
			if _, err := t.exec(`INSERT INTO forgotten (digest, made_at) VALUES (?1,?2) ON CONFLICT (digest) DO UPDATE SET made_at = ?2`, digest, at); err != nil {
				return err
			}
		}
		if err := eraseLocal(t, f, &g.Done); err != nil {
			return err
		}
		if err := eraseNaming(t, p, &g.Done); err != nil {
			return err
		}
		done, err := json.Marshal(g.Done)
		if err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO forgetting (made_at, needles, done) VALUES (?,?,?)`, at, append([]byte{}, p.Needles...), string(done))
		return err
	})
	if err != nil {
		return g, fmt.Errorf("forget somebody: %w", err)
	}
	return g, l.loadForgotten(ctx)
}

// Forgettings lists those under way, oldest first.
func (l *Local) Forgettings(ctx context.Context) (out []Forgetting, err error) {
	err = each(ctx, l.s.readers, `SELECT made_at, needles, done FROM forgetting ORDER BY made_at`, nil, func(scan func(...any) error) error {
		var g Forgetting
		var at int64
		var done string
		if err := scan(&at, &g.Needles, &done); err != nil {
			return err
		}
		g.At = inbox.FromMillis(at)
		out = append(out, g)
		return json.Unmarshal([]byte(done), &out[len(out)-1].Done)
	})
	return out, describe(l.s.path, err)
}

// NoteErased keeps how much has gone so far.
func (l *Local) NoteErased(ctx context.Context, g Forgetting) error {
	done, err := json.Marshal(g.Done)
	if err != nil {
		return err
	}
	return l.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE forgetting SET done = ? WHERE made_at = ?`, string(done), inbox.Millis(g.At))
		return err
	})
}

// EndForgetting notes that one is over.
func (l *Local) EndForgetting(ctx context.Context, g Forgetting) error {
	return l.s.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM forgetting WHERE made_at = ?`, inbox.Millis(g.At))
		return err
	})
}

// EraseForgotten erases again whoever is kept out: a backup that was restored
// may be older than their going.
func (l *Local) EraseForgotten(ctx context.Context) (n Erased, err error) {
	f := l.out.of()
	if f.none() {
		return n, nil
	}
	err = l.s.write(ctx, func(t *tx) error {
		n = Erased{}
		return eraseLocal(t, f, &n)
	})
	return n, err
}

// KeptOutSince is one forgetting that lasts: when, and by how many things they
// would be known.
type KeptOutSince struct {
	ID    string // f_…
	At    time.Time
	Sides int64
}

func forgottenID(at int64) string { return "f_" + strconv.FormatInt(at, 36) }

// KeptOut lists everybody who is kept out, oldest first. Who they are it cannot
// say.
func (l *Local) KeptOut(ctx context.Context) ([]KeptOutSince, error) {
	out := []KeptOutSince{}
	err := each(ctx, l.s.readers, `SELECT made_at, count(*) FROM forgotten GROUP BY made_at ORDER BY made_at`, nil, func(scan func(...any) error) error {
		var k KeptOutSince
		var at int64
		err := scan(&at, &k.Sides)
		k.ID, k.At = forgottenID(at), inbox.FromMillis(at)
		out = append(out, k)
		return err
	})
	return out, describe(l.s.path, err)
}

// LetIn lets somebody in again from now on: who is named by an id of KeptOut,
// or by any of some sides. It reports how many were let in.
//
// Errors: ErrNotFound where nobody is kept out so.
func (l *Local) LetIn(ctx context.Context, id string, sides []string) (n int64, err error) {
	f := l.out.of()
	var when []int64
	for digest, at := range f.sides {
		if id == forgottenID(at) || slices.ContainsFunc(sides, func(s string) bool { return f.is(digest, s) }) {
			when = append(when, at)
		}
	}
	slices.Sort(when)
	when = slices.Compact(when)
	if len(when) == 0 {
		return 0, fmt.Errorf("nobody who was forgotten is known so: %w", ErrNotFound)
	}
	err = l.s.write(ctx, func(t *tx) error {
		for _, at := range when {
			if _, err := t.exec(`DELETE FROM forgotten WHERE made_at = ?`, at); err != nil {
				return err
			}
		}
		return nil
	})
	return int64(len(when)), errors.Join(err, l.loadForgotten(ctx))
}

// NumberSides are what a number is known by among the forgotten, in the light
// of each account.
func NumberSides(written string, where []phone.Context) (sides []string) {
	for _, ctx := range append(slices.Clone(where), phone.Context{}) {
		for _, side := range numberSides(written, phone.Parse(written, ctx).Key, ctx.Region) {
			if !slices.Contains(sides, side) {
				sides = append(sides, side)
			}
		}
	}
	return sides
}
