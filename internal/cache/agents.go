package cache

import (
	"context"
	"database/sql"
	"errors"
)

// AgentRef is how an account calls one of the team, and what it was named
// here: neither API gives a name.
type AgentRef struct {
	Account string
	Ref     string
	Name    string // "" where nobody has named it
	Me      bool
}

// agentRefs goes from one list of assignees to the next by the index: a team
// has few, whatever it has of conversations.
const agentRefs = `WITH RECURSIVE lists (account, assignees) AS (
		SELECT a.id, (SELECT min(c.assignees) FROM conversations c WHERE c.account = a.id AND c.assignees <> '[]') FROM accounts a WHERE ?1 = '' OR a.name = ?1
		UNION ALL
		SELECT l.account, (SELECT min(c.assignees) FROM conversations c WHERE c.account = l.account AND c.assignees <> '[]' AND c.assignees > l.assignees)
		FROM lists l WHERE l.assignees IS NOT NULL)
	SELECT a.name, r.value FROM lists l JOIN accounts a ON a.id = l.account, json_each(l.assignees) r WHERE l.assignees IS NOT NULL
	GROUP BY a.name, r.value
	ORDER BY max((SELECT max(c.active_at) FROM conversations c WHERE c.account = l.account AND c.assignees = l.assignees AND c.assignees <> '[]')) DESC, r.value`

// AgentRefs lists the refs seen as assignees in an account ("" for all), those
// of the latest conversations first.
func (c *Cache) AgentRefs(ctx context.Context, account string) ([]AgentRef, error) {
	out := []AgentRef{}
	err := each(ctx, c.s.readers, agentRefs, []any{account}, func(scan func(...any) error) error {
		var a AgentRef
		err := scan(&a.Account, &a.Ref)
		out = append(out, a)
		return err
	})
	return out, describe(c.s.path, err)
}

// Agents lists the refs of an account ("" for all) that were named or said to
// be one's own here.
func (l *Local) Agents(ctx context.Context, account string) ([]AgentRef, error) {
	out := []AgentRef{}
	err := each(ctx, l.s.readers, `SELECT r.account, r.ref, g.name, g.me FROM agent_refs r JOIN agents g ON g.id = r.agent
		WHERE ?1 = '' OR r.account = ?1 ORDER BY r.account, r.ref`, []any{account}, func(scan func(...any) error) error {
		var a AgentRef
		err := scan(&a.Account, &a.Ref, &a.Name, &a.Me)
		out = append(out, a)
		return err
	})
	return out, describe(l.s.path, err)
}

// Me is the ref by which an account knows who uses this profile; ok is false
// where nobody has said.
func (l *Local) Me(ctx context.Context, account string) (ref string, ok bool, err error) {
	err = l.s.readers.QueryRowContext(ctx, `SELECT r.ref FROM agent_refs r JOIN agents g ON g.id = r.agent WHERE r.account = ? AND g.me = 1 ORDER BY r.ref LIMIT 1`, account).Scan(&ref)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return ref, err == nil, describe(l.s.path, err)
}

// NameAgent names a ref of an account, or says whether it is one's own; nil
// leaves a thing as it is. Refs of one name are one human, over accounts too;
// in each account one ref is one's own.
func (l *Local) NameAgent(ctx context.Context, account, ref string, name *string, me *bool) error {
	return l.s.write(ctx, func(t *tx) error {
		a := AgentRef{Account: account, Ref: ref}
		err := t.row(`SELECT g.name, g.me FROM agent_refs r JOIN agents g ON g.id = r.agent WHERE r.account = ? AND r.ref = ?`, account, ref).Scan(&a.Name, &a.Me)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if name != nil && *name != a.Name {
			a.Name = *name
			var known bool // that human is oneself, by another ref
			if err := t.row(`SELECT coalesce(max(me), 0) FROM agents WHERE name = ? AND name <> ''`, a.Name).Scan(&known); err != nil {
				return err
			}
			a.Me = a.Me || known
		}
		if me != nil {
			a.Me = *me
			if *me {
				if err := notMe(t, account); err != nil {
					return err
				}
			}
		}
		return setAgent(t, a)
	})
}

// notMe makes no ref of an account one's own.
func notMe(t *tx, account string) error {
	for _, q := range []string{
		`DELETE FROM agent_refs WHERE account = ? AND agent IN (SELECT id FROM agents WHERE me = 1 AND name = '')`,
		`UPDATE agents SET me = 0 WHERE me = 1 AND id IN (SELECT agent FROM agent_refs WHERE account = ?)`,
	} {
		if _, err := t.exec(q, account); err != nil {
			return err
		}
	}
	return nil
}

// onlyMe makes nobody else oneself in the accounts where an agent has a ref:
// one human has refs in several.
func onlyMe(t *tx, agent int64) error {
	for _, q := range []string{
		`DELETE FROM agent_refs WHERE agent IN (SELECT id FROM agents WHERE me = 1 AND name = '' AND id <> ?1)
			AND account IN (SELECT account FROM agent_refs WHERE agent = ?1)`,
		`UPDATE agents SET me = 0 WHERE me = 1 AND name <> '' AND id <> ?1
			AND id IN (SELECT agent FROM agent_refs WHERE account IN (SELECT account FROM agent_refs WHERE agent = ?1))`,
	} {
		if _, err := t.exec(q, agent); err != nil {
			return err
		}
	}
	return nil
}

// setAgent joins a ref to the agent of its name, or to the nameless one that
// is oneself; made if there is none. Agents without a ref go.
func setAgent(t *tx, a AgentRef) error {
	if _, err := t.exec(`DELETE FROM agent_refs WHERE account = ? AND ref = ?`, a.Account, a.Ref); err != nil {
		return err
	}
	if a.Name != "" || a.Me {
		var id int64
		err := t.row(`SELECT id FROM agents WHERE name = ?`, a.Name).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			if _, err = t.exec(`INSERT INTO agents (name) VALUES (?)`, a.Name); err == nil {
				err = t.row(`SELECT max(id) FROM agents`).Scan(&id)
			}
		}
		if err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE agents SET me = ? WHERE id = ?`, a.Me, id); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO agent_refs (account, ref, agent) VALUES (?,?,?)`, a.Account, a.Ref, id); err != nil {
			return err
		}
		if a.Me {
			if err := onlyMe(t, id); err != nil {
				return err
			}
		}
	}
	_, err := t.exec(`DELETE FROM agents WHERE id NOT IN (SELECT agent FROM agent_refs)`)
	return err
}
