package simulator

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestSetMember(t *testing.T) {
	const object = `{"a":1.50,"b":{"c":[1,{"d":null}],"é":"x"},"a2":"\u00e9"}`
	for _, tc := range []struct{ path, value, want string }{
		{"a", `"x"`, `{"a":"x","b":{"c":[1,{"d":null}],"é":"x"},"a2":"\u00e9"}`},
		{"a", ``, `{"b":{"c":[1,{"d":null}],"é":"x"},"a2":"\u00e9"}`},
		{"new", `{}`, `{"a":1.50,"b":{"c":[1,{"d":null}],"é":"x"},"a2":"\u00e9","new":{}}`},
		{"nothing", ``, object},
		{"b.c.1.d", `7`, `{"a":1.50,"b":{"c":[1,{"d":7}],"é":"x"},"a2":"\u00e9"}`},
		{"b.c.0", ``, `{"a":1.50,"b":{"c":[{"d":null}],"é":"x"},"a2":"\u00e9"}`},
		{"b.é", `null`, `{"a":1.50,"b":{"c":[1,{"d":null}],"é":null},"a2":"\u00e9"}`},
		{"", `[]`, `[]`},
		{"", ``, "error"},
		{"a.x", `1`, "error"},
		{"x.y", `1`, "error"},
	} {
		var value json.RawMessage
		if tc.value != "" {
			value = json.RawMessage(tc.value)
		}
		got, err := setMember([]byte(object), split(tc.path), value)
		if err != nil {
			got = []byte("error")
		}
		if string(got) != tc.want {
			t.Errorf("%q = %s: %s %v\nwant %s", tc.path, tc.value, got, err, tc.want)
		}
	}
}

// Whatever is set can be read again, and setting it back gives the same bytes.
func TestSetMemberAndBack(t *testing.T) {
	o := New(Options{Seed: 1, Now: testNow, Conversations: 40})
	rows := append(o.WaspyConversations(), o.PlaticaConversations()...)
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SampledFrom(rows).Draw(t, "row")
		list, _, err := members(row)
		if err != nil {
			t.Fatal(err)
		}
		m := rapid.SampledFrom(list).Draw(t, "member")
		value := json.RawMessage(rapid.SampledFrom([]string{"null", "7", `"x"`, "[]", `{"a":[1]}`}).Draw(t, "value"))
		changed, err := setMember(row, []string{m.key}, value)
		if err != nil || string(get(changed, m.key)) != string(value) {
			t.Fatalf("%s %v", changed, err)
		}
		if back, err := setMember(changed, []string{m.key}, m.value); err != nil || string(back) != string(row) {
			t.Fatalf("%s\nwant %s", back, row)
		}
	})
}

func TestSetField(t *testing.T) {
	o, waspy, platica := serve(t, Options{Seed: 1, Now: testNow, Conversations: 30, History: true})
	before := everything(o)
	id, sid := field[string](o.WaspyConversations()[2], "id"), field[string](o.PlaticaConversations()[2], "id")
	msg, smsg := field[string](o.WaspyMessages(id)[0], "id"), field[string](o.PlaticaMessages(sid)[0], "id")
	for _, err := range []error{
		o.SetField("waspy", id, "status", json.RawMessage(`"snoozed"`)),
		o.SetField("waspy", id, "contact.name", nil),
		o.SetField("platica", sid, "platform", json.RawMessage(`"threads"`)),
		o.SetField("platica", sid, "owners", json.RawMessage(`{"0":"ana"}`)),
		o.SetMessageField("waspy", id, msg, "direction", json.RawMessage(`"sideways"`)),
		o.SetMessageField("platica", sid, smsg, "contentType", json.RawMessage(`7`)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	one := waspy.get("/conversations/" + id)
	if field[string](one, "data", "status") != "snoozed" || part(part(part(one, "data"), "contact"), "name") != nil {
		t.Errorf("%s", one)
	}
	sameRows(t, "single and list", []json.RawMessage{part(one, "data")}, list(waspy.get("/conversations"), "data")[2:3])
	sameRows(t, "single and truth", []json.RawMessage{part(one, "data")}, []json.RawMessage{o.Conversation("waspy", id)})
	if m := list(waspy.get("/conversations/"+id+"/messages"), "data")[0]; field[string](m, "direction") != "sideways" {
		t.Errorf("%s", m)
	}
	srow := list(list(platica.get("/conversations/"+sid), "workspaces")[0], "conversations")[0]
	if field[string](srow, "platform") != "threads" || field[string](srow, "owners", "0") != "ana" || field[float64](list(srow, "messages")[0], "contentType") != 7 {
		t.Errorf("%s", srow)
	}
	if err := o.SetField("waspy", id, "", json.RawMessage(`"not a row"`)); err != nil || string(list(waspy.get("/conversations"), "data")[2]) != `"not a row"` {
		t.Error("a row as a whole", err)
	}
	for _, err := range []error{
		o.SetField("waspy", id, "x", json.RawMessage(`{`)), o.SetField("waspy", "nobody", "x", nil),
		o.SetField("platica", sid, "topic.x", json.RawMessage(`1`)), o.SetMessageField("platica", sid, "nothing", "x", nil),
	} {
		if err == nil {
			t.Error("no error")
		}
	}
	o.ClearFields()
	for i, now := range everything(o) {
		if now != before[i] {
			t.Errorf("not cleared: %s", now)
		}
	}
}
