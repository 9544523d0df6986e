package cache

import (
	"context"
	"strings"
	"time"

	"bandeja/internal/inbox"
)

// PersonRow is one contact's part of a person: what the people index is made
// of.
type PersonRow struct {
	Person   string
	Account  string
	Provider inbox.ProviderName
	Name     string
	Phone    string // as written
	PhoneKey string
	E164     string
	Display  string
	Thread   string
	Channel  string
	At       time.Time // the thread's, for recency
	Status   inbox.Status
	Word     string
	Live     string // provider's id of the live conversation
	LastAt   time.Time
	Sessions int
	Gone     bool
}

const personColumns = `SELECT k.person, a.name, a.provider, k.name, k.phone, k.phone_key, k.e164, k.display, t.ref, t.channel, t.sort_at, t.status, ` + wishedWord + `, c.remote, t.last_at, t.sessions, t.gone
	FROM contacts k JOIN threads t ON t.contact = k.id JOIN accounts a ON a.id = k.account JOIN conversations c ON c.id = t.live `

// EachPerson streams the parts of people: of those in refs, or of all when it
// is nil. Rows of one person are not neighbours.
func (c *Cache) EachPerson(ctx context.Context, refs []string, fn func(PersonRow) error) error {
	cond, args := "", []any{}
	if refs != nil {
		if len(refs) == 0 {
			return nil
		}
		cond = "WHERE k.person IN (?" + strings.Repeat(",?", len(refs)-1) + ")"
		for _, r := range refs {
			args = append(args, r)
		}
	}
	err := each(ctx, c.s.readers, personColumns+cond, args, func(scan func(...any) error) error {
		p, err := scanPerson(scan)
		if err != nil {
			return err
		}
		return fn(p)
	})
	return describe(c.s.path, err)
}

// PersonRefs gives the next people (p_…) after one, "" for the first, in the
// order of their ids; fewer than limit are the last.
func (c *Cache) PersonRefs(ctx context.Context, after string, limit int) (refs []string, err error) {
	err = each(ctx, c.s.readers, `SELECT DISTINCT person FROM contacts WHERE person > ? ORDER BY person LIMIT ?`, []any{after, limit}, func(scan func(...any) error) error {
		var ref string
		err := scan(&ref)
		refs = append(refs, ref)
		return err
	})
	return refs, describe(c.s.path, err)
}

// scanPerson reads a row of personColumns.
func scanPerson(scan func(...any) error) (p PersonRow, err error) {
	var at, lastAt int64
	err = scan(&p.Person, &p.Account, &p.Provider, &p.Name, &p.Phone, &p.PhoneKey, &p.E164, &p.Display, &p.Thread, &p.Channel, &at, &p.Status, &p.Word, &p.Live, &lastAt, &p.Sessions, &p.Gone)
	p.At, p.LastAt = inbox.FromMillis(at), inbox.FromMillis(lastAt)
	return p, err
}

// OtherNames streams the names that conversations carry and their contact no
// longer does, with the person they belong to.
func (c *Cache) OtherNames(ctx context.Context, refs []string, fn func(person, name string) error) error {
	cond, args := "", []any{}
	if refs != nil {
		if len(refs) == 0 {
			return nil
		}
		cond = " AND k.person IN (?" + strings.Repeat(",?", len(refs)-1) + ")"
		for _, r := range refs {
			args = append(args, r)
		}
	}
	err := each(ctx, c.s.readers, `SELECT DISTINCT k.person, c.name FROM contacts k JOIN threads t ON t.contact = k.id JOIN conversations c ON c.thread = t.id
		WHERE c.name <> k.name AND c.name <> ''`+cond, args, func(scan func(...any) error) error {
		var person, name string
		if err := scan(&person, &name); err != nil {
			return err
		}
		return fn(person, name)
	})
	return describe(c.s.path, err)
}

// Coverage says how complete an answer over everything is (SEARCH §4).
type Coverage struct {
	Conversations int64
	Complete      int64
	Partial       int64
	AsOf          time.Time // the oldest account's
}

// Coverage counts what is here and what is known to be partly here.
func (c *Cache) Coverage(ctx context.Context) (Coverage, error) {
	var v Coverage
	var asOf int64
	// It goes with every answer, so each number is kept or counted in a small index.
	err := c.s.readers.QueryRowContext(ctx, `SELECT
		(SELECT coalesce(sum(conversations), 0) FROM accounts) - (SELECT count(*) FROM conversations WHERE gone = 1),
		(SELECT coalesce(sum(to_read), 0) FROM accounts) +
		(SELECT count(*) FROM conversations WHERE short = 1 AND gone = 0 AND listed_mark = read_mark),
		(SELECT coalesce(min(as_of), 0) FROM accounts)`).Scan(&v.Conversations, &v.Partial, &asOf)
	v.Complete, v.AsOf = v.Conversations-v.Partial, inbox.FromMillis(asOf)
	return v, describe(c.s.path, err)
}

// AccountCoverage says how complete one account's part of an answer is.
type AccountCoverage struct {
	Account       string
	Provider      inbox.ProviderName
	State         string // State.State
	Conversations int64
	Partial       int64
	Listed        bool      // its list was read to the end, once at least
	BackTo        time.Time // how far back the list has been read, while it is not
}

// CoverageOf says how complete each account is, by name.
func (c *Cache) CoverageOf(ctx context.Context) ([]AccountCoverage, error) {
	out := []AccountCoverage{}
	err := each(ctx, c.s.readers, `SELECT a.name, a.provider, a.state, a.conversations - (SELECT count(*) FROM conversations WHERE account = a.id AND gone = 1),
		a.to_read + (SELECT count(*) FROM conversations WHERE account = a.id AND short = 1 AND gone = 0 AND listed_mark = read_mark),
		coalesce(f.finished_at, 0) > 0, coalesce(f.back_to, 0) FROM accounts a LEFT JOIN feeds f ON f.account = a.id AND f.kind = 'sweep' ORDER BY a.name`,
		nil, func(scan func(...any) error) error {
			var v AccountCoverage
			var back int64
			err := scan(&v.Account, &v.Provider, &v.State, &v.Conversations, &v.Partial, &v.Listed, &back)
			if !v.Listed {
				v.BackTo = inbox.FromMillis(back)
			}
			out = append(out, v)
			return err
		})
	return out, describe(c.s.path, err)
}
