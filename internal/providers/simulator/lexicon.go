package simulator

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed office/*.txt
var officeFiles embed.FS

// country is where a customer lives; it decides words, numbers and hours.
type country uint8

const (
	argentina country = iota
	mexico
)

// zone is the country's offset from UTC, in seconds: one zone each is enough
// for a small business, and neither has daylight saving time.
func (c country) zone() int64 {
	if c == mexico {
		return -6 * 3600
	}
	return -3 * 3600
}

// lexicon holds the words and the stories of one country's shop.
type lexicon struct {
	words   map[string][]string
	common  []*story          // those that anybody may live through
	special map[string]*story // those of the cast, and the odd ones, by key
}

// story is a conversation as it happens: turns from the first question to the
// last thanks.
type story struct {
	key   string
	tags  []string
	topic string
	turns []turn
}

// pause is how long somebody takes before a turn.
type pause uint8

const (
	pauseMinutes pause = iota
	pauseSeconds
	pauseNone
	pauseDay
)

// turn is one message of a story, in one of a few wordings.
type turn struct {
	out   bool
	pause pause
	says  []wording // at least one
}

// wording is one way of taking a turn.
type wording struct {
	kind    kind
	carries phrase // file name, buttons, place…, by kind
	text    phrase // may be empty
}

// phrase is a text with slots, cut once.
type phrase []piece

// piece is literal text, or the name of a slot.
type piece struct {
	text  string
	slot  bool
	upper bool // the slot opens a sentence
}

// commonStories are told by anybody; the rest of the files belong to the cast.
const commonStories = " envio-estado envio-zona talle-calzado talle-ropa turno-taller turno-confirma factura-a factura-reenvio" +
	" reclamo-roto reclamo-demora cambio precio garantia acceso horario voz pago-link mayorista alquiler" +
	" talla-calzado talla-ropa cita-taller cita-cambio factura-cfdi mayoreo renta "

// readLexicons reads both countries' files; a line it cannot read is left out
// and named in the error.
func readLexicons() ([2]*lexicon, error) {
	var out [2]*lexicon
	var bad []string
	for c, name := range [2]string{argentina: "ar", mexico: "mx"} {
		lex := &lexicon{words: map[string][]string{}, special: map[string]*story{}}
		for _, file := range []struct {
			name string
			read func(string) []string
		}{{"words_", lex.readWords}, {"stories_", lex.readStories}} {
			text, err := officeFiles.ReadFile("office/" + file.name + name + ".txt")
			if err != nil {
				bad = append(bad, err.Error())
			}
			bad = append(bad, file.read(string(text))...)
		}
		out[c] = lex
	}
	if len(bad) > 0 {
		return out, fmt.Errorf("read the office's words: %s", strings.Join(bad, "; "))
	}
	return out, nil
}

func (l *lexicon) readWords(text string) (bad []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, list, ok := strings.Cut(line, ": ")
		if !ok {
			bad = append(bad, line)
			continue
		}
		l.words[key] = strings.Split(list, ", ")
	}
	return bad
}

func (l *lexicon) readStories(text string) (bad []string) {
	// Marks of direction are written as escapes, so that the file shows them.
	text = strings.NewReplacer(`\u202e`, "\u202e", `\u200f`, "\u200f").Replace(text)
	var st *story
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.TrimSpace(line) == "" || line[0] == '#':
		case strings.HasPrefix(line, "= "):
			st = readHeading(line[2:])
			if strings.Contains(commonStories, " "+st.key+" ") {
				l.common = append(l.common, st)
			} else {
				l.special[st.key] = st
			}
		default:
			t, ok := readTurn(line)
			if !ok || st == nil {
				bad = append(bad, line)
				continue
			}
			st.turns = append(st.turns, t)
		}
	}
	return bad
}

// readHeading reads "key | tags | topic".
func readHeading(line string) *story {
	st := &story{}
	for i, part := range strings.Split(line, "|") {
		part = strings.TrimSpace(part)
		switch {
		case i == 0:
			st.key = part
		case i == 1 && part != "":
			st.tags = strings.Split(part, ", ")
		case i == 2:
			st.topic = part
		}
	}
	return st
}

// readTurn reads "c+[kind what it carries] text || text || [kind] text".
func readTurn(line string) (t turn, ok bool) {
	if line[0] != 'c' && line[0] != 't' {
		return t, false
	}
	t.out = line[0] == 't'
	line = line[1:]
	if line != "" {
		if i := strings.IndexByte("+=d", line[0]); i >= 0 {
			t.pause = pause(i + 1)
			line = line[1:]
		}
	}
	for i, text := range strings.Split(line, "||") {
		w, named := readWording(strings.TrimSpace(text))
		// A bracket at the beginning of a turn is for all its wordings.
		if i > 0 && !named {
			w.kind, w.carries = t.says[0].kind, t.says[0].carries
		}
		t.says = append(t.says, w)
	}
	return t, true
}

// readWording reads "[kind what it carries] text"; brackets that name no kind
// are text.
func readWording(text string) (w wording, named bool) {
	if rest, ok := strings.CutPrefix(text, "["); ok {
		head, says, _ := strings.Cut(rest, "]")
		name, carries, _ := strings.Cut(head, " ")
		if k, ok := kindNamed(name); ok {
			return wording{kind: k, carries: cutPhrase(carries), text: cutPhrase(strings.TrimSpace(says))}, true
		}
	}
	return wording{text: cutPhrase(text)}, false
}

// cutPhrase finds the slots of a wording: {word} or {word:S} of small letters.
func cutPhrase(text string) phrase {
	var out phrase
	for text != "" {
		start := strings.IndexByte(text, '{')
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			break
		}
		name, upper := strings.CutSuffix(text[start+1:start+end], ":S")
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") != "" || name == "" {
			out = append(out, piece{text: text[:start+1]})
			text = text[start+1:]
			continue
		}
		if start > 0 {
			out = append(out, piece{text: text[:start]})
		}
		out = append(out, piece{text: name, slot: true, upper: upper})
		text = text[start+end+1:]
	}
	if text != "" {
		out = append(out, piece{text: text})
	}
	return out
}
