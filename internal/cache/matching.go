package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// channelRefs goes from one channel to the next by the index of threads'
// identities: an office has few, whatever it has of threads.
const channelRefs = `WITH RECURSIVE channels (account, channel) AS (
		SELECT a.id, (SELECT min(t.channel) FROM threads t WHERE t.account = a.id) FROM accounts a
		UNION ALL
		SELECT n.account, (SELECT min(t.channel) FROM threads t WHERE t.account = n.account AND t.channel > n.channel)
		FROM channels n WHERE n.channel IS NOT NULL)
	SELECT a.name, n.channel FROM channels n JOIN accounts a ON a.id = n.account WHERE n.channel IS NOT NULL ORDER BY a.name, n.channel`

// Channels lists the channels that threads came by.
func (c *Cache) Channels(ctx context.Context) ([]ChannelRef, error) {
	out := []ChannelRef{}
	err := each(ctx, c.s.readers, channelRefs, nil, func(scan func(...any) error) error {
		var r ChannelRef
		err := scan(&r.Account, &r.ID)
		out = append(out, r)
		return err
	})
	return out, describe(c.s.path, err)
}

// Tags lists the tags that threads carry now, as they are written: of their live
// conversations, which is what a filter of a tag asks for.
func (c *Cache) Tags(ctx context.Context) ([]string, error) {
	lists, ready, err := c.tagLists(ctx)
	if err != nil {
		return nil, err
	}
	if !ready {
		err = each(ctx, c.s.readers, `SELECT DISTINCT c.tags FROM threads t JOIN conversations c ON c.id = t.live WHERE c.tags <> '[]'`, nil, func(scan func(...any) error) error {
			var list string
			err := scan(&list)
			lists = append(lists, list)
			return err
		})
		if err != nil {
			return nil, describe(c.s.path, err)
		}
	}
	out := []string{}
	for _, list := range lists {
		var tags []string
		if err := json.Unmarshal([]byte(list), &tags); err != nil {
			return nil, fmt.Errorf("read a list of tags: %w", err)
		}
		out = append(out, tags...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// tagLists are the different lists of tags in memory; ready is false where
// there are none.
func (c *Cache) tagLists(ctx context.Context) (lists []string, ready bool, err error) {
	if ready, err = c.settled(ctx); err != nil || !ready {
		return nil, false, err
	}
	f := &c.facts
	f.mu.RLock()
	defer f.mu.RUnlock()
	used := make([]bool, len(f.lists.values))
	for id, list := range f.tagged {
		if f.state[id] != 0 {
			used[list] = true
		}
	}
	for n, list := range f.lists.values {
		if used[n] {
			lists = append(lists, list)
		}
	}
	return lists, f.ready, nil
}

// EachMatching streams the people (p_…) who have a thread that n leaves.
func (c *Cache) EachMatching(ctx context.Context, n Narrow, fn func(person string) error) error {
	cond, args := n.where(overThreads)
	err := each(ctx, c.s.readers, `SELECT DISTINCT k.person `+threadTables+`WHERE `+cond, args, func(scan func(...any) error) error {
		var person string
		if err := scan(&person); err != nil {
			return err
		}
		return fn(person)
	})
	return describe(c.s.path, err)
}
