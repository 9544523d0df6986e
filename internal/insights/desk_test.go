package insights_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/insights"
)

// noon of a Monday in Buenos Aires.
var noon = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)

func hours(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Hour))) }

var (
	ventas  = inbox.Account{Name: "ventas", Provider: inbox.Waspy, Region: "AR", Area: "11", Zone: "America/Argentina/Buenos_Aires"}
	soporte = inbox.Account{Name: "soporte", Provider: inbox.Platica, Region: "MX", Zone: "America/Mexico_City"}
)

// desk is an office on real files.
type desk struct {
	cache *cache.Cache
	local *cache.Local
	now   time.Time
}

func newDesk(t testing.TB, accounts ...inbox.Account) *desk {
	t.Helper()
	dir := t.TempDir()
	d := &desk{now: hours(24 * 30)}
	var err error
	if d.cache, err = cache.OpenCache(t.Context(), filepath.Join(dir, "cache.db"), cache.ReadWrite); err != nil {
		t.Fatal(err)
	}
	if d.local, err = cache.OpenLocal(t.Context(), filepath.Join(dir, "local.db"), cache.ReadWrite); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	for _, a := range accounts {
		if err := d.local.SaveAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if err := d.cache.EnsureAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		d.whole(t, a, d.now)
	}
	return d
}

// close closes the files; once more does nothing.
func (d *desk) close() {
	d.cache.Close()
	d.local.Close()
}

// whole says as of when an account's copy is whole.
func (d *desk) whole(t testing.TB, a inbox.Account, asOf time.Time) {
	t.Helper()
	if err := d.cache.SaveState(t.Context(), a.Name, "up_to_date", asOf, "", ""); err != nil {
		t.Fatal(err)
	}
}

// talk is a conversation of the provider's and what was said in it.
type talk struct {
	account   inbox.Account
	id        string
	customer  string // a number
	channel   string
	platform  string
	word      string // status
	assignees []string
	partly    bool // more of it is still to be read
	said      []said
}

type said struct {
	at  time.Time // zero: not known
	dir inbox.Direction
}

// save has it in the copy as an answer would.
func (d *desk) save(t testing.TB, k talk) {
	t.Helper()
	c := inbox.Conversation{ID: k.id, PublicID: k.id, Contact: k.customer, Channel: k.channel, Name: "Ana " + k.customer, Phone: k.customer, Platform: k.platform,
		StatusWord: k.word, Status: inbox.StatusOf(k.account.Provider, k.word), Assignees: k.assignees, CreatedAt: noon, ActiveAt: noon,
		MessageCount: -1, Version: fmt.Sprint(len(k.said), k.partly), Form: inbox.Listed, Raw: json.RawMessage(fmt.Sprintf(`{"id":%q,"as":%q}`, k.id, fmt.Sprint(k.word, k.assignees, k.platform, len(k.said), k.partly)))}
	if k.account.Provider == inbox.Platica {
		c.Contact = ""
	}
	begun, err := d.cache.NextFetch(t.Context(), k.account.Name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.cache.SaveConversations(t.Context(), k.account.Name, inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{c}}, nil, begun); err != nil {
		t.Fatal(err)
	}
	r := cache.Reading{Conversation: k.id, Version: c.Version, More: k.partly, Next: inbox.Mark("x")}
	for i, s := range k.said {
		id := fmt.Sprintf("%s-%d", k.id, i)
		r.Messages = append(r.Messages, inbox.Message{ID: id, Conversation: k.id, Direction: s.dir, Kind: inbox.Text, KindWord: "text", Text: "hola", Status: "read", At: s.at, Seq: i,
			Raw: json.RawMessage(fmt.Sprintf(`{"id":%q}`, id))})
	}
	if _, err := d.cache.SaveMessages(t.Context(), k.account.Name, []cache.Reading{r}); err != nil {
		t.Fatal(err)
	}
}

func day(t testing.TB, s string) insights.Day {
	t.Helper()
	d, err := insights.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// report counts a period.
func (d *desk) report(t testing.TB, from, to insights.Day, account string) *insights.Report {
	t.Helper()
	r, p, err := insights.Read(t.Context(), d.cache, d.local, insights.Ask{From: from, To: to, Account: account, Now: func(string) time.Time { return d.now }})
	if err != nil || r == nil || p.Done != p.Total {
		t.Fatalf("%+v, %+v, %v", r, p, err)
	}
	return r
}
