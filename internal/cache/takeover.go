package cache

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Taken is what a local.db that comes out of a backup took over from the one
// whose place it takes.
type Taken struct {
	// SameAccounts: every account of this name that the other file has is at the
	// same address. A key that the other used may be used with this one.
	SameAccounts bool
	Doubtful     int   // entries of the outbox that wait for a person now
	Tokens       int64 // of other programs that were ended since, and are ended again
	Forgotten    int64 // what whoever was forgotten since is known by
	Erased       Erased
}

// TakeOver makes the content of a backup fit to go on with. What it says is to
// be sent may have been sent since: that waits for a person, and what was being
// done at once is over. former is the file whose place it takes, "" for none,
// read as far as it can be: whoever it has forgotten stays forgotten, a token
// that it has ended stays ended, and where its accounts are the same the profile
// goes by the same id, by which keys are found.
func (l *Local) TakeOver(ctx context.Context, former string) (taken Taken, err error) {
	w := openWreck(ctx, former, localShape())
	if w != nil {
		defer w.close()
	}
	f, err := w.former(ctx)
	if err != nil {
		return taken, err
	}
	err = l.s.write(ctx, func(t *tx) error {
		taken = Taken{}
		if err := t.row(`SELECT count(*) FROM outbox WHERE state IN ('queued', 'parked', 'checking', 'sending', 'unknown')`).Scan(&taken.Doubtful); err != nil {
			return err
		}
		if err := doubtWishes(t, nil); err != nil {
			return err
		}
		for _, q := range []string{
			`DELETE FROM act_todo`,
			`UPDATE acts SET state = CASE state WHEN 'undoing' THEN 'undone' ELSE 'done' END WHERE state IN ('listing', 'doing', 'undoing')`,
			`DELETE FROM settings WHERE key = 'profile_id'`,
		} {
			if _, err := t.exec(q); err != nil {
				return err
			}
		}
		return f.into(t, &taken)
	})
	if err != nil {
		return taken, fmt.Errorf("take over what the profile knew: %w", err)
	}
	if err := l.loadForgotten(ctx); err != nil {
		return taken, err
	}
	taken.Erased, err = l.EraseForgotten(ctx)
	return taken, err
}

// former is what a file knew that a backup of an earlier day does not.
type former struct {
	there      bool
	id         string
	keys       []string // for digests
	accounts   [][]any
	tokens     [][]any
	forgotten  [][]any
	forgetting [][]any
}

// accountPlace is what a key of an account must not leave.
var accountPlace = []string{"name", "provider", "base_url", "tls_pin", "insecure", "key_store"}

// former reads what is to be taken over. nil has nothing.
func (w *wreck) former(ctx context.Context) (f former, err error) {
	if w == nil {
		return f, nil
	}
	f.there = true
	gather := func(table string, key string, cols []string, into *[][]any) {
		if err == nil {
			_, err = w.rows(ctx, table, cols, []string{key}, key == "made_at", func(row []any) error {
				*into = append(*into, row)
				return nil
			})
		}
	}
	var settings [][]any
	gather("settings", "key", []string{"key", "value"}, &settings)
	gather("accounts", "name", accountPlace, &f.accounts)
	gather("tokens", "name", []string{"name", "hash"}, &f.tokens)
	gather("forgotten", "digest", []string{"digest", "made_at"}, &f.forgotten)
	gather("forgetting", "made_at", []string{"made_at", "needles", "done"}, &f.forgetting)
	for _, s := range settings {
		value, _ := s[1].(string)
		switch s[0] {
		case "profile_id":
			f.id = value
		case forgetKeySetting:
			f.keys = strings.Fields(value)
		}
	}
	return f, err
}

func (f *former) into(t *tx, taken *Taken) (err error) {
	if taken.SameAccounts, err = f.sameAccounts(t); err != nil || !f.there {
		return err
	}
	if taken.SameAccounts && f.id != "" {
		if err := saveSetting(t, "profile_id", f.id); err != nil {
			return err
		}
	}
	if err := f.endTokens(t, taken); err != nil {
		return err
	}
	return f.keepForgetting(t, taken)
}

// sameAccounts reports whether no account has moved. Without accounts to compare
// there is no key to be given to anybody either.
func (f *former) sameAccounts(t *tx) (same bool, err error) {
	same = f.there
	err = t.query(`SELECT `+strings.Join(accountPlace, ", ")+` FROM accounts`, nil, func(scan func(...any) error) error {
		row := make([]any, len(accountPlace))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := scan(into...); err != nil {
			return err
		}
		for _, old := range f.accounts {
			same = same && (old[0] != row[0] || slices.Equal(old, row))
		}
		return nil
	})
	return same, err
}

// endTokens ends what the other file has no more, or has made anew.
func (f *former) endTokens(t *tx, taken *Taken) error {
	var ended []string
	if err := t.query(`SELECT name, hash FROM tokens`, nil, func(scan func(...any) error) error {
		var name string
		var hash []byte
		err := scan(&name, &hash)
		if !slices.ContainsFunc(f.tokens, func(row []any) bool {
			old, _ := row[1].([]byte)
			return row[0] == name && string(old) == string(hash)
		}) {
			ended = append(ended, name)
		}
		return err
	}); err != nil {
		return err
	}
	for _, name := range ended {
		if err := eraseRows(&taken.Tokens, t, `DELETE FROM tokens WHERE name = ?`, name); err != nil {
			return err
		}
	}
	return nil
}

// keepForgetting adds whom the other file keeps out to whom the backup does.
func (f *former) keepForgetting(t *tx, taken *Taken) error {
	if len(f.forgotten) == 0 {
		return nil
	}
	var coded string
	if err := t.row(`SELECT coalesce((SELECT value FROM settings WHERE key = ?), '')`, forgetKeySetting).Scan(&coded); err != nil {
		return err
	}
	keys := slices.Clone(f.keys)
	for _, key := range strings.Fields(coded) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if err := saveSetting(t, forgetKeySetting, strings.Join(keys, " ")); err != nil {
		return err
	}
	for _, row := range f.forgotten {
		if err := eraseRows(&taken.Forgotten, t, `INSERT INTO forgotten (digest, made_at) VALUES (?,?) ON CONFLICT (digest) DO NOTHING`, row...); err != nil {
			return err
		}
	}
	for _, row := range f.forgetting {
		if needles, _ := row[1].([]byte); len(needles) == 0 {
			row[1] = []byte{} // as the driver gives an empty one
		}
		if _, err := t.exec(`INSERT INTO forgetting (made_at, needles, done) VALUES (?,?,?) ON CONFLICT DO NOTHING`, row...); err != nil {
			return err
		}
	}
	return nil
}
