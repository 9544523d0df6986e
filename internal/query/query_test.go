package query

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
)

var buenosAires = time.FixedZone("-03", -3*3600)

// noon of a Wednesday, there.
var noon = time.Date(2026, 4, 15, 15, 0, 0, 0, time.UTC)

func parse(text string) Query { return Parse(text, noon, buenosAires) }

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, buenosAires) }

// TestFilters: every filter, in Spanish and in English.
func TestFilters(t *testing.T) {
	facets := func(f Facets) Filter { return Filter{Facets: f} }
	not := func(f Facets) Filter { return Filter{Not: f} }
	for text, want := range map[string]Filter{
		"estado:abierta":                      facets(Facets{Statuses: []inbox.Status{inbox.Open}}),
		"status:open":                         facets(Facets{Statuses: []inbox.Status{inbox.Open}}),
		"Status:ACTIVE":                       facets(Facets{Statuses: []inbox.Status{inbox.Open}}),
		"estado:abierta status:pending":       facets(Facets{Statuses: []inbox.Status{inbox.Open, inbox.Pending}}),
		"is:spam":                             facets(Facets{Statuses: []inbox.Status{inbox.Spam}}),
		"-estado:cerrada":                     not(Facets{Statuses: []inbox.Status{inbox.Closed}}),
		"de:ana":                              facets(Facets{Assignees: []string{"ana"}}),
		`assignee:"Ana López"`:                facets(Facets{Assignees: []string{"Ana López"}}),
		"de:yo":                               facets(Facets{Assignees: []string{Me}}),
		"assignee:ME":                         facets(Facets{Assignees: []string{Me}}),
		"sin:asignar":                         facets(Facets{Unassigned: true}),
		"is:unassigned":                       facets(Facets{Unassigned: true}),
		"no:assignee":                         facets(Facets{Unassigned: true}),
		"-sin:asignar":                        not(Facets{Unassigned: true}),
		"es:sinleer":                          facets(Facets{Unread: true}),
		"es:sin-leer":                         facets(Facets{Unread: true}),
		"is:unread":                           facets(Facets{Unread: true}),
		`es:"pendiente de respuesta"`:         facets(Facets{NeedsReply: true}),
		"is:needs-reply":                      facets(Facets{NeedsReply: true}),
		"es:mia":                              facets(Facets{Assignees: []string{Me}}),
		"is:mine":                             facets(Facets{Assignees: []string{Me}}),
		"is:unsent":                           facets(Facets{Waiting: true}),
		"es:incompleta":                       facets(Facets{Partial: true}),
		"cuenta:ventas":                       facets(Facets{Accounts: []string{"ventas"}}),
		"account:ventas":                      facets(Facets{Accounts: []string{"ventas"}}),
		"canal:549111":                        facets(Facets{Channels: []string{"549111"}}),
		"channel:sur":                         facets(Facets{Channels: []string{"sur"}}),
		"plataforma:Plática":                  facets(Facets{Providers: []inbox.ProviderName{inbox.Platica}}),
		"provider:waspy":                      facets(Facets{Providers: []inbox.ProviderName{inbox.Waspy}}),
		`etiqueta:"muy vip"`:                  facets(Facets{Tags: []string{"muy vip"}}),
		"tag:«muy  vip»":                      facets(Facets{Tags: []string{"muy vip"}}),
		"tel:2641":                            facets(Facets{Phones: []string{"2641"}}),
		"phone:+5491159834410":                facets(Facets{Phones: []string{"+5491159834410"}}),
		"vence<2h":                            facets(Facets{ExpiresWithin: 2 * time.Hour}),
		"expires<30min":                       facets(Facets{ExpiresWithin: 30 * time.Minute}),
		"expires<=1d":                         facets(Facets{ExpiresWithin: 24 * time.Hour}),
		"vence:2hs":                           facets(Facets{ExpiresWithin: 2 * time.Hour}),
		"antes:2026-04-01":                    {Before: day(2026, 4, 1)},
		"before:1/4/2026":                     {Before: day(2026, 4, 1)},
		"después:01/04/2026":                  {After: day(2026, 4, 1)},
		"despues:2026-04":                     {After: day(2026, 4, 1)},
		"after:2026":                          {After: day(2026, 1, 1)},
		"-antes:2026-04-01":                   {After: day(2026, 4, 1)},
		"desde:hoy":                           {After: day(2026, 4, 15)},
		"after:yesterday":                     {After: day(2026, 4, 14)},
		"after:7d":                            {After: day(2026, 4, 8)},
		"desde:2sem":                          {After: day(2026, 4, 1)},
		"since:1mo":                           {After: day(2026, 3, 15)},
		"antes:1año":                          {Before: day(2025, 4, 15)},
		"after:3h":                            {After: noon.Add(-3 * time.Hour)},
		"después:2026-04-01 antes:2026-04-02": {After: day(2026, 4, 1), Before: day(2026, 4, 2)},
		"tiene:archivo":                       facets(Facets{Kinds: []inbox.Kind{inbox.Image, inbox.Audio, inbox.Video, inbox.Document}}),
		"has:file":                            facets(Facets{Kinds: []inbox.Kind{inbox.Image, inbox.Audio, inbox.Video, inbox.Document}}),
		"tiene:foto":                          facets(Facets{Kinds: []inbox.Kind{inbox.Image}}),
		"has:document":                        facets(Facets{Kinds: []inbox.Kind{inbox.Document}}),
		"dirección:entrante":                  facets(Facets{Directions: []inbox.Direction{inbox.In}}),
		"dir:out":                             facets(Facets{Directions: []inbox.Direction{inbox.Out}}),
	} {
		q := parse(text)
		if len(q.Problems) != 0 || len(q.Words) != 0 {
			t.Errorf("%s: words %v, problems %v", text, q.Words, q.Problems)
		}
		if !sameFilter(q.Filter, want) {
			t.Errorf("%s: %+v\nwant %+v", text, q.Filter, want)
		}
		if q.Filter.Empty() {
			t.Errorf("%s: passes for no filter", text)
		}
	}
}

func sameFilter(a, b Filter) bool {
	if !a.After.Equal(b.After) || !a.Before.Equal(b.Before) {
		return false
	}
	return reflect.DeepEqual(a.Facets, b.Facets) && reflect.DeepEqual(a.Not, b.Not)
}

// TestWords: what is looked for as it stands, though it looks like a filter.
func TestWords(t *testing.T) {
	word := func(s string) Word { return Word{Text: s} }
	last := func(s string) Word { return Word{Text: s, Prefix: true} }
	for text, want := range map[string][]Word{
		"":                    nil,
		"   \t\x00 ":          nil,
		"juan":                {last("juan")},
		"juan pérez":          {word("juan"), last("pérez")},
		"15:30":               {last("15:30")},
		"https://wa.me/54911": {last("https://wa.me/54911")},
		"whatsapp:+54911":     {last("whatsapp:+54911")},
		"hola: qué tal":       {word("hola:"), word("qué"), last("tal")},
		"hola:":               {last("hola:")},
		`"mi pedido"`:         {{Text: "mi pedido", Phrase: true}},
		`“mi  pedido” ya`:     {{Text: "mi pedido", Phrase: true}, last("ya")},
		"pedido -factura":     {last("pedido"), {Text: "factura", Exclude: true}},
		`pedido -"por favor"`: {last("pedido"), {Text: "por favor", Phrase: true, Exclude: true}},
		"11 5983 -4410":       {word("11"), word("5983"), last("-4410")},
		"pedido -4410":        {last("pedido"), {Text: "4410", Exclude: true}},
		"a - b":               {word("a"), last("b")},
		"?!… 🙂 -":             nil,
		"estado: juan":        {last("juan")}, // its value is still to be written
		"tel:":                nil,
		"e-mail":              {last("e-mail")},
		"a\x00b":              {word("a"), last("b")},
	} {
		q := parse(text)
		if !reflect.DeepEqual(q.Words, want) || len(q.Problems) != 0 || !q.Filter.Empty() {
			t.Errorf("%q: %+v, problems %+v, filter %+v\nwant %+v", text, q.Words, q.Problems, q.Filter, want)
		}
	}
}

// TestProblems: what is wrong is said, with what may have been meant, and the
// rest counts.
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		text, at string // the piece that is wrong
		code     Code
		suggest  string
		words    string
	}{
		{"estdo:abierta juan", "estdo:abierta", UnknownFilter, "estado:abierta", "juan"},
		{"asignee:ana juan", "asignee:ana", UnknownFilter, "de:ana", "juan"},
		{"-etiketa:vip juan", "-etiketa:vip", UnknownFilter, "-etiqueta:vip", "juan"},
		{"receta:azul juan", "receta:azul", UnknownFilter, "", "receta:azul juan"},
		{"juan estado:abirta", "estado:abirta", UnknownValue, "estado:abierta", "juan"},
		{"es:sinler juan", "es:sinler", UnknownValue, "sin:leer", "juan"},
		{"tiene:perro juan", "tiene:perro", UnknownValue, "", "juan"},
		{"antes:32/13/2026 juan", "antes:32/13/2026", BadDate, "antes:2026-04-15", "juan"},
		{"después:99999a juan", "después:99999a", BadDate, "después:2026-04-15", "juan"},
		{"vence<pronto juan", "vence<pronto", BadDuration, "vence<2h", "juan"},
		{"vence<1mes juan", "vence<1mes", BadDuration, "vence<2h", "juan"},
		{`juan "mi ped`, `"mi ped`, OpenQuote, "", "juan mi ped"},
		{"antes:2026-01-01 juan antes:2026-02-01", "antes:2026-01-01", Twice, "", "juan"},
		{"-factura", "-factura", OnlyFilters, "", ""},
		{"ñandú 🙂 estdo:x juan", "estdo:x", UnknownFilter, "estado:", "ñandú juan"},
	} {
		q := parse(c.text)
		if len(q.Problems) != 1 {
			t.Errorf("%s: problems %+v", c.text, q.Problems)
			continue
		}
		p := q.Problems[0]
		if p.Code != c.code || piece(c.text, p.Start, p.End) != c.at {
			t.Errorf("%s: %s at %q", c.text, p.Code, piece(c.text, p.Start, p.End))
		}
		harmless := c.code == OpenQuote || c.code == Twice || c.code == OnlyFilters
		if _, misread := q.Misread(); misread == harmless {
			t.Errorf("%s: misread is %v", c.text, misread)
		}
		got := ""
		if len(p.Suggest) > 0 {
			got = p.Suggest[0].Render(Spanish)
		}
		if got != c.suggest {
			t.Errorf("%s: suggests %q, want %q", c.text, got, c.suggest)
		}
		if q.Plain() != c.words {
			t.Errorf("%s: words %q, want %q", c.text, q.Plain(), c.words)
		}
	}
}

// piece is a range of UTF-16 offsets.
func piece(s string, start, end int) string {
	return string(utf16.Decode(utf16.Encode([]rune(s))[start:end]))
}

// TestTooLong: of pasted text the beginning counts.
func TestTooLong(t *testing.T) {
	q := parse(strings.Repeat("palabra ", 5000) + "estado:abierta")
	if len(q.Words) != MaxWords || len(q.Problems) != 1 || q.Problems[0].Code != TooLong {
		t.Fatalf("%d words, %+v", len(q.Words), q.Problems)
	}
	if p, misread := q.Misread(); !misread || p.Code != TooLong {
		t.Errorf("%+v, %v", p, misread)
	}
}

// anyQuery draws texts that are mostly made of the language's own pieces.
func anyQuery(t *rapid.T) string {
	values := rapid.SampledFrom([]string{"abierta", "open", "ana", "yo", "me", `"Ana López"`, "«muy vip»", "ventas", "2641", "2h", "30min", "2026-04-01", "1/4/2026",
		"hoy", "yesterday", "7d", "2sem", "1mo", "archivo", "image", "in", "saliente", "sin-leer", "unassigned", "asignar", "//x", "", "32", `"open`, "Plática", "'", "-", ":"})
	piece := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string {
			k := rapid.SampledFrom(Keys).Draw(t, "key")
			name := k.Name(Lang(rapid.IntRange(0, 1).Draw(t, "lang")))
			return rapid.SampledFrom([]string{"", "-"}).Draw(t, "minus") + name + rapid.SampledFrom([]string{":", "<", "<=", ": "}).Draw(t, "colon") + values.Draw(t, "value")
		}),
		rapid.SampledFrom([]string{"juan", "-factura", `"mi pedido"`, `-"por favor"`, "15:30", "https://x.y", "hola:", "estdo:abierta", "receta:x", "-receta:x", `receta:"a b"`,
			"11", "-4410", "+54", "🙂", "-", "--", "\u200f", "ñ", `""`, "“a b”", "«a \"b»", "estado:"}),
		rapid.String(),
	)
	return strings.Join(rapid.SliceOfN(piece, 0, 7).Draw(t, "pieces"), rapid.SampledFrom([]string{" ", "  ", "\n"}).Draw(t, "space"))
}

// TestLanguagesAreEqual: a query means the same in Spanish and in English, and
// writing it again changes nothing.
func TestLanguagesAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := parse(anyQuery(t))
		for _, lang := range []Lang{Spanish, English} {
			written := q.Render(lang)
			again := parse(written)
			if !sameFilter(q.Filter, again.Filter) || !reflect.DeepEqual(q.Words, again.Words) {
				t.Fatalf("%q\nas %q\n%+v %+v\n%+v %+v", q.Text, written, q.Filter, q.Words, again.Filter, again.Words)
			}
			if twice := again.Render(lang); twice != written {
				t.Fatalf("%q\nas %q\nthen %q", q.Text, written, twice)
			}
		}
	})
}

// checkParts: parts and problems lie within the text, in order, and a part is
// what stands there.
func checkParts(t interface{ Fatalf(string, ...any) }, text string) {
	q := parse(text)
	at, units := 0, utf16.Encode([]rune(q.Text))
	for _, p := range q.Parts {
		if p.Start < at || p.End <= p.Start || p.End > len(units) {
			t.Fatalf("%q: part %+v after %d of %d", text, p, at, len(units))
		}
		if got := string(utf16.Decode(units[p.Start:p.End])); got != p.Text {
			t.Fatalf("%q: part %q stands at %q", text, p.Text, got)
		}
		at = p.End
	}
	for _, p := range q.Problems {
		if p.Start < 0 || p.End <= p.Start || p.End > len(units) {
			t.Fatalf("%q: problem %+v of %d", text, p, len(units))
		}
	}
	for n := range len(units) + 1 {
		if n > 40 {
			break
		}
		for _, c := range q.Complete(n, Spanish, func(Key) []Choice { return []Choice{{Value: "muy vip"}} }) {
			if c.Start < 0 || c.End < c.Start || c.End > len(units) || c.Insert == "" {
				t.Fatalf("%q at %d: %+v", text, n, c)
			}
		}
	}
}

func TestParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkParts(t, anyQuery(t)) })
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "estado:abierta juan", `"mi ped`, "-", "vence<", "\xff\x00estdo:\u202e", `de:"`, "🙂🙂:🙂", "tag:«a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkParts(t, text) })
}

// TestComplete: what is offered at the end of a text.
func TestComplete(t *testing.T) {
	choices := func(k Key) []Choice {
		if k == Tag {
			return []Choice{{Value: "vip"}, {Value: "muy vip"}, {Value: "mayorista"}}
		}
		return nil
	}
	for _, c := range []struct {
		text string
		lang Lang
		want []string
	}{
		{"est", Spanish, []string{"estado:"}},
		{"juan sta", English, []string{"status:"}},
		{"estado:", Spanish, []string{"estado:abierta ", "estado:pendiente ", "estado:resuelta ", "estado:cerrada ", "estado:spam ", "estado:vencida ", "estado:desconocido "}},
		{"estado:re", Spanish, []string{"estado:resuelta "}},
		{"-status:res", English, []string{"-status:resolved "}},
		{"abier", Spanish, []string{"estado:abierta "}},
		{"etiqueta:vip", Spanish, []string{"etiqueta:vip ", `etiqueta:"muy vip" `}},
		{`etiqueta:"muy`, Spanish, []string{`etiqueta:"muy vip" `}},
		{"sin", Spanish, []string{"sin:asignar ", "sin:leer ", "sin:responder ", "sin:enviar "}},
		{`"est`, Spanish, nil},
		{"nada:x", Spanish, nil},
	} {
		q := parse(c.text)
		var got []string
		for _, item := range q.Complete(utf16Len(c.text), c.lang, choices) {
			got = append(got, item.Insert)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	if got := len((&Query{}).Complete(0, Spanish, choices)); got != len(Keys) {
		t.Errorf("nothing written: %d offered", got)
	}
}
