package search

import (
	"cmp"
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

	mu      sync.RWMutex
	entries []entry
	byRef   map[string]int32
	byKey   map[string][]int32
	vocab   map[string][]int32 // folded word → entries
	sorted  []string           // the vocabulary in order, for prefixes
	stale   bool               // sorted lacks some of vocab
	ready   chan struct{}
	isReady bool
}

type entry struct {
	ref    string
	names  []string // as written, the contact's newest first
	keys   []string // identity keys, one for each of lines
	lines  []string // display forms
	digits string   // every searched form of every line, kept apart by a space
	mask   uint64   // which letters and digits the names have
	at     int64    // newest activity, for recency
	gone   bool     // no longer in the cache
}

// NewPeople makes an empty index over c; Load fills it.
func NewPeople(c *cache.Cache) *People {
	return &People{cache: c, byRef: map[string]int32{}, byKey: map[string][]int32{}, vocab: map[string][]int32{}, ready: make(chan struct{})}
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

// Load reads everybody from the cache. Refresh may run beside it.
func (p *People) Load(ctx context.Context) error {
	err := p.read(ctx, nil)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isReady {
		p.isReady = true
		close(p.ready)
	}
	return nil
}

// Refresh reads anew the people (p_…) that a commit changed.
func (p *People) Refresh(ctx context.Context, refs []string) error {
	const chunk = 500
	for part := range slices.Chunk(refs, chunk) {
		if err := p.read(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (p *People) read(ctx context.Context, refs []string) error {
	found := map[string]*entry{}
	if err := p.cache.EachPerson(ctx, refs, func(r cache.PersonRow) error {
		e := found[r.Person]
		if e == nil {
			e = &entry{ref: r.Person}
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
		return err
	}
	if err := p.cache.OtherNames(ctx, refs, func(person, name string) error {
		if e := found[person]; e != nil && !slices.Contains(e.names, name) {
			e.names = append(e.names, name)
		}
		return nil
	}); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ref := range refs {
		if _, here := found[ref]; !here {
			if i, ok := p.byRef[ref]; ok {
				p.drop(i)
			}
		}
	}
	for _, e := range found {
		p.put(e)
	}
	return nil
}

// put replaces a person's entry; the caller holds the lock.
func (p *People) put(e *entry) {
	for n, k := range e.keys {
		if !slices.Contains(e.keys[:n], k) { // one key may be written in two ways
			e.digits += strings.Join(phone.SearchForms(k), " ") + " "
		}
	}
	for _, n := range e.names {
		e.mask |= maskOf(Fold(n))
	}
	i, known := p.byRef[e.ref]
	if known {
		old := &p.entries[i]
		if !old.gone && slices.Equal(old.names, e.names) && slices.Equal(old.keys, e.keys) && slices.Equal(old.lines, e.lines) {
			old.at = e.at
			return
		}
		p.drop(i)
	}
	i = int32(len(p.entries))
	p.entries = append(p.entries, *e)
	p.byRef[e.ref] = i
	for _, k := range e.keys {
		if !slices.Contains(p.byKey[k], i) {
			p.byKey[k] = append(p.byKey[k], i)
		}
	}
	for _, w := range e.words() {
		list, ok := p.vocab[w]
		p.vocab[w] = append(list, i)
		p.stale = p.stale || !ok
	}
}

// words are the distinct folded words of an entry's names.
func (e *entry) words() []string {
	var all []string
	for _, n := range e.names {
		all = append(all, wordsOf(n)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p *People) drop(i int32) {
	e := &p.entries[i]
	for _, w := range e.words() {
		p.vocab[w] = without(p.vocab[w], i)
	}
	for _, k := range e.keys {
		p.byKey[k] = without(p.byKey[k], i)
	}
	delete(p.byRef, e.ref)
	p.entries[i] = entry{ref: e.ref, gone: true}
}

func without(list []int32, i int32) []int32 {
	at, ok := slices.BinarySearch(list, i)
	if !ok {
		return list
	}
	return slices.Delete(slices.Clone(list), at, at+1)
}

// maskOf is the set of letters and digits in a folded text: a text can only
// contain a query as a subsequence if its mask contains the query's.
func maskOf(s string) (m uint64) {
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

// vocabulary gives the sorted words, made anew if some are missing.
func (p *People) vocabulary() []string {
	p.mu.RLock()
	sorted, stale := p.sorted, p.stale
	p.mu.RUnlock()
	if !stale {
		return sorted
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stale {
		p.sorted = make([]string, 0, len(p.vocab))
		for w := range p.vocab {
			p.sorted = append(p.sorted, w)
		}
		slices.Sort(p.sorted)
		p.stale = false
	}
	return p.sorted
}

// withPrefix lists the entries with a word that begins with prefix, in order.
// The caller holds the lock.
func (p *People) withPrefix(sorted []string, prefix string) []int32 {
	from, _ := slices.BinarySearch(sorted, prefix)
	var lists [][]int32
	total := 0
	for _, w := range sorted[from:] {
		if !strings.HasPrefix(w, prefix) {
			break
		}
		lists = append(lists, p.vocab[w])
		total += len(p.vocab[w])
	}
	if len(lists) == 1 {
		return lists[0]
	}
	out := make([]int32, 0, total)
	for _, l := range lists {
		out = append(out, l...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func intersect(a, b []int32) []int32 {
	if len(a) > len(b) {
		a, b = b, a
	}
	var out []int32
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); ok {
			out = append(out, x)
		}
	}
	return out
}

// newestFirst orders entries by recency and keeps the first n.
func (p *People) newestFirst(ids []int32, n int) []int32 {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Compare(p.entries[b].at, p.entries[a].at) })
	return ids[:min(n, len(ids))]
}
