package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"

	"pgregory.net/rapid"
)

func TestPeopleByName(t *testing.T) {
	e := newEngine(t)
	for i, name := range []string{"María García", "Mariana Garcés", "José Luis Muñoz", "Juan Pérez", "Juan Carlos Pérez", "Mar", "Marta Gómez", "O'Higgins, Bernardo", "Ana 🎉 Sofía", "Anabel", "Ximena Itzel Nahuatl"} {
		save(t, e, waspyAccount, chat(fmt.Sprint(i), name, "", minutes(i)))
	}
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"maria garcia", []string{"María García"}},
		{"garcia maria", []string{"María García"}},
		{"gar mar", []string{"Mariana Garcés", "María García"}},
		{"GARCÍA", []string{"María García"}},
		{"munoz", []string{"José Luis Muñoz"}},
		{"muñoz jo", []string{"José Luis Muñoz"}},
		{"mun\u0303oz", []string{"José Luis Muñoz"}},
		{"juan perez", []string{"Juan Pérez", "Juan Carlos Pérez"}},
		{"mar", []string{"Mar", "Marta Gómez", "María García", "Mariana Garcés"}},
		{"o'higgins", []string{"O'Higgins, Bernardo"}},
		{"sofia", []string{"Ana 🎉 Sofía"}},
		{"ana", []string{"Ana 🎉 Sofía", "Anabel"}},
		{"ana ana", []string{"Ana 🎉 Sofía", "Anabel"}},
		{"xin", []string{"Ximena Itzel Nahuatl"}}, // initials
		{"jlmz", []string{"José Luis Muñoz"}},     // letters in order
		{"zzz", nil},
		{"🎉", nil},
		{"", []string{"Ximena Itzel Nahuatl", "Anabel"}}, // met last
		{"   ", []string{"Ximena Itzel Nahuatl", "Anabel"}},
		{"%_\x00'\"", nil},
	} {
		got := names(t, e, tt.query)
		if len(tt.want) < len(got) && len(tt.want) > 0 {
			got = got[:len(tt.want)] // what follows are lesser hits
		}
		same(t, tt.query, got, tt.want...)
	}
}

// An exact hit is never displaced by a lesser one, however many there are and
// however recent.
func TestExactComesFirst(t *testing.T) {
	e := newEngine(t)
	var crowd []inbox.Conversation
	for i := range 3000 {
		crowd = append(crowd, chat(fmt.Sprint(i), []string{"Anastasia", "Anabel", "Analía Ana", "Ana Lucía", "A N A"}[i%5]+fmt.Sprint(" ", i), "", minutes(i+10)))
	}
	save(t, e, waspyAccount, append(crowd, chat("old", "Ana", "", noon))...)
	for _, query := range []string{"ana", "Ána", "ANA "} {
		hits := e.People.Find(query, buenosAires, 20)
		if len(hits) != 20 || hits[0].Text != "Ana" || !hits[0].Exact || hits[0].Reason != "exact" {
			t.Fatalf("%q: %d hits, first %+v", query, len(hits), hits[0])
		}
		for i, h := range hits {
			if !h.Exact || i > 0 && h.Score > hits[i-1].Score {
				t.Errorf("%q: at %d %+v", query, i, h)
			}
		}
	}
	// A word that equals counts before one it begins, whichever stands first.
	save(t, e, waspyAccount, chat("x", "Zoilaluz Zoila", "", noon), chat("y", "Zoilaluz", "", minutes(9999)))
	if hits := e.People.Find("zoila", buenosAires, 5); len(hits) != 2 || hits[0].Text != "Zoilaluz Zoila" || !slices.Equal(hits[0].Ranges, [][2]int{{9, 14}}) {
		t.Errorf("%+v", hits)
	}
}

func TestPeopleByNumber(t *testing.T) {
	for _, stored := range []string{"+5491159834410", "541159834410", "011 15-5983-4410"} {
		e := newEngine(t)
		save(t, e, waspyAccount, chat("1", "", stored, noon), chat("2", "Beto", "+54 9 351 555-0101", minutes(1)))
		ref, err := e.Cache.ThreadOf(t.Context(), waspyAccount.Name, "1")
		if err != nil {
			t.Fatal(err)
		}
		th, err := e.Cache.Thread(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			query, reason string // reason "" : same line, whatever the form
			marked        string // digits that are marked, "" : all
		}{
			{"011 15-5983-4410", "", ""},
			{"5491159834410", "", ""},
			{"+54 9 11 5983-4410", "", ""},
			{"+54 11 5983-4410", "", ""},
			{"541159834410", "", ""},
			{"11 5983 4410", "", ""},
			{"https://wa.me/5491159834410", "", ""},
			{"5491159834410@s.whatsapp.net", "", ""},
			{"whatsapp:+5491159834410", "", ""},
			{"cel 11 5983-4410", "", ""},
			{"5983", "part_of_number", "5983"},
			{"115983", "part_of_number", "115983"},
			{"15 5983", "part_of_number", "5983"},
			{"0 11 5983", "part_of_number", "115983"},
			{"983-44", "part_of_number", "98344"},
			{"+54 9 11 59", "part_of_number", "1159"},
		} {
			hits := e.People.Find(tt.query, buenosAires, 20)
			if len(hits) == 0 || hits[0].Person != th.Person {
				t.Errorf("stored %s: %q finds %+v", stored, tt.query, hits)
				continue
			}
			h := hits[0]
			if h.Field != "phone" || h.Text != th.Phone || h.Exact != (tt.reason == "") || tt.reason != "" && h.Reason != tt.reason {
				t.Errorf("stored %s: %q gives %+v", stored, tt.query, h)
			}
			var marked strings.Builder
			for _, r := range h.Ranges {
				marked.WriteString(phone.Digits(utf16Slice(h.Text, r)))
			}
			if want := tt.marked; want != "" && !strings.HasSuffix(marked.String(), want) || want == "" && marked.String() != phone.Digits(h.Text) {
				t.Errorf("stored %s: %q marks %q of %q", stored, tt.query, marked.String(), h.Text)
			}
			if tt.reason == "" && strings.ContainsAny(tt.query, ":@") && len(hits) != 1 {
				t.Errorf("a link finds %d lines", len(hits))
			}
		}
		if hits := e.People.Find("59", buenosAires, 20); len(hits) > 1 {
			t.Errorf("two digits find %+v", hits)
		}
		save(t, e, waspyAccount, chat("3", "Caro 5983", "", minutes(2))) // a whole word of a name
		same(t, "5983", names(t, e, "5983"), "Caro 5983", th.Phone)
		same(t, "999999", names(t, e, "999999"))
		same(t, "https://wa.me/5491159834411", names(t, e, "https://wa.me/5491159834411"))
	}
}

func TestReasonsOfALine(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("1", "Ana", "+54 11 5983-4410", noon))
	save(t, e, platicaAccount, chat("2", "Lupe", "5215512345678", noon))
	for query, want := range map[string]string{
		"+54 9 11 5983-4410": "same_line_without_9", "+54 11 5983-4410": "exact", "wa.me/5491159834410": "same_line_without_9",
		"+52 1 55 1234 5678": "exact", "+52 55 1234 5678": "exact",
	} {
		if hits := e.People.Find(query, buenosAires, 5); len(hits) != 1 || hits[0].Reason != want || !hits[0].Exact {
			t.Errorf("%q: %+v, want %s", query, hits, want)
		}
	}
}

func TestNameWithDigits(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("1", "Agustina Ruiz", "+5491159834410", noon), chat("2", "Agustina Sosa", "+5491144445555", minutes(1)), chat("3", "Beto", "+5491159830000", minutes(2)),
		chat("4", "Local 5983", "", minutes(3)), chat("5", "Agustina 598", "", minutes(4)))
	same(t, "agustina 5983", names(t, e, "agustina 5983"), "Agustina Ruiz")
	same(t, "5983 agus", names(t, e, "5983 agus"), "Agustina Ruiz")
	same(t, "beto 5983", names(t, e, "beto 5983"), "Beto")
	same(t, "local 5983", names(t, e, "local 5983"), "Local 5983")
	same(t, "agustina 9999", names(t, e, "agustina 9999"))
}

func TestIndexFollowsCommits(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("1", "Ana Ruiz", "+5491159834410", noon))
	same(t, "ruiz", names(t, e, "ruiz"), "Ana Ruiz")
	save(t, e, platicaAccount, chat("s", "Anita", "541159834410", minutes(5)))
	r, err := e.Search(t.Context(), Ask{Query: "ruiz", Where: buenosAires, Limit: 5})
	if err != nil || len(r.People) != 1 || r.People[0].Name != "Anita" || !slices.Equal(r.People[0].Names, []string{"Anita", "Ana Ruiz"}) || len(r.People[0].Threads) != 2 || r.People[0].Match.Text != "Ana Ruiz" {
		t.Errorf("%+v, %v", r.People, err)
	}
	// Renamed: the old name stays findable while a conversation carries it.
	save(t, e, waspyAccount, chat("1", "Ana Paz", "+5491159834410", minutes(6)))
	same(t, "ruiz", names(t, e, "ruiz"))
	same(t, "paz", names(t, e, "paz"), "Ana Paz")
	// Another number: another person, and the old one has lost that thread.
	save(t, e, waspyAccount, chat("1", "Ana Paz", "+5493515550101", minutes(7)))
	same(t, "5983", names(t, e, "5983"), "Anita")
	same(t, "5550101", names(t, e, "5550101"), "Ana Paz")
	before := len(e.People.dir.record)
	// At Plática a line that has gone takes its person with it.
	save(t, e, platicaAccount, platicaRow("p", "Zoe", "5215512345678"))
	same(t, "zoe", names(t, e, "zoe"), "Zoe")
	save(t, e, platicaAccount, platicaRow("p", "Zoe", "5215587654321"))
	same(t, "12345678", names(t, e, "12345678"))
	same(t, "87654321", names(t, e, "87654321"), "Zoe")
	if hits := e.People.Find("zoe", buenosAires, 5); len(hits) != 1 {
		t.Errorf("%+v", hits)
	}
	if got := len(e.People.dir.record); got > before+2 {
		t.Errorf("%d entries, %d before: places are not used again", got, before)
	}
}

func platicaRow(id, name, number string) inbox.Conversation {
	c := chat(id, name, number, noon)
	c.Contact = ""
	return c
}

// Load makes the index what the cache is, whatever it was.
func TestLoad(t *testing.T) {
	e := New(newEngine(t).Cache, nil)
	if e.People.Ready() {
		t.Error("ready before Load")
	}
	soon, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.People.Wait(soon); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	save(t, e, waspyAccount, chat("1", "Ana", "+5491159834410", noon))
	save(t, e, platicaAccount, chat("2", "Lupe", "", noon))
	if _, err := e.Cache.RemoveAccount(t.Context(), waspyAccount.Name); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.People.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.People.Wait(soon); !e.People.Ready() || err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("ready %v, %v", e.People.Ready(), err)
	}
	same(t, "ana", names(t, e, "ana"))
	same(t, "5983", names(t, e, "5983"))
	same(t, "lupe", names(t, e, "lupe"), "Lupe")
	if err := e.People.Load(soon); !errors.Is(err, context.Canceled) || !e.People.Ready() {
		t.Errorf("%v, ready %v", err, e.People.Ready())
	}
}

// Commits, lookups and a Load run side by side; in the end the index is what a
// fresh one is.
func TestIndexBesideCommits(t *testing.T) {
	e := newEngine(t)
	var work sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		work.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					e.People.Find("ana 5983", buenosAires, 10)
					e.People.Find("an", buenosAires, 10)
				}
			}
		})
	}
	var loads sync.WaitGroup
	loads.Go(func() {
		for range 10 {
			if err := e.People.Load(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 60 {
		save(t, e, platicaAccount, platicaRow(fmt.Sprint(i%20), []string{"Ana", "Analía", "Beto"}[i%3], []string{"", "5215512345678", "5491159834410", "5215587654321"}[i%4]))
	}
	loads.Wait()
	close(stop)
	work.Wait()
	fresh := NewPeople(e.Cache)
	if err := fresh.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameIndex(t, e.People, fresh)
}

func sameIndex(t interface{ Errorf(string, ...any) }, got, want *People) {
	if got.dir.people != want.dir.people || got.dir.text != want.dir.text {
		t.Errorf("%d people with %d bytes, want %d with %d", got.dir.people, got.dir.text, want.dir.people, want.dir.text)
	}
	for _, q := range []string{"an", "ana", "be", "beto", "123", "5983", "87654321", "nl", "ana 5983", "analia"} {
		a, b := got.Find(q, buenosAires, 50), want.Find(q, buenosAires, 50)
		show := func(hits []Hit) (out []string) {
			for _, h := range hits {
				out = append(out, h.Person+h.Reason)
			}
			slices.Sort(out)
			return out
		}
		if !slices.Equal(show(a), show(b)) {
			t.Errorf("%q: %v, a fresh index finds %v", q, show(a), show(b))
		}
	}
}

// After any run of commits an index that followed them is what a fresh one is.
func TestIndexFollowsAnything(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		e := newEngine(t)
		defer e.Cache.Close()
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			a := rapid.SampledFrom([]inbox.Account{waspyAccount, platicaAccount}).Draw(r, "account")
			row := chat(fmt.Sprint(rapid.IntRange(0, 5).Draw(r, "id")), rapid.SampledFrom([]string{"", "Ana", "Ana Beto", "Analía", "Beto 123"}).Draw(r, "name"),
				rapid.SampledFrom([]string{"", "5215512345678", "5491159834410", "1159834410", "nada"}).Draw(r, "phone"), minutes(rapid.IntRange(0, 9).Draw(r, "at")))
			if a.Provider == inbox.Platica {
				row.Contact = ""
			}
			save(t, e, a, row)
		}
		fresh := NewPeople(e.Cache)
		if err := fresh.Load(t.Context()); err != nil {
			r.Fatal(err)
		}
		sameIndex(r, e.People, fresh)
		for _, p := range []*People{e.People, fresh} {
			for n, list := range p.dir.words.postings {
				if !slices.IsSorted(list) {
					r.Fatalf("postings of %q: %v", p.dir.words.text.at(uint32(n)), list)
				}
			}
		}
	})
}

// An office in Argentina and one in Mexico write their numbers each in its own
// way: a number typed nationally is looked for in both.
func TestNumbersOfSeveralOffices(t *testing.T) {
	e := newEngine(t)
	save(t, e, waspyAccount, chat("a", "Rocío Luján", "+5491159830001", minutes(1)))
	save(t, e, platicaAccount, chat("b", "Citlali Rueda", "524491890002", minutes(2)))
	both := []phone.Context{{Region: "AR", Area: "11"}, {Region: "MX"}}
	for query, want := range map[string]string{"011 15-5983-0001": "Rocío Luján", "449 189 0002": "Citlali Rueda"} {
		r, err := e.Search(t.Context(), Ask{Query: query, Where: both, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.People) != 1 || r.People[0].Name != want || !r.People[0].Match.Exact {
			t.Errorf("Search(%q) = %+v, want %s alone, exactly", query, r.People, want)
		}
	}
}
