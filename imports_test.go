package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// house says which packages of ours a package may import: data flows from
// network to screen, and imports go that one way (ARCHITECTURE.md). A package
// that is not named here has no place in the house yet.
var house = map[string][]string{
	"inbox":                  {},
	"phone":                  {},
	"query":                  {"inbox", "phone"},
	"words":                  {},
	"keys":                   {},
	"backup":                 {},
	"providers":              {"inbox"},
	"providers/rest":         {"inbox", "providers"},
	"providers/waspy":        {"inbox", "phone", "providers", "providers/rest"},
	"providers/platica":      {"inbox", "phone", "providers", "providers/rest"},
	"providers/simulator":    {"inbox", "phone", "providers", "providers/rest"},
	"providers/providertest": {"inbox", "phone", "providers", "providers/rest"},
	"cache":                  {"inbox", "phone"},
	"search":                 {"inbox", "phone", "query", "cache"},
	"syncer":                 {"inbox", "phone", "providers", "cache"},
	"notify":                 {"inbox", "cache"},
	"insights":               {"inbox", "cache"},
	"export":                 {"inbox", "phone", "query", "words", "cache", "search"},
	"care":                   {"inbox", "phone", "cache", "search"},
	"shape":                  {"inbox", "phone", "cache"},
	"shape/waspy":            {"inbox", "phone", "cache", "shape"},
	"shape/platica":          {"inbox", "phone", "cache", "shape"},
	"server":                 {"inbox", "phone", "query", "words", "keys", "providers", "providers/rest", "cache", "search", "syncer", "notify", "insights", "export", "care", "shape", "shape/waspy", "shape/platica"},
	"profile": {"inbox", "phone", "query", "words", "providers", "providers/rest", "providers/waspy", "providers/platica", "providers/simulator",
		"cache", "search", "syncer", "notify", "insights", "export", "care", "shape", "server", "backup"},
	"release": {"cli"}, // a program of its own: what make dist needs
	"trial":   {},      // its tests import what they try; nothing imports it
}

// keepers are the only importers of what is behind them.
var keepers = map[string][]string{
	"github.com/nyaruka/phonenumbers": {"internal/phone"},
	"modernc.org/sqlite":              {"internal/cache"},
	"database/sql":                    {"internal/cache"},
	"github.com/wailsapp/wails":       {""},
	"github.com/zalando/go-keyring":   {"internal/profile"},
	"github.com/godbus/dbus":          {""},
	"github.com/spf13/cobra":          {"internal/cli", "internal/release"},
}

type listed struct {
	ImportPath string
	Name       string
	Imports    []string
}

// TestImports holds the whole module, with the files of every build, to the
// house.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for _, tags := range []string{"", "desktop,production,webkit2_41"} {
		for _, p := range list(t, tags) {
			rel := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "bandeja"), "/")
			checkName(t, p)
			for _, imported := range p.Imports {
				checkKeeper(t, rel, imported)
				checkWay(t, rel, imported)
			}
			seen[strings.TrimPrefix(rel, "internal/")] = true
		}
	}
	for _, name := range []string{"", "inbox", "cache", "syncer", "server", "profile", "cli", "providers/rest"} {
		if !seen[name] {
			t.Errorf("the package %q was not looked at", name)
		}
	}
}

func list(t *testing.T, tags string) (out []listed) {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-tags", tags, "-json=ImportPath,Name,Imports", "./...")
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(b))); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.ImportPath, "node_modules") {
			out = append(out, p)
		}
	}
}

func checkName(t *testing.T, p listed) {
	t.Helper()
	if slices.Contains([]string{"util", "utils", "common", "helpers", "helper", "models", "misc", "base", "types"}, p.Name) {
		t.Errorf("%s is named %s: name what it is about", p.ImportPath, p.Name)
	}
}

func checkKeeper(t *testing.T, rel, imported string) {
	t.Helper()
	for behind, keeper := range keepers {
		if (imported == behind || strings.HasPrefix(imported, behind+"/")) && !slices.Contains(keeper, rel) {
			t.Errorf("%q imports %s, which only %q may", rel, imported, keeper)
		}
	}
}

// checkWay: the root package and cli wire what is there, and are imported by
// nobody but the root.
func checkWay(t *testing.T, rel, imported string) {
	t.Helper()
	if imported == "bandeja" {
		t.Errorf("%s imports the root package", rel)
	}
	imported, ours := strings.CutPrefix(imported, "bandeja/internal/")
	name, inside := strings.CutPrefix(rel, "internal/")
	if !ours || !inside || name == "cli" && imported != "cli" {
		return
	}
	allowed, known := house[name]
	if !known {
		t.Errorf("%s has no place in the house: say in house what it may import", rel)
	} else if !slices.Contains(allowed, imported) {
		t.Errorf("%s imports %s: that is not its way", name, imported)
	}
}
