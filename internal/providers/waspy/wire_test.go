package waspy

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/providertest"
)

// seed reads one of the seed page's own samples.
func seed(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// seedRow is the sample row of a sample list.
func seedRow(t testing.TB, name string) json.RawMessage {
	t.Helper()
	env, err := decodeList(seed(t, name))
	if err != nil || len(env.rows) != 1 {
		t.Fatalf("%d rows, %v", len(env.rows), err)
	}
	return env.rows[0]
}

func utc(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func TestSeedConversation(t *testing.T) {
	env, err := decodeList(seed(t, "seed_conversations.json"))
	if err != nil || !env.more || env.cursor != "2026-04-13T14:32:00.000Z|conv-uuid" {
		t.Fatalf("%+v, %v", env, err)
	}
	got, err := decodeConversation(env.rows[0], inbox.Listed)
	if err != nil {
		t.Fatal(err)
	}
	want := inbox.Conversation{
		ID: "conv-uuid", Channel: "channel-uuid", Contact: "contact-uuid", Name: "María García", Phone: "+5491126032641",
		Status: inbox.Open, StatusWord: "open", Assignees: []string{"agent-uuid"},
		CreatedAt: utc("2026-04-10T10:00:00Z"), ActiveAt: utc("2026-04-13T14:32:00Z"), LastMessageAt: utc("2026-04-13T14:32:00Z"),
		LastText: "Hola, quería consultar sobre mi pedido", LastDirection: inbox.In, LastStatus: "delivered", HasLast: true,
		Window: inbox.Window{Known: true, Until: utc("2026-04-14T14:32:00Z")}, MessageCount: -1,
		Version: got.Version, Form: inbox.Listed, Raw: env.rows[0],
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if got.Version == "" || strings.Contains(got.Version, "Hola") {
		t.Errorf("version %q", got.Version)
	}
}

func TestSeedMessage(t *testing.T) {
	env, err := decodeList(seed(t, "seed_messages.json"))
	if err != nil || env.more || env.cursor != "..." {
		t.Fatalf("%+v, %v: the end is hasMore's, whatever the cursor", env, err)
	}
	got, err := decodeMessage(env.rows[0], "conv-uuid")
	if err != nil {
		t.Fatal(err)
	}
	want := inbox.Message{
		ID: "msg-uuid", Conversation: "conv-uuid", Direction: inbox.In, Kind: inbox.Text, KindWord: "text",
		Text: "Hola, quería consultar sobre mi pedido", Status: "delivered", At: utc("2026-04-13T14:32:00Z"), Raw: env.rows[0],
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// Every field null, missing, empty and of every wrong type, one at a time and
// in pairs: the row stays, and what is not that field stays as it was.
func TestOddConversations(t *testing.T) {
	row := seedRow(t, "seed_conversations.json")
	providertest.EachOdd(t, row, func(what string, odd json.RawMessage, fields []string) {
		conv, err := decodeConversation(odd, inbox.Listed)
		if slices.Contains(fields, "id") {
			if err == nil && conv.ID == "" {
				t.Errorf("%s: a row without an id passes", what)
			}
			return
		}
		if err != nil || conv.ID != "conv-uuid" || !providertest.EqualJSON(conv.Raw, odd) {
			t.Errorf("%s: %v", what, err)
		}
		if !slices.Contains(fields, "status") && conv.Status != inbox.Open {
			t.Errorf("%s: status %s", what, conv.Status)
		}
		if !slices.Contains(fields, "contact") && conv.Name != "María García" {
			t.Errorf("%s: name %q", what, conv.Name)
		}
		if !slices.Contains(fields, "createdAt") && conv.CreatedAt.IsZero() {
			t.Errorf("%s: no time of creation", what)
		}
	})
}

func TestOddMessages(t *testing.T) {
	row := seedRow(t, "seed_messages.json")
	providertest.EachOdd(t, row, func(what string, odd json.RawMessage, fields []string) {
		m, err := decodeMessage(odd, "c")
		if slices.Contains(fields, "id") {
			if err == nil && m.ID == "" {
				t.Errorf("%s: a message without an id passes", what)
			}
			return
		}
		if err != nil || m.ID != "msg-uuid" || m.Direction == "" || m.Kind == "" {
			t.Errorf("%s: %+v, %v", what, m, err)
		}
		if !slices.Contains(fields, "content") && m.Text == "" {
			t.Errorf("%s: the text is lost", what)
		}
	})
}

// A row that is none is kept aside, and the page goes on.
func TestOddLists(t *testing.T) {
	for body, want := range map[string]envelope{
		`{"data":[],"meta":{"hasMore":false,"cursor":null}}`:       {rows: []rawObject{}},
		`{"data":null,"meta":{"hasMore":false}}`:                   {},
		`{"data":[1],"meta":null}`:                                 {rows: []rawObject{[]byte("1")}},
		`{"data":[1],"meta":7}`:                                    {rows: []rawObject{[]byte("1")}},
		`{"data":[1],"meta":{"cursor":"x"}}`:                       {rows: []rawObject{[]byte("1")}, cursor: "x", more: true},
		`{"data":[],"meta":{"cursor":"x"}}`:                        {rows: []rawObject{}, cursor: "x"},
		`{"data":[1],"meta":{"cursor":17,"hasMore":"true"}}`:       {rows: []rawObject{[]byte("1")}, cursor: "17", more: true},
		`[{"id":"a"},1]`:                                           {rows: []rawObject{[]byte(`{"id":"a"}`), []byte("1")}},
		`{"meta":{"cursor":"a","hasMore":true},"x":1,"data":[{}]}`: {rows: []rawObject{[]byte("{}")}, cursor: "a", more: true},
	} {
		got, err := decodeList([]byte(body))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", body, got, err, want)
		}
	}
	for _, body := range []string{`{}`, `null`, `7`, `"x"`, `{"data":{}}`, `{"data":"x"}`, `{"meta":{}}`, `{"data":[`, `[1]`, `[{"data":[],"meta":{}}]`, ``} {
		if env, err := decodeList([]byte(body)); err == nil {
			t.Errorf("%s passes for a list: %+v", body, env)
		}
	}
}

// The shapes of content that the contract names and WhatsApp has.
func TestContent(t *testing.T) {
	for name, tt := range map[string]struct {
		kind, content, want string
	}{
		"text":            {"text", `{"text":"Hola"}`, "Hola"},
		"body":            {"text", `{"body":"Hola"}`, "Hola"},
		"text in body":    {"text", `{"text":{"body":"Hola","preview_url":true}}`, "Hola"},
		"both":            {"text", `{"text":"Hola","body":"Hola"}`, "Hola"},
		"string":          {"text", `"Hola\nchau"`, "Hola\nchau"},
		"null":            {"text", `null`, ""},
		"empty":           {"text", `{}`, ""},
		"number":          {"text", `{"text":7}`, ""},
		"caption":         {"image", `{"url":"https://m.example/a.jpg","caption":"El frente"}`, "El frente"},
		"nested caption":  {"image", `{"image":{"link":"https://m.example/a.jpg","id":"1","caption":"El frente"}}`, "El frente"},
		"document":        {"document", `{"filename":"factura.pdf","caption":"La factura","mime_type":"application/pdf"}`, "factura.pdf\nLa factura"},
		"audio":           {"audio", `{"url":"https://m.example/a.ogg","voice":true}`, ""},
		"location":        {"location", `{"latitude":-34.6,"longitude":-58.4,"name":"Depósito","address":"Av. Rivadavia 1"}`, "Depósito\nAv. Rivadavia 1"},
		"bare location":   {"location", `{"location":{"latitude":-34.60,"longitude":-58.4}}`, "-34.60, -58.4"},
		"contacts":        {"contacts", `{"contacts":[{"name":{"formatted_name":"Luz Paz"},"phones":[{"phone":"+54 11 5550-0100","wa_id":"541155500100","type":"WORK"}]}]}`, "Luz Paz\n+54 11 5550-0100"},
		"contact array":   {"contacts", `[{"name":"Luz"}]`, "Luz"},
		"reaction":        {"reaction", `{"emoji":"👍","message_id":"wamid.x"}`, "👍"},
		"button":          {"button", `{"text":"Sí","payload":"b1"}`, "Sí"},
		"button reply":    {"interactive", `{"type":"button_reply","button_reply":{"id":"b1","title":"Sí"}}`, "Sí"},
		"list reply":      {"interactive", `{"list_reply":{"id":"l1","title":"Turno","description":"Martes 10 h"}}`, "Turno\nMartes 10 h"},
		"interactive":     {"interactive", `{"body":{"text":"¿Confirma?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Sí"}},{"reply":{"title":"No"}}]}}`, "¿Confirma?\nSí\nNo"},
		"template body":   {"template", `{"name":"aviso_1","language":{"code":"es_AR"},"body":"Su pedido salió"}`, "Su pedido salió"},
		"template params": {"template", `{"name":"aviso_1","components":[{"type":"body","parameters":[{"type":"text","text":"Ana"},{"type":"text","text":"42"}]}]}`, "Ana\n42"},
		"template name":   {"template", `{"name":"aviso_1","language":{"code":"es_AR"}}`, "aviso_1"},
		"quoted":          {"text", `{"text":"Sí","context":{"id":"wamid.x","body":"¿Va?"}}`, "Sí"},
		"unknown":         {"order", `{"catalog":{"title":"Remeras"}}`, "Remeras"},
	} {
		raw := []byte(`{"id":"m","type":"` + tt.kind + `","content":` + tt.content + `}`)
		m, err := decodeMessage(raw, "c")
		if err != nil || m.Text != tt.want || m.KindWord != tt.kind {
			t.Errorf("%s: %q, %v; want %q", name, m.Text, err, tt.want)
		}
	}
	m, err := decodeMessage([]byte(`{"id":"m","type":"template","templateNameSnapshot":"aviso_2","content":null,"direction":"sideways"}`), "c")
	if err != nil || m.Text != "aviso_2" || m.Kind != inbox.Template || m.Direction != inbox.DirectionUnknown {
		t.Errorf("%+v, %v", m, err)
	}
}

// The version moves with the last message and its state, and with nothing else.
func TestVersion(t *testing.T) {
	row := seedRow(t, "seed_conversations.json")
	first, err := decodeConversation(row, inbox.Listed)
	if err != nil {
		t.Fatal(err)
	}
	for old, changed := range map[string]struct {
		text string
		want bool // the version moves
	}{
		`"lastMessageAt": "2026-04-13T14:32:00.000Z"`: {`"lastMessageAt": "2026-04-13T14:32:00.001Z"`, true},
		`"lastMessageStatus": "delivered"`:            {`"lastMessageStatus": "read"`, true},
		`sobre mi pedido`:                             {`sobre otro pedido`, true},
		`"status": "open"`:                            {`"status": "closed"`, false},
		`"assignedTo": "agent-uuid"`:                  {`"assignedTo": null`, false},
		`T14:32:00.000Z",`:                            {`T11:32:00-03:00",`, false},
	} {
		text := strings.Replace(string(row), old, changed.text, 1)
		conv, err := decodeConversation([]byte(text), inbox.Read)
		if err != nil || text == string(row) || (conv.Version != first.Version) != changed.want {
			t.Errorf("%s → %s: moved %v, %v", old, changed.text, conv.Version != first.Version, err)
		}
	}
}

// Messages of one millisecond are numbered in order, over pages too.
func TestNumber(t *testing.T) {
	at := utc("2026-04-13T14:32:00Z")
	page := func(times ...time.Time) (out []inbox.Message) {
		for _, at := range times {
			out = append(out, inbox.Message{At: at})
		}
		return out
	}
	seqs := func(items []inbox.Message) (out []int) {
		for _, m := range items {
			out = append(out, m.Seq)
		}
		return out
	}
	later := at.Add(time.Millisecond)
	one := page(time.Time{}, at, at.Add(400*time.Microsecond), at)
	two := page(at, later, time.Time{}, later)
	three := page(later, later.Add(time.Second))
	ties := number(one, nil)
	before := maps.Clone(ties)
	ties = number(two, ties)
	number(three, ties)
	if got := [][]int{seqs(one), seqs(two), seqs(three)}; !reflect.DeepEqual(got, [][]int{{0, 0, 1, 2}, {3, 0, 1, 1}, {2, 0}}) {
		t.Errorf("%v", got)
	}
	again := page(at, later, time.Time{}, later)
	if number(again, before); !reflect.DeepEqual(seqs(again), seqs(two)) {
		t.Errorf("read again: %v", seqs(again))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(seed(f, "seed_conversations.json"))
	f.Add(seed(f, "seed_messages.json"))
	for _, text := range []string{`{"data":{"id":1}}`, `{"data":null}`, `[{"id":"a","content":[[]]}]`, `{"data":[{"id":"x","content":{"location":{"location":{}}}}]}`, `{"data":{"conversations":[{}]}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		env, _ := decodeList(body)
		rows, _ := decodeSingle(body)
		_, _ = decodeUpdated(body, "conv-uuid")
		for _, raw := range append(env.rows, rows...) {
			if conv, err := decodeConversation(raw, inbox.Read); err == nil && (conv.ID == "" || conv.Version == "" || !json.Valid(conv.Raw)) {
				t.Errorf("%s became %+v", raw, conv)
			}
			if m, err := decodeMessage(raw, "c"); err == nil && (m.ID == "" || m.Kind == "" || m.Direction == "") {
				t.Errorf("%s became %+v", raw, m)
			}
		}
	})
}

func FuzzMark(f *testing.F) {
	f.Add([]byte(`{"v":1,"k":"list","c":"x","s":["a"],"t":{"0":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := readMark("x", text, mark{Kind: kindList})
		if err == nil && len(text) > 0 && m.Version != markVersion {
			t.Errorf("%s passes", text)
		}
	})
}
