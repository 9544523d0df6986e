package main

import "testing"

// Wails' opener refuses what URLs may have: it is percent-encoded first.
func TestPlainURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com/a?b=c&d=e#f":        "https://example.com/a?b=c&d=e#f",
		"https://es.wikipedia.org/wiki/La_(o)":   "https://es.wikipedia.org/wiki/La_%28o%29",
		"https://example.com/~ana/!*;|`$<>{}[]'": "https://example.com/%7Eana/%21%2A%3B%7C%60%24%3C%3E%7B%7D%5B%5D%27",
		"tel:+5491159834410":                     "tel:+5491159834410",
	} {
		if got := plainURL(in); got != want {
			t.Errorf("plainURL(%q) = %q, want %q", in, got, want)
		}
	}
}
