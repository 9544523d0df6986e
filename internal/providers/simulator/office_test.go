package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/phone"
)

var testNow = time.Date(2026, 4, 13, 18, 2, 0, 0, time.UTC)

// everything is all that an office holds, in order.
func everything(o *Office) []string {
	var out []string
	for _, row := range o.WaspyConversations() {
		out = append(out, string(row))
		for _, m := range o.WaspyMessages(field[string](row, "id")) {
			out = append(out, string(m))
		}
	}
	for _, row := range o.PlaticaConversations() {
		out = append(out, string(row))
		for _, m := range o.PlaticaMessages(field[string](row, "id")) {
			out = append(out, string(m))
		}
	}
	return out
}

// field reads one field of an object; the zero value where it has another
// type or is missing.
func field[T any](raw json.RawMessage, path ...string) T {
	var value any
	_ = json.Unmarshal(raw, &value)
	for _, key := range path {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	out, _ := value.(T)
	return out
}

func TestFilesAreReadable(t *testing.T) {
	lexicons, err := readLexicons()
	if err != nil {
		t.Fatal(err)
	}
	for c, lex := range lexicons {
		if len(lex.common) < 15 || len(lex.words["first"]) < 100 {
			t.Errorf("country %d: %d stories, %d names", c, len(lex.common), len(lex.words["first"]))
		}
		known := " nombre pedido codigo num nummx monto "
		for _, st := range lex.common {
			if len(st.turns) < 4 || st.topic == "" {
				t.Errorf("story %s: %d turns, topic %q", st.key, len(st.turns), st.topic)
			}
			for _, turn := range st.turns {
				for _, w := range turn.says {
					for _, p := range append(w.text, w.carries...) {
						if p.slot && lex.words[p.text] == nil && !strings.Contains(known, " "+p.text+" ") {
							t.Errorf("story %s: nothing fills {%s}", st.key, p.text)
						}
					}
				}
			}
		}
	}
	for _, r := range waspyCast {
		for _, key := range r.script {
			if lexicons[r.land].special[key] == nil {
				t.Errorf("the cast's story %q is not written", key)
			}
		}
	}
	for _, r := range platicaCast {
		for _, sit := range r.sessions {
			if lexicons[r.land].special[sit.script] == nil {
				t.Errorf("the cast's story %q is not written", sit.script)
			}
		}
	}
}

func TestSameOptionsSameBytes(t *testing.T) {
	for _, opts := range []Options{
		{Seed: 7, Now: testNow},
		{Seed: 8, Now: testNow.Add(8 * time.Hour), Conversations: 40, Messages: 333},
		{Seed: 9, Now: testNow, Conversations: 1, Messages: 1},
		{Seed: 9, Now: testNow, Conversations: 12, Messages: 4},
	} {
		a, b := everything(New(opts)), everything(New(opts))
		if len(a) != len(b) {
			t.Fatalf("%+v: %d objects, then %d", opts, len(a), len(b))
		}
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("%+v: object %d differs:\n%s\n%s", opts, i, a[i], b[i])
			}
			if !json.Valid([]byte(a[i])) {
				t.Fatalf("%+v: not JSON: %s", opts, a[i])
			}
		}
	}
	if a, b := everything(New(Options{Seed: 1, Now: testNow})), everything(New(Options{Seed: 2, Now: testNow})); a[0] == b[0] {
		t.Error("two seeds make one office")
	}
}

func TestSizes(t *testing.T) {
	for _, tc := range []struct{ conversations, messages int }{{0, 0}, {1, 1}, {7, 100}, {50, 20}, {500, 5000}, {2, 3000}} {
		o := New(Options{Seed: 3, Now: testNow, Conversations: tc.conversations, Messages: tc.messages})
		chats, sessions := o.WaspyConversations(), o.PlaticaConversations()
		wantChats, wantSessions := tc.conversations, tc.conversations
		if tc.conversations == 0 {
			wantChats, wantSessions = demoChats, demoSessions
		}
		if len(chats) != wantChats || len(sessions) != wantSessions {
			t.Errorf("%+v: %d chats, %d sessions", tc, len(chats), len(sessions))
		}
		inChats, inSessions := 0, 0
		for _, c := range chats {
			inChats += len(o.WaspyMessages(field[string](c, "id")))
		}
		for _, s := range sessions {
			n := len(o.PlaticaMessages(field[string](s, "id")))
			inSessions += n
			if count := field[float64](s, "messageCount"); int(count) != n {
				t.Errorf("%+v: messageCount %v, %d messages", tc, count, n)
			}
		}
		if tc.messages > 0 && (inChats != tc.messages || inSessions != tc.messages) {
			t.Errorf("%+v: %d and %d messages", tc, inChats, inSessions)
		}
		if tc.messages == 0 && (inChats < 2000 || inSessions < 1000) {
			t.Errorf("the demo office is poor: %d and %d messages", inChats, inSessions)
		}
	}
}

// TestLongest: one conversation of each platform is as long as asked for, out
// of the same number of messages.
func TestLongest(t *testing.T) {
	for _, tc := range []struct{ longest, want, rest int }{{400, 400, 600}, {4000, 1000, 0}} {
		o := New(Options{Seed: 3, Now: testNow, Conversations: 60, Messages: 1000, Longest: tc.longest})
		var chats, sessions []int
		for _, c := range o.WaspyConversations() {
			chats = append(chats, len(o.WaspyMessages(field[string](c, "id"))))
		}
		for _, s := range o.PlaticaConversations() {
			sessions = append(sessions, len(o.PlaticaMessages(field[string](s, "id"))))
		}
		for _, counts := range [][]int{chats, sessions} {
			slices.Sort(counts)
			most, rest := counts[len(counts)-1], 0
			for _, n := range counts[:len(counts)-1] {
				rest += n
			}
			if most != tc.want || rest != tc.rest {
				t.Errorf("longest %d: %d in one and %d in the others", tc.longest, most, rest)
			}
		}
	}
}

// The demo must show what the contracts speak of.
func TestDemoOfficeIsRich(t *testing.T) {
	o := New(Options{Seed: 1, Now: testNow})
	seen := map[string]int{}
	lines := map[string]string{} // line at Waspy → as written there
	ids := map[string]bool{}
	for _, row := range o.WaspyConversations() {
		id, number := field[string](row, "id"), field[string](row, "contact", "phoneNumber")
		n := phone.Parse(number, phone.Context{})
		if n.Kind != phone.Phone {
			t.Errorf("%s is no phone: %s", number, n.Reason)
		}
		lines[n.Key] = number
		seen["status "+field[string](row, "status")]++
		if field[string](row, "lastMessageAt") == "" {
			seen["never messaged"]++
		}
		if field[string](row, "contact", "name") == "" {
			seen["no name"]++
		}
		end, err := time.Parse(time.RFC3339, field[string](row, "serviceWindowExpiresAt"))
		switch left := end.Sub(testNow); {
		case err != nil:
		case left <= 0:
			seen["window closed"]++
		case left < 6*time.Hour:
			seen["window ending"]++
		}
		msgs := o.WaspyMessages(id)
		seen["long"] += len(msgs) / 300
		before := ""
		for _, m := range msgs {
			at := field[string](m, "createdAt")
			if at < before {
				t.Errorf("%s: %s after %s", id, at, before)
			} else if at == before {
				seen["tie"]++
			}
			before = at
			if at > testNow.Format(millisecondsUTC) {
				t.Errorf("%s: message of the future, %s", id, at)
			}
			if mid := field[string](m, "id"); ids[mid] {
				t.Errorf("message id %s twice", mid)
			} else {
				ids[mid] = true
			}
			seen["type "+field[string](m, "type")]++
			seen["message "+field[string](m, "status")]++
			if field[string](m, "errorMessage") != "" {
				seen["reason of "+field[string](m, "status")]++
			}
			switch {
			case field[string](m, "content") != "":
				seen["content string"]++
			case field[string](m, "content", "text") != "":
				seen["content text"]++
			case field[string](m, "content", "body") != "":
				seen["content body"]++
			case field[any](m, "content") == nil:
				seen["content null"]++
			}
		}
	}
	for _, row := range o.PlaticaConversations() {
		number := field[string](row, "phoneNumber")
		if digits := digitsOf(number); len(digits) > 10 {
			n := phone.Parse("+"+digits, phone.Context{})
			if n.Kind != phone.Phone {
				t.Errorf("%s is no phone: %s", number, n.Reason)
			}
			if at, ok := lines[n.Key]; ok && digitsOf(at) != digits {
				seen["twin"]++
			}
		} else if number != "" {
			seen["ten digits"]++
		} else {
			seen["no phone"]++
		}
		seen["session "+field[string](row, "status")]++
		seen["operation "+field[string](row, "operation")]++
		seen["platform "+field[string](row, "platform")]++
		if field[bool](row, "canSendDirectMessage") {
			seen["may write"]++
		}
		switch at := field[string](row, "lastUpdate"); len(at) {
		case len("2026-04-13T18:02:00Z"), len("2026-04-13T18:02:00.000Z"), len("2026-04-13T18:02:00.000000000Z"):
			seen["fraction "+at[19:min(len(at), 20)]+strings.Repeat("0", max(0, len(at)-21))]++
		default:
			t.Errorf("lastUpdate %q", at)
		}
	}
	for what, least := range map[string]int{
		"status open": 10, "status pending": 5, "status resolved": 20, "status closed": 20, "never messaged": 1, "no name": 5,
		"window closed": 100, "window ending": 3, "long": 1, "tie": 20, "twin": 15, "ten digits": 1, "no phone": 2, "may write": 8,
		"type image": 20, "type audio": 5, "type video": 3, "type document": 20, "type sticker": 2, "type location": 3, "type contacts": 3,
		"type template": 3, "type interactive": 5, "type button": 3, "type reaction": 2, "type order": 2, "type unsupported": 1,
		"content text": 500, "content body": 50, "content string": 10, "content null": 1,
		"message delivered": 500, "message read": 100, "message failed": 1, "reason of failed": 1, "message sent": 1, "message warning": 1,
		"session active": 5, "session finished": 30, "session expired": 30, "session spam": 1,
		"operation automatic": 50, "operation assistance": 20, "operation supervision": 20,
		"platform whatsapp": 200, "platform instagram": 1, "platform telegram": 1,
		"fraction Z": 50, "fraction .000": 10, "fraction .000000000": 3,
	} {
		if seen[what] < least {
			t.Errorf("%s: %d, at least %d wanted", what, seen[what], least)
		}
	}
	t.Log(seen)
}

func TestQuietOfficeStandsStill(t *testing.T) {
	o := New(Options{Seed: 5, Now: testNow, Conversations: 30})
	before := everything(o)
	o.born = o.born.Add(-48 * time.Hour) // two days pass
	for i, now := range everything(o) {
		if now != before[i] {
			t.Fatalf("changed by itself:\n%s\n%s", before[i], now)
		}
	}
}

func TestPost(t *testing.T) {
	o := New(Options{Seed: 5, Now: testNow})
	last := o.WaspyConversations()[200]
	id := field[string](last, "id")
	if err := o.Post("waspy", id, "¿Hola?"); err != nil {
		t.Fatal(err)
	}
	top := o.WaspyConversations()[0]
	if field[string](top, "id") != id || field[string](top, "status") != "open" || field[string](top, "lastMessagePreview") != "¿Hola?" {
		t.Errorf("after a post: %s", top)
	}
	at, _ := time.Parse(time.RFC3339, field[string](top, "lastMessageAt"))
	end, _ := time.Parse(time.RFC3339, field[string](top, "serviceWindowExpiresAt"))
	if end.Sub(at) != 24*time.Hour {
		t.Errorf("the window ends %v after the message", end.Sub(at))
	}
	msgs := o.WaspyMessages(id)
	if got := field[string](msgs[len(msgs)-1], "content", "text"); got != "¿Hola?" {
		t.Errorf("the last message says %q", got)
	}

	counts := map[string]int{}
	for _, row := range o.PlaticaConversations() {
		status := field[string](row, "status")
		if counts[status]++; counts[status] > 1 {
			continue
		}
		id, n := field[string](row, "id"), len(o.PlaticaConversations())
		if err := o.Post("platica", id, "buenas"); err != nil {
			t.Fatal(err)
		}
		reopened := status == "active" || status == "finished"
		if got := len(o.PlaticaMessages(id)); reopened && got != int(field[float64](row, "messageCount"))+1 {
			t.Errorf("a post to a session that is %s: %d messages", status, got)
		}
		if !reopened && len(o.PlaticaMessages(id)) != int(field[float64](row, "messageCount")) {
			t.Errorf("a post changed a session that is %s", status)
		}
		if now := len(o.PlaticaConversations()); reopened && now != n || now > n+1 {
			t.Errorf("a post to a session that is %s: %d sessions, then %d", status, n, now)
		}
	}
	for _, bad := range [][2]string{{"waspy", "x"}, {"platica", "x"}, {"other", id}} {
		if o.Post(bad[0], bad[1], "hola") == nil {
			t.Errorf("posted to %v", bad)
		}
	}
}

func TestNewCustomer(t *testing.T) {
	o := New(Options{Seed: 5, Now: testNow})
	id, err := o.NewCustomer("waspy", "Zoé Ñandú", "+5491150001234", "Hola, ¿están?")
	if err != nil {
		t.Fatal(err)
	}
	if top := o.WaspyConversations()[0]; field[string](top, "id") != id || field[string](top, "contact", "name") != "Zoé Ñandú" {
		t.Errorf("on top: %s", top)
	}
	id, err = o.NewCustomer("platica", "", "5215550001234", "Hola")
	if err != nil {
		t.Fatal(err)
	}
	if len(o.PlaticaMessages(id)) != 1 {
		t.Error("the new customer's message is not there")
	}
	if _, err = o.NewCustomer("other", "", "", ""); err == nil {
		t.Error("a provider that does not exist has a customer")
	}
}
