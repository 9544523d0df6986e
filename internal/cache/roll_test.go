package cache

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
)

// rollOf is what the conversations in memory say, spelled out in their orders.
func rollOf(t testing.TB, c *Cache) (out []string) {
	t.Helper()
	if err := c.Roll(t.Context(), func(groups []*RollGroup) { out = spelled(groups) }); err != nil {
		t.Fatal(err)
	}
	return out
}

func spelled(groups []*RollGroup) (out []string) {
	every := func(string) bool { return true }
	for _, g := range groups {
		for o := range rollOrders {
			for _, p := range g.Order(o) {
				e := p.RollEntry
				out = append(out, fmt.Sprint(g.Account, g.Workspace, g.MayTwin(), o, p.At, e.ID, e.Status, e.Channel, e.Tags, e.Created, e.Name, e.Written, e.Key, e.Wished, e.Twin(every), e.row))
			}
		}
	}
	return out
}

// TestRollAgrees: whatever is saved, wished, found gone or removed, the
// conversations in memory are those of the file, in order.
func TestRollAgrees(t *testing.T) {
	otra := inbox.Account{Name: "otra", Provider: inbox.Waspy, Region: "AR", Area: "11"}
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), "cache.db")
		m := narrowModel{c: openCache(t, path)}
		defer m.c.Close()
		if err := m.c.EnsureAccount(t.Context(), otra); err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			id := fmt.Sprint("v", rapid.IntRange(0, 9).Draw(r, "id"))
			switch rapid.IntRange(0, 6).Draw(r, "what") {
			case 0: // the same conversation with another key
				list(t, m.c, otra, chat(id, "Ana María", "+5491159834411", minutes(rapid.IntRange(0, 50).Draw(r, "at"))))
			case 1:
				if _, err := m.c.Received(t.Context(), waspyAccount.Name, id); err == nil {
					bury(t, m.c, waspyAccount, id)
				}
			case 2:
				want := rapid.SampledFrom([]string{"closed", "resolved"}).Draw(r, "want")
				if _, err := m.c.mirrorWishes(t.Context(), waspyAccount.Name, map[string][]Overlay{id: {{Field: inbox.FieldStatus, Want: &want}}}); err != nil {
					r.Fatal(err)
				}
			case 3:
				s := session(strings.Replace(id, "v", "s", 1), "Ñandú", "5215559834411", minutes(rapid.IntRange(0, 50).Draw(r, "begun")))
				s.Workspace = rapid.SampledFrom([]string{"w1", "w2"}).Draw(r, "workspace")
				s.MessageCount = rapid.IntRange(0, 2).Draw(r, "count")
				s.Raw = fmt.Appendf(nil, `{"v":%d}`, rapid.IntRange(0, 1<<30).Draw(r, "version"))
				list(t, m.c, platicaAccount, s)
			case 4:
				if rapid.IntRange(0, 5).Draw(r, "seldom") == 0 {
					if _, err := m.c.RemoveAccount(t.Context(), otra.Name); err != nil {
						r.Fatal(err)
					}
					if err := m.c.EnsureAccount(t.Context(), otra); err != nil {
						r.Fatal(err)
					}
				}
			default:
				m.step(r, t)
			}
			if rapid.Bool().Draw(r, "look") {
				continue
			}
			has := rollOf(t, m.c)
			var fresh roll
			if err := fresh.settle(t.Context(), m.c.s); err != nil {
				r.Fatal(err)
			}
			if want := spelled(fresh.groups); !slices.Equal(has, want) {
				r.Fatalf("in memory\n%s\nin the file\n%s", strings.Join(has, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// TestRollOfAnotherFile: a cache that is begun anew has what is in it then.
func TestRollOfAnotherFile(t *testing.T) {
	c := newCache(t)
	list(t, c, waspyAccount, chat("one", "Ana", "+5491159834411", noon))
	if has := rollOf(t, c); len(has) != int(rollOrders) {
		t.Fatalf("%q", has)
	}
	if _, err := c.Rebuild(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if has := rollOf(t, c); len(has) != 0 {
		t.Errorf("of the file before: %q", has)
	}
	if err := c.EnsureAccount(t.Context(), waspyAccount); err != nil {
		t.Fatal(err)
	}
	list(t, c, waspyAccount, chat("two", "Ana", "+5491159834411", noon))
	if has := rollOf(t, c); len(has) != int(rollOrders) || !strings.Contains(has[0], "two") {
		t.Errorf("%q", has)
	}
}

// TestReceivedForms: a single object is the read form, with what a newer list
// has for the same fields.
func TestReceivedForms(t *testing.T) {
	c := newCache(t)
	one := chat("one", "Ana", "+5491159834411", noon)
	one.Raw = []byte(`{"id":"one","status":"open","listed":1,"same":1}`)
	list(t, c, waspyAccount, one)
	received := func() (single, listed string) {
		t.Helper()
		r, err := c.Received(t.Context(), "ventas", "one")
		if err != nil {
			t.Fatal(err)
		}
		return string(r.Single), string(r.Raw)
	}
	if single, listed := received(); single != string(one.Raw) || listed != string(one.Raw) {
		t.Errorf("listed alone: %s, %s", single, listed)
	}
	two := one
	two.Form, two.Raw = inbox.Read, []byte(`{"id":"one","status":"open","read":2,"same":2}`)
	list(t, c, waspyAccount, two)
	if single, listed := received(); single != string(two.Raw) || listed != `{"id":"one","status":"open","listed":1,"same":2}` {
		t.Errorf("read after: %s, %s", single, listed)
	}
	three := with(one, func(v *inbox.Conversation) { v.StatusWord = "closed" })
	three.Raw = []byte(`{"id":"one","status":"closed","listed":3,"same":3}`)
	list(t, c, waspyAccount, three)
	if single, listed := received(); single != `{"id":"one","status":"closed","read":2,"same":3}` || listed != string(three.Raw) {
		t.Errorf("listed again: %s, %s", single, listed)
	}
}
