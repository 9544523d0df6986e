package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type foundPage struct {
	People []struct {
		Person, Name string
		Threads      []struct{ Account, Thread, Status string }
	}
	Messages []struct{ Account, Thread, Message, Direction, Text string }
	Parsed   parsedPage
	Cursor   *string
	Coverage struct {
		Accounts []struct {
			Account  string
			Complete bool
		}
	}
	Ready bool `json:"people_ready"`
}

type parsedPage struct {
	Words string
	Parts []struct {
		Kind, Key, Value, Text, Label string
		Negated                       bool
		Start, End                    int
	}
	Problems []struct {
		Start, End    int
		Code, Message string
		Suggestions   []string
	}
}

func find(t *testing.T, b browser, query string, more ...string) (found foundPage) {
	t.Helper()
	b.get(t, "/api/search?q="+url.QueryEscape(query)+strings.Join(more, ""), &found)
	return found
}

// TestSearchNarrows: a filter narrows people, by their threads, and messages.
func TestSearchNarrows(t *testing.T) {
	b := fullDesk(t)
	for _, query := range []string{"cuenta:ventas", "account:ventas a", "plataforma:waspy a", "-cuenta:soporte a", "-provider:platica a"} {
		found := find(t, b.browser, query)
		if len(found.People) == 0 {
			t.Errorf("%s finds nobody", query)
		}
		for _, p := range found.People {
			if !slices.ContainsFunc(p.Threads, func(th struct{ Account, Thread, Status string }) bool { return th.Account == "ventas" }) {
				t.Errorf("%s finds %s, who is not of it", query, p.Name)
			}
		}
		for _, m := range found.Messages {
			if m.Account != "ventas" {
				t.Errorf("%s finds a message of %s", query, m.Account)
			}
		}
	}
	if found := find(t, b.browser, "estado:resuelta"); len(found.People) == 0 || len(found.Messages) != 0 {
		t.Errorf("without words: %d people, %d messages", len(found.People), len(found.Messages))
	}
	found := find(t, b.browser, "dirección:saliente", "&only=messages&limit=5")
	if len(found.People) != 0 || len(found.Messages) != 5 || found.Cursor == nil {
		t.Fatalf("%+v", found)
	}
	more := find(t, b.browser, "dirección:saliente", "&only=messages&limit=5&cursor="+url.QueryEscape(*found.Cursor))
	for _, m := range append(found.Messages, more.Messages...) {
		if m.Direction != "out" {
			t.Errorf("%+v", m)
		}
	}
	if slices.Contains(found.Messages, more.Messages[0]) {
		t.Error("the second page repeats the first")
	}
	of := find(t, b.browser, "dirección:saliente", "&thread="+found.Messages[0].Thread)
	if len(of.People) != 0 || slices.ContainsFunc(of.Messages, func(m struct{ Account, Thread, Message, Direction, Text string }) bool {
		return m.Thread != found.Messages[0].Thread
	}) {
		t.Errorf("of one thread: %+v", of)
	}
	if recent := find(t, b.browser, ""); len(recent.People) == 0 || len(recent.Messages) != 0 || len(recent.Coverage.Accounts) != 2 {
		t.Errorf("nothing asked: %+v", recent)
	}
	if one := find(t, b.browser, "cuenta:ventas"); len(one.Coverage.Accounts) != 1 || one.Coverage.Accounts[0].Account != "ventas" {
		t.Errorf("coverage: %+v", one.Coverage)
	}
}

// TestParsedInWords: chips and problems come in the session's language.
func TestParsedInWords(t *testing.T) {
	b := fullDesk(t)
	found := find(t, b.browser, `juan -estado:abierta "mi pedido" antes:nunca cuenta:vnetas`)
	var labels []string
	for _, p := range found.Parsed.Parts {
		labels = append(labels, p.Kind+" "+p.Label)
	}
	if want := []string{"word juan", "filter Not Status: Open", `phrase "mi pedido"`, "filter Before: ", "filter Account: vnetas"}; !slices.Equal(labels, want) {
		t.Errorf("%q", labels)
	}
	if found.Parsed.Words != "juan mi pedido" || len(found.Parsed.Problems) != 2 {
		t.Fatalf("%+v", found.Parsed)
	}
	date, account := found.Parsed.Problems[0], found.Parsed.Problems[1]
	if date.Code != "bad_date" || !strings.Contains(date.Message, "“nunca”") || date.Start != 33 || date.End != 44 {
		t.Errorf("%+v", date)
	}
	if account.Code != "unknown_value" || !slices.Equal(account.Suggestions, []string{"account:ventas"}) || account.Start != 45 || account.End != 58 {
		t.Errorf("%+v", account)
	}
}

// TestThreadsByQuery: a list is narrowed within its view, counted, and goes on
// page by page.
func TestThreadsByQuery(t *testing.T) {
	b := fullDesk(t)
	type rows struct {
		Threads []struct {
			Thread, Account, Status string
			Assignees               []string
		}
		Cursor *string
		Total  *int
		Parsed parsedPage
	}
	list := func(query string) (out rows) {
		t.Helper()
		b.get(t, "/api/threads?"+query, &out)
		return out
	}
	if all := list("view=all"); all.Total != nil || len(all.Parsed.Parts) != 0 {
		t.Errorf("no query: %v, %+v", all.Total, all.Parsed)
	}
	q := "view=all&limit=2&q=" + url.QueryEscape("estado:resuelta cuenta:ventas")
	seen := map[string]bool{}
	first := list(q)
	for page := first; ; page = list(q + "&cursor=" + url.QueryEscape(*page.Cursor)) {
		for _, th := range page.Threads {
			if th.Status != "resolved" || th.Account != "ventas" || seen[th.Thread] {
				t.Errorf("%+v", th)
			}
			seen[th.Thread] = true
		}
		if page.Cursor == nil {
			break
		}
	}
	if first.Total == nil || *first.Total != len(seen) || len(seen) < 3 {
		t.Errorf("total %v of %d", first.Total, len(seen))
	}
	if inbox := list("view=inbox&q=" + url.QueryEscape("estado:resuelta")); len(inbox.Threads) != 0 || *inbox.Total != 0 {
		t.Errorf("resolved in the inbox: %+v", inbox)
	}
	// Words: of whom they name, and of those in whose messages they stand.
	said := find(t, b.browser, "hola", "&only=messages&limit=1").Messages
	if len(said) == 0 {
		t.Fatal("nobody says hola")
	}
	if found := list("view=all&limit=200&q=hola"); !slices.ContainsFunc(found.Threads, func(th struct {
		Thread, Account, Status string
		Assignees               []string
	}) bool {
		return th.Thread == said[0].Thread
	}) {
		t.Error("a thread with the word is not in the list")
	}
}

// TestViews: kept, in their order, counted, and under one name once.
func TestViews(t *testing.T) {
	b := newDesk(t)
	type view struct {
		ID, Name, Query, View string
		Count                 *int
	}
	add := func(body map[string]any, want int) (v view) {
		t.Helper()
		a := b.ask(t, http.MethodPost, "/api/views", body)
		if a.status != want {
			t.Fatalf("%v: %d %s", body, a.status, a.body)
		}
		_ = json.Unmarshal(a.body, &v)
		return v
	}
	vip := add(map[string]any{"name": " VIP ", "query": "etiqueta:vip", "view": "inbox"}, 201)
	mine := add(map[string]any{"name": "Mías", "query": "de:yo"}, 201)
	words := add(map[string]any{"name": "Pedidos", "query": "pedido"}, 201)
	if vip.Name != "VIP" || vip.View != "inbox" || mine.View != "all" || vip.Count == nil || *vip.Count != 0 || words.Count != nil {
		t.Errorf("%+v %+v %+v", vip, mine, words)
	}
	for _, wrong := range []struct {
		body   map[string]any
		status int
	}{
		{map[string]any{"name": "VIP", "query": "x"}, 409}, {map[string]any{"name": "  ", "query": "x"}, 400}, {map[string]any{"name": strings.Repeat("ñ", 61), "query": "x"}, 400},
		{map[string]any{"name": "x", "query": " "}, 400}, {map[string]any{"name": "x", "query": "x", "view": "nonsense"}, 400}, {map[string]any{"name": "x", "query": 7}, 400},
	} {
		add(wrong.body, wrong.status)
	}
	order := func() (names []string) {
		t.Helper()
		var all struct{ Views []view }
		b.get(t, "/api/views", &all)
		for _, v := range all.Views {
			names = append(names, v.Name)
		}
		return names
	}
	change := func(id string, body map[string]any, want int) {
		t.Helper()
		if a := b.ask(t, http.MethodPatch, "/api/views/"+id, body); a.status != want {
			t.Errorf("%v: %d %s", body, a.status, a.body)
		}
	}
	change(words.ID, map[string]any{"position": 0}, 200)
	if got := order(); !slices.Equal(got, []string{"Pedidos", "VIP", "Mías"}) {
		t.Errorf("moved: %v", got)
	}
	change(words.ID, map[string]any{"position": 99, "name": "Compras"}, 200)
	change(words.ID, map[string]any{"name": "VIP"}, 409)
	change(words.ID, map[string]any{"position": -1}, 400)
	change("v_999", map[string]any{"name": "x"}, 404)
	change("nonsense", map[string]any{"name": "x"}, 404)
	if got := order(); !slices.Equal(got, []string{"VIP", "Mías", "Compras"}) {
		t.Errorf("changed: %v", got)
	}
	var counts struct{ Views map[string]*int }
	b.get(t, "/api/counts", &counts)
	if n, ok := counts.Views[vip.ID]; !ok || n == nil || *n != 0 {
		t.Errorf("counts: %v", counts.Views)
	}
	for _, want := range []int{204, 404} {
		if a := b.ask(t, http.MethodDelete, "/api/views/"+vip.ID, nil); a.status != want {
			t.Errorf("drop: %d", a.status)
		}
	}
	if again := add(map[string]any{"name": "VIP", "query": "etiqueta:vip"}, 201); again.ID == vip.ID || again.ID == words.ID {
		t.Errorf("an id was given twice: %s", again.ID)
	}
}

// TestFetchNow: a thread that is partly here is read before all else.
func TestFetchNow(t *testing.T) {
	b := newDesk(t)
	for body, want := range map[string]int{`{}`: 202, `{"account":"ventas"}`: 202, `{"account":"nobody"}`: 404, `{"thread":"t_nothing"}`: 404, `{"person":"p_nothing"}`: 404,
		`{"thread":"t_x","person":"p_x"}`: 400, `{"other":"x"}`: 400} {
		if a := b.ask(t, http.MethodPost, "/api/fetch", json.RawMessage(body)); a.status != want {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}

// TestCompleteOffers what there is here.
func TestCompleteOffers(t *testing.T) {
	b := fullDesk(t)
	for text, want := range map[string]string{"acc": "account:", "cuenta:ven": "account:ventas ", "juan status:re": "status:resolved ", "-is:un": "-is:unassigned "} {
		var out struct {
			Items []struct {
				Insert, Label, Detail string
				Start, End            int
			}
		}
		b.get(t, "/api/complete?q="+url.QueryEscape(text), &out)
		if len(out.Items) == 0 || out.Items[0].Insert != want || out.Items[0].Detail == "" || out.Items[0].End != len(text) {
			t.Errorf("%s: %+v", text, out.Items)
		}
	}
}

// TestAnyQueryIsAnswered: whatever is typed, an answer or a sentence.
func TestAnyQueryIsAnswered(t *testing.T) {
	b := fullDesk(t)
	try := func(t interface{ Errorf(string, ...any) }, tb *testing.T, text string) {
		for _, path := range []string{"/api/search?q=", "/api/search?only=messages&sort=best&q=", "/api/threads?view=all&q=", "/api/complete?q="} {
			a := b.ask(tb, http.MethodGet, path+url.QueryEscape(text), nil)
			var out struct {
				Error struct{ Code, Message string }
			}
			if err := json.Unmarshal(a.body, &out); err != nil {
				t.Errorf("%s%q: %v", path, text, err)
			}
			if a.status != 200 && (a.status != 400 || out.Error.Code != "q" || len(out.Error.Message) < 10) {
				t.Errorf("%s%.60q: %d %s", path, text, a.status, a.body)
			}
			if strings.Contains(strings.ToLower(string(a.body)), "sqlite") || strings.Contains(string(a.body), "fts5") {
				t.Errorf("%s%.60q speaks of the file: %s", path, text, a.body)
			}
		}
	}
	for _, text := range []string{"", " ", `"`, `""`, `"hola`, `'`, "*", "a*", "hola AND", "NOT hola", "(hola", "hola OR )", "NEAR(hola pedido)", "text:hola", "{text}", "^hola", "hola + pedido",
		"--", "-", "-hola", "%", "_", "\\", "🙂", "👩‍👩‍👧", "\u202ealoh\u202c", "\u200f123", "\x00\x01\x1f", "hola\x00pedido", "a\nb", "\ufeff", "\xff\xfe", "ho\xc3", "'; DROP TABLE threads; --",
		strings.Repeat("a", 10_000), strings.Repeat("a ", 5_000), strings.Repeat("hola ", 4_000), strings.Repeat(`"`, 10_000), strings.Repeat("-", 500), strings.Repeat("🙂", 10_001),
		strings.Repeat("estado:abierta ", 600), strings.Repeat("(", 3_000), "etiqueta:" + strings.Repeat("x", 9_000), "tel:" + strings.Repeat("1", 9_000), "antes:99999999999999d", "vence<99999h",
		"cuenta:%", `de:"' OR 1=1"`, "canal:\u0000", "tel:%", "tel:🙂"} {
		try(t, t, text)
	}
	rapid.Check(t, func(r *rapid.T) {
		try(r, t, rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z:"<>*()\-+^{} ]{0,40}`), rapid.StringMatching(`(estado|de|tel|antes|vence|tiene):?<?.{0,12}`)).Draw(r, "text"))
	})
}
