package cache

import (
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"
)

// TestBearer: a token is found by the hash of its secret alone, says what it
// may, and is gone when it is revoked.
func TestBearer(t *testing.T) {
	l := openLocal(t)
	now := time.Now().Truncate(time.Millisecond).UTC()
	one := Bearer{Name: "planilla", Scopes: []string{ScopeRead}, Accounts: []string{}, MadeAt: now}
	two := Bearer{Name: "oficina", Scopes: []string{ScopeRead, ScopeWrite}, Accounts: []string{"soporte", "ventas"}, MadeAt: now, ExpiresAt: now.Add(time.Hour)}
	for _, b := range []Bearer{one, two} {
		if err := l.AddToken(t.Context(), b, sha256.Sum256([]byte(b.Name))); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.AddToken(t.Context(), one, sha256.Sum256([]byte("other"))); !errors.Is(err, ErrTaken) {
		t.Errorf("the same name again: %v", err)
	}
	found, err := l.TokenOf(t.Context(), sha256.Sum256([]byte("oficina")))
	if err != nil || found.Name != two.Name || !slices.Equal(found.Scopes, two.Scopes) || !slices.Equal(found.Accounts, two.Accounts) || !found.ExpiresAt.Equal(two.ExpiresAt) || !found.UsedAt.IsZero() {
		t.Errorf("found %+v, %v", found, err)
	}
	if !found.May(ScopeWrite) || one.May(ScopeWrite) {
		t.Error("the scopes are not those given")
	}
	if found.Expired(now) || !found.Expired(now.Add(time.Hour)) || one.Expired(now.Add(1e6*time.Hour)) {
		t.Error("it does not expire when it should")
	}
	if _, err := l.TokenOf(t.Context(), sha256.Sum256([]byte("other"))); !errors.Is(err, ErrNotFound) {
		t.Errorf("a secret that is nobody's: %v", err)
	}
	for _, at := range []time.Time{now.Add(time.Minute), now} { // it never goes back
		if err := l.TokenUsed(t.Context(), "oficina", at); err != nil {
			t.Fatal(err)
		}
	}
	all, err := l.Tokens(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "oficina" || !all[0].UsedAt.Equal(now.Add(time.Minute)) || len(all[1].Accounts) != 0 {
		t.Errorf("listed %+v, %v", all, err)
	}
	if err := l.RevokeToken(t.Context(), "oficina"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.TokenOf(t.Context(), sha256.Sum256([]byte("oficina"))); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked: %v", err)
	}
	if err := l.RevokeToken(t.Context(), "oficina"); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked again: %v", err)
	}
}
