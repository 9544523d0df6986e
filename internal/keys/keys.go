// Package keys is the one table of what can be done by a key: the commands of
// the screen, the keys each has unless a person chose others, and what may be
// chosen. The screen reads the same file (frontend/src/state/commandtable.ts)
// and holds to the same rules; the cases in testdata are tried on both.
//
// A key is written as the browser names what it types, so that it is the same
// on every keyboard: `e`, `ñ`, `?`; `g i` for one after the other; `Mod+k` with
// Ctrl, or with Cmd on a Mac. Where a letter stands by itself Shift is in the
// letter: `J`.
package keys

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Command is something that the screen does when asked by a key.
type Command struct {
	ID    string   `json:"id"`
	Group string   `json:"group"`
	Keys  []string `json:"keys"`  // unless a person chose others
	Fixed []string `json:"fixed"` // has these always: what a list of any program has
	// Typing: those with Mod hold while something is typed, and over dialogs.
	Typing bool `json:"typing"`
	// List: holds where the list has the focus, or nothing has.
	List bool `json:"list"`
}

// Words is the key of the command's name in the catalogue.
func (c Command) Words() string {
	if c.ID == "settings" {
		return "settings.title"
	}
	if view, ok := strings.CutPrefix(c.ID, "view_"); ok {
		return "view." + view
	}
	return "help." + c.ID
}

//go:embed commands.json
var file []byte

var table = sync.OnceValue(func() []Command {
	var all []Command
	if err := json.Unmarshal(file, &all); err != nil {
		panic("commands.json is part of the program: " + err.Error())
	}
	return all
})

// Commands are all of them, in the order of the help.
func Commands() []Command { return slices.Clone(table()) }

// Find is the command of an id.
func Find(id string) (Command, bool) {
	i := slices.IndexFunc(table(), func(c Command) bool { return c.ID == id })
	if i < 0 {
		return Command{}, false
	}
	return table()[i], true
}

// Most is how many keys a command may have.
const Most = 3

// Bindings are the keys that a person chose, by command: none switches it off,
// and a command that is not named has its own.
type Bindings map[string]Choice

// Choice is the keys of one command. In JSON one is written by itself and none
// as null; both are read as a list too.
type Choice []string

// UnmarshalJSON reads null, one key or a list of keys.
func (c *Choice) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil && string(b) != "null" {
		*c = Choice{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(c))
}

// MarshalJSON writes null, one key or a list of keys.
func (c Choice) MarshalJSON() ([]byte, error) {
	switch len(c) {
	case 0:
		return []byte("null"), nil
	case 1:
		return json.Marshal(c[0])
	}
	return json.Marshal([]string(c))
}

// What may be wrong with bindings.
const (
	Unknown = "unknown" // there is no such command
	Bad     = "bad"     // no key that can be chosen
	Browser = "browser" // the browser or the system has it
	Taken   = "taken"   // another command has it
	Many    = "many"    // more than Most
)

// Problem is why bindings cannot be kept.
type Problem struct {
	Kind    string
	Command string
	Key     string
	Other   string // of Taken: the command that has it
}

func (p *Problem) Error() string {
	return fmt.Sprintf("key %q of %s: %s %s", p.Key, p.Command, p.Kind, p.Other)
}

// Kept is b without what is so anyway. The error, a *Problem, is the first
// thing that is wrong with it.
func (b Bindings) Kept() (Bindings, error) {
	out := Bindings{}
	for _, id := range slices.Sorted(maps.Keys(b)) {
		c, ok := Find(id)
		if !ok {
			return nil, &Problem{Kind: Unknown, Command: id}
		}
		if err := checkKeys(c, b[id]); err != nil {
			return nil, err
		}
		if !slices.Equal(b[id], c.Keys) {
			out[id] = b[id]
		}
	}
	return out, out.clash()
}

func checkKeys(c Command, chosen []string) error {
	if len(chosen) > Most {
		return &Problem{Kind: Many, Command: c.ID}
	}
	for i, key := range chosen {
		if kind := wrong(key); kind != "" {
			return &Problem{Kind: kind, Command: c.ID, Key: key}
		}
		if slices.Contains(chosen[:i], key) {
			return &Problem{Kind: Taken, Command: c.ID, Key: key, Other: c.ID}
		}
	}
	return nil
}

// clash is a key that two commands have. Who chose it is refused, and not who
// has it anyway.
func (b Bindings) clash() error {
	has := map[string]string{}
	for _, chosen := range []bool{false, true} {
		for _, c := range table() {
			keys, ok := b[c.ID]
			if ok != chosen {
				continue
			}
			if !ok {
				keys = c.Keys
			}
			for _, key := range keys {
				if other := has[key]; other != "" {
					return &Problem{Kind: Taken, Command: c.ID, Key: key, Other: other}
				}
				has[key] = c.ID
			}
		}
	}
	return nil
}

// Browsers and systems keep these to themselves, or people miss them: the
// clipboard, tabs and windows, reload, the address, print, zoom; hide and
// minimise on a Mac.
const browsers = "cvxntwqrlphm0123456789+-="

// wrong says what is wrong with a key, "" for one that can be chosen.
func wrong(key string) string {
	if letter, ok := strings.CutPrefix(key, "Mod+"); ok {
		switch {
		case !single(letter) || strings.ToLower(letter) != letter:
			return Bad
		case strings.Contains(browsers, letter):
			return Browser
		}
		return ""
	}
	if second, ok := strings.CutPrefix(key, "g "); ok {
		key = second
	} else if key == "g" { // begins the others
		return Bad
	}
	if !single(key) {
		return Bad
	}
	return ""
}

// single reports whether a key types one thing that is seen.
func single(key string) bool {
	r, size := utf8.DecodeRuneInString(key)
	return size == len(key) && r != utf8.RuneError && unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}
