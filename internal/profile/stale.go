package profile

import (
	"maps"
	"slices"
	"sync"
)

// staleSet gathers the people to read anew, so that a busy sync refreshes each
// once and never waits.
type staleSet struct {
	mu   sync.Mutex
	refs map[string]bool
	wake chan struct{}
}

func newStaleSet() *staleSet {
	return &staleSet{refs: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (s *staleSet) add(refs []string) {
	if len(refs) == 0 {
		return
	}
	s.mu.Lock()
	for _, r := range refs {
		s.refs[r] = true
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *staleSet) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	refs := slices.Collect(maps.Keys(s.refs))
	clear(s.refs)
	return refs
}
