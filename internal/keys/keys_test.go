package keys

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCases(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name    string
		Keys    Bindings
		Kept    json.RawMessage
		Problem *Problem
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			kept, err := c.Keys.Kept()
			var p *Problem
			if errors.As(err, &p); !reflect.DeepEqual(p, c.Problem) {
				t.Fatalf("problem %+v, want %+v", p, c.Problem)
			}
			if err != nil {
				return
			}
			var got, want any
			b, _ := json.Marshal(kept)
			if json.Unmarshal(b, &got) != nil || json.Unmarshal(c.Kept, &want) != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("kept %s, want %s", b, c.Kept)
			}
		})
	}
}

// The table itself keeps to what people may choose.
func TestTable(t *testing.T) {
	own := Bindings{}
	for _, c := range Commands() {
		if _, twice := own[c.ID]; twice || c.ID == "" || c.Group == "" {
			t.Errorf("the command %q", c.ID)
		}
		own[c.ID] = c.Keys
	}
	if kept, err := own.Kept(); err != nil || len(kept) != 0 {
		t.Errorf("the table's own keys: %v %v", kept, err)
	}
}

// What is kept is taken again as it is, and no key does two things.
func TestKeptIsKept(t *testing.T) {
	ids := []string{}
	for _, c := range Commands() {
		ids = append(ids, c.ID)
	}
	some := []string{"e", "o", "q", "ñ", "Q", "g q", "Mod+e", "n", "z"}
	rapid.Check(t, func(t *rapid.T) {
		b := Bindings{}
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, 5, rapid.ID).Draw(t, "commands") {
			b[id] = rapid.SliceOfN(rapid.SampledFrom(some), 0, 3).Draw(t, id)
		}
		kept, err := b.Kept()
		if err != nil {
			return
		}
		again, err := kept.Kept()
		if err != nil || len(again) != len(kept) {
			t.Fatalf("kept %v, and of that %v, %v", kept, again, err)
		}
		var all []string
		for _, c := range Commands() {
			if chosen, ok := kept[c.ID]; ok {
				all = append(all, chosen...)
			} else {
				all = append(all, c.Keys...)
			}
		}
		slices.Sort(all)
		if len(slices.Compact(slices.Clone(all))) != len(all) {
			t.Fatalf("a key does two things: %v", all)
		}
	})
}
