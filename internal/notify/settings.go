// Package notify decides what somebody is told of who looks elsewhere: which
// messages are new, which of them they want to hear of, and when several are told
// as one. It says nothing itself: the server does, in the person's language.
package notify

import (
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Show is how much of a message a notification says.
type Show string

// From nothing but the account to the customer's words.
const (
	ShowNothing Show = "nothing"
	ShowName    Show = "name"
	ShowText    Show = "text"
)

// Whose are the threads that are told of.
type Whose string

// All of them, or those assigned to oneself or to nobody.
const (
	WhoseAll  Whose = "all"
	WhoseMine Whose = "mine"
)

// Settings are what a person chose. The zero value is not valid; see Default.
type Settings struct {
	On    bool     `json:"on"`
	Show  Show     `json:"show"`
	Whose Whose    `json:"whose"`
	Woken bool     `json:"woken"` // snoozed threads whose time has come are told of, too
	Muted []string `json:"muted"` // accounts that are not
	Quiet Quiet    `json:"quiet"`
}

// Default is off, and says nothing of a message but that there is one.
func Default() Settings {
	return Settings{Show: ShowNothing, Whose: WhoseAll, Woken: true, Muted: []string{},
		Quiet: Quiet{From: "20:00", To: "08:00", Days: []int{1, 2, 3, 4, 5, 6, 7}}}
}

// mostMuted bounds the list of accounts: more than anybody has.
const mostMuted = 200

// Valid reports whether the settings can be kept.
func (s Settings) Valid() bool {
	if !slices.Contains([]Show{ShowNothing, ShowName, ShowText}, s.Show) || !slices.Contains([]Whose{WhoseAll, WhoseMine}, s.Whose) {
		return false
	}
	if s.Muted == nil || len(s.Muted) > mostMuted {
		return false
	}
	for i, name := range s.Muted {
		if !inbox.ValidAccountName(name) || slices.Contains(s.Muted[:i], name) {
			return false
		}
	}
	return s.Quiet.valid()
}

// Hears reports whether anything of an account is to be told at a time, by the
// clock and in the zone that now has.
func (s Settings) Hears(account string, now time.Time) bool {
	return s.On && !slices.Contains(s.Muted, account) && !s.Quiet.At(now)
}

// Wants reports whether a thread is among those that are told of. me are the refs
// that are one's own, of any account.
func (s Settings) Wants(t cache.Thread, me []cache.AgentRef) bool {
	if t.Gone || t.Status == inbox.Spam {
		return false
	}
	if s.Whose == WhoseAll || len(t.Assignees) == 0 {
		return true
	}
	return slices.ContainsFunc(me, func(m cache.AgentRef) bool {
		return m.Me && m.Account == t.Account && slices.Contains(t.Assignees, m.Ref)
	})
}
