package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each way of being found says so, and marks what it found.
func TestReasons(t *testing.T) {
	e := newEngine(t)
	for i, name := range []string{"María José Giménez", "José Núñez", "Guillermo Vázquez", "Francisco Peña 🎉", "Lucía Fernández", "Mariajosé Ortiz", "Ximena Quispe", "Bruno Álvarez"} {
		save(t, e, waspyAccount, chat(fmt.Sprint(i), name, "", minutes(i)))
	}
	for _, tt := range []struct{ query, text, reason, marked string }{
		{"giménez", "María José Giménez", "exact", "Giménez"},
		{"gimen", "María José Giménez", "prefix", "Gimén"},
		{"ximenes", "María José Giménez", "sounds_alike", "Giménez"},
		{"pepe nunez", "José Núñez", "nickname", "José Núñez"},
		{"memo", "Guillermo Vázquez", "nickname", "Guillermo"},
		{"paco", "Francisco Peña 🎉", "nickname", "Francisco"},
		{"fernadez", "Lucía Fernández", "one_change", "Fernádez"},
		{"ferandez lucia", "Lucía Fernández", "one_change", "Lucía Ferández"},
		{"fermandes", "Lucía Fernández", "two_changes", ""},
		{"fenran", "Lucía Fernández", "one_change", ""},
		{"alvares bruno", "Bruno Álvarez", "sounds_alike", "Bruno Álvarez"},
		{"bruno xyzw", "Bruno Álvarez", "words_missing", "Bruno"},
		{"maria jose ortiz", "Mariajosé Ortiz", "one_change", "Mariajosé Ortiz"},
		{"majo gimenez", "María José Giménez", "nickname", "María José Giménez"},
		{"xqs", "Ximena Quispe", "letters", "X Q s"},
	} {
		hits := e.People.Find(tt.query, buenosAires, 5)
		if len(hits) == 0 || hits[0].Text != tt.text || hits[0].Reason != tt.reason || hits[0].Exact != (tt.reason == "exact") {
			t.Errorf("%q: %+v, want %q by %s", tt.query, hits, tt.text, tt.reason)
			continue
		}
		var marked []string
		for _, r := range hits[0].Ranges {
			marked = append(marked, utf16Slice(hits[0].Text, r))
		}
		if got := strings.Join(marked, " "); tt.marked != "" && strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(tt.marked, " ", "") {
			t.Errorf("%q marks %q of %q", tt.query, got, tt.text)
		}
	}
}

// Whoever has all the words that were typed stands before whoever has not,
// whatever else there is and however recent.
func TestExactIsNeverDisplaced(t *testing.T) {
	words := []string{"ana", "anna", "hana", "juan", "juana", "jose", "pepe", "garcia", "garsia", "gracia", "lopez", "lopes", "mariajose", "maria", "mario", "598344"}
	rapid.Check(t, func(r *rapid.T) {
		fresh := newDirectory()
		var names [][]string
		for i := range rapid.IntRange(1, 200).Draw(r, "people") {
			name := rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(r, "name")
			names = append(names, name)
			q := &person{ref: ref(i), at: rapid.Uint32Range(1, 50).Draw(r, "at")}
			q.addName(strings.Join(name, " "), false)
			fresh.put(q)
		}
		fresh.settle()
		p := NewPeople(nil)
		p.swap(fresh)
		query := rapid.SliceOfNDistinct(rapid.SampledFrom(words), 1, 3, rapid.ID[string]).Draw(r, "query")
		whole := func(name []string) bool {
			return !slices.ContainsFunc(query, func(w string) bool { return !slices.Contains(name, w) })
		}
		exact := 0
		for _, name := range names {
			if whole(name) {
				exact++
			}
		}
		places := map[string]int{}
		for i := range names {
			places[ref(i)] = i
		}
		limit := rapid.IntRange(1, 250).Draw(r, "limit")
		hits := p.Find(strings.Join(query, " "), buenosAires, limit)
		for n, h := range hits {
			if n > 0 && h.Score > hits[n-1].Score {
				r.Fatalf("at %d a better score: %+v", n, hits)
			}
			if n < exact && !whole(names[places[h.Person]]) {
				r.Fatalf("%q: at %d %q, while %d have all words", query, n, h.Text, exact)
			}
		}
		if len(hits) < min(exact, limit, shortlist) {
			r.Fatalf("%q: %d hits, %d have all words", query, len(hits), exact)
		}
	})
}

// Whatever is typed is answered, with ranges that lie within what they mark.
func FuzzFind(f *testing.F) {
	members, p := crowd(300, 4)
	_ = members
	odd := &person{ref: "p_odd", at: 1}
	odd.addName("\u202eאנה \u0000 Straße ﬁn İ 👩🏽‍🦰 +54 9 11 5983-4410", false)
	p.dir.put(odd)
	for _, seed := range []string{"", " ", "a", "ñ", "maria garcia", "5983", "+54 9 11 59", "wa.me/5491159834410", "🎉👩🏽‍🦰", "\u202e\u200f", "\x00\x01\xff", "\"'`*-^(){}", "...", strings.Repeat("maria ", 2000),
		strings.Repeat("a", 10_000), strings.Repeat("9", 10_000), strings.Repeat("1 ", 5000), "אנה", "İ", "ﬁ", "11 5983 agustina 44 10"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for n, h := range p.Find(query, buenosAires, 30) {
			length, last := utf16Count(h.Text), 0
			for _, r := range h.Ranges {
				if r[0] < last || r[1] <= r[0] || r[1] > length {
					t.Errorf("%q at %d: ranges %v of %q", query, n, h.Ranges, h.Text)
				}
				last = r[1]
			}
			if h.Person == "" || h.Reason == "" {
				t.Errorf("%q at %d: %+v", query, n, h)
			}
		}
	})
}
