package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/inbox"
)

func line(t testing.TB, row any) string {
	t.Helper()
	var b bytes.Buffer
	w := export.NewNDJSON(&b)
	if err := errors.Join(w.Write(row), w.Flush()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var at = time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.FixedZone("ART", -3*3600))

// TestShapes holds every field of DESIGN §6.2, its name, its order and what it
// says where nothing is known: "" for strings, [] for lists, null for times.
func TestShapes(t *testing.T) {
	conversation := cache.StoredConversation{
		Account: "ventas", Provider: inbox.Waspy, Thread: "t_1", Person: "p_1", PhoneKey: "54911",
		Conversation: inbox.Conversation{ID: "c1", Channel: "ch", Name: "José <b> & Cía", Phone: "011 15-5550-0101", Status: inbox.Open, StatusWord: "open",
			Assignees: []string{"a-1"}, Tags: []string{"vip", "ñandú"}, CreatedAt: at, Window: inbox.Window{Known: true, Until: at.Add(time.Hour)}, Raw: json.RawMessage(`{"id":"c1","n":1.50}`)},
		LastAt: at, Messages: 3, MessagesComplete: true,
	}
	message := cache.StoredMessage{Account: "ventas", Provider: inbox.Platica, Thread: "t_1", Person: "p_1",
		Message: inbox.Message{ID: "m1", Conversation: "c1", Direction: inbox.In, Kind: inbox.Text, KindWord: "TEXT", Text: "¿hay?\nsí", Status: "read", At: at, Raw: json.RawMessage(`{"id":"m1"}`)}}
	for name, c := range map[string]struct {
		row  any
		want string
	}{
		"conversation": {export.ConversationRow(conversation, true),
			`{"account":"ventas","provider":"waspy","id":"c1","thread":"t_1","person":"p_1","channel":"ch","name":"José <b> & Cía","phone":"011 15-5550-0101","phone_key":"54911","status":"open","status_word":"open","assignees":["a-1"],"tags":["vip","ñandú"],"created_at":"2026-03-04T08:06:07.089Z","last_message_at":"2026-03-04T08:06:07.089Z","window":{"known":true,"open":true,"until":"2026-03-04T09:06:07.089Z"},"messages":3,"messages_complete":true,"gone":false,"raw":{"id":"c1","n":1.50}}`},
		"empty conversation": {export.ConversationRow(cache.StoredConversation{}, false),
			`{"account":"","provider":"","id":"","thread":"","person":"","channel":"","name":"","phone":"","phone_key":"","status":"","status_word":"","assignees":[],"tags":[],"created_at":null,"last_message_at":null,"window":{"known":false,"open":false,"until":null},"messages":0,"messages_complete":false,"gone":false,"raw":null}`},
		"message": {export.MessageRow(message),
			`{"account":"ventas","provider":"platica","conversation":"c1","id":"m1","thread":"t_1","person":"p_1","direction":"in","type":"text","text":"¿hay?\nsí","status":"read","at":"2026-03-04T08:06:07.089Z","raw":{"id":"m1"}}`},
		"empty message": {export.MessageRow(cache.StoredMessage{}),
			`{"account":"","provider":"","conversation":"","id":"","thread":"","person":"","direction":"","type":"","text":"","status":"","at":null,"raw":null}`},
		"person": {export.PersonRow(cache.NewPerson("p_1", []cache.PersonRow{
			{Person: "p_1", Name: "Ana", E164: "+5491155500101", PhoneKey: "541155500101", Thread: "t_2", At: at},
			{Person: "p_1", Name: "Ana Pruebas", E164: "+5491155500101", PhoneKey: "541155500101", Thread: "t_1", At: at.Add(time.Hour)},
		}, []string{"Anita", "Ana"}), []cache.Join{{A: "c_1", B: "c_2", Reason: cache.SameLine}, {ID: "j_1", A: "c_1", B: "c_3", Reason: cache.ByHand}}),
			`{"person":"p_1","name":"Ana Pruebas","names":["Ana Pruebas","Ana","Anita"],"phones":["+5491155500101"],"phone_keys":["541155500101"],"threads":["t_1","t_2"],"joins":[{"reason":"same line","strength":"automatic"},{"reason":"somebody said so","strength":"by_hand"}]}`},
		"twin": {export.PersonRow(cache.NewPerson("p_1", []cache.PersonRow{
			{E164: "+541155500101", PhoneKey: "541155500101", Thread: "t_2"}, {E164: "+5491155500101", PhoneKey: "541155500101", Thread: "t_1"},
		}, nil), []cache.Join{{A: "c_1", B: "c_2", Reason: cache.SameLineWithout9}}),
			`{"person":"p_1","name":"","names":[],"phones":["+5491155500101","+541155500101"],"phone_keys":["541155500101"],"threads":["t_1","t_2"],"joins":[{"reason":"same line, written with and without the 9","strength":"automatic"}]}`},
		"no phone": {export.PersonRow(cache.NewPerson("p_1", []cache.PersonRow{{Name: "Sol", Thread: "t_1"}, {Name: "Sol", Thread: "t_2"}}, nil), nil),
			`{"person":"p_1","name":"Sol","names":["Sol"],"phones":[],"phone_keys":[],"threads":["t_1","t_2"],"joins":[]}`},
		"nobody": {export.PersonRow(cache.NewPerson("p_1", nil, nil), nil),
			`{"person":"p_1","name":"","names":[],"phones":[],"phone_keys":[],"threads":[],"joins":[]}`},
	} {
		if got := line(t, c.row); got != c.want+"\n" {
			t.Errorf("%s:\n got %swant %s", name, got, c.want)
		}
	}
}

// TestRawUnaltered: what the provider sent comes out as it was: digits,
// escapes, order, unknown and repeated fields; only blanks between go.
func TestRawUnaltered(t *testing.T) {
	for _, raw := range []string{
		`{"z":1,"a":2,"z":3}`,
		`{"big":12345678901234567890,"small":1e-400,"zero":1.500,"neg":-0}`,
		`{"html":"<b>&amp;</b>","sep":"` + "\u2028" + `","escaped":"\u003c\u00e9\/","pair":"\ud83d\ude00"}`,
		`null`, `[]`, `"text"`, `{"deep":[[[[[[{}]]]]]]}`,
	} {
		got := line(t, export.MessageRow(cache.StoredMessage{Message: inbox.Message{Raw: json.RawMessage(raw)}}))
		if !strings.HasSuffix(got, `"raw":`+raw+"}\n") || strings.Count(got, "\n") != 1 {
			t.Errorf("%s came out in %s", raw, got)
		}
	}
	spaced := line(t, export.MessageRow(cache.StoredMessage{Message: inbox.Message{Raw: json.RawMessage("{ \"a\" :\r\n [1 , 2] }")}}))
	if !strings.HasSuffix(spaced, `"raw":{"a":[1,2]}}`+"\n") {
		t.Errorf("%s", spaced)
	}
}

// TestLines: whatever a text holds, a row is one line and reads as it was.
func TestLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		raw, err := json.Marshal(map[string]string{"body": text})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w := export.NewNDJSON(&b)
		if err := errors.Join(w.Write(export.MessageRow(cache.StoredMessage{Message: inbox.Message{Text: text, Raw: raw}})), w.Flush()); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Text string
			Raw  struct{ Body string }
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if bytes.Count(b.Bytes(), []byte("\n")) != 1 || got.Text != text || got.Raw.Body != text {
			t.Fatalf("%q came out as %q and %q", text, got.Text, got.Raw.Body)
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestNoRoom: a file that cannot be written is said at the end at the latest.
func TestNoRoom(t *testing.T) {
	w := export.NewNDJSON(full{})
	if err := errors.Join(w.Write(export.Person{}), w.Flush()); err == nil {
		t.Error("nothing was said")
	}
	if err := w.Write(export.MessageRow(cache.StoredMessage{Message: inbox.Message{Raw: json.RawMessage(`{"cut":`)}})); err == nil {
		t.Error("half an object was written")
	}
}

// TestEachPerson reads people out of a real cache: parts of two accounts and
// two written forms of one line in one row, others apart.
func TestEachPerson(t *testing.T) {
	c, err := cache.OpenCache(t.Context(), filepath.Join(t.TempDir(), "cache.db"), cache.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	save := func(account string, p inbox.ProviderName, id, name, phone string, at time.Time) {
		t.Helper()
		if err := c.EnsureAccount(t.Context(), inbox.Account{Name: account, Provider: p, Region: "AR", Area: "11"}); err != nil {
			t.Fatal(err)
		}
		conv := inbox.Conversation{ID: id, Channel: "line", Contact: "k" + id, Name: name, Phone: phone, Status: inbox.Open, StatusWord: "open",
			CreatedAt: at, ActiveAt: at, MessageCount: -1, Version: "1", Form: inbox.Listed, Raw: json.RawMessage(`{"id":"` + id + `"}`)}
		page := inbox.Page[inbox.Conversation]{Items: []inbox.Conversation{conv}}
		if _, err := c.SaveConversations(t.Context(), account, page, nil, 1); err != nil {
			t.Fatal(err)
		}
	}
	save("ventas", inbox.Waspy, "1", "Ana Pruebas", "+5491155500101", at)
	save("ventas2", inbox.Waspy, "2", "Anita", "+541155500101", at.Add(time.Hour))
	save("ventas", inbox.Waspy, "3", "Beto Ensayo", "+5491155500102", at)
	save("ventas", inbox.Waspy, "4", "Sin Número", "", at)
	got := map[string]export.Person{}
	if err := export.EachPerson(t.Context(), c, "", func(p export.Person) error { got[p.Name] = p; return nil }); err != nil {
		t.Fatal(err)
	}
	ana := got["Anita"] // the newer name leads
	if len(got) != 3 || len(ana.Names) != 2 || len(ana.Threads) != 2 || len(ana.Phones) != 2 || len(ana.PhoneKeys) != 1 || len(ana.Joins) != 1 ||
		len(got["Sin Número"].Phones) != 0 || len(got["Beto Ensayo"].Joins) != 0 {
		t.Errorf("%+v", got)
	}
	var only []string
	if err := export.EachPerson(t.Context(), c, ana.Person, func(p export.Person) error { only = append(only, p.Person); return nil }); err != nil || len(only) != 1 || only[0] != ana.Person {
		t.Errorf("of one person: %v, %v", only, err)
	}
	stop := errors.New("stop")
	if err := export.EachPerson(t.Context(), c, "", func(export.Person) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := export.EachPerson(ctx, c, "", func(export.Person) error { return nil }); err == nil {
		t.Error("went on after its end")
	}
}
