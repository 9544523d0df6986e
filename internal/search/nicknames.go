package search

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed nicknames.txt
var nicknamesText string

// kin are the words that stand for one and the same given name.
type kin struct {
	of      map[string][]string   // from either to the other: pepe → jose, jose → pepe
	beside  map[string][]string   // between two forms of one name: paco → pancho
	several map[string][][]string // a form of a name of several words: majo → maria jose
}

// nicknames reads the table once.
var nicknames = sync.OnceValue(func() kin { return readKin(nicknamesText) })

func readKin(text string) kin {
	k := kin{map[string][]string{}, map[string][]string{}, map[string][][]string{}}
	add := func(m map[string][]string, from, to string) {
		if from != to && !slices.Contains(m[from], to) {
			m[from] = append(m[from], to)
		}
	}
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(Fold(line), ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		words, forms := cut(name), cut(rest)
		for _, form := range forms {
			if len(words) > 1 {
				k.several[form] = append(k.several[form], words)
				continue
			}
			add(k.of, form, words[0])
			add(k.of, words[0], form)
			for _, other := range forms {
				add(k.beside, form, other)
			}
		}
	}
	return k
}
