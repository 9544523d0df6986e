package phone

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vector is one line of a file in testdata: fields between bars, the first a
// written form (a Go string when it is in quotes), the second the account, the
// last the reason.
type vector struct {
	text   string
	ctx    Context
	fields []string // between account and reason
	reason string
}

// vectors calls check with every line of the files of a folder in testdata, and
// the name of its file.
func vectors(t *testing.T, folder string, check func(t *testing.T, v vector)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors in %s: %v", folder, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
					check(t, readVector(t, line))
				}
			}
		})
	}
}

func readVector(t *testing.T, line string) vector {
	t.Helper()
	fields := strings.Split(line, "|")
	for i, f := range fields {
		fields[i] = strings.TrimSpace(f)
	}
	last := len(fields) - 1
	if last < 3 || fields[last] == "" {
		t.Fatalf("not a vector: %s", line)
	}
	v := vector{text: fields[0], fields: fields[2:last], reason: fields[last]}
	if strings.HasPrefix(v.text, `"`) {
		text, err := strconv.Unquote(v.text)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		v.text = text
	}
	if fields[1] != "-" {
		v.ctx.Region, v.ctx.Area, _ = strings.Cut(fields[1], " ")
	}
	return v
}

// parse reads a vector's text and holds it to its reason and to what is so of
// every result.
func (v vector) parse(t *testing.T) Number {
	t.Helper()
	n := Parse(v.text, v.ctx)
	if n.Reason != v.reason {
		t.Errorf("%q in %v: %q, want %q", v.text, v.ctx, n.Reason, v.reason)
	}
	if got := len(n.ReasonCodes()); got != strings.Count(n.Reason, "; ")+1 {
		t.Errorf("%q: %d codes for %q", v.text, got, n.Reason)
	}
	if n.Kind != Phone {
		if n != (Number{Kind: n.Kind, Reason: n.Reason}) {
			t.Errorf("%q in %v: %+v, want a reason and nothing else", v.text, v.ctx, n)
		}
		return n
	}
	checkForms(t, n)
	return n
}

// TestOneLine: all forms in a file are one line.
func TestOneLine(t *testing.T) {
	vectors(t, "one-line", func(t *testing.T, v vector) {
		if n := v.parse(t); n.Key != v.fields[0] {
			t.Errorf("%q in %v: %s %s (%s), want %s", v.text, v.ctx, n.Kind, n.Key, n.Reason, v.fields[0])
		}
	})
	for file, keys := range keysByFile(t, "one-line") {
		if slices.Sort(keys); len(slices.Compact(keys)) != 1 {
			t.Errorf("%s holds several lines", file)
		}
	}
}

// TestDistinct: no two forms in a file are one line, however alike they look.
func TestDistinct(t *testing.T) {
	vectors(t, "distinct", func(t *testing.T, v vector) {
		if n := v.parse(t); n.Key != v.fields[0] || n.Kind != Phone {
			t.Errorf("%q in %v: %s %s (%s), want %s", v.text, v.ctx, n.Kind, n.Key, n.Reason, v.fields[0])
		}
	})
	for file, keys := range keysByFile(t, "distinct") {
		slices.Sort(keys)
		if all := len(keys); len(slices.Compact(keys)) != all || all < 2 {
			t.Errorf("%s holds a line twice: %v", file, keys)
		}
	}
}

// keysByFile are the identity keys that a folder's files expect.
func keysByFile(t *testing.T, folder string) map[string][]string {
	keys := map[string][]string{}
	vectors(t, folder, func(t *testing.T, v vector) { keys[t.Name()] = append(keys[t.Name()], v.fields[0]) })
	return keys
}

// TestNone: none of these is a phone.
func TestNone(t *testing.T) {
	vectors(t, "none", func(t *testing.T, v vector) {
		if n := v.parse(t); string(n.Kind) != v.fields[0] || n.Kind == Phone {
			t.Errorf("%q in %v: %+v, want %s", v.text, v.ctx, n, v.fields[0])
		}
	})
}

// TestReads: what each is read as, in full.
func TestReads(t *testing.T) {
	vectors(t, "reads", func(t *testing.T, v vector) {
		n := v.parse(t)
		mobile := "null"
		if n.Mobile != nil {
			mobile = strconv.FormatBool(*n.Mobile)
		}
		if got := []string{n.E164, n.Display, National(n), mobile}; !slices.Equal(got, v.fields) {
			t.Errorf("%q in %v: %q, want %q", v.text, v.ctx, got, v.fields)
		}
	})
}

// TestEnoughVectors: the tables cover what they are for.
func TestEnoughVectors(t *testing.T) {
	forms, areas, countries := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, folder := range []string{"one-line", "distinct", "none", "reads"} {
		vectors(t, folder, func(t *testing.T, v vector) {
			form := fmt.Sprintf("%q %v", v.text, v.ctx)
			forms[form] = true
			key := strings.TrimPrefix(v.fields[0], "+")
			code, line := afterCode(key)
			if folder == "none" || line == "" {
				return
			}
			countries[code] = true
			if code == "54" {
				line = line[len(line)-10:]
				area, _ := arSplit([]byte(line))
				areas[line[:area]] = true
			}
		})
	}
	t.Logf("%d forms, %d Argentine area codes, %d countries", len(forms), len(areas), len(countries))
	if len(forms) < 400 || len(areas) < 60 || len(countries) < 8 {
		t.Errorf("%d forms over %d Argentine area codes and %d countries, want 400, 60 and 8", len(forms), len(areas), len(countries))
	}
}

// checkForms holds for every phone: its other forms read as the same line, and
// are found by its searched forms.
func checkForms(t interface{ Errorf(string, ...any) }, n Number) {
	for _, text := range []string{n.E164, n.Key, n.Display, n.Key + "@s.whatsapp.net", "https://wa.me/" + n.Key} {
		again := Parse(text, Context{})
		if again.Key != n.Key {
			t.Errorf("%q reads as %q (%s), want %q", text, again.Key, again.Reason, n.Key)
		}
		if again.Guessed {
			t.Errorf("%q: a guess, with its country code", text)
		}
	}
	if again := Parse(n.E164, Context{}); again.E164 != n.E164 || again.Display != n.Display {
		t.Errorf("%q reads as %+v, want itself", n.E164, again)
	}
	forms := strings.Join(SearchForms(n.Key), " ")
	for _, typed := range []string{n.E164, n.Display, n.Key} {
		if digits, ok := QueryDigits(typed); !ok || !strings.Contains(forms, digits) {
			t.Errorf("typing %q does not find %q", typed, forms)
		}
	}
}

func TestGroup(t *testing.T) {
	for _, text := range []string{"120363025246125486@g.us", "5491159834410-1436554321@g.us"} {
		n := Parse(text, Context{Region: "AR", Area: "11"})
		if n.Kind != Group || n.Key != "" || n.E164 != "" || n.Display != "" || National(n) != "" {
			t.Errorf("%q: %+v, want a group without a number", text, n)
		}
	}
}

func TestGuessed(t *testing.T) {
	for _, c := range []struct {
		text, region string
		want         bool
	}{
		{"11 5983-4410", "AR", true},
		{"449 189 2097", "MX", true},
		{"099 123 456", "UY", true},
		{"+54 11 5983-4410", "AR", false},
		{"541159834410", "AR", false},
		{"0054 11 5983-4410", "AR", false},
		{"541159834410@c.us", "AR", false},
		{"59899123456", "UY", false},
		{"011 54 11 5983-4410", "US", false},
		{"+55 11 8765-4321", "AR", false},
		{"+55 11 7765-4321", "AR", true}, // the ninth digit is the guess
	} {
		if n := Parse(c.text, Context{Region: c.region}); n.Kind != Phone || n.Guessed != c.want {
			t.Errorf("%q in %s: %+v, want guessed %v", c.text, c.region, n, c.want)
		}
	}
}

func TestReasonsAreWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"+54 9 11 5983-4410", "same line with or without the 9"},
		{"+54 12 5983-4410", "no such area code"},
		{"+54 11 1983-4410", "no Argentine number begins with 1 after its area code"},
		{"15 5983 4410", "same line with or without the 9; the 15 is the mobile mark; area code taken from the account; country taken from the account"},
		{"+52 1 449 189 2097", "same line with or without the 1"},
		{"+999 1234567", "no such country code"},
		{"lucia@example.com", "an address with @, not a number"},
		{"2026-04-13", "a date"},
		{"20-59834410-3", "a tax or identity number"},
		{"59.834.410", "an amount"},
	} {
		if n := Parse(c.text, Context{Region: "AR", Area: "11"}); n.Reason != c.want {
			t.Errorf("%q: %q, want %q", c.text, n.Reason, c.want)
		}
	}
}
