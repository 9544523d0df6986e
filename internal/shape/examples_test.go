package shape_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/providertest"
)

// seedPlatforms answers as the platforms' own pages show, and nothing else.
type seedPlatforms struct {
	mu                 sync.Mutex
	chats, messages    map[string]any
	workspaces         map[string]any
	conversation, talk map[string]any
}

func seedFile(t *testing.T, name string) (v map[string]any) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func newSeedPlatforms(t *testing.T) *seedPlatforms {
	t.Helper()
	s := &seedPlatforms{
		chats:      seedFile(t, "../providers/waspy/testdata/seed_conversations.json"),
		messages:   seedFile(t, "../providers/waspy/testdata/seed_messages.json"),
		workspaces: seedFile(t, "../providers/platica/testdata/seed_conversations.json"),
	}
	// The pages show a first page; here it is the only one.
	s.chats["meta"].(map[string]any)["hasMore"] = false
	s.talk = s.workspaces["workspaces"].([]any)[0].(map[string]any)
	s.talk["pagination"].(map[string]any)["hasMore"] = false
	s.conversation = s.chats["data"].([]any)[0].(map[string]any)
	return s
}

func (s *seedPlatforms) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v any
	q := r.URL.Query()
	switch path := r.URL.Path; {
	case path == "/api/v2/conversations" && (q.Get("status") == "" || q.Get("status") == s.conversation["status"]):
		v = s.chats
	case path == "/api/v2/conversations":
		v = map[string]any{"data": []any{}, "meta": map[string]any{"requestId": "...", "cursor": nil, "hasMore": false}}
	case path == "/api/v2/conversations/conv-uuid" && r.Method == http.MethodPatch:
		var change map[string]any
		_ = json.NewDecoder(r.Body).Decode(&change)
		for name, value := range change {
			s.conversation[name] = value
		}
		fallthrough
	case path == "/api/v2/conversations/conv-uuid":
		v = map[string]any{"data": s.conversation, "meta": map[string]any{"requestId": "..."}}
	case path == "/api/v2/conversations/conv-uuid/messages":
		v = s.messages
	case path == "/v1/conversations" && (q.Get("offset") == "" || q.Get("offset") == "0"):
		v = s.workspaces
	case path == "/v1/conversations/conv_001":
		v = map[string]any{"workspaces": []any{map[string]any{"id": "ws_001", "name": "Soporte Técnico", "conversationsCount": 1, "conversations": s.talk["conversations"]}}}
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

var (
	curlBlock = regexp.MustCompile("(?s)```sh\n(curl.*?)\n```")
	curlWord  = regexp.MustCompile(`(?s)'([^']*)'|"([^"]*)"|([^\s'"\\]+)`)
)

// curls are the examples of the page, each as the request that it makes.
func curls(t *testing.T, h *hub, token string) (out []*http.Request) {
	t.Helper()
	page, err := os.ReadFile("../../docs/en/provider-api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range curlBlock.FindAllStringSubmatch(string(page), -1) {
		line := strings.NewReplacer("http://127.0.0.1:PORT", h.origin, "bnd_...", token, "CONV_ID", "conv-uuid", "\\\n", " ").Replace(block[1])
		var words []string
		for _, w := range curlWord.FindAllStringSubmatch(line, -1) {
			words = append(words, w[1]+w[2]+w[3])
		}
		method, address, body := http.MethodGet, "", ""
		headers, query := http.Header{}, url.Values{}
		for i := 1; i < len(words); i++ {
			next := words[min(i+1, len(words)-1)]
			switch words[i] {
			case "-X":
				method, i = next, i+1
			case "-H":
				name, value, _ := strings.Cut(next, ": ")
				headers.Set(name, value)
				i++
			case "-d":
				body, i = next, i+1
			case "--data-urlencode":
				name, value, _ := strings.Cut(next, "=")
				query.Set(name, value)
				i++
			case "-G":
			default:
				address = words[i]
			}
		}
		if len(query) > 0 {
			address += "?" + query.Encode()
		}
		req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", block[1], err)
		}
		req.Header = headers
		out = append(out, req)
	}
	return out
}

// TestExamples runs the page's own lines, which are the platforms' with another
// address, against copies of what the platforms' pages show, and holds every
// answer to those pages, key by key and value by value.
func TestExamples(t *testing.T) {
	seeds := newSeedPlatforms(t)
	platforms := httptest.NewServer(seeds)
	t.Cleanup(platforms.Close)
	h := &hub{in: openProfile(t, t.TempDir())}
	h.add(t, inbox.Waspy, "ventas", platforms.URL+"/api/v2", "wspy_x")
	h.add(t, inbox.Platica, "soporte", platforms.URL+"/v1", "pl_key_x")
	h.serve(t, "127.0.0.1:0", false)
	h.sync(t)
	token := h.token(t, "examples", both).token

	chats, messages := seedFile(t, "../providers/waspy/testdata/seed_conversations.json"), seedFile(t, "../providers/waspy/testdata/seed_messages.json")
	workspaces := seedFile(t, "../providers/platica/testdata/seed_conversations.json")
	conversation := chats["data"].([]any)[0]
	ran := 0
	for _, req := range curls(t, h, token) {
		what := req.Method + " " + strings.TrimPrefix(req.URL.RequestURI(), "/")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		err = json.NewDecoder(res.Body).Decode(&got)
		res.Body.Close()
		if res.StatusCode != http.StatusOK || err != nil {
			t.Errorf("%s: %d, %v: %v", what, res.StatusCode, got, err)
			continue
		}
		var want map[string]any
		switch path := req.URL.Path; {
		case req.Method == http.MethodPatch:
			changed := conversation.(map[string]any)
			changed["status"], changed["assignedTo"] = "resolved", nil
			want = map[string]any{"data": changed, "meta": map[string]any{"requestId": "..."}}
		case strings.HasSuffix(path, "/messages"):
			want = messages
			want["meta"].(map[string]any)["cursor"] = "2026-04-13T14:32:00.000Z|msg-uuid" // the page leaves it out
		case strings.Contains(path, "/by-phone/"):
			want = map[string]any{"data": conversation, "meta": map[string]any{"requestId": "..."}}
		case strings.HasPrefix(path, "/waspy"):
			want = chats
			want["meta"].(map[string]any)["hasMore"] = false
		default:
			want = workspaces
			want["workspaces"].([]any)[0].(map[string]any)["pagination"].(map[string]any)["hasMore"] = false
		}
		if meta, ok := got["meta"].(map[string]any); ok {
			if id, _ := meta["requestId"].(string); id == "" {
				t.Errorf("%s has no requestId", what)
			}
			meta["requestId"] = "..."
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if !providertest.EqualJSON(a, b) {
			t.Errorf("%s gives\n%s\nand the platform's page says\n%s", what, a, b)
		}
		ran++
	}
	if ran != 7 {
		t.Errorf("%d examples ran", ran)
	}
	if seeds.conversation["status"] != "resolved" {
		t.Errorf("the platform has %v", seeds.conversation["status"])
	}
}
