package shape_test

import (
	"context"
	"strings"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

// TestChainByPin: a Bandeja on another machine copies by the public door, whose
// certificate it trusts by its fingerprint alone, and sends its changes by it; by
// another fingerprint, or by none, nothing is saved.
func TestChainByPin(t *testing.T) {
	first := newHub(t, hubOptions{conversations: 40, messages: 300, seed: 14})
	token := first.token(t, "second", both).token
	public, err := first.in.ListenPublic(t.Context(), profile.Public{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	other := &hub{office: first.office, in: openProfile(t, t.TempDir())}
	account := func(p inbox.ProviderName, name, path, pin string) profile.AddAccount {
		return profile.AddAccount{Provider: p, Name: name, BaseURL: public.Origin + path, Key: token, TLSPin: pin, Rate: 10000, Region: map[inbox.ProviderName]string{inbox.Waspy: "AR", inbox.Platica: "MX"}[p]}
	}
	for what, pin := range map[string]string{"another's": strings.Repeat("AB:", 31) + "AB", "no": ""} {
		if _, err := other.in.Add(context.Background(), account(inbox.Waspy, "ventas", "/waspy/api/v2", pin)); err == nil {
			t.Fatalf("it is trusted by %s fingerprint", what)
		}
	}
	for _, a := range []profile.AddAccount{account(inbox.Waspy, "ventas", "/waspy/api/v2", public.Fingerprint), account(inbox.Platica, "soporte", "/platica/v1", public.Fingerprint)} {
		if _, err := other.in.Add(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.in.Start(false); err != nil {
		t.Fatal(err)
	}
	other.sync(t)
	first.copied(t).sameAs(t, other.copied(t))
	c, _ := first.open(t)
	other.change(t, "ventas", c.ID, "pending")
	if n := first.office.Effects("waspy", c.ID, "status"); n != 1 {
		t.Errorf("the platform was told %d times", n)
	}
}
