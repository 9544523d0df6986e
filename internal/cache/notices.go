package cache

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"bandeja/internal/inbox"
)

// The kinds of Notice.
const (
	// CacheRebuilt: cache.db was damaged, and is being copied anew.
	CacheRebuilt = "cache_rebuilt"
	// LocalRestored: local.db was damaged, and came back from a backup.
	LocalRestored = "local_restored"
	// LocalSalvaged: local.db was damaged and no backup was good: it has what
	// could be read.
	LocalSalvaged = "local_salvaged"
)

// Notice is what happened to a file, until somebody has read it.
type Notice struct {
	ID   string
	Kind string
	At   time.Time
	File string    // where the damaged file is, by its name in the profile; "" where there was none
	From time.Time // of the backup, zero where there was none
}

type keptNotice struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	At   int64  `json:"at"`
	File string `json:"file"`
	From int64  `json:"from"`
}

const (
	noticesKey  = "notices"
	keptNotices = 20
)

// Notices lists what nobody has read yet, oldest first.
func (l *Local) Notices(ctx context.Context) ([]Notice, error) {
	v, err := l.Setting(ctx, noticesKey)
	out := []Notice{}
	for _, n := range noticesIn(v) {
		out = append(out, Notice{n.ID, n.Kind, inbox.FromMillis(n.At), n.File, inbox.FromMillis(n.From)})
	}
	return out, err
}

// noticesIn reads what is kept; what cannot be read is none.
func noticesIn(v string) (kept []keptNotice) {
	_ = json.Unmarshal([]byte(v), &kept)
	return kept
}

// AddNotice keeps a notice until it is dropped, and gives it its ID.
func (l *Local) AddNotice(ctx context.Context, n Notice) (Notice, error) {
	n.ID = "n_" + rand.Text()[:12]
	err := l.changeNotices(ctx, func(kept []keptNotice) ([]keptNotice, error) {
		kept = append(kept, keptNotice{n.ID, n.Kind, inbox.Millis(n.At), n.File, inbox.Millis(n.From)})
		return kept[max(0, len(kept)-keptNotices):], nil
	})
	return n, err
}

// DropNotice forgets a notice that was read; ErrNotFound where there is none.
func (l *Local) DropNotice(ctx context.Context, id string) error {
	return l.changeNotices(ctx, func(kept []keptNotice) ([]keptNotice, error) {
		i := slices.IndexFunc(kept, func(n keptNotice) bool { return n.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("notice %s: %w", id, ErrNotFound)
		}
		return slices.Delete(kept, i, i+1), nil
	})
}

func (l *Local) changeNotices(ctx context.Context, change func([]keptNotice) ([]keptNotice, error)) error {
	return l.s.write(ctx, func(t *tx) error {
		var v string
		if err := t.row(`SELECT coalesce((SELECT value FROM settings WHERE key = ?), '')`, noticesKey).Scan(&v); err != nil {
			return err
		}
		kept, err := change(noticesIn(v))
		if err != nil {
			return err
		}
		b, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		return saveSetting(t, noticesKey, string(b))
	})
}
