package phone

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// vector is one line of a file in testdata: fields between bars, the first a
// written form (a Go string when it is in quotes), the second the account.
type vector struct {
	text   string
	ctx    Context
	fields []string
}

// vectors calls check with every line of the files of a folder in testdata,
// and the first line of its file.
func vectors(t *testing.T, folder string, check func(t *testing.T, head string, v vector)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors in %s: %v", folder, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			head := ""
			lines := bufio.NewScanner(f)
			for lines.Scan() {
				line := lines.Text()
				if head == "" {
					head = strings.TrimPrefix(line, "# ")
				}
				if line != "" && !strings.HasPrefix(line, "# ") {
					check(t, head, readVector(t, line))
				}
			}
			if err := lines.Err(); err != nil {
				t.Fatal(err)
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
	if len(fields) < 2 {
		t.Fatalf("not a vector: %s", line)
	}
	v := vector{text: fields[0], fields: fields[2:]}
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

func TestOneLine(t *testing.T) {
	vectors(t, "one-line", func(t *testing.T, key string, v vector) {
		n := Parse(v.text, v.ctx)
		if n.Kind != Phone || n.Key != key {
			t.Errorf("%q in %v: %s %s (%s), want %s", v.text, v.ctx, n.Kind, n.Key, n.Reason, key)
			return
		}
		checkForms(t, n)
	})
}

func TestNone(t *testing.T) {
	vectors(t, "none", func(t *testing.T, _ string, v vector) {
		n := Parse(v.text, v.ctx)
		if n.Kind != None || n.Reason == "" || n != (Number{Kind: None, Reason: n.Reason}) {
			t.Errorf("%q in %v: %+v, want none with a reason and nothing else", v.text, v.ctx, n)
		}
	})
}

func TestReads(t *testing.T) {
	vectors(t, "reads", func(t *testing.T, _ string, v vector) {
		n := Parse(v.text, v.ctx)
		mobile := "null"
		if n.Mobile != nil {
			mobile = strconv.FormatBool(*n.Mobile)
		}
		got := []string{n.E164, n.Display, National(n), mobile}
		for i, want := range v.fields {
			if got[i] != want {
				t.Errorf("%q in %v: %q, want %q", v.text, v.ctx, got[i], want)
			}
		}
	})
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
		{"20-59834410-3", "a tax id (CUIT)"},
		{"59.834.410", "an amount"},
	} {
		if n := Parse(c.text, Context{Region: "AR", Area: "11"}); n.Reason != c.want {
			t.Errorf("%q: %q, want %q", c.text, n.Reason, c.want)
		}
	}
}
