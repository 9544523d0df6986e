package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers"
	"bandeja/internal/words"
)

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{badUsage("lang"), 2},
		{profile.ErrUsage, 2}, {profile.ErrNoAccount, 2}, {profile.ErrExists, 2}, {cache.ErrNotFound, 2},
		{providers.ErrUnreachable, 3}, {providers.ErrLimited, 3}, {providers.ErrFailing, 3}, {providers.ErrNotAPI, 3}, {profile.ErrIncomplete, 3},
		{providers.ErrRefused, 4}, {providers.ErrForbidden, 4}, {profile.ErrNoKey, 4},
		{&profile.OwnedError{Err: providers.ErrRefused}, 5},
		{cache.ErrNewer, 1}, {cache.ErrOlder, 1}, {cache.ErrForeign, 1}, {cache.ErrCorrupt, 1}, {cache.ErrFull, 1}, {cache.ErrReadOnly, 1},
		{profile.ErrKeychain, 1}, {providers.ErrRejected, 1}, {errors.New("surprise"), 1},
	} {
		if got := exitCode(fmt.Errorf("do it: %w", tt.err)); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestWorstOfSeveralAccounts(t *testing.T) {
	for kinds, want := range map[string]int{
		"": 0, "unreachable": 3, "unreachable refused": 4, "refused unreachable": 4, "unreachable refused disk_full": 1, "unexpected unreachable": 1,
		"limited incomplete": 3, "usage": 1, "no_key limited": 4,
	} {
		if got := worst(strings.Split(kinds, " ")); got != want {
			t.Errorf("%q: %d, want %d", kinds, got, want)
		}
	}
}

// said finds the keys of the catalogue in our own sources.
var said = regexp.MustCompile(`"((?:cli|error)\.[a-z_.]*[a-z])"|badUsage\("([a-z_]+)"[,)]|exactly\(\d, "([a-z_]+)"\)`)

// TestEverySentenceIsThere: a key without a sentence would be shown as itself,
// and a sentence without a key is never said.
func TestEverySentenceIsThere(t *testing.T) {
	used := map[string]bool{}
	for _, folder := range []string{".", "../server"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range said.FindAllStringSubmatch(string(text), -1) {
				switch {
				case m[1] != "":
					used[m[1]] = true
				case m[2] != "":
					used["cli.usage."+m[2]] = true
				default:
					used["cli.usage.wants_"+m[3]] = true
				}
			}
		}
	}
	for _, lang := range words.Languages() {
		w := words.For(lang)
		for key := range used {
			if !w.Has(key) {
				t.Errorf("%s has no %s", lang, key)
			}
		}
	}
	catalogue, err := os.ReadFile("../words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`^(cli\.doctor|cli\.error|cli\.status|cli\.entry|cli\.change|error|error\.add)[._][a-z_]+$`) // of an error's kind, an account's or an entry's state, or a field
	for _, m := range regexp.MustCompile(`"((?:cli|error)\.[a-z_.]+)":`).FindAllStringSubmatch(string(catalogue), -1) {
		plural := strings.TrimSuffix(strings.TrimSuffix(m[1], ".one"), ".other")
		if !used[m[1]] && !used[plural] && !made.MatchString(m[1]) {
			t.Errorf("nobody says %s", m[1])
		}
	}
}

// TestEveryEntryIsSaid: there are words for each state and reason of a change,
// in every language.
func TestEveryEntryIsSaid(t *testing.T) {
	states := []cache.WishState{cache.WishQueued, cache.WishChecking, cache.WishSending, cache.WishConfirming, cache.WishDone, cache.WishConflict,
		cache.WishRefused, cache.WishParked, cache.WishStale, cache.WishUnknown}
	reasons := []string{"", cache.ReasonOffline, cache.ReasonLimited, cache.ReasonFailing, cache.ReasonNotAPI, cache.ReasonKey, cache.ReasonForbidden, cache.ReasonGone,
		cache.ReasonRejected, cache.ReasonUnsupported, cache.ReasonUnshown, cache.ReasonDamaged, cache.ReasonAccepted, "something-new"}
	for _, lang := range words.Languages() {
		say := entryTexts{&app{words: words.For(lang)}, []cache.AgentRef{{Account: "ventas", Ref: "u-1", Name: "Ana"}}}
		for _, state := range states {
			for _, reason := range reasons {
				w := cache.Wish{Account: "ventas", Provider: inbox.Platica, Field: inbox.FieldStatus, Base: "active", Want: "finished", Now: "spam", NowAt: time.Now(), State: state, Reason: reason}
				if text := say.state(&w); strings.ContainsAny(text, "{}_") || strings.Contains(text, "cli.") || reason != "" && !strings.Contains(text, ": ") {
					t.Errorf("%s: %s, %s: %q", lang, state, reason, text)
				}
			}
		}
		w := cache.Wish{Account: "ventas", Provider: inbox.Waspy, Field: inbox.FieldAssignees, Base: "[]", Want: `["u-1","u-2"]`}
		if text := say.change(&w); !strings.Contains(text, words.For(lang).T("assignee.none")) || !strings.HasSuffix(text, "Ana, u-2") {
			t.Errorf("%s: %q", lang, text)
		}
		w = cache.Wish{Account: "ventas", Provider: inbox.Waspy, Field: inbox.FieldStatus, Base: "brand-new", Want: "open"}
		if text := say.change(&w); !strings.Contains(text, "brand-new → "+words.For(lang).T("status.open")) {
			t.Errorf("%s: %q", lang, text)
		}
	}
}
