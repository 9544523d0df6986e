package cache

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"bandeja/internal/phone"
)

// Subject is one who is to be forgotten, or several people (p_…) with one
// number: all by which anything here refers to them.
type Subject struct {
	People        []string // p_…
	Sides         []string // what Forgotten will know them by
	Names         []string // every one that was seen
	Phones        []string // every form in which a platform writes a number of theirs
	Keys          []string // identity keys of those numbers
	Threads       []string // t_…
	Conversations []GoneRef
	Messages      int64
	// Shared are identity keys of theirs that somebody else has too, who is not
	// forgotten: it is not kept out then.
	Shared []string
}

// Subject gathers all that is known of people (p_…). ErrNotFound: none of them
// is here.
func (c *Cache) Subject(ctx context.Context, people []string) (s Subject, err error) {
	err = c.s.read(ctx, func(t *sql.Tx) error {
		s = Subject{People: people}
		return s.gather(ctx, t)
	})
	if err == nil && len(s.Threads) == 0 {
		err = fmt.Errorf("%s: %w", strings.Join(people, ", "), ErrNotFound)
	}
	return s, err
}

func (s *Subject) gather(ctx context.Context, t *sql.Tx) error {
	written := map[string][]string{} // sides of numbers as they are written, by identity key
	for _, person := range s.People {
		if err := each(ctx, t, `SELECT a.name, a.region, k.remote, k.name, k.phone, k.phone_key FROM contacts k JOIN accounts a ON a.id = k.account WHERE k.person = ?`, []any{person}, func(scan func(...any) error) error {
			var account, region, remote, name, number, key string
			err := scan(&account, &region, &remote, &name, &number, &key)
			addOnce(&s.Sides, contactSide(account, remote))
			addOnce(&s.Names, name)
			addOnce(&s.Phones, number)
			addOnce(&s.Keys, key)
			written[key] = append(written[key], digitsSide(number, region))
			return err
		}); err != nil {
			return err
		}
		if err := each(ctx, t, `SELECT a.name, c.remote, c.name, c.phone, t.ref, c.messages FROM contacts k JOIN accounts a ON a.id = k.account
			JOIN threads t ON t.contact = k.id JOIN conversations c ON c.thread = t.id WHERE k.person = ?`, []any{person}, func(scan func(...any) error) error {
			var r GoneRef
			var name, number, thread string
			var messages int64
			err := scan(&r.Account, &r.Conversation, &name, &number, &thread, &messages)
			s.Conversations = append(s.Conversations, r)
			s.Messages += messages
			s.Sides = append(s.Sides, conversationSide(r.Account, r.Conversation))
			addOnce(&s.Sides, threadSide(thread))
			addOnce(&s.Threads, thread)
			addOnce(&s.Names, name)
			addOnce(&s.Phones, number)
			return err
		}); err != nil {
			return err
		}
	}
	return s.numbers(ctx, t, written)
}

// numbers adds the numbers that are theirs alone. With one that somebody else
// has as well, only what is theirs is kept out, not the number.
func (s *Subject) numbers(ctx context.Context, t *sql.Tx, written map[string][]string) error {
	for _, key := range s.Keys {
		shared := false
		if err := each(ctx, t, `SELECT person FROM contacts WHERE phone_key = ? AND phone_key <> ''`, []any{key}, func(scan func(...any) error) error {
			var person string
			err := scan(&person)
			shared = shared || !slices.Contains(s.People, person)
			return err
		}); err != nil {
			return err
		}
		if shared {
			s.Shared = append(s.Shared, key)
			continue
		}
		addOnce(&s.Sides, lineSide(key))
		for _, side := range slices.Concat(written[key], lineDigits(key)) {
			addOnce(&s.Sides, side)
		}
	}
	for _, side := range written[""] { // what is no phone, and long enough to be somebody's
		addOnce(&s.Sides, side)
	}
	return nil
}

// lineDigits are the sides of a line in the forms in which it is written: with
// its country anywhere, and without it in accounts of that country.
func lineDigits(key string) (sides []string) {
	for _, form := range phone.Variants("", key) {
		sides = append(sides, digitsSide(form, ""))
	}
	for code, region := range map[string]string{"54": "AR", "52": "MX", "55": "BR"} {
		if !strings.HasPrefix(key, code) {
			continue
		}
		for _, form := range append(phone.SearchForms(key), strings.TrimPrefix(key, code)) {
			sides = append(sides, digitsSide(form, region))
		}
	}
	return sides
}

// EachTextOf gives every text that is only here because of a subject: what was
// said, as it is shown and as the platform wrote it.
func (c *Cache) EachTextOf(ctx context.Context, s Subject, fn func(text string) error) error {
	for _, ref := range s.Threads {
		for _, q := range []string{
			`SELECT m.text FROM messages m JOIN threads t ON t.id = m.thread WHERE t.ref = ?`,
			`SELECT c.last_text FROM conversations c JOIN threads t ON t.id = c.thread WHERE t.ref = ?`,
			`SELECT c.topic FROM conversations c JOIN threads t ON t.id = c.thread WHERE t.ref = ?`,
		} {
			if err := eachText(ctx, c.s, q, ref, fn); err != nil {
				return err
			}
		}
	}
	return nil
}

// EachTextOf gives every text that somebody noted of a subject.
func (l *Local) EachTextOf(ctx context.Context, s Subject, fn func(text string) error) error {
	for _, ref := range s.Threads {
		for _, q := range []string{`SELECT text FROM notes WHERE thread = ?`, `SELECT text FROM drafts WHERE thread = ?`} {
			if err := eachText(ctx, l.s, q, ref, fn); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachText(ctx context.Context, s *store, query, ref string, fn func(string) error) error {
	return describe(s.path, each(ctx, s.readers, query, []any{ref}, func(scan func(...any) error) error {
		var text string
		if err := scan(&text); err != nil || text == "" {
			return err
		}
		return fn(text)
	}))
}

// Noted counts what local.db has of a subject, as BeginForgetting would erase
// it.
func (l *Local) Noted(ctx context.Context, s Subject) (n Erased, err error) {
	for _, of := range []struct {
		query string
		n     *int64
	}{{`SELECT count(*) FROM notes WHERE thread = ?`, &n.Notes}, {`SELECT count(*) FROM drafts WHERE thread = ?`, &n.Drafts}} {
		for _, ref := range s.Threads {
			var some int64
			if err := l.s.readers.QueryRowContext(ctx, of.query, ref).Scan(&some); err != nil {
				return n, describe(l.s.path, err)
			}
			*of.n += some
		}
	}
	for _, r := range s.Conversations {
		var waiting, lines int64
		if err := l.s.readers.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM outbox WHERE account = ?1 AND conversation = ?2 AND state <> 'done'),
			(SELECT count(*) FROM changes WHERE account = ?1 AND conversation = ?2)`, r.Account, r.Conversation).Scan(&waiting, &lines); err != nil {
			return n, describe(l.s.path, err)
		}
		n.Changes += waiting
		n.History += lines
	}
	return n, nil
}

// NamesOf lists the names of a subject that only the history of changes knows
// any more.
func (l *Local) NamesOf(ctx context.Context, s Subject) (names []string, err error) {
	for _, r := range s.Conversations {
		if err := each(ctx, l.s.readers, `SELECT before, after FROM changes WHERE account = ? AND conversation = ? AND field = 'name'`, []any{r.Account, r.Conversation}, func(scan func(...any) error) error {
			var before, after string
			err := scan(&before, &after)
			addOnce(&names, before)
			addOnce(&names, after)
			return err
		}); err != nil {
			return nil, describe(l.s.path, err)
		}
	}
	return names, nil
}
