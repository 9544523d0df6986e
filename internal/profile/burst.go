package profile

import (
	"sync"
	"time"
)

// burst tells of many things that happen shortly after one another as of one:
// a thousand changes going out are no thousand events.
type burst struct {
	mu      sync.Mutex
	pending bool
}

// burstRest is how long a burst may last before it is told of.
const burstRest = 200 * time.Millisecond

// tell calls fn once, soon, however often it is called until then.
func (b *burst) tell(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending {
		return
	}
	b.pending = true
	time.AfterFunc(burstRest, func() {
		b.mu.Lock()
		b.pending = false
		b.mu.Unlock()
		fn()
	})
}
