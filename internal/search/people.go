package search

import (
	"context"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
)

// People is the index of everybody, in memory. It holds what finding needs and
// nothing that showing needs: hits are read from the cache.
type People struct {
	cache *cache.Cache

	refreshing sync.Mutex // held by who writes: one at a time, so that none puts back what a later one has read

	mu  sync.RWMutex // of dir and what it points to
	dir *directory

	loading   bool
	refreshed map[string]bool // people read anew while Load reads everybody
	ready     chan struct{}
	isReady   bool
}

// NewPeople makes an empty index over c; Load fills it.
func NewPeople(c *cache.Cache) *People {
	return &People{cache: c, dir: newDirectory().anew(), ready: make(chan struct{})}
}

// Ready reports whether the index holds everything the cache did at Load.
// Until then FindInSQL answers.
func (p *People) Ready() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.isReady
}

// Wait returns once the index is ready, or with ctx's error.
func (p *People) Wait(ctx context.Context) error {
	select {
	case <-p.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Load makes the index hold everybody who is in the cache and nobody else.
// Find and Refresh may run beside it, Load itself not.
func (p *People) Load(ctx context.Context) error {
	p.refreshing.Lock()
	p.loading, p.refreshed = true, map[string]bool{}
	p.refreshing.Unlock()
	fresh, err := p.readAll(ctx)
	p.refreshing.Lock()
	defer p.refreshing.Unlock()
	refreshed := p.refreshed
	p.loading, p.refreshed = false, nil
	if err != nil {
		return err
	}
	// Whom a Refresh has read meanwhile it has read later.
	for ref := range refreshed {
		if i, ok := p.dir.find(ref); ok {
			fresh.put(p.dir.person(i))
		} else {
			fresh.drop(ref)
		}
	}
	p.swap(fresh)
	return nil
}

// swap puts another index in place; refreshing is held.
func (p *People) swap(fresh *directory) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dir = fresh
	if !p.isReady && !p.loading {
		p.isReady = true
		close(p.ready)
	}
}

// readAll makes an index of everybody in the cache.
func (p *People) readAll(ctx context.Context) (*directory, error) {
	fresh := newDirectory()
	who := func(ref string) (*person, bool) {
		if i, ok := fresh.find(ref); ok {
			return fresh.person(i), true
		}
		return &person{ref: ref}, false
	}
	if err := p.cache.EachPerson(ctx, nil, func(r cache.PersonRow) error {
		q, _ := who(r.Person)
		q.takeRow(r)
		fresh.put(q)
		return nil
	}); err != nil {
		return nil, err
	}
	err := p.cache.OtherNames(ctx, nil, func(ref, text string) error {
		if q, known := who(ref); known {
			q.addName(text, false)
			fresh.put(q)
		}
		return nil
	})
	fresh.settle()
	return fresh, err
}

// batch is how many people are written while nobody may read.
const batch = 64

// Refresh reads anew the people (p_…) that a commit changed, and forgets those
// who are no longer there.
func (p *People) Refresh(ctx context.Context, refs []string) error {
	p.refreshing.Lock()
	defer p.refreshing.Unlock()
	const chunk = 500
	for part := range slices.Chunk(refs, chunk) {
		found, err := p.read(ctx, part)
		if err != nil {
			return err
		}
		for few := range slices.Chunk(part, batch) {
			p.apply(few, found)
		}
	}
	if p.dir.worn() { // nobody else writes; who reads goes on reading
		p.swapKeeping(p.dir.anew())
	}
	return nil
}

func (p *People) swapKeeping(fresh *directory) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dir = fresh
}

func (p *People) apply(refs []string, found map[string]*person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ref := range refs {
		if p.loading {
			p.refreshed[ref] = true
		}
		if q := found[ref]; q != nil {
			p.dir.put(q)
		} else {
			p.dir.drop(ref)
		}
	}
}

// read reads the people in refs from the cache.
func (p *People) read(ctx context.Context, refs []string) (map[string]*person, error) {
	found := map[string]*person{}
	if err := p.cache.EachPerson(ctx, refs, func(r cache.PersonRow) error {
		q := found[r.Person]
		if q == nil {
			q = &person{ref: r.Person}
			found[r.Person] = q
		}
		q.takeRow(r)
		return nil
	}); err != nil {
		return nil, err
	}
	err := p.cache.OtherNames(ctx, refs, func(ref, text string) error {
		if q := found[ref]; q != nil {
			q.addName(text, false)
		}
		return nil
	})
	return found, err
}

// takeRow adds a contact's part of a person.
func (q *person) takeRow(r cache.PersonRow) {
	at := seconds(r.At)
	q.addName(r.Name, at > q.at)
	if l, ok := lineOf(r.PhoneKey, r.E164); ok {
		q.addLine(l)
	}
	q.at = max(q.at, at)
}

func seconds(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 0), 1<<32-1))
}

func (q *person) addName(text string, first bool) {
	text = bounded(text)
	if text == "" || slices.ContainsFunc(q.names, func(n name) bool { return n.text == text }) {
		return
	}
	if first {
		q.names = slices.Insert(q.names, 0, name{text: text})
		q.names = q.names[:min(len(q.names), mostNames)]
	} else if len(q.names) < mostNames {
		q.names = append(q.names, name{text: text})
	}
	for _, l := range linesIn(text) {
		q.addLine(l)
	}
}

func (q *person) addLine(l line) {
	if len(q.lines) < mostNumbers && !slices.Contains(q.lines, l) {
		q.lines = append(q.lines, l)
	}
}

// shortestInName is from how many digits on a part of a name is taken for a
// number.
const shortestInName = 6

// linesIn are the numbers that a name holds, as that of who has no other name.
// One that is no valid number is known by its digits.
func linesIn(text string) (out []line) {
	for _, run := range numberRuns(text) {
		digits := phone.Digits(text[run[0]:run[1]])
		if len(digits) < shortestInName || len(digits) > mostKeyed {
			continue
		}
		l := line{packed: pack(digits), inName: true}
		if n := phone.Parse(text[run[0]:run[1]], phone.Context{}); n.Kind == phone.Phone {
			if whole, ok := lineOf(n.Key, n.E164); ok {
				l, l.inName = whole, true
			}
		}
		out = append(out, l)
	}
	return out
}
