package simulator

import "strings"

// kind is what sort of message it is, in the office's own words; each API has
// its own (waspyKinds, platicaKinds).
type kind uint8

const (
	kindText kind = iota
	kindImage
	kindAudio
	kindVideo
	kindDocument
	kindSticker
	kindLocation
	kindContacts
	kindTemplate
	kindInteractive
	kindButton
	kindList
	kindReaction
	kindOdd // a word that no contract has
)

// kindNames are the words of the stories' files and of Waspy's API.
var kindNames = [...]string{"text", "image", "audio", "video", "document", "sticker", "location", "contacts",
	"template", "interactive", "button", "list", "reaction", "order"}

func kindNamed(name string) (kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return kind(k), true
		}
	}
	return 0, false
}

// message is one message of a thread. One that the office was born with knows
// its turn and says its text when asked; one that came later carries it.
type message struct {
	at      int64  // nanoseconds since 1970
	updated int64  // when its status last moved; 0: soon after at
	episode uint64 // seed of the words and of the odd bits
	turn    *turn  // nil: text says it
	text    string
	status  string // the API's own word
	n       uint32 // its place in the thread, and with the thread's seed its id
	out     bool
	human   bool // the team's: a person and not the platform's own answer
}

func (m *message) kind() kind {
	if m.turn == nil {
		return kindText
	}
	return m.wording().kind
}

// wording is how this turn is taken. An episode takes the same of two, or of
// three, in all its turns, so that its answers fit its questions.
func (m *message) wording() *wording {
	d := dice(m.episode)
	return &m.turn.says[d.n(len(m.turn.says))]
}

// odd draws what is unusual about this message: shapes, extra fields.
func (m *message) odd(salt uint64) dice { return dice(mix(mix(m.episode, uint64(m.n)), salt)) }

// appendText adds what the message says: the text, the caption.
func (m *message) appendText(dst []byte, v voice) []byte {
	if m.turn == nil {
		return append(dst, m.text...)
	}
	return v.say(dst, m.wording().text, m.episode)
}

// says is appendText as a string.
func (m *message) says(v voice) string {
	if m.turn == nil {
		return m.text
	}
	return string(m.appendText(nil, v))
}

// carries is what goes with the text: a file name, buttons, a place.
func (m *message) carries(v voice) string {
	if m.turn == nil {
		return ""
	}
	return string(v.say(nil, m.wording().carries, m.episode))
}

// preview is the one line that a list shows of a message.
func (m *message) preview(v voice) string {
	text := m.says(v)
	if text == "" {
		switch m.kind() {
		case kindImage:
			text = "📷 Foto"
		case kindAudio:
			text = "🎤 Mensaje de voz"
		case kindVideo:
			text = "🎥 Video"
		case kindDocument:
			text = "📄 " + m.carries(v)
		case kindSticker:
			text = "Sticker"
		case kindLocation:
			text = "📍 Ubicación"
		case kindContacts:
			text = "👤 " + m.carries(v)
		case kindOdd:
			text = "🛒 " + m.carries(v)
		default:
			text, _, _ = strings.Cut(m.carries(v), "|")
		}
	}
	if len(text) > 100 {
		cut := []rune(text)
		if len(cut) > 100 {
			text = strings.TrimSpace(string(cut[:99])) + "…"
		}
	}
	return text
}
