package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTokens: one that a person makes opens the platforms' own APIs, is shown
// once, and opens nothing from the moment it was ended.
func TestTokens(t *testing.T) {
	d := copied(t)
	a := d.ask(t, "POST", "/api/tokens", map[string]any{"name": "planilla", "scopes": []string{"conversations:read"}, "accounts": []string{"all"}, "expires_at": time.Now().Add(time.Hour)})
	var made struct{ Name, Token string }
	if err := json.Unmarshal(a.body, &made); err != nil || a.status != http.StatusCreated || made.Name != "planilla" || !strings.HasPrefix(made.Token, "bnd_") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	asked := func() int {
		anybody := d.browser
		anybody.cookie = nil
		return anybody.ask(t, "GET", "/platica/v1/conversations?limit=1", nil, with("Authorization", "Bearer "+made.Token)).status
	}
	if got := asked(); got != http.StatusOK {
		t.Errorf("with a new token: %d", got)
	}
	list := d.ask(t, "GET", "/api/tokens", nil)
	if strings.Contains(string(list.body), made.Token) || !strings.Contains(string(list.body), `"name":"planilla","scopes":["conversations:read"],"accounts":["all"]`) {
		t.Errorf("the list: %s", list.body)
	}
	if got := d.ask(t, "DELETE", "/api/tokens/planilla", nil).status; got != http.StatusNoContent {
		t.Errorf("ended: %d", got)
	}
	if got := asked(); got != http.StatusUnauthorized {
		t.Errorf("with one that was ended: %d", got)
	}
}

func TestTokensRefused(t *testing.T) {
	d := newDesk(t)
	for _, tt := range []struct{ body, want string }{
		{`{"name":"Planilla Á","scopes":["conversations:read"]}`, "400 name"},
		{`{"name":"a","scopes":[]}`, "400 scopes"},
		{`{"name":"a","scopes":["conversations:admin"]}`, "400 scopes"},
		{`{"name":"a","scopes":["conversations:read"],"accounts":["nobody"]}`, "400 accounts"},
		{`{"name":"a","scopes":["conversations:read"],"accounts":["all","ventas"]}`, "400 accounts"},
		{`{"name":"a","scopes":["conversations:read"],"expires_at":"2020-01-01T00:00:00Z"}`, "400 expires_at"},
		{`{"name":"a","scopes":["conversations:read"],"expires_at":"tomorrow"}`, "400 body"},
		{`{"name":"a","scopes":"conversations:read"}`, "400 scopes"},
	} {
		a := d.ask(t, "POST", "/api/tokens", strings.NewReader(tt.body), with("Content-Type", "application/json"))
		if got := says(t, a); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.body, got, tt.want)
		}
	}
	first := d.ask(t, "POST", "/api/tokens", map[string]any{"name": "a", "scopes": []string{"conversations:read"}})
	if first.status != http.StatusCreated {
		t.Errorf("the first: %d %s", first.status, first.body)
	}
	if got := says(t, d.ask(t, "POST", "/api/tokens", map[string]any{"name": "a", "scopes": []string{"conversations:read"}})); got != "409 exists" {
		t.Errorf("the second of a name: %s", got)
	}
}
