package words

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := files.ReadFile(lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatalf("%s.json: %v", lang, err)
	}
	return texts
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

func placeholders(text string) []string {
	names := placeholder.FindAllString(text, -1)
	slices.Sort(names)
	return slices.Compact(names)
}

func TestLanguagesSayTheSame(t *testing.T) {
	spanish := catalogue(t, Argentina)
	for _, lang := range []string{English, Mexico} {
		texts := catalogue(t, lang)
		for key, text := range texts {
			original, found := spanish[key]
			if !found {
				t.Errorf("%s.json has %q, which es-AR.json has not", lang, key)
				continue
			}
			if got, want := placeholders(text), placeholders(original); !slices.Equal(got, want) {
				t.Errorf("%s.json: %q has placeholders %v, es-AR.json %v", lang, key, got, want)
			}
		}
		if lang == Mexico {
			continue
		}
		for key := range spanish {
			if _, found := texts[key]; !found {
				t.Errorf("%s.json lacks %q", lang, key)
			}
		}
	}
}

// A reader of JSON keeps the last of two and says nothing.
func TestNoKeyStandsTwice(t *testing.T) {
	key := regexp.MustCompile(`(?m)^\s*("(?:[^"\\]|\\.)*"):`)
	for _, lang := range Languages() {
		data, err := files.ReadFile(lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, m := range key.FindAllSubmatch(data, -1) {
			if name := string(m[1]); seen[name] {
				t.Errorf("%s.json has %s twice", lang, name)
			} else {
				seen[name] = true
			}
		}
		if n := len(catalogue(t, lang)); len(seen) != n {
			t.Errorf("%s.json: saw %d keys of %d: one a line, please", lang, len(seen), n)
		}
	}
}

func TestMexicoHoldsOnlyWhatDiffers(t *testing.T) {
	spanish := catalogue(t, Argentina)
	for key, text := range catalogue(t, Mexico) {
		if spanish[key] == text {
			t.Errorf("es-MX.json repeats %q of es-AR.json", key)
		}
	}
}

func TestNoSentenceIsEmpty(t *testing.T) {
	for _, lang := range Languages() {
		for key, text := range catalogue(t, lang) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s.json: %q is empty", lang, key)
			}
			if strings.Count(text, "{") != len(placeholder.FindAllString(text, -1)) {
				t.Errorf("%s.json: %q has a brace that opens no placeholder", lang, key)
			}
		}
	}
}

func TestPluralsArePairs(t *testing.T) {
	for _, lang := range Languages() {
		texts := catalogue(t, lang)
		for key := range texts {
			stem, one := strings.CutSuffix(key, ".one")
			if !one {
				continue
			}
			if _, found := texts[stem+".other"]; !found {
				t.Errorf("%s.json has %q without its .other", lang, key)
			}
			if _, found := texts[stem]; found {
				t.Errorf("%s.json has %q both plural and not", lang, stem)
			}
		}
		for key := range texts {
			stem, other := strings.CutSuffix(key, ".other")
			if _, found := texts[stem+".one"]; other && !found {
				t.Errorf("%s.json has %q without its .one", lang, key)
			}
		}
	}
}

// voseo finds what only Argentines say: it must not reach a Mexican.
var voseo = regexp.MustCompile(`(?i)(^|[^\p{L}])(vos|acá|escrib[ií]s?|eleg[ií]|buscá|abrí|abrilo|cargá|querés|tenés|podés|probá|revisá|poné|usá|corré|mirá|esperá)([^\p{L}]|$)`)

func TestMexicoIsNotSpokenToAsVos(t *testing.T) {
	w := For(Mexico)
	for key, text := range w.texts {
		if found := voseo.FindStringSubmatch(text); found != nil {
			t.Errorf("%q says %q in Mexico: %q", key, found[2], text)
		}
	}
}

func TestT(t *testing.T) {
	argentina, mexico, english := For(Argentina), For(Mexico), For(English)
	for _, test := range []struct {
		name, got, want string
	}{
		{"plain", argentina.T("view.inbox"), "Bandeja de entrada"},
		{"numbers", argentina.T("account.reading", "done", 310, "total", 1240), "leyendo mensajes: 310 de 1.240"},
		{"numbers in Mexico", mexico.T("account.reading", "done", 310, "total", int64(1240)), "leyendo mensajes: 310 de 1,240"},
		{"one", english.T("account.listing", "count", 1), "listing: 1 chat"},
		{"many", english.T("account.listing", "count", 1240000), "listing: 1,240,000 chats"},
		{"none", argentina.T("account.listing", "count", 0), "listando: 0 chats"},
		{"tú", mexico.T("help.typing"), "Las teclas sueltas no actúan mientras escribes."},
		{"taken from es-AR", mexico.T("view.spam"), "Spam"},
		{"no such key", english.T("no.such.key", "a", 1), "no.such.key"},
		{"argument missing", english.T("account.progress"), "Messages read of {name}"},
		{"value missing", english.T("account.progress", "name"), "Messages read of {name}"},
		{"a value is not read for placeholders", english.T("account.reading", "done", "{total}", "total", 2), "reading messages: {total} of 2"},
		{"zero value", Words{}.T("view.inbox"), "view.inbox"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
}

func TestHas(t *testing.T) {
	w := For(English)
	if !w.Has("view.inbox") || !w.Has("account.listing") || w.Has("view") {
		t.Error("Has must find plain keys and plurals, and nothing else")
	}
}

func TestMatch(t *testing.T) {
	for tag, want := range map[string]string{
		"es": Argentina, "es-AR": Argentina, "es_AR.UTF-8": Argentina, "ES_ar": Argentina, "es_UY": Argentina, "es-Latn-AR": Argentina,
		"es-MX": Mexico, "es_MX.UTF-8": Mexico, "es_MX@euro": Mexico, "es-ES": Mexico, "es-419": Mexico, "es_CO": Mexico,
		"en": English, "en_US.UTF-8": English, "pt-BR": English, "": English, "C": English, "C.UTF-8": English, "POSIX": English, "est": English,
	} {
		if got := Match(tag); got != want {
			t.Errorf("Match(%q) = %q, want %q", tag, got, want)
		}
		if got := For(tag).Lang(); got != want {
			t.Errorf("For(%q).Lang() = %q, want %q", tag, got, want)
		}
	}
}

func TestNumbersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		for _, lang := range Languages() {
			written := For(lang).Number(n)
			digits := strings.NewReplacer(".", "", ",", "").Replace(written)
			plain, _ := json.Marshal(n)
			if digits != string(plain) {
				t.Fatalf("%s writes %d as %q", lang, n, written)
			}
		}
	})
}
