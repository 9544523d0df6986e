package main

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/pflag"

	"bandeja/internal/cli"
	"bandeja/internal/words"
)

// document is a page of Markdown, as far as the tests of the documents look.
type document struct {
	path     string
	headings []string // with their #
	blocks   []string // fenced, each with its language in the first line
	inline   []string // `…`
	links    []string
	rows     []string // first cells of tables, those in bold
}

var (
	inlineCode = regexp.MustCompile("`([^`]+)`")
	linkTarget = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	boldCell   = regexp.MustCompile(`^\| \*\*(.+?)\*\* \|`)
)

func readDocument(t *testing.T, file string) document {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := document{path: filepath.ToSlash(file)}
	var block []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && block == nil:
			block = []string{fence}
		case isFence:
			d.blocks, block = append(d.blocks, strings.Join(block, "\n")), nil
		case block != nil:
			block = append(block, line)
		default:
			if strings.HasPrefix(line, "#") {
				d.headings = append(d.headings, line)
			}
			if m := boldCell.FindStringSubmatch(line); m != nil {
				d.rows = append(d.rows, m[1])
			}
			for _, m := range inlineCode.FindAllStringSubmatch(line, -1) {
				d.inline = append(d.inline, m[1])
			}
			for _, m := range linkTarget.FindAllStringSubmatch(inlineCode.ReplaceAllString(line, ""), -1) {
				d.links = append(d.links, m[1])
			}
		}
	}
	if block != nil {
		t.Errorf("%s: a block is not closed", file)
	}
	return d
}

func documents(t *testing.T) (all []document) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			all = append(all, readDocument(t, file))
		}
	}
	if len(all) < 30 {
		t.Fatalf("%d documents found", len(all))
	}
	return all
}

// anchor is the name that a heading has in a link, as GitHub makes it.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(strings.TrimLeft(heading, "#"))) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// TestDocumentsLinks: what a document points to, in the repository, is there.
func TestDocumentsLinks(t *testing.T) {
	all := documents(t)
	anchors := map[string][]string{}
	for _, d := range all {
		for _, h := range d.headings {
			anchors[d.path] = append(anchors[d.path], anchor(h))
		}
	}
	for _, d := range all {
		for _, link := range d.links {
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			file, name, _ := strings.Cut(link, "#")
			target := d.path
			if file != "" {
				target = path.Join(path.Dir(d.path), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s is not there", d.path, link)
			} else if name != "" && !slices.Contains(anchors[target], name) {
				t.Errorf("%s: %s has no heading #%s", d.path, target, name)
			}
		}
	}
}

// TestDocumentsInBothLanguages: what there is in one language there is in the
// other, in the same order and with the same commands.
func TestDocumentsInBothLanguages(t *testing.T) {
	pairs := map[string]string{"README.md": "README.es.md"}
	for _, d := range documents(t) {
		if name, english := strings.CutPrefix(d.path, "docs/en/"); english {
			pairs[d.path] = "docs/es/" + name
		} else if name, spanish := strings.CutPrefix(d.path, "docs/es/"); spanish {
			if _, err := os.Stat("docs/en/" + name); err != nil {
				t.Errorf("%s is not there in English", d.path)
			}
		}
	}
	for _, file := range slices.Sorted(maps.Keys(pairs)) {
		if _, err := os.Stat(pairs[file]); err != nil {
			t.Errorf("%s is not there in Spanish: %s", file, pairs[file])
			continue
		}
		en, es := readDocument(t, file), readDocument(t, pairs[file])
		if got, want := levels(es), levels(en); !slices.Equal(got, want) {
			t.Errorf("%s has headings %v, %s %v", es.path, got, en.path, want)
		}
		if got, want := len(es.rows), len(en.rows); got != want {
			t.Errorf("%s has %d rows, %s %d", es.path, got, en.path, want)
		}
		if strings.HasSuffix(file, "commands.md") {
			continue // its blocks have translated words; another test makes both
		}
		if len(es.blocks) != len(en.blocks) {
			t.Errorf("%s has %d blocks, %s %d", es.path, len(es.blocks), en.path, len(en.blocks))
			continue
		}
		for i := range en.blocks {
			if got, want := uncommented(es.blocks[i]), uncommented(en.blocks[i]); got != want {
				t.Errorf("%s, block %d:\n%s\n%s:\n%s", es.path, i+1, got, en.path, want)
			}
		}
	}
}

func levels(d document) (out []int) {
	for _, h := range d.headings {
		out = append(out, len(h)-len(strings.TrimLeft(h, "#")))
	}
	return out
}

var comment = regexp.MustCompile(`(?m)(^|\s+)# .*$`)

func uncommented(block string) string {
	if !strings.HasPrefix(block, "sh\n") {
		return block
	}
	return comment.ReplaceAllString(block, "")
}

// TestDocumentsCommands: every command line that a document shows is one that
// the program takes, with flags that it has.
func TestDocumentsCommands(t *testing.T) {
	n := 0
	for _, d := range documents(t) {
		for _, line := range commandLines(d) {
			n++
			if err := understood(line, true); err != nil {
				t.Errorf("%s: %q: %v", d.path, line, err)
			}
		}
		for _, code := range d.inline {
			if strings.HasPrefix(code, "bandeja ") {
				n++
				if err := understood(code, false); err != nil {
					t.Errorf("%s: %q: %v", d.path, code, err)
				}
			}
		}
	}
	if n < 300 {
		t.Errorf("%d command lines found", n)
	}
}

// commandLines are the lines of d's shell blocks that run bandeja.
func commandLines(d document) (lines []string) {
	for _, block := range d.blocks {
		text, shell := strings.CutPrefix(block, "sh\n")
		if !shell {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
			line = strings.TrimPrefix(strings.TrimSpace(line), "./bin/")
			if line == "bandeja" || strings.HasPrefix(line, "bandeja ") {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// understood reports what is wrong with a command line; whole ones must have
// all that the command takes, too.
func understood(line string, whole bool) error {
	args := shellWords(line)[1:]
	root := cli.Commands()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if cmd.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return errors.New("no such command: " + rest[0])
	}
	cmd.InitDefaultHelpFlag()
	err = cmd.ParseFlags(rest)
	if missing := new(pflag.ValueRequiredError); !whole && errors.As(err, &missing) {
		return nil // it names the flag alone
	}
	if err != nil || !whole {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// shellWords splits a command line as far as the documents need it: quotes,
// and an end at a comment, a pipe or where a file is read or written.
func shellWords(line string) (out []string) {
	word, quote, begun := "", rune(0), false
	flush := func() {
		if begun {
			out = append(out, word)
		}
		word, begun = "", false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word += string(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t':
			flush()
		case (r == '#' || r == '<' || r == '>' || r == '|') && !begun:
			return out
		default:
			word, begun = word+string(r), true
		}
	}
	flush()
	return out
}

// TestDocumentsErrors: every sentence of the pages about errors is one that the
// program says, the same in both languages, and every error of the command
// line is there.
func TestDocumentsErrors(t *testing.T) {
	var found [2][]map[string]bool
	for i, page := range []struct{ file, lang string }{{"docs/en/troubleshooting.md", words.English}, {"docs/es/troubleshooting.md", words.Argentina}} {
		said := words.For(page.lang)
		for _, row := range readDocument(t, page.file).rows {
			parts := strings.Split(row, "…")
			for j := range parts {
				parts[j] = regexp.QuoteMeta(parts[j])
			}
			pattern := regexp.MustCompile("(?i)" + strings.Join(parts, ".*"))
			keys := map[string]bool{}
			for _, key := range said.Keys() {
				if pattern.MatchString(said.T(key)) {
					keys[key] = true
				}
			}
			if len(keys) == 0 {
				t.Errorf("%s: nothing says %q any more", page.file, row)
			}
			found[i] = append(found[i], keys)
		}
	}
	told := map[string]bool{}
	for i := range min(len(found[0]), len(found[1])) {
		same := false
		for key := range found[0][i] {
			same, told[key] = same || found[1][i][key], true
		}
		if !same {
			t.Errorf("row %d of docs/en/troubleshooting.md is another one in Spanish", i+1)
		}
	}
	for _, key := range words.For(words.English).Keys() {
		if strings.HasPrefix(key, "cli.error.") && !told[key] {
			t.Errorf("docs/*/troubleshooting.md does not tell of %q: %s", key, words.For(words.English).T(key))
		}
	}
}

// onScreen is what a document says in italics: the words on the screen, by
// whose arrows one finds them.
var onScreen = regexp.MustCompile(`(?:^|[^*\w])\*([^*\n]+)\*(?:[^*\w]|$)`)

// elsewhere are words in italics that are not on Bandeja's screen.
var elsewhere = []string{"Settings", "API Keys", "Apps", "Aplicaciones", "vos", "tú", "poné", "pon"}

// TestDocumentsWords: the words of the screen that a document names are on it,
// in the language of the document.
func TestDocumentsWords(t *testing.T) {
	n := 0
	for lang, files := range map[string]string{words.English: "docs/en/*.md", words.Argentina: "docs/es/*.md"} {
		said := map[string]bool{}
		catalogue := words.For(lang)
		for _, key := range catalogue.Keys() {
			said[strings.ToLower(catalogue.T(key))] = true
		}
		pages, err := filepath.Glob(files)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range onScreen.FindAllStringSubmatch(inlineCode.ReplaceAllString(string(text), ""), -1) {
				for label := range strings.SplitSeq(m[1], " → ") {
					n++
					if !said[strings.ToLower(label)] && !slices.Contains(elsewhere, label) {
						t.Errorf("%s: the screen does not say %q", page, label)
					}
				}
			}
		}
	}
	if n < 15 {
		t.Errorf("%d words of the screen found", n)
	}
}

// TestSecurityNamesTests: the tests by which SECURITY.md says that something
// holds are there.
func TestSecurityNamesTests(t *testing.T) {
	var tests strings.Builder
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return cmp.Or(err, filepath.SkipDir)
		}
		if !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(file)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, code := range readDocument(t, "SECURITY.md").inline {
		switch {
		case strings.HasPrefix(code, "Test"), strings.HasPrefix(code, "Fuzz"):
			n++
			if !strings.Contains(tests.String(), "func "+code+"(") {
				t.Errorf("there is no test %s", code)
			}
		case strings.Contains(code, "/"):
			if _, err := os.Stat(code); err != nil {
				t.Errorf("%s is not there", code)
			}
		}
	}
	if n < 40 {
		t.Errorf("%d tests are named", n)
	}
}
