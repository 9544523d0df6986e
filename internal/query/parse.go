package query

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Parse reads a text. It never fails: what it cannot make sense of is a
// problem, and the rest counts. Days begin in zone; now is what relative dates
// count from.
//
// Text is not taken for a filter where people write a colon otherwise: 15:30,
// https://…, "hola: qué tal".
func Parse(text string, now time.Time, zone *time.Location) Query {
	text = string([]rune(text)) // every byte that is no text becomes U+FFFD, as in JSON
	p := parser{rest: text, q: Query{Text: text}, now: now.In(zone)}
	for p.skipSpace(); p.rest != ""; p.skipSpace() {
		if len(p.q.Parts) == MaxWords {
			p.problem(Problem{Code: TooLong, Start: p.at, End: p.at + utf16Len(p.rest)})
			break
		}
		p.part()
	}
	p.prefix()
	if !p.q.Has() && len(p.q.Words) > 0 && p.q.Filter.Empty() {
		p.problem(Problem{Code: OnlyFilters, Start: p.q.Parts[0].Start, End: p.q.Parts[len(p.q.Parts)-1].End})
	}
	return p.q
}

type parser struct {
	rest  string // what is still to be read
	at    int    // its UTF-16 offset
	q     Query
	now   time.Time
	dated [2]int // the parts that said Before and After, counted from 1
}

func (p *parser) problem(pr Problem) { p.q.Problems = append(p.q.Problems, pr) }

// take moves n bytes on.
func (p *parser) take(n int) string {
	s := p.rest[:n]
	p.rest, p.at = p.rest[n:], p.at+utf16Len(s)
	return s
}

func utf16Len(s string) (n int) {
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// between reports what keeps parts apart: spaces, and characters that are not
// seen.
func between(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// spaced is a quoted text with single spaces, and without a quote that would
// end it where it is written with others.
func spaced(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return between(r) || r == '"' }), " ")
}

func (p *parser) skipSpace() {
	p.take(len(p.rest) - len(strings.TrimLeftFunc(p.rest, between)))
}

// quotes that open a phrase, and what closes each.
var quotes = map[rune]string{'"': `"`, '“': `”"`, '”': `”"`, '«': `»`, '„': `“”"`}

// part reads the next part: p.rest begins with it.
func (p *parser) part() {
	start, from := p.at, p.rest
	negated := p.negation()
	if negated {
		p.take(1)
	}
	if opening, n := utf8.DecodeRuneInString(p.rest); quotes[opening] != "" {
		p.take(n)
		value, closed := p.quoted(quotes[opening])
		p.phrase(value, negated, closed, start, from)
		return
	}
	if p.filter(negated, start, from) {
		return
	}
	word := p.take(wordLen(p.rest))
	part := Part{Kind: WordPart, Value: word, Text: written(from, p.rest), Start: start, End: p.at}
	if negated {
		part.Kind = ExcludePart
	}
	p.q.Parts = append(p.q.Parts, part)
	if hasWord(word) {
		p.q.Words = append(p.q.Words, Word{Text: word, Exclude: negated})
	}
}

// written is what of from was read, up to rest.
func written(from, rest string) string { return from[:len(from)-len(rest)] }

// wordLen ends a word at a space, or where a phrase begins.
func wordLen(s string) int {
	for i, r := range s {
		if between(r) || i > 0 && r == '"' {
			return i
		}
	}
	return len(s)
}

// hasWord reports whether there is anything that could be looked for.
func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// negation: a minus before something, unless it stands within a number.
func (p *parser) negation() bool {
	after, ok := strings.CutPrefix(p.rest, "-")
	next, _ := utf8.DecodeRuneInString(after)
	if !ok || after == "" || between(next) || next == '-' {
		return false
	}
	if !unicode.IsDigit(next) {
		return true
	}
	n := len(p.q.Parts)
	for n > 0 && !p.q.Parts[n-1].counts() {
		n--
	}
	if n == 0 || p.q.Parts[n-1].Kind != WordPart {
		return true
	}
	_, number := phone.QueryDigits(p.q.Parts[n-1].Text)
	return !number && !isDigits(p.q.Parts[n-1].Text)
}

// counts reports whether the part was not left out.
func (p *Part) counts() bool { return p.Kind != FilterPart || p.Key != "" && p.Value != "" }

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune("+-(). /", r) })
}

// quoted reads up to one of the closing quotes, which it takes.
func (p *parser) quoted(closing string) (value string, closed bool) {
	end := strings.IndexAny(p.rest, closing)
	if end < 0 {
		return p.take(len(p.rest)), false
	}
	value = p.take(end)
	_, n := utf8.DecodeRuneInString(p.rest)
	p.take(n)
	return value, true
}

func (p *parser) phrase(value string, negated, closed bool, start int, from string) {
	part := Part{Kind: PhrasePart, Value: spaced(value), Phrase: true, Open: !closed,
		Text: written(from, p.rest), Start: start, End: p.at}
	if negated {
		part.Kind = ExcludePart
	}
	p.q.Parts = append(p.q.Parts, part)
	if !closed {
		p.problem(Problem{Code: OpenQuote, Start: start, End: p.at})
	}
	if hasWord(value) {
		p.q.Words = append(p.q.Words, Word{Text: part.Value, Phrase: true, Exclude: negated, Prefix: !closed && !negated})
	}
}

// prefix lets the last word be the beginning of one: it may still be written.
func (p *parser) prefix() {
	for i := len(p.q.Words) - 1; i >= 0; i-- {
		if w := &p.q.Words[i]; !w.Exclude {
			w.Prefix = w.Prefix || !w.Phrase
			return
		}
	}
}

// schemes are what a link or a WhatsApp number begins with: words, and no
// filter.
var schemes = []string{"http", "https", "ftp", "mailto", "whatsapp", "sip", "sms", "file", "urn"}

// filter reads `key:value`, or leaves p as it is and answers false where that
// is not what stands there.
func (p *parser) filter(negated bool, start int, from string) bool {
	n := strings.IndexFunc(p.rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && r != '_' })
	if n <= 0 {
		return false
	}
	name := p.rest[:n]
	key, known := KeyOf(name)
	after, ok := strings.CutPrefix(p.rest[n:], ":")
	if !ok && known && key == Expires {
		if after, ok = strings.CutPrefix(p.rest[n:], "<"); ok {
			after = strings.TrimPrefix(after, "=")
		}
	}
	next, _ := utf8.DecodeRuneInString(after)
	switch {
	case !ok, strings.HasPrefix(after, "//"), slices.Contains(schemes, Fold(name)):
		return false
	case !known && (after == "" || between(next)):
		return false // hola: qué tal
	}
	p.take(len(p.rest) - len(after))
	p.value(Part{Kind: FilterPart, Key: key, Negated: negated, Start: start}, name, known, from)
	return true
}

// value reads a filter's value and lets the filter count.
func (p *parser) value(part Part, name string, known bool, from string) {
	value, closed := "", true
	if opening, n := utf8.DecodeRuneInString(p.rest); quotes[opening] != "" {
		p.take(n)
		value, closed = p.quoted(quotes[opening])
	} else {
		value = p.take(wordLen(p.rest)) // none where a space follows
	}
	value = spaced(value)
	part.Text, part.End, part.Value, part.Open = written(from, p.rest), p.at, value, !closed
	if !closed {
		p.problem(Problem{Code: OpenQuote, Key: part.Key, Start: part.Start, End: part.End})
	}
	if !known {
		p.unknown(part, name, value)
		return
	}
	if value != "" { // else it is still being written
		p.apply(&part)
	}
	p.q.Parts = append(p.q.Parts, part)
}

// unknown is a key that is none of ours: where it looks like one it is left
// out, else its words are looked for as they stand.
func (p *parser) unknown(part Part, name, value string) {
	problem := Problem{Code: UnknownFilter, Value: name, Start: part.Start, End: part.End}
	near := nearest(keyNames, Fold(name))
	for _, id := range near {
		problem.Suggest = append(problem.Suggest, suggest(Key(id), value, part.Negated))
	}
	p.problem(problem)
	if len(near) > 0 {
		p.q.Parts = append(p.q.Parts, part)
		return
	}
	part.Kind, part.Value = WordPart, part.Text
	if part.Negated {
		part.Kind, part.Value = ExcludePart, strings.TrimPrefix(part.Text, "-")
	}
	part.Negated, part.Open = false, false
	p.q.Parts = append(p.q.Parts, part)
	if hasWord(part.Value) {
		p.q.Words = append(p.q.Words, Word{Text: part.Value, Exclude: part.Kind == ExcludePart})
	}
}

// suggest keeps the value where the filter takes it.
func suggest(key Key, value string, negated bool) Suggestion {
	s := Suggestion{Key: key, Value: value, Negated: negated}
	if list := valueNames[key]; list != nil {
		s.Value, _ = find(list, Fold(value))
	}
	return s
}

// apply lets a filter of ours count, or says why it cannot.
func (p *parser) apply(part *Part) {
	into := &p.q.Filter.Facets
	if part.Negated {
		into = &p.q.Filter.Not
	}
	switch key, value := part.Key, part.Value; key {
	case Assignee:
		if slices.Contains(meNames, Fold(value)) {
			part.Value = Me
		}
		addOnce(&into.Assignees, part.Value)
	case Account:
		addOnce(&into.Accounts, value)
	case Channel:
		addOnce(&into.Channels, value)
	case Tag:
		addOnce(&into.Tags, value)
	case Phone:
		addOnce(&into.Phones, value)
	case Expires:
		within, written, ok := parseDuration(value)
		if !ok {
			p.bad(part, BadDuration)
			return
		}
		if into.ExpiresWithin != 0 && into.ExpiresWithin != within {
			p.bad(part, Twice)
		}
		part.Value, into.ExpiresWithin = written, within
	case Before, After:
		p.date(part)
	default:
		p.choose(part, into)
	}
}

func addOnce[T comparable](list *[]T, v T) {
	if !slices.Contains(*list, v) {
		*list = append(*list, v)
	}
}

// bad notes what is wrong with a filter's value.
func (p *parser) bad(part *Part, code Code) {
	problem := Problem{Code: code, Key: part.Key, Value: part.Value, Start: part.Start, End: part.End}
	switch code {
	case UnknownValue:
		for _, id := range nearest(valueNames[part.Key], Fold(part.Value)) {
			problem.Suggest = append(problem.Suggest, Suggestion{part.Key, id, part.Negated})
		}
	case BadDate:
		problem.Suggest = []Suggestion{{part.Key, p.now.Format(time.DateOnly), part.Negated}, {part.Key, "7d", part.Negated}}
	case BadDuration:
		problem.Suggest = []Suggestion{{part.Key, "2h", part.Negated}}
	}
	p.problem(problem)
	if code != Twice {
		part.Value = ""
	}
}

// date sets one end of the time. A minus turns it round.
func (p *parser) date(part *Part) {
	at, written, ok := parseDate(part.Value, p.now)
	if !ok {
		p.bad(part, BadDate)
		return
	}
	end, n := &p.q.Filter.Before, 0
	if (part.Key == After) != part.Negated {
		end, n = &p.q.Filter.After, 1
	}
	if !end.IsZero() && !end.Equal(at) {
		earlier := p.q.Parts[p.dated[n]-1]
		p.problem(Problem{Code: Twice, Key: earlier.Key, Value: earlier.Value, Start: earlier.Start, End: earlier.End})
	}
	part.Value, *end, p.dated[n] = written, at, len(p.q.Parts)+1
}

// choose sets a filter whose values are known beforehand.
func (p *parser) choose(part *Part, into *Facets) {
	written := Fold(part.Value)
	id, ok := find(valueNames[part.Key], written)
	if !ok && part.Key == Is {
		if id, ok = without[written]; !ok {
			if id, ok = find(valueNames[Status], written); ok {
				part.Key = Status
			}
		}
	}
	if !ok {
		p.bad(part, UnknownValue)
		return
	}
	part.Value = id
	if part.Key == Is && id == mine {
		part.Key, part.Value = Assignee, Me
	}
	switch part.Key {
	case Assignee:
		addOnce(&into.Assignees, Me)
	case Status:
		addOnce(&into.Statuses, inbox.Status(id))
	case Provider:
		addOnce(&into.Providers, inbox.ProviderName(id))
	case Direction:
		addOnce(&into.Directions, inbox.Direction(id))
	case Has:
		kinds := []inbox.Kind{inbox.Kind(id)}
		if id == file {
			kinds = fileKinds
		}
		for _, k := range kinds {
			addOnce(&into.Kinds, k)
		}
	case Is:
		*into.flag(id) = true
	}
}

func (f *Facets) flag(id string) *bool {
	return map[string]*bool{unassigned: &f.Unassigned, unread: &f.Unread, needsReply: &f.NeedsReply, waiting: &f.Waiting, partial: &f.Partial, snoozed: &f.Snoozed}[id]
}
