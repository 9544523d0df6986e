package cache

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// eraseLocal erases from local.db what is noted of whoever is kept out.
func eraseLocal(t *tx, f *Forgotten, n *Erased) error {
	for _, step := range []func(*tx, *Forgotten, *Erased) error{eraseByConversation, eraseKeptGone, eraseByThread, eraseTies} {
		if err := step(t, f, n); err != nil {
			return err
		}
	}
	return nil
}

// localAccount is what local.db knows of an account, as the cache would have it.
func localAccount(t *tx, name string) (a accountRow, err error) {
	a.name = name
	err = t.row(`SELECT provider, region, area FROM accounts WHERE name = ?`, name).Scan(&a.provider, &a.phones.Region, &a.phones.Area)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	return a, err
}

// refsOf lists the conversations that a table has rows of, those that fn picks.
func refsOf(t *tx, table string, fn func(GoneRef) bool) (out []GoneRef, err error) {
	err = t.query(`SELECT DISTINCT account, conversation FROM `+table, nil, func(scan func(...any) error) error {
		var r GoneRef
		err := scan(&r.Account, &r.Conversation)
		if err == nil && fn(r) {
			out = append(out, r)
		}
		return err
	})
	return out, err
}

// eraseByConversation erases what is noted of conversations: the outbox, with
// what the audit says of its entries, what was done at once, and the history of
// changes.
func eraseByConversation(t *tx, f *Forgotten, n *Erased) error {
	theirs := func(r GoneRef) bool { return f.has(conversationSide(r.Account, r.Conversation)) }
	wishes, err := refsOf(t, "outbox", theirs)
	if err != nil {
		return err
	}
	for _, r := range wishes {
		if err := t.row(`SELECT count(*) FILTER (WHERE state <> 'done') + ?3, count(*) FILTER (WHERE state = 'done') + ?4 FROM outbox WHERE account = ?1 AND conversation = ?2`,
			r.Account, r.Conversation, n.Changes, n.Sent).Scan(&n.Changes, &n.Sent); err != nil {
			return err
		}
		for _, q := range []string{
			`DELETE FROM audit WHERE what = 'outbox' AND EXISTS (SELECT 1 FROM outbox o WHERE o.account = ? AND o.conversation = ? AND substr(about, 1, length(o.op_id) + 1) = o.op_id || ' ')`,
			`DELETE FROM outbox WHERE account = ? AND conversation = ?`,
		} {
			if _, err := t.exec(q, r.Account, r.Conversation); err != nil {
				return err
			}
		}
	}
	for _, table := range []string{"act_todo", "act_steps"} {
		acts, err := refsOf(t, table, theirs)
		if err != nil {
			return err
		}
		for _, r := range acts {
			if _, err := t.exec(`DELETE FROM `+table+` WHERE account = ? AND conversation = ?`, r.Account, r.Conversation); err != nil {
				return err
			}
		}
	}
	lines, err := refsOf(t, "changes", theirs)
	if err != nil {
		return err
	}
	for _, r := range lines {
		if err := eraseRows(&n.History, t, `DELETE FROM changes WHERE account = ? AND conversation = ?`, r.Account, r.Conversation); err != nil {
			return err
		}
	}
	return nil
}

// eraseRows runs a statement and adds the rows it changed.
func eraseRows(n *int64, t *tx, query string, args ...any) error {
	res, err := t.exec(query, args...)
	if err != nil {
		return err
	}
	rows, err := res.RowsAffected()
	*n += rows
	return err
}

// eraseKeptGone erases conversations that are kept because their platform has
// them no more: by what they say of themselves, since the cache may not have
// them.
func eraseKeptGone(t *tx, f *Forgotten, n *Erased) error {
	type kept struct {
		GoneRef
		object []byte
	}
	var all []kept
	if err := t.query(`SELECT account, conversation, object FROM gone`, nil, func(scan func(...any) error) error {
		var k kept
		err := scan(&k.Account, &k.Conversation, &k.object)
		all = append(all, k)
		return err
	}); err != nil {
		return err
	}
	for _, k := range all {
		a, err := localAccount(t, k.Account)
		if err != nil {
			return err
		}
		var c keptConversation
		theirs := f.has(conversationSide(k.Account, k.Conversation))
		if err := json.Unmarshal(k.object, &c); err == nil {
			theirs = theirs || f.keepsOut(a, &c.Conversation)
		}
		if !theirs {
			continue
		}
		n.Gone++
		if err := dropGone(t, k.GoneRef); err != nil {
			return err
		}
	}
	return nil
}

// eraseByThread erases what a person noted of threads.
func eraseByThread(t *tx, f *Forgotten, n *Erased) error {
	for _, of := range []struct {
		table string
		n     *int64
	}{{"notes", &n.Notes}, {"drafts", &n.Drafts}, {"thread_marks", &n.Marks}} {
		var theirs []string
		if err := t.query(`SELECT DISTINCT thread FROM `+of.table, nil, func(scan func(...any) error) error {
			var ref string
			err := scan(&ref)
			if err == nil && f.has(threadSide(ref)) {
				theirs = append(theirs, ref)
			}
			return err
		}); err != nil {
			return err
		}
		for _, ref := range theirs {
			if err := eraseRows(of.n, t, `DELETE FROM `+of.table+` WHERE thread = ?`, ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseTies erases what people said of who is who, where it names them.
func eraseTies(t *tx, f *Forgotten, n *Erased) error {
	var theirs []string
	if err := t.query(`SELECT a FROM joins UNION SELECT b FROM joins`, nil, func(scan func(...any) error) error {
		var side string
		err := scan(&side)
		if err == nil && f.has(side) {
			theirs = append(theirs, side)
		}
		return err
	}); err != nil {
		return err
	}
	for _, side := range theirs {
		if err := eraseRows(&n.Joins, t, `DELETE FROM joins WHERE ?1 IN (a, b)`, side); err != nil {
			return err
		}
	}
	return nil
}

// eraseNaming erases what names them in words: saved views and recent searches,
// and from the notices the files that were put aside, which go too.
func eraseNaming(t *tx, p ForgetPlan, n *Erased) error {
	for _, id := range p.Views {
		if err := eraseRows(&n.Views, t, `DELETE FROM views WHERE id = ?`, viewNumber(id)); err != nil {
			return err
		}
	}
	var recent string
	if err := t.row(`SELECT coalesce((SELECT value FROM settings WHERE key = ?), '')`, recentSearches).Scan(&recent); err != nil {
		return err
	}
	if recent != "" && p.Searches != nil {
		kept, dropped := p.Searches(recent)
		n.Searches += dropped
		if dropped > 0 {
			if err := saveSetting(t, recentSearches, kept); err != nil {
				return err
			}
		}
	}
	var v string
	if err := t.row(`SELECT coalesce((SELECT value FROM settings WHERE key = ?), '')`, noticesKey).Scan(&v); err != nil || v == "" {
		return err
	}
	notices := slices.DeleteFunc(noticesIn(v), func(k keptNotice) bool { return k.File != "" })
	b, err := json.Marshal(notices)
	if err != nil {
		return fmt.Errorf("keep notices: %w", err)
	}
	return saveSetting(t, noticesKey, string(b))
}
