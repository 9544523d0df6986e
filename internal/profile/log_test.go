package profile_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bandeja/internal/profile"
	"bandeja/internal/providers/rest"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"up to date as of 14:02":            "up to date as of 14:02",
		"HTTP 429 after 6 tries":            "HTTP 429 after 6 tries",
		"key wspy_live_0123abc-def refused": "key wspy_••• refused",
		"pl_key_9_z, then":                  "pl_key_•••, then",
		"Authorization: Bearer abc.def":     "Authorization: Bearer •••",
		"authorization: bearer   abc":       "authorization: bearer   •••",
		"http://127.0.0.1:41234/#k=ABCDEF":  "http://127.0.0.1:41234/#k=•••",
		"dial 127.0.0.1:41234: refused":     "dial 127.0.0.1:41234: refused",
		"dial 192.168.100.200: refused":     "dial 192.168.100.200: refused",
		"+5491155501234":                    "‹number›",
		"to 5491155501234@s.whatsapp.net":   "to ‹number›@s.whatsapp.net",
		"(011) 15-5550-1234 no existe":      "‹number› no existe",
		"+54 9 11 5550-1234":                "‹number›",
		"11.5550.1234":                      "‹number›",
		"11 5550\u20111234":                 "‹number›",
		"11\u00a05550\u00a01234":            "‹number›",
		"55/5555/0199":                      "‹number›",
		"555-0199":                          "‹number›",
		"read 4096 of 8192 rows":            "read 4096 of 8192 rows",
	} {
		if got := profile.Clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestCleanNumbers: however a number is written among words, fewer than seven
// of its digits stay together.
func TestCleanNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{8,15}`).Draw(t, "digits")
		var b strings.Builder
		for _, d := range digits {
			b.WriteRune(d)
			b.WriteString(rapid.SampledFrom([]string{"", "", "", " ", "-", ".", "/", ") ", "\u2010", "\u00a0"}).Draw(t, "between"))
		}
		before := rapid.SampledFrom([]string{"", "a ", "tel:", "(", "+", "to=\""}).Draw(t, "before")
		if got := profile.Clean(before + strings.TrimRight(b.String(), " -./)\u2010\u00a0") + " ya"); !strings.Contains(got, "‹number›") || strings.ContainsAny(got, "0123456789") {
			t.Errorf("%q became %q", before+b.String(), got)
		}
	})
}

type telling struct{ text string }

func (v telling) LogValue() slog.Value { return slog.StringValue(v.text) }

// TestRedact: whichever way a thing reaches the log, it is cleaned.
func TestRedact(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(profile.Redact(slog.NewTextHandler(&b, nil)))
	number, key := "+54 9 11 5550-1234", "wspy_secret_1"
	log.Info("to "+number, "string", number, "error", fmt.Errorf("call %s: %w", number, errors.New(key)),
		"any", struct{ Phone, Key string }{number, key}, "valuer", telling{number}, "list", []string{number, key},
		slog.Group("group", "inner", number, slog.Group("deeper", "key", key)), "secret", rest.NewSecret(key), "count", 7)
	log.With("with", number).WithGroup("g").With("more", key).Error("x", "y", number)
	out := b.String()
	if strings.Contains(out, "5550") || strings.Contains(out, "secret_1") {
		t.Error(out)
	}
	for _, want := range []string{"count=7", "group.deeper.key=wspy_•••", "g.more=wspy_•••", "g.y=‹number›", "with=‹number›"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in %s", want, out)
		}
	}
}

// TestLogSetAside: a log that has grown large is set aside at the next start,
// and what --verbose repeats is as clean as the file.
func TestLogSetAside(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "logs", "bandeja.log")
	if err := os.WriteFile(path, bytes.Repeat([]byte("old line\n"), 1<<19), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	o := options(dir)
	o.Verbose = &said
	in, err := profile.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	add(t, in, openOffice(t, 91).waspy())
	shut(t, in)
	got := files(t, dir)
	if !strings.HasPrefix(got["logs/bandeja.log.1"], "old line") || strings.Contains(got["logs/bandeja.log"], "old line") || got["logs/bandeja.log"] != said.String() || !strings.Contains(said.String(), "account added") {
		t.Errorf("the log: %q; said: %q", got["logs/bandeja.log"], said.String())
	}
}
