package server_test

import (
	"strings"
	"testing"

	"bandeja/internal/server"
)

// TestDoctor: the screen is told what the command says, and the diagnostics
// name no account.
func TestDoctor(t *testing.T) {
	d := copied(t)
	var got struct{ Findings []server.Finding }
	d.get(t, "/api/doctor", &got)
	seen := map[string]string{}
	for _, f := range got.Findings {
		if strings.Contains(f.Text, "cli.") || strings.ContainsAny(f.Text, "{}") {
			t.Errorf("%s: %q", f.Check, f.Text)
		}
		seen[f.Check+f.Account] = f.State
	}
	for _, want := range []string{"local", "cache", "index", "counts", "owner", "disk", "keyventas", "reachventas"} {
		if seen[want] != "ok" {
			t.Errorf("%s is %q: %v", want, seen[want], seen)
		}
	}
	var text struct{ Text string }
	d.get(t, "/api/diagnostics", &text)
	if !strings.Contains(text.Text, "account 1") || strings.Contains(text.Text, "ventas") || strings.Contains(text.Text, d.dir) {
		t.Errorf("%s", text.Text)
	}
}
