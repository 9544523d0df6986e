package profile

import (
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/words"
)

// Two clocks are compared where they are two.
func TestClockFinding(t *testing.T) {
	for name, c := range map[string]struct {
		address string
		off     time.Duration
		want    string
	}{
		"together":        {"https://api.example/v1", 3 * time.Second, FindingOK},
		"ahead":           {"https://api.example/v1", 2 * time.Minute, FindingBad},
		"behind":          {"https://api.example/v1", -2 * time.Hour, FindingBad},
		"this machine":    {"http://127.0.0.1:4000/v1", 2 * time.Hour, FindingSkipped},
		"by name":         {"http://localhost:4000/v1", 2 * time.Hour, FindingSkipped},
		"only looks like": {"https://127.0.0.1.example/v1", 2 * time.Hour, FindingBad},
	} {
		e := &examination{}
		e.clock(inbox.Account{Name: "ventas", BaseURL: c.address}, c.off)
		if got := e.found[0]; got.State != c.want {
			t.Errorf("%s: %s (%s)", name, got.State, got.Text(words.For("en")))
		}
	}
}

// Of a line of the log only what the program calls it is kept.
func TestErrorLine(t *testing.T) {
	for line, want := range map[string]string{
		`time=2026-11-22T19:01:22.123-03:00 level=ERROR msg="account not started" account=garcia-hnos err="no key of María"`: "2026-11-22T19:01:22.123-03:00 ERROR account not started",
		`time=2026-11-22T19:01:22.123-03:00 level=WARN msg=short err=x`:                                                      "2026-11-22T19:01:22.123-03:00 WARN short",
		`time=2026-11-22T19:01:22.123-03:00 level=INFO msg="files checked"`:                                                  "",
		`María García level=ERROR msg=x`:                                                                                     "",
		`panic: María García`:                                                                                                "",
		`time=2026-11-22T19:01:22.123-03:00 level=ERROR msg="half of a line of Mar`:                                          "2026-11-22T19:01:22.123-03:00 ERROR \"half",
		`time=2026-11-22T19:01:22.123-03:00 level=ERROR err="msg=María" msg="x y" z`:                                         "",
	} {
		if got, _ := errorLine(line); got != want {
			t.Errorf("%s\n%q, want %q", line, got, want)
		}
	}
}
