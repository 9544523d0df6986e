package profile

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

// TestRing: a keychain that does not answer is given up after a minute; only
// "not found" means that a key is not there.
func TestRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, answered, began := &keys{}, make(chan struct{}), time.Now()
		err := k.ring("read", func() error { <-answered; return nil })
		if !errors.Is(err, ErrKeychain) || time.Since(began) != keyringWait {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		close(answered) // the person closes its dialog
	})
	k := &keys{}
	if err := k.ring("read", func() error { return keyring.ErrNotFound }); !errors.Is(err, keyring.ErrNotFound) || errors.Is(err, ErrKeychain) {
		t.Error(err)
	}
	if err := k.ring("read", func() error { return errors.New("denied") }); !errors.Is(err, ErrKeychain) {
		t.Error(err)
	}
}
