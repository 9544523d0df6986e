package cache

// FTS5 walks a whole word newest first and stops at the limit, but gathers all
// rows of a prefix before it gives one: "hola*" over five million messages is a
// million rows for the fifty that are shown. So a search by a prefix first
// looks through the newest rows that have its other words: what is common is
// found there, and what is not there is rare enough to gather.
//
// recent looks for the limit among the newest rows; enough is false where they
// do not have it.
func (s *messageSearch) recent(after hit, limit int) (found foundHits, enough bool, err error) {
	if s.all == s.whole || len(s.need) == 0 {
		return found, false, nil
	}
	var held int64
	if err := s.t.QueryRowContext(s.ctx, `SELECT coalesce(sum(messages), 0) FROM accounts`).Scan(&held); err != nil || held < s.budget.large {
		return found, false, err
	}
	found, err = s.walk(indexWalk{match: s.whole, texts: true, after: after, limit: limit, rows: max(s.budget.recent, 4*limit)})
	return found, !found.cut, err
}
