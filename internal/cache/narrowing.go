package cache

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// messageSearch is one search on one snapshot.
type messageSearch struct {
	ctx     context.Context
	t       *sql.Tx
	limit   int
	budget  searchBudget
	without bool // the index is not asked
	*matcher

	accounts  []int64
	threads   *ThreadSet // nil: all
	direction inbox.Direction
	kinds     []inbox.Kind
	from, to  int64 // places, both ends included

	narrowed *narrowing // of the threads, not decided yet

	all, whole string // matcher.expressions
	checked    bool   // hits are held to threads, the index is not asked for them
}

// narrowing is a Narrow that threads are held to one by one, until that is
// more than to find all that fit.
type narrowing struct {
	sql   string
	args  []any
	known map[int64]bool
}

// narrow prepares what is asked for; possible is false where nothing can be
// found.
func (s *messageSearch) narrow(q MessageQuery) (possible bool, err error) {
	s.direction, s.kinds = q.Direction, q.Kinds
	s.from, s.to = 0, math.MaxInt64
	if !q.After.IsZero() {
		s.from = firstPlace(q.After)
	}
	if !q.Before.IsZero() {
		s.to = firstPlace(q.Before) - 1
	}
	if len(q.Words) > 0 && len(s.need)+len(s.lack) == 0 || s.from > s.to {
		return false, nil
	}
	if possible, err = s.narrowAccounts(q.Accounts); err != nil || !possible {
		return possible, err
	}
	if possible, err = s.narrowThreads(q); err != nil || !possible {
		return possible, err
	}
	s.express()
	return true, nil
}

// express writes what the index is asked for.
func (s *messageSearch) express() {
	s.all, s.whole = s.expressions(s.facets())
	s.loose = s.loose || s.all == "" && len(s.lack) > 0
}

// firstPlace is the first place of the index that a message of that time may have.
func firstPlace(at time.Time) int64 {
	const beyond = 1<<42 - 1 // wouldBe's last millisecond
	ms := max(at.UnixMilli(), 0)
	if ms > beyond {
		return math.MaxInt64
	}
	return ms << 20
}

func (s *messageSearch) narrowAccounts(names []string) (possible bool, err error) {
	for _, name := range names {
		var id int64
		switch err := s.t.QueryRowContext(s.ctx, `SELECT id FROM accounts WHERE name = ?`, name).Scan(&id); {
		case err == nil:
			s.accounts = append(s.accounts, id)
		case !errors.Is(err, sql.ErrNoRows):
			return false, err
		}
	}
	return len(names) == 0 || len(s.accounts) > 0, nil
}

// narrowThreads finds the threads that all of the query's conditions leave.
func (s *messageSearch) narrowThreads(q MessageQuery) (possible bool, err error) {
	if q.Thread != "" {
		if err := s.keepThreads(`SELECT id FROM threads WHERE ref = ?`, q.Thread); err != nil {
			return false, err
		}
	}
	if q.Person != "" {
		if err := s.keepThreads(`SELECT t.id FROM contacts k JOIN threads t ON t.contact = k.id WHERE k.person = ?`, q.Person); err != nil {
			return false, err
		}
	}
	if q.Threads != nil {
		if err := s.keepRefs(q.Threads); err != nil {
			return false, err
		}
	}
	if q.among != nil {
		s.keep(q.among)
	} else if q.Narrow != nil && !q.Narrow.Empty() {
		cond, args := q.Narrow.where(overThreads)
		s.narrowed = &narrowing{cond, args, map[int64]bool{}}
	}
	return s.threads == nil || s.threads.Len() > 0, nil
}

// decide finds all threads of the narrowing at once.
func (s *messageSearch) decide() error {
	n := s.narrowed
	s.narrowed = nil
	if err := s.keepThreads(`SELECT t.id `+threadTables+`WHERE `+n.sql, n.args...); err != nil {
		return err
	}
	s.express()
	return nil
}

// ofThreads says whether a thread is of those that are asked for.
func (s *messageSearch) ofThreads(id int64) (bool, error) {
	if s.threads != nil && !s.threads.Has(id) {
		return false, nil
	}
	n := s.narrowed
	if n == nil {
		return true, nil
	}
	fits, known := n.known[id]
	if !known {
		if err := s.t.QueryRowContext(s.ctx, `SELECT EXISTS (SELECT 1 `+threadTables+`WHERE `+n.sql+` AND t.id = ?)`, append(slices.Clone(n.args), id)...).Scan(&fits); err != nil {
			return false, err
		}
		n.known[id] = fits
	}
	return fits, nil
}

// keepThreads narrows to the threads that a query finds.
func (s *messageSearch) keepThreads(query string, args ...any) error {
	var ids ThreadSet
	err := ids.gather(s.ctx, s.t, query, args...)
	s.keep(&ids)
	return err
}

func (s *messageSearch) keepRefs(refs []string) error {
	return s.keepThreads(`SELECT id FROM threads WHERE ref IN `+oneOf, values(refs))
}

// keep narrows to those of the threads that are still in question.
func (s *messageSearch) keep(threads *ThreadSet) {
	if s.threads != nil {
		threads = s.threads.and(threads)
	}
	s.threads = threads
}

// facets narrows a match by the index's own tokens.
func (s *messageSearch) facets() string {
	var accounts, threads, kinds []string
	for _, id := range s.accounts {
		accounts = append(accounts, "a"+itoa(id))
	}
	many := s.threads != nil && s.threads.Len() > s.budget.threads
	if s.checked = many || s.narrowed != nil; !many && s.threads != nil {
		for _, id := range s.threads.ids() {
			threads = append(threads, "t"+itoa(id))
		}
	}
	for _, k := range s.kinds {
		kinds = append(kinds, "k"+string(k))
	}
	match := and(anyOf(threads), anyOf(accounts))
	if s.direction != "" {
		match = and(match, anyOf([]string{"d" + string(s.direction)}))
	}
	return and(match, anyOf(kinds))
}

// anyOf is an FTS5 expression for one of some facets.
func anyOf(tokens []string) string {
	if len(tokens) == 0 {
		return ""
	}
	for i, t := range tokens {
		tokens[i] = Term{Words: strings.Fields(string(appendTokens(nil, t)))}.fts()
	}
	return `({facets} : (` + strings.Join(tokens, " OR ") + `))`
}

// freshMessage is one that the index was not asked for.
type freshMessage struct {
	hit
	account, thread int64
	direction       inbox.Direction
	kind            inbox.Kind
	text            string
}

// fits says whether a message is of those that are asked for, but for its words
// and its thread.
func (s *messageSearch) fits(m *freshMessage) bool {
	return m.place >= s.from && m.place <= s.to &&
		(len(s.accounts) == 0 || slices.Contains(s.accounts, m.account)) &&
		(s.direction == "" || s.direction == m.direction) && (len(s.kinds) == 0 || slices.Contains(s.kinds, m.kind))
}
