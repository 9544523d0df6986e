package query

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Choice is a value that there is here, of a filter whose values are not known
// beforehand.
type Choice struct {
	Value  string // as it is written in a query
	Label  string // as people know it, "" where that is the same
	Detail string
}

// Completion is something that may stand at the caret, instead of the text
// from Start to End.
type Completion struct {
	Suggestion
	Choice     // of a filter with choices
	Insert     string
	Start, End int // UTF-16 offsets
}

// completions bounds what is offered at once.
const completions = 20

// Complete offers what may stand at the caret (a UTF-16 offset): filters, and
// for one that has its colon its values. choices gives those of the filters
// whose values are not known beforehand; it may answer nil.
func (q *Query) Complete(at int, lang Lang, choices func(Key) []Choice) []Completion {
	part, inside := q.partAt(at)
	out := []Completion{}
	if !inside {
		for _, k := range Keys {
			out = append(out, completion(Suggestion{Key: k}, Choice{}, lang, Part{Start: at, End: at}))
		}
		return out
	}
	written := strings.TrimPrefix(upTo(part.Text, at-part.Start), "-")
	switch part.Kind {
	case FilterPart:
		return part.values(written, lang, choices)
	case WordPart, ExcludePart:
		if !part.Phrase && hasWord(written) {
			return part.filters(Fold(written), lang)
		}
	}
	return out
}

// partAt is the part that the caret is in, or behind.
func (q *Query) partAt(at int) (Part, bool) {
	i := slices.IndexFunc(q.Parts, func(p Part) bool { return p.Start < at && at <= p.End })
	if i < 0 {
		return Part{}, false
	}
	return q.Parts[i], true
}

// upTo cuts a text at a UTF-16 offset.
func upTo(s string, n int) string {
	for i, r := range s {
		if n <= 0 {
			return s[:i]
		}
		n -= utf16Len(string(r))
	}
	return s
}

func completion(s Suggestion, c Choice, lang Lang, part Part) Completion {
	s.Negated = part.Negated || part.Kind == ExcludePart
	insert := s.Render(lang)
	if s.Value != "" {
		insert += " "
	}
	return Completion{s, c, insert, part.Start, part.End}
}

// filters offers what begins like a word: filters, and values of theirs.
func (p Part) filters(written string, lang Lang) []Completion {
	out := p.named(written, lang)
	if len(out) == 0 {
		out = p.named(written, 1-lang)
		for i := range out {
			out[i] = completion(out[i].Suggestion, Choice{}, lang, p)
		}
	}
	return out[:min(completions, len(out))]
}

// named are the filters, and from three letters the values, with a name in a
// language that begins like a word.
func (p Part) named(written string, lang Lang) []Completion {
	out := []Completion{}
	begins := func(n naming) bool {
		return slices.ContainsFunc(n.names[lang], func(name string) bool { return strings.HasPrefix(Fold(name), written) })
	}
	for _, n := range keyNames {
		if begins(n) {
			out = append(out, completion(Suggestion{Key: Key(n.id)}, Choice{}, lang, p))
		}
	}
	if utf8.RuneCountInString(written) < 3 {
		return out
	}
	for _, k := range Keys {
		for _, n := range valueNames[k] {
			if begins(n) {
				out = append(out, completion(Suggestion{Key: k, Value: n.id}, Choice{}, lang, p))
			}
		}
	}
	return out
}

// values offers those of a filter that begin like what is written, then those
// that have it further on.
func (p Part) values(text string, lang Lang, choices func(Key) []Choice) []Completion {
	at := strings.IndexAny(text, ":<")
	if at < 0 {
		return p.filters(Fold(text), lang)
	}
	key, ok := KeyOf(text[:at])
	if !ok {
		return []Completion{}
	}
	written := Fold(strings.Trim(text[at+1:], `="“”«»„`))
	first, second := []Completion{}, []Completion{}
	for _, n := range valueNames[key] {
		if slices.ContainsFunc(slices.Concat(n.names[Spanish], n.names[English]), func(name string) bool { return strings.HasPrefix(Fold(name), written) }) {
			first = append(first, completion(Suggestion{Key: key, Value: n.id}, Choice{}, lang, p))
		}
	}
	for _, c := range slices.Concat(some[key], choices(key)) {
		names := Fold(c.Value) + "\n" + Fold(c.Label) + "\n" + Fold(ValueName(key, c.Value, lang))
		offered := completion(Suggestion{Key: key, Value: c.Value}, c, lang, p)
		switch {
		case strings.HasPrefix(names, written) || strings.Contains(names, "\n"+written):
			first = append(first, offered)
		case strings.Contains(names, written):
			second = append(second, offered)
		}
	}
	out := append(first, second...)
	return out[:min(completions, len(out))]
}

// some are values to begin with, of filters that take any.
var some = map[Key][]Choice{
	Assignee: {{Value: Me}},
	Expires:  {{Value: "1h"}, {Value: "2h"}, {Value: "6h"}},
	Before:   {{Value: "today"}, {Value: "7d"}, {Value: "1mo"}},
	After:    {{Value: "today"}, {Value: "yesterday"}, {Value: "7d"}, {Value: "1mo"}},
}
