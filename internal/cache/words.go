package cache

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// MessageQuery asks for messages by their words and by what they are. What is
// left out asks for nothing.
type MessageQuery struct {
	Words     []Word
	Accounts  []string // of any of these
	Thread    string   // t_…
	Threads   []string // t_…, of any of these; none at all where it is empty and not nil
	Person    string   // p_…: all their threads
	Narrow    *Narrow  // whose threads are like this; the rest of it is asked for here
	Direction inbox.Direction
	Kinds     []inbox.Kind // any of these
	After     time.Time    // from this moment on
	Before    time.Time    // before this moment
	Best      bool         // best first, not newest first
	Cursor    string       // MessageHits.Next of the page before
	Limit     int

	among *ThreadSet // those of Narrow, where the facts tell
}

// MessageHits is a page of what was found.
type MessageHits struct {
	Messages []StoredMessage
	Next     string // Cursor of the next page, "" at the end
	// Partial: not all that is here was looked through. Some of it is not
	// indexed yet, or the page was too long in the looking: then Next goes on.
	Partial bool
	Ranked  int // of Best: how many of the newest hits were compared
	Index   IndexState
}

// hit is a message found, by its place in time.
type hit struct{ place, message int64 }

// before says which of two hits comes first, newest first.
func (h hit) before(o hit) int {
	return cmp.Or(cmp.Compare(o.place, h.place), cmp.Compare(o.message, h.message))
}

// SearchMessages finds messages, newest first or best first, in the index and in
// what it does not know yet, on one snapshot: no message that is indexed or
// among the newest 10 000 that are not is missed, none comes twice. What has
// a word and what has not is the same in both. Pages go on where the one before
// ended, whatever has come since. What is asked for and does not exist finds
// nothing.
//
// Errors: ErrCursor; the context's, when it ends first.
func (c *Cache) SearchMessages(ctx context.Context, q MessageQuery) (MessageHits, error) {
	q.Limit = max(q.Limit, 1)
	if err := c.siftMessages(ctx, &q); err != nil {
		return MessageHits{Messages: []StoredMessage{}}, err
	}
	out, err := c.searchMessages(ctx, q, c.distrusted.Load())
	if errors.Is(err, ErrIndex) { // whoever watches the file has been told
		out, err = c.searchMessages(ctx, q, true)
	}
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	return out, err
}

// siftMessages finds the threads of a query's narrowing by the facts.
func (c *Cache) siftMessages(ctx context.Context, q *MessageQuery) error {
	if q.Narrow == nil || q.Narrow.Empty() {
		return nil
	}
	set, ready, err := c.siftSet(ctx, *q.Narrow)
	if ready {
		q.among = set
	}
	return err
}

// searchMessages looks in the index, or does without it.
func (c *Cache) searchMessages(ctx context.Context, q MessageQuery, without bool) (MessageHits, error) {
	out := MessageHits{Messages: []StoredMessage{}}
	err := c.s.read(ctx, func(t *sql.Tx) error {
		s := messageSearch{ctx: ctx, t: t, limit: q.Limit, budget: c.budget, without: without, matcher: newMatcher(q.Words)}
		possible, err := s.narrow(q)
		if err != nil {
			return err
		}
		if out.Index, err = indexState(ctx, t, c.budget.fresh); err != nil {
			return err
		}
		out.Index.Ready = out.Index.Ready && !without
		out.Partial = !out.Index.Ready
		if !possible {
			return nil
		}
		page, err := s.page(q)
		if err != nil {
			return err
		}
		out.Next, out.Ranked, out.Partial = page.next, page.ranked, out.Partial || page.cut
		out.Messages, err = messagesOf(ctx, t, page.hits)
		return err
	})
	return out, err
}

// messagesOf reads messages in the order of the hits.
func messagesOf(ctx context.Context, t *sql.Tx, hits []hit) ([]StoredMessage, error) {
	at := make(map[int64]int, len(hits))
	out := make([]StoredMessage, len(hits))
	for part := range slices.Chunk(hits, 500) {
		args := make([]any, len(part))
		for i, h := range part {
			args[i], at[h.message] = h.message, len(at)
		}
		if err := each(ctx, t, messageColumns+`WHERE m.id IN (?`+strings.Repeat(",?", len(part)-1)+`)`, args, func(scan func(...any) error) error {
			m, id, err := scanMessage(scan)
			out[at[id]] = m
			return err
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}
