// Package query is the language of the one search box (UX §2): words, phrases,
// what must not be there, and filters, in Spanish and in English alike. What is
// written badly explains itself, and the rest is looked for all the same.
package query

import (
	"time"

	"bandeja/internal/inbox"
)

// Query is what a text asks for.
type Query struct {
	Text     string // as written, every byte that is no text replaced
	Words    []Word
	Filter   Filter
	Parts    []Part // in the order of the text
	Problems []Problem
}

// Word is something that a text must have, or must not.
type Word struct {
	Text    string
	Phrase  bool // its words stand side by side, in this order
	Exclude bool
	Prefix  bool // its last word may be the beginning of one
}

// Filter narrows what is found: all of it must hold, and of the values of one
// kind any.
type Filter struct {
	Facets
	Not    Facets    // none of these may hold
	After  time.Time // inclusive; zero: no bound
	Before time.Time // exclusive
}

// Facets are the properties of a thread, or of its messages.
type Facets struct {
	Statuses   []inbox.Status
	Assignees  []string // names or refs as written; Me for oneself
	Accounts   []string
	Channels   []string // names or the provider's ids, as written
	Providers  []inbox.ProviderName
	Tags       []string
	Phones     []string     // numbers or parts of them, as written
	Kinds      []inbox.Kind // of messages
	Directions []inbox.Direction

	Unassigned bool
	Unread     bool
	NeedsReply bool
	Waiting    bool // a change of it waits to be sent
	Partial    bool // some of its history is not here
	Snoozed    bool
	// ExpiresWithin: the reply window is open and ends within this time.
	ExpiresWithin time.Duration
}

// Me is the assignee that is oneself, in either language.
const Me = "me"

// Empty reports whether nothing is narrowed.
func (f *Filter) Empty() bool {
	return f.Facets.Empty() && f.Not.Empty() && f.After.IsZero() && f.Before.IsZero()
}

// Empty reports whether there is no facet.
func (f *Facets) Empty() bool {
	return len(f.Statuses)+len(f.Assignees)+len(f.Accounts)+len(f.Channels)+len(f.Providers)+len(f.Tags)+len(f.Phones)+len(f.Kinds)+len(f.Directions) == 0 &&
		!f.Unassigned && !f.Unread && !f.NeedsReply && !f.Waiting && !f.Partial && !f.Snoozed && f.ExpiresWithin == 0
}

// PartKind says what a part of the text is.
type PartKind string

// The kinds of part.
const (
	WordPart    PartKind = "word"
	PhrasePart  PartKind = "phrase"
	ExcludePart PartKind = "exclude"
	FilterPart  PartKind = "filter"
)

// Part is a piece of the text that stands for itself: a chip on the screen.
type Part struct {
	Kind    PartKind
	Key     Key    // of a filter
	Value   string // of a filter in its one form, whatever the language; else the words
	Negated bool   // of a filter
	Phrase  bool   // what must not be there is a phrase
	Open    bool   // a phrase whose quote is not closed yet
	Text    string // as written
	Start   int    // UTF-16 offsets into the query's text
	End     int
}

// Code says what is wrong with a piece of the text.
type Code string

// What may be wrong.
const (
	UnknownFilter Code = "unknown_filter"
	UnknownValue  Code = "unknown_value"
	BadDate       Code = "bad_date"
	BadDuration   Code = "bad_duration"
	OpenQuote     Code = "open_quote"
	Twice         Code = "twice"        // the last of them counts
	OnlyFilters   Code = "only_filters" // nothing is looked for but what must not be there
	TooLong       Code = "too_long"     // words beyond MaxWords are left out
)

// Problem is something that could not be understood, and was left out.
type Problem struct {
	Code       Code
	Key        Key    // "" where it is none of ours
	Value      string // what was written: the key of an unknown filter, else the value
	Start, End int    // UTF-16 offsets
	// Suggest holds what may have been meant, nearest first, as key and value in
	// their one form; Render.Suggestions writes it.
	Suggest []Suggestion
}

// Suggestion is a filter that may have been meant. Without a value it is the
// key that may have been.
type Suggestion struct {
	Key     Key
	Value   string
	Negated bool
}

// MaxWords bounds the words and filters of a query: what is beyond is pasted
// text, of which the beginning is enough.
const MaxWords = 48

// Has reports whether there is something to look for besides filters.
func (q *Query) Has() bool {
	for _, w := range q.Words {
		if !w.Exclude {
			return true
		}
	}
	return false
}

// Misread is the first problem that has the query find more than was meant: what
// has no place to show problems beside what it found refuses such a query.
func (q *Query) Misread() (p Problem, ok bool) {
	for _, p := range q.Problems {
		if p.Code != Twice && p.Code != OpenQuote && p.Code != OnlyFilters {
			return p, true
		}
	}
	return p, false
}

// Plain is what is to be there, as one text: for names and numbers, which know
// no phrases.
func (q *Query) Plain() string {
	out := ""
	for _, w := range q.Words {
		if w.Exclude {
			continue
		}
		if out != "" {
			out += " "
		}
		out += w.Text
	}
	return out
}

// Sentence is the key of the catalogue that tells of a problem, and what it
// tells.
func (p *Problem) Sentence() (key string, args []any) {
	key = "query.problem." + string(p.Code)
	switch {
	case p.Code == UnknownValue && p.Key == Assignee && p.Value == Me:
		key = "query.problem.no_me"
	case p.Code == UnknownValue && (p.Key == Account || p.Key == Channel || p.Key == Assignee || p.Key == Tag):
		key += "_" + string(p.Key)
	}
	return key, []any{"value", p.Value}
}
