package cache

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Word is one thing asked for in the words of messages.
type Word struct {
	Text    string // as typed; what is no letter and no digit separates words
	Phrase  bool   // its words stand side by side, in this order
	Exclude bool   // it must not be there; several words are one phrase
	Prefix  bool   // the last of it may be the beginning of a word
}

// shortestPrefix: a prefix of one or two letters walks too much of the index
// (PLATFORM §4), so such a word must be whole.
const shortestPrefix = 3

// Term is what a Word asks of the words of a text: that they are there side by
// side, each folded as Tokens folds.
type Term struct {
	Words  []string
	Prefix bool // the last is the beginning of one
}

// Terms is what is asked for, all of which must be there, in the order in which
// it was typed; of a Word without letters and digits nothing is. What is
// excluded is the same of one that is.
func (w Word) Terms() []Term {
	var words []string
	for t := range Tokens(w.Text) {
		words = append(words, t.Folded)
	}
	if len(words) == 0 {
		return nil
	}
	prefix := w.Prefix && utf8.RuneCountInString(words[len(words)-1]) >= shortestPrefix
	if w.Phrase || w.Exclude {
		return []Term{{words, prefix}}
	}
	out := make([]Term, len(words))
	for i, word := range words {
		out[i] = Term{[]string{word}, prefix && i == len(words)-1}
	}
	return out
}

// needle is how a term looks among what appendTokens wrote.
func (t Term) needle() string {
	s := " " + strings.Join(t.Words, " ")
	if t.Prefix {
		return s
	}
	return s + " "
}

// fts is the term as an FTS5 expression. Its words are letters and digits, so
// that none can be taken for a part of the language.
func (t Term) fts() string {
	s := `"` + strings.Join(t.Words[:min(len(t.Words), termsAsked)], " ") + `"`
	if t.Prefix && len(t.Words) <= termsAsked {
		s += " *"
	}
	return s
}

// termsAsked is how many terms, and words of a phrase, the index is asked for;
// those beyond it are looked for in the texts that it finds.
const termsAsked = 16

// matcher is what is asked of a text.
type matcher struct {
	need, lack []Term
	needles    [2][][]byte // of need and of lack
	loose      bool        // the index is asked for less than this
	words      []byte      // of the text last looked at

	// The terms that one with a prefix stands for, once they are looked up, or
	// that they are too many: by its needle.
	spelled   map[string][]Term
	unspelled map[string]bool
}

func newMatcher(words []Word) *matcher {
	m := &matcher{spelled: map[string][]Term{}, unspelled: map[string]bool{}}
	for _, w := range words {
		terms, needles := &m.need, &m.needles[0]
		if w.Exclude {
			terms, needles = &m.lack, &m.needles[1]
		}
		for _, t := range w.Terms() {
			needle := []byte(t.needle())
			if !slices.ContainsFunc(*needles, func(n []byte) bool { return bytes.Equal(n, needle) }) {
				*terms, *needles = append(*terms, t), append(*needles, needle)
				m.loose = m.loose || len(*terms) > termsAsked || len(t.Words) > termsAsked
			}
		}
	}
	return m
}

// matches reports whether a text has what is needed, and nothing of what is
// excluded.
func (m *matcher) matches(text string) bool {
	if len(m.need)+len(m.lack) == 0 {
		return true
	}
	m.words = appendTokens(m.words[:0], text)
	has := func(needle []byte) bool { return bytes.Contains(m.words, needle) }
	for _, needle := range m.needles[0] {
		if !has(needle) {
			return false
		}
	}
	return !slices.ContainsFunc(m.needles[1], has)
}

// needs reports whether a term is one to have.
func (m *matcher) needs(t Term) bool {
	return slices.ContainsFunc(m.need, func(n Term) bool { return n.needle() == t.needle() })
}

// gathered are the terms with a prefix that FTS5 would have to gather and that
// were not looked up.
func (m *matcher) gathered() (out []Term) {
	for _, t := range slices.Concat(m.need, m.lack) {
		if _, ok := m.spelled[t.needle()]; t.Prefix && !ok && !m.unspelled[t.needle()] {
			out = append(out, t)
		}
	}
	return out
}

// expressions are what the index is asked for, narrowed by facets: all of it,
// and all but what it would have to gather, prefixes. "" is no condition.
func (m *matcher) expressions(facets string) (all, whole string) {
	any := func(Term) bool { return true }
	positive := func(t Term) bool { return !t.Prefix }
	short := func(t Term) bool { return len(t.Words) <= termsAsked } // the beginning of a phrase is more than the phrase
	return expression(m.joined(m.need, " AND ", any), m.joined(m.lack, " OR ", short), facets),
		expression(m.joined(m.need, " AND ", positive), "", facets)
}

func (m *matcher) joined(terms []Term, by string, wanted func(Term) bool) string {
	var parts []string
	for _, t := range terms[:min(len(terms), termsAsked)] {
		if part := m.fts(t); wanted(t) && part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, by)
}

// fts is a term as it is asked for: one of those that it stands for, where they
// are known.
func (m *matcher) fts(t Term) string {
	alternatives, ok := m.spelled[t.needle()]
	if !ok {
		return t.fts()
	}
	var parts []string
	for _, t := range alternatives {
		parts = append(parts, t.fts())
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// expression puts an FTS5 expression together from the words to have and to
// lack and the facets, each of which may be "". To lack something alone is no
// question that the index can answer.
func expression(need, lack, facets string) string {
	if need != "" {
		need = `({text} : (` + need + `))`
	}
	match := and(need, facets)
	if match == "" || lack == "" {
		return match
	}
	return `(` + match + `) NOT ({text} : (` + lack + `))`
}

// and joins two FTS5 expressions, either of which may be empty.
func and(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " AND " + b
}
