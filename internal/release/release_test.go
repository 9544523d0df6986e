package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bandeja/internal/cli"
)

// Every command and flag that is shown stands in the manual, and nothing of
// them is taken for a request of roff's.
func TestManual(t *testing.T) {
	var b strings.Builder
	if err := manual(&b, cli.Commands(), "1.2.3", time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if !strings.HasPrefix(page, `.TH BANDEJA 1 "2026-11-22" "Bandeja 1.2.3"`) {
		t.Errorf("the page begins with %q", page[:60])
	}
	commands, flags := 0, 0
	var look func(cmd *cobra.Command)
	look = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		commands++
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			flags++
			if want := `\fB` + roff("--"+f.Name) + `\fR`; f.Name != "help" && !strings.Contains(page, want) {
				t.Errorf("%s --%s is not in the manual", cmd.CommandPath(), f.Name)
			}
		})
		if cmd.HasParent() && cmd.Runnable() {
			if want := `.SS "` + roff(strings.TrimPrefix(cmd.CommandPath(), "bandeja ")); !strings.Contains(page, want) {
				t.Errorf("%s is not in the manual", cmd.CommandPath())
			}
		}
		for _, under := range cmd.Commands() {
			look(under)
		}
	}
	look(cli.Commands())
	if commands < 20 || flags < 40 {
		t.Errorf("looked at %d commands and %d flags only", commands, flags)
	}
}

func TestRoff(t *testing.T) {
	for in, want := range map[string]string{
		"--json":          `\-\-json`,
		".hidden":         `\&.hidden`,
		"'quoted' and \\": `\(aqquoted\(aq and \e`,
		"~/a":             `\(ti/a`,
		"Plática":         "Plática",
	} {
		if got := roff(in); got != want {
			t.Errorf("roff(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCompletion(t *testing.T) {
	for shell, has := range map[string]string{"bash": "complete -o default", "zsh": "#compdef bandeja", "fish": "complete -c bandeja"} {
		var b strings.Builder
		if err := completion(&b, cli.Commands(), shell); err != nil || !strings.Contains(b.String(), has) {
			t.Errorf("%s: %v, and %q is missing", shell, err, has)
		}
	}
	if err := completion(new(strings.Builder), cli.Commands(), "sh"); err == nil {
		t.Error("sh has no completions")
	}
}

func TestLicence(t *testing.T) {
	for text, want := range map[string]string{
		"Permission is hereby granted, free of charge, to any person obtaining a copy\nof this":                                                                  "MIT",
		"Apache License\n   Version 2.0, January 2004":                                                                                                           "Apache-2.0",
		"Redistributions in binary form must reproduce the above copyright notice.":                                                                              "BSD-2-Clause",
		"Redistributions in binary form must reproduce the above copyright notice, … the names of its contributors may be used to\n endorse or promote products": "BSD-3-Clause",
		"Permission to use, copy, modify, and/or distribute this software for any purpose":                                                                       "ISC",
		"All rights reserved.": "",
	} {
		got, err := licence([]string{text})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("licence of %q: %q, %v", text, got, err)
		}
	}
}

// The list of a program's parts, from the program: here this test itself, with a
// page that was bundled from one package.
func TestParts(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	dir := t.TempDir()
	lock, bundled := filepath.Join(dir, "lock.json"), filepath.Join(dir, "bundled.json")
	write(t, lock, `{"packages":{"node_modules/@x/y":{"version":"1.0.0","integrity":"sha512-AAAA"}}}`)
	write(t, bundled, `[]`)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parts, err := partsOf([]string{self}, lock, bundled)
	if err != nil {
		t.Fatal(err)
	}
	var first, second, notices strings.Builder
	for _, b := range []*strings.Builder{&first, &second} {
		if err := writeSBOM(b, parts, "1.2.3"); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Error("the same parts made two lists")
	}
	var doc struct {
		Components []struct {
			Name, Version, PURL string
			Licenses            []struct{ License struct{ ID string } }
		}
	}
	if err := json.Unmarshal([]byte(first.String()), &doc); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range doc.Components {
		got[c.Name] = c.Licenses[0].License.ID
	}
	for name, want := range map[string]string{"std": "BSD-3-Clause", "github.com/spf13/cobra": "Apache-2.0", "modernc.org/sqlite": "BSD-3-Clause"} {
		if got[name] != want {
			t.Errorf("%s is under %q, want %q", name, got[name], want)
		}
	}
	if err := writeNotices(&notices, parts); err != nil || !strings.Contains(notices.String(), "github.com/spf13/cobra") {
		t.Errorf("the licences of the parts: %v", err)
	}

	write(t, bundled, `["left-out"]`)
	if _, err := partsOf([]string{self}, lock, bundled); err == nil || !strings.Contains(err.Error(), "left-out is in the page") {
		t.Errorf("a package that is not in the lock file: %v", err)
	}
}

func TestComponent(t *testing.T) {
	c, err := part{Kind: "npm", Name: "@x/y", Version: "1.0.0", Sum: "sha512-AAAA", Licence: "MIT AND ISC", Programs: []string{"bandeja"}}.component()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"library","bom-ref":"pkg:npm/%40x/y@1.0.0","name":"@x/y","version":"1.0.0","hashes":[{"alg":"SHA-512","content":"000000"}],` +
		`"licenses":[{"expression":"MIT AND ISC"}],"purl":"pkg:npm/%40x/y@1.0.0","properties":[{"name":"bandeja:in","value":"bandeja"}]}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
