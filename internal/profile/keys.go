package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/zalando/go-keyring"

	"bandeja/internal/providers/rest"
)

// Where a key is kept.
const (
	Keyring = "keyring"
	File    = "file"
)

// keyringService is the name the system's keychain shows.
const keyringService = "Bandeja"

// keyringWait: a locked collection with a display blocks until somebody
// answers its dialog (PLATFORM §2).
const keyringWait = 60 * time.Second

// keys keeps the accounts' keys: in the system's keychain, or in keys.json
// (0600) when a person asked for that. There is never a silent fall-back from
// one to the other.
type keys struct {
	dir string
	id  string // the profile's, so that two profiles do not share an entry
	mu  sync.Mutex
}

func (k *keys) entry(account string) string { return k.id + "/" + account }

// save keeps a key in the store named.
func (k *keys) save(store, account string, key rest.Secret) error {
	switch store {
	case Keyring:
		return k.ring("save the key of "+account, func() error { return keyring.Set(keyringService, k.entry(account), key.Reveal()) })
	case File:
		return k.change(func(m map[string]string) { m[account] = key.Reveal() })
	}
	return fmt.Errorf("%w: a key is kept in keyring or file, not in %q", ErrUsage, store)
}

// load reads a key. ErrNoKey where the store works and has none.
func (k *keys) load(store, account string) (rest.Secret, error) {
	if store == File {
		k.mu.Lock()
		defer k.mu.Unlock()
		m, err := k.read()
		if err != nil {
			return rest.Secret{}, err
		}
		v, ok := m[account]
		if !ok {
			return rest.Secret{}, fmt.Errorf("%s: %w: give it again with: bandeja account key %s", account, ErrNoKey, account)
		}
		return rest.NewSecret(v), nil
	}
	var v string
	err := k.ring("read the key of "+account, func() (err error) {
		v, err = keyring.Get(keyringService, k.entry(account))
		return err
	})
	if errors.Is(err, keyring.ErrNotFound) {
		return rest.Secret{}, fmt.Errorf("%s: %w: give it again with: bandeja account key %s", account, ErrNoKey, account)
	}
	return rest.NewSecret(v), err
}

// remove forgets a key; one that is not there is no error.
func (k *keys) remove(store, account string) error {
	if store == File {
		return k.change(func(m map[string]string) { delete(m, account) })
	}
	err := k.ring("remove the key of "+account, func() error { return keyring.Delete(keyringService, k.entry(account)) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// ring calls the keychain with a limit. Only ErrNotFound means "not there";
// everything else means that there is no keychain to use.
func (k *keys) ring(what string, call func() error) error {
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		if err == nil || errors.Is(err, keyring.ErrNotFound) {
			return err
		}
		return fmt.Errorf("%s: %w: %w; keep keys in a private file instead with --key-store file", what, ErrKeychain, err)
	case <-time.After(keyringWait):
		return fmt.Errorf("%s: %w: it did not answer; unlock it, or keep keys in a private file with --key-store file", what, ErrKeychain)
	}
}

func (k *keys) read() (map[string]string, error) {
	m := map[string]string{}
	b, err := os.ReadFile(filepath.Join(k.dir, keysFile))
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		// The content is not repeated: it is keys.
		return nil, fmt.Errorf("%s is damaged: remove it and give the keys again with: bandeja account key NAME", filepath.Join(k.dir, keysFile))
	}
	return m, nil
}

func (k *keys) change(fn func(map[string]string)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, err := k.read()
	if err != nil {
		return err
	}
	fn(m)
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writePrivate(filepath.Join(k.dir, keysFile), b); err != nil {
		return fmt.Errorf("save keys: %w", err)
	}
	return nil
}
