package trial

import (
	"fmt"
	"strings"
	"testing"

	"bandeja/internal/providers/simulator"
)

// recorder takes what the checker says is wrong.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Error(args ...any)            { r.said = append(r.said, fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) { r.said = append(r.said, fmt.Sprintf(f, args...)) }

// TestCheckerSees: the checker is worth what it finds. Each harm done to a copy
// that was equal is seen.
func TestCheckerSees(t *testing.T) {
	v := openOffice(t, simulator.Options{Seed: 3, Conversations: 30, Messages: 120, History: true})
	dir := newProfile(t, v, platforms...)
	syncWell(t, dir)
	for _, harm := range []string{
		``, // none: nothing is said
		`DELETE FROM conversations WHERE id = 5`,
		`UPDATE conversations SET status = 'spam' WHERE id = 7`,
		`UPDATE conversations SET name = name || ' ' WHERE id = 9`,
		`UPDATE conversations SET active_at = active_at + 1 WHERE id = 9`,
		`UPDATE conversations SET tags = '["x"]' WHERE id = 40`,
		`UPDATE conversations SET gone = 1 WHERE id = 3`,
		`UPDATE conversations SET listed = CAST(replace(CAST(listed AS TEXT), '"status"', '"estado"') AS BLOB) WHERE id = 4`,
		`UPDATE conversations SET read_mark = '' WHERE id = 6`,
		`UPDATE conversations SET remote = remote || 'x' WHERE id = 6`,
		`DELETE FROM messages WHERE id = (SELECT min(id) FROM messages)`,
		`UPDATE messages SET text = 'otra cosa' WHERE id = (SELECT max(id) FROM messages)`,
		`UPDATE messages SET status = 'lost' WHERE id = (SELECT max(id) FROM messages)`,
		`UPDATE messages SET at = at - 86400000 WHERE id = (SELECT max(id) FROM messages)`,
		`UPDATE messages SET raw = '{}' WHERE id = (SELECT max(id) FROM messages)`,
		`UPDATE messages SET direction = 'unknown' WHERE id = (SELECT min(id) FROM messages)`,
		`UPDATE threads SET sort_at = sort_at + 1 WHERE id = 2`,
		`UPDATE threads SET status = 'closed' WHERE id = (SELECT min(id) FROM threads WHERE status <> 'closed')`,
		`UPDATE threads SET pending = 2 WHERE id = 2`,
		`UPDATE accounts SET conversations = conversations + 1`,
		`UPDATE contacts SET person = 'p_nobody' WHERE id = (SELECT id FROM contacts WHERE phone_key <> '' AND guessed = 0)`,
		`DELETE FROM indexed WHERE place = (SELECT max(place) FROM indexed)`,
		`UPDATE indexed SET place = place + 1 WHERE place = (SELECT max(place) FROM indexed)`,
		`INSERT INTO message_index (message_index, rowid, text, facets) SELECT 'delete', id, text, facets FROM message_words WHERE id = (SELECT max(place) FROM indexed)`,
		`UPDATE feeds SET top = top + 60000 WHERE kind = 'head'`,
		`INSERT INTO runs (account, started_at, finished_at, requests, retries, changed, error) VALUES (1, 0, 0, 0, 0, 0, '` + v.WaspyKey() + `')`,
	} {
		r := &recorder{TB: t}
		hurt := copied(t, dir)
		k := &checker{t: t, copy: hurt}
		if harm != "" {
			db := k.open("cache.db")
			if _, err := db.Exec(harm); err != nil {
				t.Errorf("%s: %v", harm, err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		verify(r, v, hurt, entire)
		if seen := len(r.said) > 0; seen != (harm != "") {
			t.Errorf("%q: the checker said %s", harm, strings.Join(r.said, "\n"))
		}
	}
}
