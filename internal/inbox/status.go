package inbox

import "slices"

// Status is Bandeja's one vocabulary for both platforms (DESIGN §4). The
// provider's own word is kept beside it.
type Status string

// The unified statuses.
const (
	Open     Status = "open"
	Pending  Status = "pending"
	Resolved Status = "resolved"
	Closed   Status = "closed"
	Spam     Status = "spam"
	Expired  Status = "expired"
	Unknown  Status = "unknown"
)

// Statuses lists the unified words in the order people are shown them.
var Statuses = []Status{Open, Pending, Resolved, Closed, Spam, Expired, Unknown}

var statusWords = map[ProviderName][]struct {
	word   string
	status Status
}{
	Waspy:   {{"open", Open}, {"pending", Pending}, {"resolved", Resolved}, {"closed", Closed}},
	Platica: {{"active", Open}, {"finished", Resolved}, {"spam", Spam}, {"expired", Expired}},
}

// StatusOf reads a provider's own word; one that is not known is Unknown and
// shows as itself.
func StatusOf(p ProviderName, word string) Status {
	for _, w := range statusWords[p] {
		if w.word == word {
			return w.status
		}
	}
	return Unknown
}

// StatusWord is the provider's own word for s, which may be unified or its own
// already; ok is false where the platform lacks it.
func StatusWord(p ProviderName, s string) (word string, ok bool) {
	for _, w := range statusWords[p] {
		if string(w.status) == s || w.word == s {
			return w.word, true
		}
	}
	return "", false
}

// StatusWords lists the words a platform takes.
func StatusWords(p ProviderName) []string {
	var out []string
	for _, w := range statusWords[p] {
		out = append(out, w.word)
	}
	return out
}

// Live reports whether s still asks for somebody's attention.
func (s Status) Live() bool { return slices.Contains([]Status{Open, Pending, Unknown}, s) }

// Direction says who spoke.
type Direction string

// Directions. A value that neither platform documents is DirectionUnknown.
const (
	In               Direction = "in"
	Out              Direction = "out"
	DirectionUnknown Direction = "unknown"
)

// Kind is what sort of message it is, unified over both platforms; a word that
// is not known is KindUnknown and shows as itself.
type Kind string

// Kinds of message.
const (
	Text        Kind = "text"
	Image       Kind = "image"
	Audio       Kind = "audio"
	Video       Kind = "video"
	Document    Kind = "document"
	Sticker     Kind = "sticker"
	Location    Kind = "location"
	ContactCard Kind = "contact"
	Template    Kind = "template"
	Interactive Kind = "interactive"
	Reaction    Kind = "reaction"
	Email       Kind = "email"
	KindUnknown Kind = "unknown"
)

// Kinds lists them all.
var Kinds = []Kind{Text, Image, Audio, Video, Document, Sticker, Location, ContactCard, Template, Interactive, Reaction, Email, KindUnknown}
