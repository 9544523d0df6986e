package cache

import (
	"database/sql"
	"errors"
	"strings"
)

// FTS5 walks a whole word newest first and stops at the limit, but gathers all
// rows of a prefix before it gives one: "hola*" over five million messages is a
// million rows for the fifty that are shown. So a search by a prefix first
// looks through the newest rows that have its other words, where what is common
// is found; then it asks for the words that begin so, one by one, if they are
// not too many; and only then for the prefix.

// recent looks for the limit among the newest rows; enough is false where they
// do not have it.
func (s *messageSearch) recent(after hit, limit int) (found foundHits, enough bool, err error) {
	if s.gathered() == nil {
		return found, false, nil
	}
	if large, err := s.isLarge(); err != nil || !large {
		return found, false, err
	}
	found, err = s.walk(indexWalk{match: s.whole, texts: true, after: after, limit: limit, rows: max(s.budget.recent, 4*limit), hope: true})
	return found, !found.cut, err
}

// isLarge reports whether a prefix is worth more than to gather it.
func (s *messageSearch) isLarge() (bool, error) {
	var held int64
	err := s.t.QueryRowContext(s.ctx, `SELECT coalesce(sum(messages), 0) FROM accounts`).Scan(&held)
	return held >= s.budget.large, err
}

// spell finds the words that the prefixes stand for, if the index has few of
// them; possible is false where it has none.
func (s *messageSearch) spell() (possible bool, err error) {
	if large, err := s.isLarge(); err != nil || !large {
		return true, err
	}
	for _, t := range s.gathered() {
		words, err := s.beginning(t.Words[len(t.Words)-1])
		if err != nil {
			return false, err
		}
		if len(words) > s.budget.spelled {
			s.unspelled[t.needle()] = true
			continue
		}
		alternatives := make([]Term, len(words))
		for i, w := range words {
			alternatives[i] = Term{Words: append(t.Words[:len(t.Words)-1:len(t.Words)-1], w)}
		}
		s.spelled[t.needle()] = alternatives
		if len(words) == 0 && s.needs(t) {
			return false, nil
		}
	}
	s.express()
	return true, nil
}

// beginning lists the index's words that begin so, and one more than it is worth
// to ask for. It jumps from each to the next: to count their rows, as FTS5 would
// when asked for all, takes as long as to gather them.
func (s *messageSearch) beginning(prefix string) (words []string, err error) {
	next, err := s.t.PrepareContext(s.ctx, `SELECT term FROM message_vocabulary WHERE term >= ? LIMIT 1`)
	if err != nil {
		return nil, err
	}
	defer next.Close()
	for at := prefix; len(words) <= s.budget.spelled; {
		var word string
		if err := next.QueryRowContext(s.ctx, at).Scan(&word); errors.Is(err, sql.ErrNoRows) {
			return words, nil
		} else if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(word, prefix) {
			return words, nil
		}
		words, at = append(words, word), word+"\x01" // before all words that go on from it
	}
	return words, nil
}
