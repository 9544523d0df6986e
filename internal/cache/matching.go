package cache

import "context"

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

// Tags lists the tags that conversations carry now, as they are written.
func (c *Cache) Tags(ctx context.Context) ([]string, error) {
	out := []string{}
	err := each(ctx, c.s.readers, `SELECT DISTINCT v.value FROM (SELECT DISTINCT tags FROM conversations WHERE tags <> '[]') c, json_each(c.tags) v ORDER BY 1`, nil,
		func(scan func(...any) error) error {
			var tag string
			err := scan(&tag)
			out = append(out, tag)
			return err
		})
	return out, describe(c.s.path, err)
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
