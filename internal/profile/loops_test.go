package profile

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Nobody gets a second loop of an account while the first one is ending: two
// would send the same wish side by side. Who waited for it finds the account
// as it is then.
func TestUseWaitsForEnding(t *testing.T) {
	local, err := cache.OpenLocal(t.Context(), filepath.Join(t.TempDir(), "local.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Close() })
	in := &Inbox{local: local, loops: map[string]*running{}, ending: map[string]*running{}}
	r := &running{}
	r.ctx, r.stop = context.WithCancel(t.Context())
	r.users.Add(1)
	in.loops["ventas"] = r
	stopped := make(chan struct{})
	go func() { in.stopLoop("ventas"); close(stopped) }()
	<-r.ctx.Done()
	used := make(chan error, 1)
	go func() { _, err := in.use(t.Context(), inbox.Account{Name: "ventas"}); used <- err }()
	select {
	case err := <-used:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	r.users.Done()
	<-stopped
	if err := <-used; !errors.Is(err, ErrNoAccount) { // it was removed
		t.Error(err)
	}
	if len(in.ending) != 0 {
		t.Error("it ends for ever")
	}
}
