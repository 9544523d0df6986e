package search

import (
	"fmt"
	"strings"
	"testing"

	"bandeja/internal/inbox"
)

func TestFindAmong(t *testing.T) {
	e := newEngine(t)
	var rows []inbox.Conversation
	for i := range 300 {
		rows = append(rows, chat(fmt.Sprint(i), fmt.Sprint("Ana ", i), fmt.Sprintf("+549115%07d", 9834410+i), minutes(i)))
	}
	save(t, e, waspyAccount, rows...)
	wanted := map[string]bool{}
	for _, q := range []string{"ana 0", "ana 150"} {
		wanted[e.People.Find(q, buenosAires, 1)[0].Person] = true
	}
	for query, want := range map[string]int{"ana": 2, "a": 2, "0an": 0, "1159": 2, "": 2, "ana 150": 1, "ana 77": 0} {
		hits := e.People.FindAmong(query, buenosAires, 20, Among{Keep: func(p []byte) bool { return wanted[string(p)] }})
		for _, h := range hits {
			if !wanted[h.Person] {
				t.Errorf("%q finds %+v, who is not among them", query, h)
			}
		}
		if len(hits) != want {
			t.Errorf("%q finds %d, want %d: %+v", query, len(hits), want, hits)
		}
	}
}

func TestFindWithout(t *testing.T) {
	e := newEngine(t)
	long := strings.Repeat("x", longestWord)
	var rows []inbox.Conversation
	for i, name := range []string{"Ana", "Ana María", "María Ana", "Ana Maria del Valle", "Mariana Ana", "Ana " + long + "1", "Ana " + long + "2"} {
		rows = append(rows, chat(fmt.Sprint(i), name, fmt.Sprintf("+549115%07d", 9834410+i), minutes(i)))
	}
	save(t, e, waspyAccount, rows...)
	for without, want := range map[string]int{"": 7, "maria": 4, "MARÍA": 4, "maria del": 6, "ana maria": 5, "maría ana": 6, "zoila": 7, "maria zoila": 7, "ana": 0, "-": 7, long + "1": 7} {
		if hits := e.People.FindAmong("ana", buenosAires, 20, Among{Without: []string{without}}); len(hits) != want {
			t.Errorf("without %q: %d, want %d: %+v", without, len(hits), want, hits)
		}
	}
	// What the index cannot tell apart, the search does.
	if found := names(t, e, "ana -"+long+"1"); len(found) != 6 {
		t.Errorf("without a long word: %q, want 6", found)
	}
}

func TestFindInSQL(t *testing.T) {
	e := newEngine(t)
	for i, name := range []string{"María García", "Mariana Garcés", "Ángel Muñoz", "Núñez, Juan", "JOSÉ LUIS", "", "%", "Ana"} {
		save(t, e, waspyAccount, chat(fmt.Sprint(i), name, fmt.Sprintf("+549115983441%d", i), minutes(i)))
	}
	for query, want := range map[string]string{
		"maria": "Mariana Garcés/prefix María García/prefix", "maría g": "María García/prefix", "mari": "Mariana Garcés/prefix María García/prefix", "angel": "Ángel Muñoz/prefix", "ANGEL MU": "Ángel Muñoz/prefix",
		"nunez": "Núñez, Juan/prefix", "jose luis": "JOSÉ LUIS/exact", "ana": "Ana/exact", "garcia": "", "%": "%/exact", "_": "", "011 15-5983-4410": "+54 9 11 5983-4410/exact",
		"+54 11 5983-4417": "+54 9 11 5983-4417/same_line_without_9", "xyz": "",
	} {
		hits, err := FindInSQL(t.Context(), e.Cache, query, buenosAires, 5)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.Text+"/"+h.Reason)
			if len(h.Ranges) == 0 || h.Exact != (h.Reason != "prefix") {
				t.Errorf("%q: %+v", query, h)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	if hits, err := FindInSQL(t.Context(), e.Cache, " ", buenosAires, 3); err != nil || len(hits) != 3 || hits[0].Text != "Ana" {
		t.Errorf("met last: %+v, %v", hits, err)
	}
}
