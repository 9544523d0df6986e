package platica

import (
	"encoding/json"
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

// seed is the seed page's own sample.
func seed(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "seed_conversations.json"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func seedRow(t testing.TB) json.RawMessage {
	t.Helper()
	parts, _, err := decodeWorkspaces(seed(t))
	if err != nil || len(parts) != 1 || len(parts[0].rows) != 1 {
		t.Fatalf("%+v, %v", parts, err)
	}
	return parts[0].rows[0]
}

func utc(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func TestSeed(t *testing.T) {
	parts, rejected, err := decodeWorkspaces(seed(t))
	if err != nil || len(rejected) > 0 {
		t.Fatal(rejected, err)
	}
	listed, rejected := parts[0].toListed()
	if len(rejected) > 0 || listed.ID != "ws_001" || listed.Name != "Soporte Técnico" || listed.Limit != 50 || listed.Offset != 0 || !listed.More {
		t.Errorf("%+v", listed)
	}
	got := listed.Items[0]
	want := inbox.Conversation{
		ID: "conv_001", PublicID: "conv-id-19229", Workspace: "ws_001", Channel: "channel_001", Name: "Juan Pérez", Phone: "1234567890",
		Status: inbox.Open, StatusWord: "active", Assignees: []string{"soporte@empresa.com"}, Tags: []string{"vip", "soporte"},
		Topic: "Problemas técnicos", Platform: "whatsapp", Operation: "automatic",
		CreatedAt: utc("2025-03-15T10:00:00Z"), ActiveAt: utc("2025-03-15T10:15:00Z"),
		Window: inbox.Window{Known: true, Open: true}, MessageCount: 12,
		Version: got.Version, Form: inbox.Listed, Raw: seedRow(t),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// Every field null, missing, empty and of every wrong type, one at a time and
// in pairs, in both forms.
func TestOddConversations(t *testing.T) {
	row := seedRow(t)
	providertest.EachOdd(t, row, func(what string, odd json.RawMessage, fields []string) {
		for _, form := range []inbox.Form{inbox.Listed, inbox.Read} {
			conv, err := decodeConversation(odd, form, "ws_001")
			if slices.Contains(fields, "id") {
				if err == nil && conv.ID == "" {
					t.Errorf("%s: a row without an id passes", what)
				}
				continue
			}
			want := odd
			if form == inbox.Read {
				want = providertest.Without(odd, "messages")
			}
			if err != nil || conv.ID != "conv_001" || !providertest.EqualJSON(conv.Raw, want) {
				t.Errorf("%s in %s form: %v\n%s", what, form, err, conv.Raw)
			}
			if !slices.Contains(fields, "contactName") && conv.Name != "Juan Pérez" || !slices.Contains(fields, "tags") && len(conv.Tags) != 2 {
				t.Errorf("%s: %+v", what, conv)
			}
			if !slices.Contains(fields, "workspaceId") && conv.Workspace != "ws_001" || conv.Workspace == "" {
				t.Errorf("%s: workspace %q", what, conv.Workspace)
			}
		}
	})
}

const sampleMessage = `{"id":"msg_001","content":"Hola","contentType":"text","direction":"incoming","role":"user","status":"received",
 "creationDate":"2025-03-15T09:58:00Z","lastUpdate":"2025-03-15T09:58:00Z","owner":{"id":"user_001"},"images":[],"files":[]}`

func TestOddMessages(t *testing.T) {
	providertest.EachOdd(t, []byte(sampleMessage), func(what string, odd json.RawMessage, fields []string) {
		m, err := decodeMessage(odd, "c")
		if slices.Contains(fields, "id") {
			if err == nil && m.ID == "" {
				t.Errorf("%s: a message without an id passes", what)
			}
			return
		}
		if err != nil || m.ID != "msg_001" || m.Direction == "" || m.Kind == "" {
			t.Errorf("%s: %+v, %v", what, m, err)
		}
		if !slices.Contains(fields, "content") && !strings.HasPrefix(m.Text, "Hola") || !slices.Contains(fields, "direction") && m.Direction != inbox.In {
			t.Errorf("%s: %+v", what, m)
		}
	})
}

func TestContent(t *testing.T) {
	for name, tt := range map[string]struct{ fields, want string }{
		"string":         {`"content":"Hola"`, "Hola"},
		"object":         {`"content":{"text":"Hola"}`, "Hola"},
		"image":          {`"content":{"image":{"url":"https://m.example/a.jpg","caption":"El frente"}}`, "El frente"},
		"null":           {`"content":null,"images":null,"files":null`, ""},
		"file link":      {`"content":"","files":["https://m.example/f/Factura%20A.pdf?sig=x"]`, "Factura A.pdf"},
		"file object":    {`"files":[{"url":"https://m.example/1.pdf","filename":"Factura A.pdf"}]`, "Factura A.pdf"},
		"file named url": {`"files":[{"name":"https://m.example/2.pdf"}]`, "2.pdf"},
		"link to page":   {`"files":["https://m.example/f/1234"]`, ""},
		"image link":     {`"content":"Mire","images":["https://m.example/a.jpg"]`, "Mire\na.jpg"},
		"image object":   {`"images":[{"url":"https://m.example/a.jpg","caption":"El frente"}]`, "El frente"},
		"a link said":    {`"content":"https://tienda.example/remera.html"`, "https://tienda.example/remera.html"},
		"mail":           {`"content":{"subject":"Pedido","body":"Va adjunto"}`, "Pedido\nVa adjunto"},
		"interactive":    {`"content":{"body":{"text":"¿Confirma?"},"action":{"buttons":[{"reply":{"id":"b","title":"Sí"}}]}}`, "¿Confirma?\nSí"},
		"list reply":     {`"content":{"list_reply":{"id":"l1","title":"Turno","description":"Martes 10 h"}}`, "Turno\nMartes 10 h"},
		"contact card":   {`"content":{"contacts":[{"name":{"formatted_name":"Luz Paz"},"org":{"company":"Taller Paz"},"phones":[{"phone_number":"+52 55 5550 0100"}]}]}`, "Luz Paz\nTaller Paz\n+52 55 5550 0100"},
		"location":       {`"content":{"location":{"latitude":19.4,"longitude":-99.1,"name":"Bodega","address":"Av. Hidalgo 1"}}`, "Bodega\nAv. Hidalgo 1"},
		"template":       {`"content":{"template":{"name":"aviso","params":["Ana","42"],"buttons":[{"index":0,"sub_type":"url","parameters":[{"type":"text","text":"seguimiento"}]}]}}`, "aviso\nAna\n42\nseguimiento"},
		"reaction":       {`"content":{"reaction":{"emoji":"👍"}}`, "👍"},
		"odd elements":   {`"files":[null,7,[["x"]],{}],"images":"x"`, "x"},
	} {
		m, err := decodeMessage([]byte(`{"id":"m",`+tt.fields+`}`), "c")
		if err != nil || m.Text != tt.want {
			t.Errorf("%s: %q, %v; want %q", name, m.Text, err, tt.want)
		}
	}
}

// Messages come in any order, and ties keep the order they came in.
func TestMessageOrder(t *testing.T) {
	raw := `[{"id":"c","creationDate":"2025-03-15T10:05:00Z"},7,{"id":"a","creationDate":"2025-03-15T09:58:00Z"},{"id":"n"},
		{"id":"b1","creationDate":"2025-03-15T10:00:00.000000001Z"},{"id":"b2","creationDate":"2025-03-15T10:00:00.000Z"},{"id":"b3","creationDate":"2025-03-15T10:00:00Z"}]`
	rows, items, rejected := decodeMessages([]byte(raw), "x")
	if rows != 7 || len(rejected) != 1 {
		t.Errorf("%d rows, %d rejected", rows, len(rejected))
	}
	var got []string
	for _, m := range items {
		got = append(got, m.ID+string(rune('0'+m.Seq)))
	}
	if want := []string{"n0", "a0", "b20", "b31", "b12", "c0"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWithoutMember(t *testing.T) {
	for object, want := range map[string]string{
		`{"a":1,"messages":[{"messages":2}],"b":1.50}`:         `{"a":1,"b":1.50}`,
		` { "messages" : [ ] , "a" : {"messages":1} } `:        `{"a" : {"messages":1}}`,
		"{\"a\":\"x,}\\\"\",\n\t\"messages\":null\n}":          `{"a":"x,}\""}`,
		`{"messages":1,"messages":2}`:                          `{}`,
		`{"b":12345678901234567890.10,"a":1e3,"messages":"x"}`: `{"b":12345678901234567890.10,"a":1e3}`,
		`{"a":1}`: `{"a":1}`,
		`{}`:      `{}`,
		`[1]`:     `[1]`,
		`{"a":`:   `{"a":`,
	} {
		if got := string(withoutMember([]byte(object), "messages")); got != want {
			t.Errorf("%s became %s, want %s", object, got, want)
		}
	}
}

// The envelopes that a real client was seen to take, and what must not pass
// for an empty list.
func TestEnvelopes(t *testing.T) {
	row := `{"id":"c1"}`
	for body, want := range map[string]int{
		`{"workspaces":[{"id":"w","conversations":[` + row + `]}]}`:                                                          1,
		`{"workspaces":[{"id":"w","conversations":null},{"id":"v","conversations":[` + row + `,` + row + `]},7,{"id":"u"}]}`: 2,
		`{"workspaces":[]}`:                0,
		`{"workspaces":null}`:              0,
		`[` + row + `]`:                    1,
		`{"conversations":[` + row + `]}`:  1,
		`{"data":[` + row + `]}`:           1,
		`{"data":{"workspaces":[]}}`:       0,
		`{"results":[` + row + `]}`:        1,
		`{"data":` + row + `}`:             1,
		`{"data":null,"status":"success"}`: 0,
		row:                                1,
	} {
		parts, _, err := decodeWorkspaces([]byte(body))
		n := 0
		for _, part := range parts {
			n += len(part.rows)
		}
		if err != nil || n != want {
			t.Errorf("%s: %d rows, %v; want %d", body, n, err, want)
		}
	}
	for _, body := range []string{`[1]`, `[{"workspaces":[]}]`, `{"data":[{}]}`, `{}`, `7`, `null`, `"x"`, `{"workspaces":7}`, `{"status":"success"}`, `{"data":{"data":{"data":[]}}}`, `{"workspaces":[`} {
		if parts, _, err := decodeWorkspaces([]byte(body)); err == nil {
			t.Errorf("%s passes: %+v", body, parts)
		}
	}
}

func TestPagination(t *testing.T) {
	for text, want := range map[string]Listed{
		`{"limit":50,"offset":45,"hasMore":false}`:     {Limit: 50, Offset: 45},
		`{"limit":"50","offset":"0","hasMore":"true"}`: {Limit: 50, More: true},
		`{"limit":0,"offset":-1,"hasMore":null}`:       {Limit: -1, Offset: -1, More: true},
		`null`:                                         {Limit: -1, Offset: -1, More: true},
		`[]`:                                           {Limit: -1, Offset: -1, More: true},
	} {
		parts, _, err := decodeWorkspaces([]byte(`{"workspaces":[{"id":"w","conversations":[{"id":"c"}],"pagination":` + text + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := parts[0].toListed()
		if got.Limit != want.Limit || got.Offset != want.Offset || got.More != want.More {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// The version moves with what says that messages may have come, and is the
// same in both forms and however lists and times are written.
func TestVersion(t *testing.T) {
	row := string(seedRow(t))
	first, err := decodeConversation([]byte(row), inbox.Listed, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		old, text string
		moves     bool
	}{
		{`"lastUpdate": "2025-03-15T10:15:00Z"`, `"lastUpdate": "2025-03-15T10:15:00.001Z"`, true},
		{`"messageCount": 12`, `"messageCount": 13`, true},
		{`"status": "active"`, `"status": "finished"`, true},
		{`"operation": "automatic"`, `"operation": "assistance"`, true},
		{`"vip",`, ``, true},
		{`"soporte@empresa.com"`, ``, true},
		{`"contactName": "Juan Pérez"`, `"contactName": "Juan P."`, false},
		{`"messages": []`, `"messages": [{"id":"m1"}]`, false},
		{`"lastUpdate": "2025-03-15T10:15:00Z"`, `"lastUpdate": "2025-03-15T10:15:00.000Z"`, false},
		{`"vip"`, `"zz"`, true},
	} {
		text := strings.Replace(row, tt.old, tt.text, 1)
		conv, err := decodeConversation([]byte(text), inbox.Read, "")
		if err != nil || text == row || (conv.Version != first.Version) != tt.moves {
			t.Errorf("%s → %s: moved %v, %v", tt.old, tt.text, conv.Version != first.Version, err)
		}
	}
	swapped := strings.NewReplacer(`"vip"`, `"soporte"`, `"soporte"`, `"vip"`).Replace(row)
	if conv, _ := decodeConversation([]byte(swapped), inbox.Listed, ""); conv.Version != first.Version {
		t.Error("the order of tags moved the version")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(seed(f))
	for _, text := range []string{`[{"id":1,"messages":[` + sampleMessage + `]}]`, `{"data":{"data":[]}}`, `{"workspaces":[{"conversations":[{"id":"a","messages":7,"messages":{}}]}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = decodePatched(body)
		parts, _, _ := decodeWorkspaces(body)
		for _, part := range parts {
			part.toListed()
			for _, raw := range part.rows {
				parsed, err := parseConversation(raw)
				if err != nil {
					continue
				}
				conv := parsed.toConversation(raw, inbox.Read, part.ID)
				if conv.ID == "" || conv.Version == "" || !json.Valid(conv.Raw) {
					t.Errorf("%s became %+v", raw, conv)
				}
				if _, has := memberOf(conv.Raw, "messages"); has {
					t.Errorf("%s still holds messages", conv.Raw)
				}
				rows, items, rejected := decodeMessages(parsed.Messages, "c")
				if rows != len(items)+len(rejected) {
					t.Errorf("%d messages, %d read, %d refused", rows, len(items), len(rejected))
				}
			}
		}
	})
}

func memberOf(object []byte, name string) (json.RawMessage, bool) {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(object, &members)
	value, has := members[name]
	return value, has
}
