package search

import (
	"context"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
)

// People is the index of everybody, in memory: a vocabulary of folded words
// with sorted postings, and the searched forms of every line. It holds what
// finding needs and nothing that showing needs: hits are read from the cache.
type People struct {
	cache *cache.Cache

	refreshing sync.Mutex // one Refresh at a time, so that none puts back what a later one has read

	mu      sync.RWMutex
	entries []entry
	free    []int32 // entries of people who have gone
	byRef   map[string]int32
	byKey   map[string][]int32
	words   vocabulary
	// What is looked through for every entry stands in rows of its own.
	at      []int64  // newest activity, for recency
	names   []string // every folded name, a line each
	counts  []uint64 // how many words the names have: bit n for one of n
	letters []letters
	digits  []string // every searched form of every line, kept apart by a space
	pairs   []pairs

	loading   bool
	refreshed map[string]bool // people read anew while Load reads everybody
	ready     chan struct{}
	isReady   bool
}

type entry struct {
	ref    string   // "" when free
	names  []string // as written, the contact's newest first
	folded []string // the compared form of each
	keys   []string // identity keys, one for each of lines
	lines  []string // display forms
}

// NewPeople makes an empty index over c; Load fills it.
func NewPeople(c *cache.Cache) *People {
	return &People{cache: c, byRef: map[string]int32{}, byKey: map[string][]int32{}, words: newVocabulary(), ready: make(chan struct{})}
}

// Ready reports whether the index holds everything the cache did at Load.
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
// Refresh may run beside it, Load itself not.
func (p *People) Load(ctx context.Context) error {
	p.mu.Lock()
	p.loading, p.refreshed = true, map[string]bool{}
	p.mu.Unlock()
	found, err := p.read(ctx, nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loading = false
	if err != nil {
		return err
	}
	// Whom a Refresh has read meanwhile it has read later.
	for ref, i := range p.byRef {
		if found[ref] == nil && !p.refreshed[ref] {
			p.drop(i)
		}
	}
	for ref, r := range found {
		if !p.refreshed[ref] {
			p.put(r)
		}
	}
	p.refreshed = nil
	p.words.sort()
	if !p.isReady {
		p.isReady = true
		close(p.ready)
	}
	return nil
}

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
		p.apply(part, found)
	}
	return nil
}

func (p *People) apply(refs []string, found map[string]*person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ref := range refs {
		if p.loading {
			p.refreshed[ref] = true
		}
		if r := found[ref]; r != nil {
			p.put(r)
		} else if i, ok := p.byRef[ref]; ok {
			p.drop(i)
		}
	}
}

// person is somebody as the cache has them.
type person struct {
	entry
	at int64
}

// read reads the parts of people: of refs, or of everybody when it is nil.
func (p *People) read(ctx context.Context, refs []string) (map[string]*person, error) {
	found := map[string]*person{}
	if err := p.cache.EachPerson(ctx, refs, func(r cache.PersonRow) error {
		e := found[r.Person]
		if e == nil {
			e = &person{entry: entry{ref: r.Person}}
			found[r.Person] = e
		}
		at := r.At.UnixMilli()
		if r.Name != "" && !slices.Contains(e.names, r.Name) {
			if at > e.at {
				e.names = slices.Insert(e.names, 0, r.Name)
			} else {
				e.names = append(e.names, r.Name)
			}
		}
		if r.PhoneKey != "" && !slices.Contains(e.lines, r.Display) {
			e.keys, e.lines = append(e.keys, r.PhoneKey), append(e.lines, r.Display)
		}
		e.at = max(e.at, at)
		return nil
	}); err != nil {
		return nil, err
	}
	err := p.cache.OtherNames(ctx, refs, func(person, name string) error {
		if e := found[person]; e != nil && !slices.Contains(e.names, name) {
			e.names = append(e.names, name)
		}
		return nil
	})
	return found, err
}

// put writes a person's entry; the caller holds the lock.
func (p *People) put(r *person) {
	i, known := p.byRef[r.ref]
	if known {
		p.at[i] = r.at
		if old := &p.entries[i]; slices.Equal(old.names, r.names) && slices.Equal(old.keys, r.keys) && slices.Equal(old.lines, r.lines) {
			return
		}
		p.unlist(i)
	} else {
		i = p.slot()
		p.byRef[r.ref] = i
	}
	e := r.entry
	p.counts[i] = 0
	for _, n := range e.names {
		f := Fold(n)
		e.folded = append(e.folded, f)
		p.counts[i] |= 1 << min(countWords(f), 63)
	}
	p.entries[i], p.at[i] = e, r.at
	p.names[i], p.digits[i] = strings.Join(e.folded, "\n"), formsOf(e.keys)
	p.letters[i], p.pairs[i] = lettersOf(p.names[i]), pairsOf(p.digits[i])
	for _, w := range e.words() {
		p.words.add(w, i)
	}
	for _, k := range e.keys {
		p.byKey[k] = with(p.byKey[k], i)
	}
}

// formsOf are the searched forms of the lines, each line once: one key may be
// written in two ways.
func formsOf(keys []string) string {
	var b strings.Builder
	for n, k := range keys {
		if slices.Contains(keys[:n], k) {
			continue
		}
		for _, form := range phone.SearchForms(k) {
			b.WriteString(form)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// slot is a free entry's number.
func (p *People) slot() int32 {
	if n := len(p.free); n > 0 {
		i := p.free[n-1]
		p.free = p.free[:n-1]
		return i
	}
	p.entries = append(p.entries, entry{})
	p.at, p.names, p.counts, p.letters = append(p.at, 0), append(p.names, ""), append(p.counts, 0), append(p.letters, 0)
	p.digits, p.pairs = append(p.digits, ""), append(p.pairs, pairs{})
	return int32(len(p.entries) - 1)
}

// drop forgets a person; the caller holds the lock.
func (p *People) drop(i int32) {
	p.unlist(i)
	delete(p.byRef, p.entries[i].ref)
	p.entries[i], p.at[i], p.names[i], p.counts[i], p.letters[i], p.digits[i], p.pairs[i] = entry{}, 0, "", 0, 0, "", pairs{}
	p.free = append(p.free, i)
}

// unlist takes an entry out of the postings.
func (p *People) unlist(i int32) {
	e := &p.entries[i]
	for _, w := range e.words() {
		p.words.remove(w, i)
	}
	for _, k := range e.keys {
		if p.byKey[k] = without(p.byKey[k], i); len(p.byKey[k]) == 0 {
			delete(p.byKey, k)
		}
	}
}

// words are the distinct folded words of an entry's names.
func (e *entry) words() []string {
	var all []string
	for _, f := range e.folded {
		all = append(all, cut(f)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// letters is the set of letters and digits in a folded text: it can only
// contain another as a subsequence if it has all of its letters.
type letters uint64

func lettersOf(s string) (m letters) {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			m |= 1 << (r - 'a')
		case r >= '0' && r <= '9':
			m |= 1 << (26 + r - '0')
		case r >= utf8.RuneSelf:
			m |= 1 << (40 + r%24)
		}
	}
	return m
}

// pairs is the set of the hundred pairs of digits that stand side by side in a
// text: it can only contain a number if it has all of its pairs.
type pairs [2]uint64

func pairsOf(s string) (m pairs) {
	for i := 1; i < len(s); i++ {
		a, b := s[i-1]-'0', s[i]-'0'
		if a > 9 || b > 9 {
			continue
		}
		n := a*10 + b
		m[n/64] |= 1 << (n % 64)
	}
	return m
}

func (m pairs) has(o pairs) bool { return m[0]&o[0] == o[0] && m[1]&o[1] == o[1] }
