// Package inbox is Bandeja's vocabulary: the nouns that every other package
// speaks of. It does no I/O and imports nothing of ours.
//
// One noun has one Go type, one table, one JSON name and one word on the
// screen (ARCHITECTURE.md). A provider's own words stop in its wire.go.
package inbox

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// ProviderName says which platform an account belongs to.
type ProviderName string

// The platforms Bandeja copies from.
const (
	Waspy   ProviderName = "waspy"
	Platica ProviderName = "platica"
)

// Providers lists every platform, in the order people are shown them.
var Providers = []ProviderName{Waspy, Platica}

// Title is the platform's name as its own people write it.
func (p ProviderName) Title() string {
	switch p {
	case Waspy:
		return "Waspy"
	case Platica:
		return "Plática"
	}
	return string(p)
}

// Account is one API key at one provider, with what a person chose for it.
// The key itself is never here: the profile keeps it (DESIGN §8).
type Account struct {
	Name     string       `json:"name"` // [a-z0-9._-]{1,40}, unique in a profile
	Provider ProviderName `json:"provider"`
	BaseURL  string       `json:"base_url"`
	Region   string       `json:"region"` // ISO 3166-1 alpha-2: how national numbers are read
	Area     string       `json:"area"`   // area code for local numbers, may be empty
	Zone     string       `json:"zone"`   // IANA time zone
	Rate     float64      `json:"rate"`   // requests a second for this key
	KeyStore string       `json:"key_store"`
	CanWrite *bool        `json:"can_write"` // nil: not tried yet
	TLSPin   string       `json:"-"`         // SHA-256 fingerprint the server's certificate must have
	Insecure bool         `json:"-"`         // plain http beyond loopback was asked for
}

var accountName = regexp.MustCompile(`^[a-z0-9._-]{1,40}$`)

// ValidAccountName reports whether name may name an account (DESIGN §6).
func ValidAccountName(name string) bool { return accountName.MatchString(name) }

// WrongSetting names the first of an account's settings that makes no sense, as
// its JSON does: region, area, zone or rate. "" where all of them do.
func (a Account) WrongSetting() string {
	switch {
	case len(a.Region) != 2 || strings.Trim(a.Region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return "region"
	case strings.Trim(a.Area, "0123456789") != "":
		return "area"
	case !knownZone(a.Zone):
		return "zone"
	case !(a.Rate > 0 && a.Rate <= 1e6):
		return "rate"
	}
	return ""
}

// Location is where an account's people are: UTC where its zone is not known.
func (a Account) Location() *time.Location {
	if zone, err := time.LoadLocation(a.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// LocationAmong is that of the account of this name, or of the first for "": UTC
// where there is none, as of one that was removed and has left its history.
func LocationAmong(accounts []Account, name string) *time.Location {
	for _, a := range accounts {
		if name == "" || a.Name == name {
			return a.Location()
		}
	}
	return time.UTC
}

// knownZone: "" and "Local" load, too, and mean another zone on another machine.
func knownZone(zone string) bool {
	_, err := time.LoadLocation(zone)
	return err == nil && zone != "" && zone != "Local"
}

// Workspace is Plática's: a key may reach several (contract §1).
type Workspace struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Window is the time in which free text may be sent to the customer. Waspy
// gives its end, Plática only a yes or no; a time is never invented.
type Window struct {
	Known bool
	Open  bool      // meaningful when Known and Until is zero
	Until time.Time // zero when the provider gives no time
}

// OpenAt reports whether the window is open at now.
func (w Window) OpenAt(now time.Time) bool {
	if !w.Known {
		return false
	}
	if !w.Until.IsZero() {
		return now.Before(w.Until)
	}
	return w.Open
}

// Form is the way an object reached us. The two forms of one conversation may
// differ in shape, so each is compared only with its own kind (DESIGN §4).
type Form string

const (
	// Listed is a row of a list.
	Listed Form = "listed"
	// Read is a single GET, or a PATCH reply that carries the object;
	// Plática's without its messages.
	Read Form = "read"
)

// Conversation is the provider's own object: a contact × channel at Waspy, a
// session that ends after a day's silence at Plática.
//
// Unknown strings are empty and unknown times zero: missing, null and empty
// are alike (platica.md §18.13).
type Conversation struct {
	ID        string // the provider's unique id
	PublicID  string // Plática's conversationId: a hash or a phone, not unique
	Workspace string // Plática's workspace id
	Channel   string // phoneNumberId at Waspy, channelId at Plática
	Contact   string // Waspy's contactId; Plática has none

	Name  string // the customer's, as written
	Phone string // the customer's, as written

	Status     Status
	StatusWord string   // the provider's own word
	Assignees  []string // agent refs: a UUID at Waspy, e-mails at Plática
	Tags       []string
	Topic      string
	Platform   string // whatsapp, telegram, …: an open list; empty at Waspy
	Operation  string // Plática's: automatic, assistance, …

	CreatedAt time.Time
	// ActiveAt is the provider's own newest activity stamp, by which its
	// lists are ordered: lastMessageAt at Waspy, lastUpdate at Plática.
	ActiveAt time.Time
	// LastMessageAt is the time of the last message where the row says it
	// (Waspy); zero otherwise, until messages are read.
	LastMessageAt time.Time
	LastText      string
	LastDirection Direction
	LastStatus    string
	// HasLast says that the row carries LastText and LastDirection at all.
	// Plática's list rows do not.
	HasLast bool

	Window       Window
	MessageCount int // -1 where the provider gives none

	// Version changes whenever the conversation's messages may have: the
	// stored one and that of the last reading, when unequal, are the queue
	// of what is still to read (SYNC §2). Minted by the provider package.
	Version string

	Form Form
	Raw  json.RawMessage // the object as received
}

// Message is one message of a conversation.
type Message struct {
	ID           string
	Conversation string // the conversation's provider id
	Direction    Direction
	Kind         Kind
	KindWord     string // the provider's own word
	Text         string // every word it carries: body, caption, file name, button titles; one a line
	Status       string // the provider's own word
	At           time.Time
	// Seq is the message's place among those of its conversation with an
	// equal At, in the provider's order: it breaks ties and does not move
	// when messages elsewhere do.
	Seq int
	Raw json.RawMessage
}

// Page is one page of a list, with the bookmark that reading it earns.
type Page[T any] struct {
	Items []T
	// Rejected holds rows that could not become a T at all (no id, not an
	// object): kept raw, counted, never a reason to drop the page.
	Rejected []Rejected
	// Next goes on after this page; nil when More is false and nothing is
	// worth keeping.
	Next Mark
	More bool
	// Workspaces are those the reply named (Plática).
	Workspaces []Workspace
}

// Rejected is a row that could not be read, and why, in words without its
// content.
type Rejected struct {
	Raw    json.RawMessage
	Reason string
}

// Mark is what a provider package mints and reads: a cursor, an offset with
// its overlap, a watermark. The cache stores it; nobody else looks inside. It
// carries a version of its own, so that an old one is ignored and not misread.
type Mark []byte

// Change is a wish for a conversation: absolute values only (SYNC §4.5). Nil
// fields are untouched; an empty, non-nil Assignees unassigns.
type Change struct {
	Status    *string   // the provider's own word
	Assignees *[]string // agent refs
}

// StableID derives the outside name of a thing of ours from what the provider
// calls it, so that it survives a rebuild of the cache: prefix "p" or "t".
func StableID(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return prefix + "_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// Millis is t as integer milliseconds UTC, 0 for the zero time.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// FromMillis is the inverse of Millis.
func FromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// TimeJSON is t as RFC 3339 with milliseconds and Z, nil for the zero time.
func TimeJSON(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}
