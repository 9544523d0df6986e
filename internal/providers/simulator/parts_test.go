package simulator

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// A roll is what sorting everything again after each change would give.
func TestRollStaysSorted(t *testing.T) {
	type row struct{ key, id int }
	rapid.Check(t, func(t *rapid.T) {
		r := roll[row]{cmp: func(a, b *row) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) }}
		var all []*row
		for i, key := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, 40).Draw(t, "keys") {
			all = append(all, &row{key, i})
			r.put(all[i])
		}
		for range rapid.IntRange(0, 40).Draw(t, "changes") {
			x := rapid.SampledFrom(all).Draw(t, "row")
			r.take(x)
			x.key = rapid.IntRange(0, 9).Draw(t, "key")
			r.put(x)
		}
		want := slices.Clone(all)
		slices.SortFunc(want, r.cmp)
		if !slices.Equal(r.rows, want) {
			t.Fatalf("%v, want %v", r.rows, want)
		}
	})
}

func TestShopHoursNeverMoveForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(1_600_000_000, 1_900_000_000).Draw(t, "seconds") * second
		land := rapid.SampledFrom([]country{argentina, mexico}).Draw(t, "country")
		got := shopHours(at, land)
		local := time.Unix(got/second+land.zone(), 0).UTC()
		if got > at || at-got > 3*day || local.Weekday() == time.Sunday || local.Hour() < 9 || local.Hour() >= 19 {
			t.Fatalf("%v became %v", time.Unix(0, at).UTC(), local)
		}
	})
}

func TestStrangersHaveTheirOwnLines(t *testing.T) {
	o := New(Options{Seed: 1, Conversations: 1})
	seen := map[string]bool{}
	for n := range uint64(20_000) {
		p := o.stranger(n)
		if len(p.national) != 10 || seen[p.short()] {
			t.Fatalf("stranger %d: %s", n, p.short())
		}
		seen[p.short()] = true
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "ñandú", "\x00\x1f\"\\\n\t", "\xff\xfe", "\u2028</script>", "👩‍🔧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && got != want {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func FuzzSessionQuery(f *testing.F) {
	f.Add("limit=5&offset=10&sortBy=creationDate")
	f.Add(`dateFilter={"type":"range","startDate":"2026-01-01","endDate":"2026-02-01"}&tags=a,b`)
	o := New(Options{Seed: 1, Now: testNow, Conversations: 12})
	f.Fuzz(func(t *testing.T, raw string) {
		q, wrong := readSessionQuery(raw)
		if wrong != "" {
			return
		}
		for _, ws := range o.platica.workspaces {
			if page := o.appendPage(nil, ws, &q); !json.Valid(page) {
				t.Errorf("%q: %s", raw, page)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("2026-04-13T14:32:00.000Z|id")
	f.Add("|id")
	f.Fuzz(func(t *testing.T, text string) {
		after, ok := readCursor(text)
		if ok && after != nil {
			if again, ok := readCursor(after.cursor()); !ok || *again.key() != *after.key() {
				t.Errorf("%q is %q", text, after.cursor())
			}
		}
	})
}

// key is what a cursor holds of a chat.
func (c *chat) key() *[2]any { return &[2]any{c.lastAt, c.id} }
