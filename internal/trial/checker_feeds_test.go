package trial

import (
	"encoding/json"
	"strings"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/syncer"
)

// feeds checks that no bookmark is ahead of the rows it covers (SYNC I2), and
// that no watermark passes a stamp that the provider gave (I6). The office
// must have been quiet since the sweep began.
func (k *checker) feeds(v *office, p inbox.ProviderName) {
	k.t.Helper()
	here := k.rows(string(p))
	var newest int64
	for _, r := range here {
		newest = max(newest, r.Active)
	}
	k.each(`SELECT kind, running, mark, top, finished_at FROM feeds f JOIN accounts a ON a.id = f.account WHERE a.name = ?`, []any{string(p)}, func(scan func(...any) error) error {
		var kind string
		var running bool
		var mark []byte
		var top, finished int64
		if err := scan(&kind, &running, &mark, &top, &finished); err != nil {
			return err
		}
		if top > newest {
			k.t.Errorf("%s: the watermark of the %s is past every row that is here", p, kind)
		}
		for _, id := range k.covered(v, p, kind, running, finished != 0, mark) {
			if _, ok := here[id]; !ok {
				k.t.Errorf("%s: the %s has passed conversation %s, which is not here", p, kind, id)
			}
		}
		return nil
	})
}

// covered are the ids that a bookmark says are here.
func (k *checker) covered(v *office, p inbox.ProviderName, kind string, running, finished bool, mark []byte) (ids []string) {
	k.t.Helper()
	var at struct {
		Cursor string `json:"c"`
		Offset int    `json:"o"`
	}
	switch {
	case kind != "sweep":
		return nil
	case running && mark == nil:
		return nil
	case running:
		if err := json.Unmarshal(mark, &at); err != nil {
			k.t.Fatal(err)
		}
	case !finished:
		return nil
	}
	all := v.conversations(p)
	if p == inbox.Platica {
		for _, sessions := range sessionsInOrder(k.t, all) {
			upTo := len(sessions)
			if running {
				upTo = min(at.Offset, upTo)
			}
			ids = append(ids, sessions[:upTo]...)
		}
		return ids
	}
	_, last, _ := strings.Cut(at.Cursor, "|")
	for _, raw := range all { // in the order of the list
		id := objectOf(k.t, raw).text("id")
		ids = append(ids, id)
		if id == last {
			break
		}
	}
	return ids
}

// honest checks the state line (SYNC I20): what calls itself up to date is so,
// and a time is only given as of which all was here. quiet says that the
// office has not moved since.
func (k *checker) honest(v *office, p inbox.ProviderName, quiet bool) {
	k.t.Helper()
	s, ok := k.states()[string(p)]
	if !ok || !quiet {
		return
	}
	if s.State == syncer.UpToDate || !s.AsOf.IsZero() {
		k.equal(v, p, entire)
	}
	if s.AsOf.After(time.Now().Add(time.Second)) {
		k.t.Errorf("%s: up to date as of %v, which has not come", p, s.AsOf)
	}
}
