package cache

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Forgotten is whom a profile has forgotten and keeps out: keyed hashes of
// their lines, contacts, conversations and threads, of which none can be read.
// It does not change once it is made.
type Forgotten struct {
	keys  [][]byte         // the first makes new digests; others came with a backup (takeover.go)
	sides map[string]int64 // digests, by when they were forgotten
}

// keptOut is whom who writes to a file keeps out of it.
type keptOut struct{ atomic.Pointer[Forgotten] }

// of is whom to keep out. A row of an account that no file is behind has nobody.
func (k *keptOut) of() *Forgotten {
	if k == nil {
		return nil
	}
	return k.Load()
}

// none reports whether nobody is kept out, which costs nothing then.
func (f *Forgotten) none() bool { return f == nil || len(f.sides) == 0 }

// digest is how a side is kept.
func (f *Forgotten) digest(side string) string { return digestOf(f.keys[0], side) }

func digestOf(key []byte, side string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(side))
	return hex.EncodeToString(h.Sum(nil))
}

func (f *Forgotten) has(side string) bool {
	for _, key := range f.keys {
		if _, ok := f.sides[digestOf(key, side)]; ok {
			return true
		}
	}
	return false
}

// is reports whether a digest is a side's.
func (f *Forgotten) is(digest, side string) bool {
	return slices.ContainsFunc(f.keys, func(key []byte) bool { return digestOf(key, side) == digest })
}

// The sides that are no Tie's: see lineSide and contactSide for those.
func conversationSide(account, remote string) string { return "conversation:" + account + ":" + remote }

func threadSide(ref string) string { return "thread:" + ref }

// shortestDigits is how many digits tell one line from others. What has fewer is
// no side: it would keep out whoever has them somewhere.
const shortestDigits = 7

// digitsSide is a number as it is written in an account of a region, or with its
// country for "", whatever the rules for numbers make of it by then; "" for what
// is hardly one. Ten digits are one line in Argentina and another in Mexico.
func digitsSide(written, region string) string {
	digits := phone.Digits(written)
	if len(digits) < shortestDigits {
		return ""
	}
	return "digits:" + strings.ToUpper(region) + ":" + digits
}

// numberSides are what a number that is written in an account of a region is
// known by.
func numberSides(written, key, region string) (sides []string) {
	if key != "" {
		sides = append(sides, lineSide(key))
	}
	for _, side := range []string{digitsSide(written, ""), digitsSide(written, region)} {
		if side != "" {
			sides = append(sides, side)
		}
	}
	return sides
}

// keepsOut reports whether a conversation is somebody's who was forgotten.
func (f *Forgotten) keepsOut(a accountRow, c *inbox.Conversation) bool {
	if f.none() {
		return false
	}
	k := contactOf(a, c)
	return f.has(conversationSide(a.name, c.ID)) || f.has(contactSide(a.name, k.remote)) || f.hasNumber(c.Phone, k.number.Key, a.phones.Region)
}

func (f *Forgotten) hasNumber(written, key, region string) bool {
	for _, side := range numberSides(written, key, region) {
		if f.has(side) {
			return true
		}
	}
	return false
}

// mentions reports whether an object that could not be read says in some field
// that it is about somebody who was forgotten: what was rejected for another
// reason is theirs all the same.
func (f *Forgotten) mentions(a accountRow, raw []byte) bool {
	if f.none() {
		return false
	}
	about := func(text string) bool {
		return f.has(conversationSide(a.name, text)) || f.has(contactSide(a.name, "id:"+text)) || f.hasNumber(text, phone.Parse(text, a.phones).Key, a.phones.Region)
	}
	v, err := decodeExact(raw)
	if err == nil {
		return anyText(v, about)
	}
	// Half an object: what stands between its quotes, or any row of digits.
	for _, part := range bytes.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(`"'{}[],:`, r) }) {
		if about(strings.TrimSpace(string(part))) {
			return true
		}
	}
	return false
}

// anyText reports whether fn says so of any text or number in a JSON value.
func anyText(v any, fn func(string) bool) bool {
	switch v := v.(type) {
	case string:
		return fn(v)
	case json.Number:
		return fn(v.String())
	case []any:
		for _, item := range v {
			if anyText(item, fn) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if anyText(item, fn) {
				return true
			}
		}
	}
	return false
}

const forgetKeySetting = "forget_key"

// Forgotten is whom the profile has forgotten.
func (l *Local) Forgotten() *Forgotten { return l.out.Load() }

// loadForgotten reads whom the file says to keep out.
func (l *Local) loadForgotten(ctx context.Context) error {
	f := &Forgotten{sides: map[string]int64{}}
	coded, err := l.Setting(ctx, forgetKeySetting)
	if err != nil {
		return err
	}
	if f.keys, err = forgetKeysIn(coded); err != nil {
		return err
	}
	if err := each(ctx, l.s.readers, `SELECT digest, made_at FROM forgotten`, nil, func(scan func(...any) error) error {
		var digest string
		var at int64
		err := scan(&digest, &at)
		f.sides[digest] = at
		return err
	}); err != nil {
		return describe(l.s.path, err)
	}
	l.out.Store(f)
	return nil
}

// forgetKeys are the profile's keys for digests; it gets one with its first
// forgetting.
func forgetKeys(t *tx) ([][]byte, error) {
	var coded string
	if err := t.row(`SELECT coalesce((SELECT value FROM settings WHERE key = ?), '')`, forgetKeySetting).Scan(&coded); err != nil {
		return nil, err
	}
	if coded != "" {
		return forgetKeysIn(coded)
	}
	key := make([]byte, 32)
	rand.Read(key) // it never fails
	return [][]byte{key}, saveSetting(t, forgetKeySetting, base64.StdEncoding.EncodeToString(key))
}

// forgetKeysIn reads keys for digests.
func forgetKeysIn(coded string) (keys [][]byte, err error) {
	for _, one := range strings.Fields(coded) {
		key, err := base64.StdEncoding.DecodeString(one)
		if err != nil {
			return nil, fmt.Errorf("read whom to keep out: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// KeepOut has the cache take in nothing of who is forgotten, from the next
// transaction on.
func (c *Cache) KeepOut(f *Forgotten) { c.out.Store(f) }
