package cache

import (
	"slices"
	"strings"
	"testing"

	"bandeja/internal/inbox"
)

func TestAgentRefs(t *testing.T) {
	c := newCache(t)
	list(t, c, platicaAccount,
		with(session("1", "Ana", "5512345671", noon), func(c *inbox.Conversation) { c.Assignees = []string{"old@x"} }),
		with(session("2", "Ana", "5512345672", minutes(9)), func(c *inbox.Conversation) { c.Assignees = []string{"new@x", "old2@x"} }),
		session("3", "Ana", "5512345673", minutes(99)))
	list(t, c, waspyAccount, with(chat("1", "Ana", "", noon), func(c *inbox.Conversation) { c.Assignees = []string{"u-1"} }))
	for account, want := range map[string][]string{"soporte": {"new@x", "old2@x", "old@x"}, "ventas": {"u-1"}, "": {"new@x", "old2@x", "old@x", "u-1"}, "nadie": nil} {
		refs, err := c.AgentRefs(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range refs {
			got = append(got, r.Ref)
		}
		slices.Sort(got[max(0, len(got)-2):]) // of equal age
		slices.Sort(want[max(0, len(want)-2):])
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", account, got, want)
		}
	}
}

// A click on the assignee's menu waits for this: it goes by the index and reads
// no row.
func TestAgentRefsByIndex(t *testing.T) {
	c := newCache(t)
	if err := each(t.Context(), c.s.readers, `EXPLAIN QUERY PLAN `+agentRefs, []any{""}, func(scan func(...any) error) error {
		var id, parent, unused int64
		var step string
		err := scan(&id, &parent, &unused, &step)
		if strings.Contains(step, " c ") && !strings.Contains(step, "SEARCH c USING COVERING INDEX conversations_assigned (account=?") {
			t.Error(step)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Names join refs over accounts; one ref of an account is one's own.
func TestNameAgent(t *testing.T) {
	l := newOutbox(t)
	yes, no := true, false
	name := func(account, ref string, name *string, me *bool) {
		t.Helper()
		if err := l.NameAgent(t.Context(), account, ref, name, me); err != nil {
			t.Fatal(err)
		}
	}
	me := func(account, want string) {
		t.Helper()
		if ref, ok, err := l.Me(t.Context(), account); err != nil || ref != want || ok != (want != "") {
			t.Errorf("in %s I am %q, %v, want %q", account, ref, err, want)
		}
	}
	me("ventas", "")
	name("ventas", "u-1", nil, &yes)
	me("ventas", "u-1")
	name("ventas", "u-2", nil, &yes) // no: that one
	me("ventas", "u-2")
	ana, beto, none := "Ana", "Beto", ""
	name("ventas", "u-2", &ana, nil)
	me("ventas", "u-2")
	name("soporte", "ana@x", &ana, nil) // the same human
	me("soporte", "ana@x")
	me("ventas", "u-2")
	name("ventas", "u-1", &beto, &no)
	me("ventas", "u-2")
	all, err := l.Agents(t.Context(), "")
	if err != nil || !slices.Equal(all, []AgentRef{{"soporte", "ana@x", "Ana", true}, {"ventas", "u-1", "Beto", false}, {"ventas", "u-2", "Ana", true}}) {
		t.Errorf("%+v, %v", all, err)
	}
	name("ventas", "u-1", nil, &yes) // Ana is somebody else, then
	me("ventas", "u-1")
	me("soporte", "")
	// Who has refs in both accounts takes the place of who was oneself in either.
	name("soporte", "beto@x", nil, &yes)
	me("soporte", "beto@x")
	name("soporte", "ana@x", nil, &yes)
	me("soporte", "ana@x")
	me("ventas", "u-2")
	name("soporte", "luis@x", nil, &yes)
	name("ventas", "u-2", nil, &no)
	name("ventas", "u-2", nil, &yes)
	me("soporte", "ana@x")
	name("soporte", "beto@x", &none, &no)
	name("soporte", "luis@x", &none, &no)
	name("ventas", "u-1", &none, &no)
	if all, err := l.Agents(t.Context(), "ventas"); err != nil || len(all) != 1 || all[0].Ref != "u-2" {
		t.Errorf("%+v, %v", all, err)
	}
}
