package main

import (
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is something of others that is in a program we hand out: a Go module,
// the Go library itself, or an npm package in the page.
type part struct {
	Kind     string // golang or npm
	Name     string
	Version  string
	Sum      string   // as go.sum or the lock file has it
	Licence  string   // SPDX
	Texts    []string // of the licence and its notices
	Programs []string // files it is in, sorted
}

// partsOf reads the parts out of the programs themselves and of what the page
// was bundled from, sorted by name.
//
// Errors: a program without build information, a module that is not on this
// machine, a licence that is none we know.
func partsOf(programs []string, lock, bundled string) ([]part, error) {
	if len(programs) == 0 {
		return nil, errUsage
	}
	found := map[string]*part{}
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(program)
		std := part{Kind: "golang", Name: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}
		note(found, std, name)
		for _, m := range info.Deps {
			if m.Replace != nil {
				return nil, fmt.Errorf("%s is replaced in %s: a release is of what go.mod names", m.Path, name)
			}
			note(found, part{Kind: "golang", Name: m.Path, Version: m.Version, Sum: m.Sum}, name)
		}
	}
	if err := npmParts(found, lock, bundled, programs); err != nil {
		return nil, err
	}
	folders, err := moduleFolders(found)
	if err != nil {
		return nil, err
	}
	var parts []part
	for key, p := range found {
		if p.Texts, err = legal(folders[key]); err == nil {
			p.Licence, err = licence(p.Texts)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", p.Name, p.Version, err)
		}
		slices.Sort(p.Programs)
		parts = append(parts, *p)
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return parts, nil
}

func (p part) key() string { return p.Kind + " " + p.Name + "@" + p.Version }

func note(found map[string]*part, p part, program string) {
	if found[p.key()] == nil {
		found[p.key()] = &p
	}
	f := found[p.key()]
	if !slices.Contains(f.Programs, program) {
		f.Programs = append(f.Programs, program)
	}
}

// npmParts adds the packages that Vite put into the page, which every program
// carries.
func npmParts(found map[string]*part, lock, bundled string, programs []string) error {
	var names []string
	if err := readJSON(bundled, &names); err != nil {
		return err
	}
	var locked struct {
		Packages map[string]struct{ Version, Integrity string }
	}
	if err := readJSON(lock, &locked); err != nil {
		return err
	}
	for _, name := range names {
		p, ok := locked.Packages["node_modules/"+name]
		if !ok {
			return fmt.Errorf("%s is in the page and not in %s", name, lock)
		}
		for _, program := range programs {
			note(found, part{Kind: "npm", Name: name, Version: p.Version, Sum: p.Integrity}, filepath.Base(program))
		}
	}
	return nil
}

func readJSON(file string, v any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

// moduleFolders says where each part lies on this machine.
func moduleFolders(found map[string]*part) (map[string]string, error) {
	folders, modules := map[string]string{}, []string{}
	for key, p := range found {
		switch {
		case p.Kind == "npm":
			folders[key] = filepath.Join("frontend", "node_modules", filepath.FromSlash(p.Name))
		case p.Name == "std":
			root, err := exec.Command("go", "env", "GOROOT").Output()
			if err != nil {
				return nil, fmt.Errorf("go env: %w", err)
			}
			folders[key] = strings.TrimSpace(string(root))
		default:
			modules = append(modules, p.Name+"@"+p.Version)
		}
	}
	slices.Sort(modules)
	b, err := exec.Command("go", append([]string{"mod", "download", "-json"}, modules...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go mod download: %w", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(b))); d.More(); {
		var m struct{ Path, Version, Dir string }
		if err := d.Decode(&m); err != nil {
			return nil, err
		}
		folders[part{Kind: "golang", Name: m.Path, Version: m.Version}.key()] = m.Dir
	}
	return folders, nil
}

var legalName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)([-.](md|txt|apache|mit|bsd))?$`)

// legal reads the licence of a folder, and the notices that go with it.
func legal(dir string) (texts []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && legalName.MatchString(e.Name()) {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")))
		}
	}
	if len(texts) == 0 {
		return nil, errors.New("no licence beside it")
	}
	return texts, nil
}

// marks are sentences that tell a licence, the longer ones first where one holds
// another's.
var marks = []struct{ spdx, says string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products"},
	{"BSD-2-Clause", "redistributions in binary form must reproduce the above copyright notice"},
	{"MIT", "permission is hereby granted free of charge to any person obtaining a copy"},
	{"ISC", "permission to use copy modify and or distribute this software for any purpose"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
}

var notWord = regexp.MustCompile(`[^a-z0-9.]+`)

// licence names the licence of the texts by SPDX; a part may be under several.
//
// Errors: it is none of those that we know how to keep.
func licence(texts []string) (string, error) {
	all := notWord.ReplaceAllString(strings.ToLower(strings.Join(texts, "\n")), " ")
	var names []string
	for _, m := range marks {
		if strings.Contains(all, m.says) && (m.spdx != "BSD-2-Clause" || !slices.Contains(names, "BSD-3-Clause")) {
			names = append(names, m.spdx)
		}
	}
	if len(names) == 0 {
		return "", errors.New("its licence is none that is known here: read it, and add it")
	}
	slices.Sort(names)
	return strings.Join(names, " AND "), nil
}
