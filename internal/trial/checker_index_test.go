package trial

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"bandeja/internal/phone"
	"bandeja/internal/search"
)

// index checks that every row is found and nothing else is (SYNC I13): each
// message by a word of it, each person by name and by number.
func (k *checker) index() {
	k.t.Helper()
	for left := int64(1); left > 0; {
		var err error
		if left, err = k.cache.IndexQueued(context.Background()); err != nil {
			k.t.Fatalf("index what is queued: %v", err)
		}
	}
	if _, err := k.db.Exec(`INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)`); err != nil {
		k.t.Errorf("the message index does not agree with the messages: %v", err)
	}
	k.none("the index knows a message that is not there", `SELECT place FROM indexed WHERE message NOT IN (SELECT id FROM messages)`)
	k.none("a message is not in the index", `SELECT id FROM messages WHERE id NOT IN (SELECT message FROM indexed)`)
	k.none("the index knows a message twice", `SELECT message FROM indexed GROUP BY message HAVING count(*) > 1`)
	k.foundByWord()
	k.foundByPerson()
}

// foundByWord looks every message up by a word of its text.
func (k *checker) foundByWord() {
	k.t.Helper()
	by := map[string][]int64{}
	k.each(`SELECT id, text FROM messages`, nil, func(scan func(...any) error) error {
		var id int64
		var text string
		err := scan(&id, &text)
		if w := longestWord(text); w != "" {
			by[w] = append(by[w], id)
		}
		return err
	})
	wrong := complaints{t: k.t}
	for w, ids := range by {
		hits := map[int64]bool{}
		k.each(`SELECT message FROM message_index JOIN indexed ON place = message_index.rowid WHERE message_index MATCH ?`, []any{`text : "` + w + `"`}, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			hits[id] = true
			return err
		})
		for _, id := range ids {
			if !hits[id] {
				wrong.add("message %d is not found by its word %q", id, w)
			}
		}
	}
}

func longestWord(text string) (longest string) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > len(longest) {
			longest = w
		}
	}
	return longest
}

// foundByPerson looks every customer up by name and by number, in the index of
// people as a start of the program loads it.
func (k *checker) foundByPerson() {
	k.t.Helper()
	people := search.NewPeople(k.cache)
	if err := people.Load(context.Background()); err != nil {
		k.t.Fatal(err)
	}
	wrong := complaints{t: k.t}
	k.each(`SELECT k.person, k.name, k.e164, a.region, a.area FROM contacts k JOIN accounts a ON a.id = k.account`, nil, func(scan func(...any) error) error {
		var person, name, number string
		var where phone.Context
		if err := scan(&person, &name, &number, &where.Region, &where.Area); err != nil {
			return err
		}
		for _, query := range []string{name, number} {
			if strings.TrimSpace(query) == "" {
				continue
			}
			hits := people.Find(query, []phone.Context{where}, 10_000)
			if !slices.ContainsFunc(hits, func(h search.Hit) bool { return h.Person == person }) {
				wrong.add("person %s is not found by %q", person, query)
			}
		}
		return nil
	})
}
