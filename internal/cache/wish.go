package cache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// WishState is where an outbox entry stands on its way (SYNC §4).
type WishState string

// The states of an outbox entry.
const (
	WishQueued     WishState = "queued"     // waits to be sent
	WishChecking   WishState = "checking"   // the provider is being asked what it has now
	WishSending    WishState = "sending"    // the PATCH may be on its way, or have taken effect
	WishConfirming WishState = "confirming" // the provider has taken it and does not show it yet
	WishDone       WishState = "done"       // the provider has it
	WishConflict   WishState = "conflict"   // somebody else changed it meanwhile: a person chooses
	WishRefused    WishState = "refused"    // it cannot be done: a person must know
	WishParked     WishState = "parked"     // no network, or no key that may: goes on with it
	WishStale      WishState = "stale"      // older than a day when it could be sent: a person is asked
	WishUnknown    WishState = "unknown"    // sent, and the answer lost: a GET will tell
)

// wishMoves are the moves that sending makes. What a person does (retry, drop,
// another wish) is in outbox.go; every other move is a bug.
var wishMoves = map[WishState][]WishState{
	WishQueued:     {WishChecking, WishParked, WishStale, WishRefused},
	WishParked:     {WishChecking, WishParked, WishStale, WishRefused, WishQueued},
	WishChecking:   {WishSending, WishDone, WishConflict, WishRefused, WishParked, WishQueued},
	WishSending:    {WishConfirming, WishUnknown, WishRefused, WishParked, WishQueued},
	WishConfirming: {WishConfirming, WishDone, WishConflict, WishRefused, WishStale},
	WishUnknown:    {WishUnknown, WishSending, WishDone, WishConflict, WishRefused, WishStale},
}

// CanMove reports whether sending may take an entry from one state to another.
func (s WishState) CanMove(to WishState) bool { return slices.Contains(wishMoves[s], to) }

// Attention reports whether the entry waits for a person.
func (s WishState) Attention() bool {
	return s == WishConflict || s == WishRefused || s == WishStale
}

// sent reports whether a PATCH of it may have taken effect already.
func (s WishState) sent() bool {
	return s == WishSending || s == WishConfirming || s == WishUnknown
}

// Why an entry is parked, refused or unknown. After a colon and a space there
// may be the provider's own code.
const (
	ReasonOffline     = "unreachable"
	ReasonLimited     = "limited"
	ReasonFailing     = "failing"
	ReasonNotAPI      = "not_api"
	ReasonKey         = "refused"     // 401: waits for a key
	ReasonForbidden   = "forbidden"   // 403: the key lacks a scope
	ReasonGone        = "gone"        // 404
	ReasonRejected    = "rejected"    // another 4xx
	ReasonUnsupported = "unsupported" // the platform lacks it
	ReasonUnshown     = "unshown"     // taken, and never shown
	ReasonDamaged     = "damaged"     // the entry's checksum is wrong: never sent
	ReasonAccepted    = "accepted"    // taken by another Bandeja, which will send it
)

// Errors of the outbox.
var (
	// ErrIrreversible: it cannot be taken back, and was not confirmed; or it
	// was done and cannot be undone.
	ErrIrreversible = errors.New("cannot be taken back")
	// ErrWishState: the entry is not in a state for this.
	ErrWishState = errors.New("the outbox entry has moved on")
	// ErrDamaged: the entry's checksum is wrong; it can only be dropped.
	ErrDamaged = errors.New("the outbox entry is damaged")
)

// Wish is an entry of the outbox: an absolute value that one field of a
// conversation is to have, and what it was when somebody chose so.
type Wish struct {
	ID           string // o_…
	Account      string
	Provider     inbox.ProviderName // "" where the account is not there any more
	Conversation string             // the provider's id
	Field        string             // inbox.FieldStatus, inbox.FieldAssignees
	Base         string             // as inbox.Conversation.FieldOf gives it
	Want         string
	Now          string    // what the provider had instead; meaningful where NowAt is not zero
	NowAt        time.Time // when that was seen
	State        WishState
	Reason       string // a kind, see the constants; "" where there is nothing to say
	Actor        string // who wished, where known
	MadeAt       time.Time
	TriedAt      time.Time
	DoneAt       time.Time
	Attempts     int      // PATCHes sent
	Touched      []string // ids that the provider said one call changed
	Undoes       string   // the entry that this one takes back
	UndoneBy     string   // the entry that takes this one back

	row int64
}

// Damaged reports whether its checksum is wrong.
func (w *Wish) Damaged() bool { return w.State == WishRefused && w.Reason == ReasonDamaged }

// CanUndo reports whether Undo can take it back, or drop it.
func (w *Wish) CanUndo() bool {
	return w.UndoneBy == "" && !w.Damaged() && (w.State != WishDone || !inbox.Irreversible(w.Provider, w.Field, w.Want))
}

// ByKey reports whether it is parked until the account has another key; what
// is parked by the network goes on by itself.
func (w *Wish) ByKey() bool {
	kind, _ := w.Why()
	return w.State == WishParked && (kind == ReasonKey || kind == ReasonForbidden)
}

// Why is the kind of its reason, and the provider's own code where it gave
// one.
func (w *Wish) Why() (kind, code string) {
	kind, code, _ = strings.Cut(w.Reason, ":")
	return kind, strings.TrimSpace(code)
}

// sum is the checksum over what is sent, so that a damaged entry never is
// (SYNC §4.7).
func (w *Wish) sum() int64 {
	var b []byte
	for _, s := range []string{w.ID, w.Account, w.Conversation, w.Field, w.Base, w.Want} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.AppendVarint(b, inbox.Millis(w.MadeAt))
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}
