package simulator

import (
	"errors"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReadFaults(t *testing.T) {
	got, err := ReadFaults([]byte(`{
		"seed": 7, "skew": "-90s",
		"rules": [
			{"fault": "status", "status": [500, 429], "retry_after": "date -1h", "effect": true, "provider": "waspy", "request": "patch",
			 "conversation": "c", "query": "q", "paged": true, "after": 1, "every": 2, "burst": 3, "times": 4, "chance": 0.5, "from": "1m", "until": "1h"},
			{"fault": "slow", "delay": "1.5s"},
			{"fault": "mutate", "field": "contact.name", "to": null, "rows": 2},
			{"fault": "cut", "bytes": -9}
		],
		"drift": {"seed": 3, "every": 2, "changes": 5, "most": 100, "deletes": 1, "silent_patches": 2}
	}`))
	want := Faults{Seed: 7, Skew: -90 * time.Second, Rules: []Fault{
		{Kind: "status", Status: []int{500, 429}, RetryAfter: "date -1h", Effect: true, Provider: "waspy", Request: "patch", Conversation: "c", Query: "q", Paged: true,
			After: 1, Every: 2, Burst: 3, Times: 4, Chance: 0.5, From: time.Minute, Until: time.Hour},
		{Kind: "slow", Delay: 1500 * time.Millisecond},
		{Kind: "mutate", Field: "contact.name", To: []byte("null"), Rows: 2},
		{Kind: "cut", Bytes: -9},
	}, Drift: &Drift{Seed: 3, Every: 2, Changes: 5, Most: 100, Deletes: 1, SilentPatches: 2}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v\n%v", got, want, err)
	}
	if got, err = ReadFaults([]byte("{}")); err != nil || !reflect.DeepEqual(got, Faults{}) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestReadFaultsNamesWhatIsWrong(t *testing.T) {
	for text, field := range map[string]string{
		``:                          "line 1",
		`[]`:                        "the file",
		`null`:                      "the file",
		"{\n\n\"rules\": }":         "line 3",
		`{"rule": []}`:              "rule",
		`{"seed": -1}`:              "seed",
		`{"skew": 5}`:               "skew",
		`{"rules": {}}`:             "rules",
		`{"rules": [7]}`:            "rules[0]",
		`{"rules": [{}]}`:           "rules[0].fault",
		`{"rules": [{"fault": 7}]}`: "rules[0].fault",
		`{"rules": [{"fault": "html", "rowz": 1}]}`:                          "rules[0].rowz",
		`{"rules": [{"fault": "html", "rows": 1}]}`:                          "rules[0].rows",
		`{"rules": [{"fault": "html"}, {"fault": "slow", "delay": "fast"}]}`: "rules[1].delay",
		`{"rules": [{"fault": "status", "status": 500}]}`:                    "rules[0].status",
		`{"rules": [{"fault": "status", "chance": 2}]}`:                      "rules[0].chance",
		`{"drift": []}`:              "drift",
		`{"drift": {"insert": 1}}`:   "drift.insert",
		`{"drift": {"inserts": -1}}`: "drift.inserts",
		`{"drift": {"every": 1.5}}`:  "drift.every",
	} {
		var wrong *FaultsError
		if _, err := ReadFaults([]byte(text)); !errors.As(err, &wrong) || wrong.Field != field || wrong.Why == "" {
			t.Errorf("%s: %v, want %s", text, err, field)
		}
	}
}

// The page on faults tells of every kind, parameter, weight and malformed
// body, and its example can be read.
func TestFaultsAreDocumented(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	told := map[string]string{} // a kind's line of the table
	for _, line := range strings.Split(page, "\n") {
		if m := regexp.MustCompile("^\\| `([a-z_]+)` \\|").FindStringSubmatch(line); m != nil {
			told[m[1]] = line
		}
	}
	for name, k := range kinds {
		for _, p := range append(k.heeds, name) {
			if !strings.Contains(told[name], "`"+p+"`") {
				t.Errorf("docs/faults.md does not tell of %s's %s", name, p)
			}
		}
	}
	var words []string
	for _, of := range []reflect.Type{reflect.TypeFor[Fault](), reflect.TypeFor[Drift]()} {
		for i := range of.NumField() {
			words = append(words, strings.Trim(of.Field(i).Tag.Get("json"), "-"))
		}
	}
	words = slices.DeleteFunc(append(words, Malformed()...), func(w string) bool { return w == "" })
	for _, word := range append(words, "skew", "from", "until", "delay") {
		if !strings.Contains(page, "`"+word+"`") {
			t.Errorf("docs/faults.md does not tell of %s", word)
		}
	}
	examples := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(examples) == 0 {
		t.Error("no example")
	}
	for _, e := range examples {
		if f, err := ReadFaults([]byte(e[1])); err != nil || New(Options{Seed: 1, Conversations: 1}).SetFaults(f) != nil {
			t.Errorf("%v: %s", err, e[1])
		}
	}
}

func FuzzReadFaults(f *testing.F) {
	f.Add([]byte(`{"seed":1,"rules":[{"fault":"status","status":[500],"chance":0.2}],"drift":{"every":1}}`))
	f.Add([]byte(`{"rules":[{"fault":"mutate","field":"a.b","to":[1]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := ReadFaults(data)
		var wrong *FaultsError
		if err != nil && (!errors.As(err, &wrong) || wrong.Field == "") {
			t.Errorf("%v", err)
		}
	})
}
