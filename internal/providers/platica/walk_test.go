package platica_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
)

// shelf is a list that moves: rows of several workspaces, each with its own
// order, and an offset shared by all.
type shelf struct {
	dice   *rand.Rand
	cap    int  // rows a page at most, as the echo says
	quiet  bool // nothing moves between pages
	mute   bool // no pagination is sent
	short  bool // a page may give fewer rows than its limit, and says there is more
	delete float64
	spaces []*space
	clock  int
	serial int
	gone   map[string]bool // deleted at some time
	pages  int
}

type space struct {
	id   string
	rows []*item
}

type item struct {
	id               string
	created, updated int
}

func newShelf(seed uint64, limit int, sizes ...int) *shelf {
	s := &shelf{dice: rand.New(rand.NewPCG(seed, 1)), cap: limit, gone: map[string]bool{}}
	for w, n := range sizes {
		sp := &space{id: fmt.Sprintf("ws_%d", w)}
		for range n {
			s.add(sp)
		}
		s.spaces = append(s.spaces, sp)
	}
	return s
}

func (s *shelf) add(sp *space) {
	s.clock += s.dice.IntN(2) // ties
	s.serial++
	sp.rows = append(sp.rows, &item{fmt.Sprintf("c%d", s.serial), s.clock, s.clock})
}

// move is what happens between two pages.
func (s *shelf) move() {
	for range 2 {
		sp := s.spaces[s.dice.IntN(len(s.spaces))]
		switch at := s.dice.Float64(); {
		case len(sp.rows) > 0 && at < s.delete:
			n := s.dice.IntN(len(sp.rows))
			s.gone[sp.rows[n].id] = true
			sp.rows = slices.Delete(sp.rows, n, n+1)
		case at < 0.6 && len(sp.rows) > 0:
			s.clock++
			sp.rows[s.dice.IntN(len(sp.rows))].updated = s.clock
		default:
			s.clock++
			s.add(sp)
		}
	}
}

func (s *shelf) answer(r *http.Request) (int, string) {
	s.pages++
	q := r.URL.Query()
	offset, _ := strconv.Atoi(q.Get("offset"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	if limit > 200 || limit < 1 {
		return 400, `{}`
	}
	limit = min(limit, s.cap)
	out := map[string]any{}
	var spaces []any
	for _, sp := range s.spaces {
		rows := slices.Clone(sp.rows)
		slices.SortStableFunc(rows, func(a, b *item) int {
			if q.Get("sortBy") == "creationDate" {
				return cmp.Compare(a.created, b.created)
			}
			return cmp.Compare(b.updated, a.updated)
		})
		from := min(offset, len(rows))
		take := limit
		if s.short {
			take = max(7, limit-s.dice.IntN(limit))
		}
		to := min(from+take, len(rows))
		list := []any{}
		for _, row := range rows[from:to] {
			list = append(list, map[string]any{"id": row.id, "workspaceId": sp.id})
		}
		one := map[string]any{"id": sp.id, "conversations": list}
		if !s.mute {
			one["pagination"] = map[string]any{"limit": limit, "offset": offset, "hasMore": to < len(rows)}
		}
		spaces = append(spaces, one)
	}
	out["workspaces"] = spaces
	body, _ := json.Marshal(out)
	if !s.quiet {
		s.move()
	}
	return 200, string(body)
}

// walked is what a walk of the shelf has seen.
func walked(t testing.TB, c *platica.Client, s *shelf) (map[string]bool, error) {
	t.Helper()
	seen := map[string]bool{}
	var mark inbox.Mark
	for range 3000 {
		page, err := c.Sweep(t.Context(), mark)
		if err != nil {
			return seen, err
		}
		for _, conv := range page.Items {
			seen[conv.ID] = true
		}
		if !page.More {
			return seen, nil
		}
		mark = page.Next
	}
	t.Fatal("the walk does not end")
	return nil, nil
}

// missed counts rows that were there all the time and were not seen.
func missed(s *shelf, first []string, seen map[string]bool) (n int) {
	for _, id := range first {
		if !s.gone[id] && !seen[id] {
			n++
		}
	}
	return n
}

func (s *shelf) ids() (out []string) {
	for _, sp := range s.spaces {
		for _, row := range sp.rows {
			out = append(out, row.id)
		}
	}
	return out
}

// However the list moves under the sweep, no row that was there from its start
// is passed over (SYNC §1).
func TestSweepOfAMovingList(t *testing.T) {
	var s *shelf
	c, _ := start(t, func(r *http.Request) (int, string) { return s.answer(r) })
	pages, gaveUp := 0, 0
	for seed := range uint64(150) {
		s = newShelf(seed, []int{20, 37, 100, 11}[seed%4], 400, 90, 20, 0)
		s.delete = 0.1
		first := s.ids()
		seen, err := walked(t, c, s)
		pages += s.pages
		if errors.Is(err, providers.ErrFailing) {
			gaveUp++ // loudly: allowed, and rare
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := missed(s, first, seen); n > 0 {
			t.Errorf("seed %d: %d rows of %d passed over", seed, n, len(first))
		}
	}
	t.Logf("%d pages, gave up %d times", pages, gaveUp)
	if gaveUp > 3 {
		t.Errorf("gave up in %d of 150 walks", gaveUp)
	}
}

func TestSweepOfAQuietList(t *testing.T) {
	var s *shelf
	c, _ := start(t, func(r *http.Request) (int, string) { return s.answer(r) })
	for _, tt := range []struct {
		name   string
		change func(*shelf)
		limit  int
		sizes  []int
		pages  int // 0: any
	}{
		{"empty", nil, 100, []int{0}, 1},
		{"no workspace", nil, 100, nil, 1},
		{"one page", nil, 100, []int{100}, 1},
		{"two pages", nil, 100, []int{101}, 2},
		{"step of 95", nil, 100, []int{475}, 5},
		{"one more", nil, 100, []int{481}, 6},
		{"several", nil, 100, []int{300, 3, 96, 101}, 4},
		{"clamped", nil, 50, []int{140}, 3},
		{"clamped to few", nil, 3, []int{20}, 0},
		{"clamped to one", nil, 1, []int{9}, 0},
		{"no echo", func(s *shelf) { s.mute = true }, 30, []int{100, 31}, 0},
		{"short pages", func(s *shelf) { s.short = true }, 60, []int{500, 61}, 0},
	} {
		s = newShelf(7, tt.limit, tt.sizes...)
		s.quiet = true
		if tt.change != nil {
			tt.change(s)
		}
		seen, err := walked(t, c, s)
		if err != nil || missed(s, s.ids(), seen) > 0 {
			t.Errorf("%s: %d of %d rows, %v", tt.name, len(seen), len(s.ids()), err)
		}
		if tt.pages > 0 && s.pages != tt.pages {
			t.Errorf("%s: %d pages, want %d", tt.name, s.pages, tt.pages)
		}
	}
}

// Rows that jump to the top while the head is read shift the others, and send
// the walk back no page.
func TestNewestOfAMovingList(t *testing.T) {
	s := newShelf(3, 100, 800)
	s.delete = 0
	c, d := start(t, func(r *http.Request) (int, string) { return s.answer(r) })
	first := s.ids()
	before := map[string]int{}
	for _, row := range s.spaces[0].rows {
		before[row.id] = row.updated
	}
	seen := map[string]bool{}
	var mark inbox.Mark
	for {
		page, err := c.Newest(t.Context(), mark)
		if err != nil {
			t.Fatal(err)
		}
		for _, conv := range page.Items {
			seen[conv.ID] = true
		}
		if mark = page.Next; !page.More {
			break
		}
	}
	for _, row := range s.spaces[0].rows {
		if stood := slices.Contains(first, row.id) && before[row.id] == row.updated; stood && !seen[row.id] {
			t.Errorf("%s stood still and was passed over", row.id)
		}
	}
	if len(d.asked) > 10 {
		t.Errorf("%d pages for 800 rows", len(d.asked))
	}
}

// A row that is deleted between two pages sends the walk back one page, with
// the rows of the page that did not fit still given.
func TestSeam(t *testing.T) {
	s := newShelf(1, 100, 300)
	s.quiet = true
	c, d := start(t, func(r *http.Request) (int, string) { return s.answer(r) })
	page, err := c.Sweep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	second := page.Next
	s.spaces[0].rows = slices.Delete(s.spaces[0].rows, 3, 4)
	page, err = c.Sweep(t.Context(), second)
	if err != nil || len(page.Items) != 100 || !page.More {
		t.Fatalf("%d rows, %v", len(page.Items), err)
	}
	for _, want := range []string{"?limit=100&sortBy", "offset=95&", "offset=190&", "offset=285&"} {
		if page, err = c.Sweep(t.Context(), page.Next); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(d.last(), want) {
			t.Errorf("asked %s, want %s", d.last(), want)
		}
	}
	if page.More {
		t.Error("the walk does not end")
	}
}

// A list that ignores the offset, or that changes under every reading, ends in
// an error and not in a walk without end.
func TestWalksThatCannotEnd(t *testing.T) {
	page := func(first int) string {
		body := `{"workspaces":[{"id":"w","conversations":[`
		for i := range 100 {
			if i > 0 {
				body += ","
			}
			body += fmt.Sprintf(`{"id":"c%d"}`, first+i)
		}
		return body + `],"pagination":{"limit":100,"offset":0,"hasMore":true}}]}`
	}
	n := 0
	for name, tt := range map[string]struct {
		answer func(r *http.Request) (int, string)
		most   int
		kind   error
	}{
		"the same page":  {func(*http.Request) (int, string) { return 200, page(0) }, 2, providers.ErrFailing},
		"always others":  {func(*http.Request) (int, string) { n += 100; return 200, page(n) }, 20, providers.ErrMarkRefused}, // it would lead nowhere when all is quiet, too
		"empty for ever": {always(200, `{"workspaces":[{"id":"w","conversations":[],"pagination":{"limit":100,"hasMore":true}}]}`), 1, nil},
	} {
		c, d := start(t, tt.answer)
		_, err := walked(t, c, nil)
		if name == "empty for ever" {
			if err != nil || len(d.asked) != 1 {
				t.Errorf("%s: %v after %d pages", name, err, len(d.asked))
			}
			continue
		}
		if !errors.Is(err, tt.kind) || len(d.asked) > tt.most {
			t.Errorf("%s: %v after %d pages", name, err, len(d.asked))
		}
	}
}

// A list that says there is more at its very end is read to the end.
func TestMoreThatIsNotThere(t *testing.T) {
	s := newShelf(2, 100, 150)
	s.quiet = true
	c, d := start(t, func(r *http.Request) (int, string) {
		status, body := s.answer(r)
		var reply map[string][]map[string]any
		_ = json.Unmarshal([]byte(body), &reply)
		reply["workspaces"][0]["pagination"] = map[string]any{"limit": 100, "hasMore": true}
		out, _ := json.Marshal(reply)
		return status, string(out)
	})
	seen, err := walked(t, c, s)
	if err != nil || len(seen) != 150 || len(d.asked) > 8 {
		t.Errorf("%d rows, %v, %d pages", len(seen), err, len(d.asked))
	}
}

func TestOffsetRefused(t *testing.T) {
	s := newShelf(2, 100, 150)
	c, _ := start(t, func(r *http.Request) (int, string) {
		if r.URL.Query().Has("offset") {
			return 422, `{}`
		}
		return s.answer(r)
	})
	page, err := c.Sweep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Sweep(t.Context(), page.Next); !errors.Is(err, providers.ErrMarkRefused) {
		t.Error(err)
	}
	if _, err := c.Newest(t.Context(), page.Next); !errors.Is(err, providers.ErrMarkRefused) {
		t.Errorf("a mark of the other walk passes: %v", err)
	}
}
