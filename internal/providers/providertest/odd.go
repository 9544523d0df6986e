package providertest

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// oddValues are what a field may hold that is not what the contract says: each
// JSON type, what looks like another, and the edges.
var oddValues = []string{
	`null`, `""`, `"x"`, `"7"`, `7`, `-1`, `1.5`, `1e400`, `12345678901234567890.10`, `true`, `false`, `[]`, `[null]`, `["x"]`, `[[{}]]`, `{}`, `{"x":{"y":[1]}}`, `"\ud800"`,
}

// EachOdd gives the sample object with every member, those of members that
// are objects too, missing and with every odd value, one at a time; and every
// two of the outer members missing, null or of a wrong type together. fields are the outer
// names that are odd.
func EachOdd(t *testing.T, sample json.RawMessage, check func(what string, odd json.RawMessage, fields []string)) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(sample, &members); err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(members))
	for _, name := range names {
		check("no "+name, with(t, members, name, ""), []string{name})
		for _, value := range oddValues {
			check(name+" "+value, with(t, members, name, value), []string{name})
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(members[name], &inner) != nil {
			continue
		}
		for _, below := range slices.Sorted(maps.Keys(inner)) {
			for _, value := range append([]string{""}, oddValues...) {
				check(name+"."+below+" "+value, with(t, members, name, string(with(t, inner, below, value))), []string{name})
			}
		}
	}
	for i, one := range names {
		for _, two := range names[i+1:] {
			for _, value := range []string{"", `null`, `{"x":1}`, `[7]`} {
				first := map[string]json.RawMessage{}
				if err := json.Unmarshal(with(t, members, one, value), &first); err != nil {
					t.Fatal(err)
				}
				check(one+" and "+two+" "+value, with(t, first, two, value), []string{one, two})
			}
		}
	}
}

// with is an object with one member changed, or without it for an empty value.
func with(t *testing.T, members map[string]json.RawMessage, name, value string) json.RawMessage {
	t.Helper()
	changed := maps.Clone(members)
	changed[name] = json.RawMessage(value)
	if value == "" {
		delete(changed, name)
	}
	out, err := json.Marshal(changed)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
