package search

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/phone"
)

// question is a query that means somebody. Whoever bears all the words that
// were meant counts as found, since nothing in the query tells them apart; a
// number means its owner, unless more than ten lines have the digits.
type question struct {
	query string
	meant []string // folded words of a name; of a prefix, its beginning
	begun bool     // the last of meant is a beginning
	owner int      // of a number
}

// asker makes questions about a crowd.
type asker struct {
	random  *rand.Rand
	members []member
	known   map[string]bool // every folded word of the crowd
	names   [][]string      // of each member, folded
	count   func(digits string) int
}

func newAsker(members []member, p *People, seed uint64) *asker {
	a := &asker{random: rand.New(rand.NewPCG(seed, 7)), members: members, known: map[string]bool{}}
	for _, m := range members {
		words := cut(Fold(m.name))
		a.names = append(a.names, words)
		for _, w := range words {
			a.known[w] = true
		}
	}
	a.count = func(digits string) int {
		return len((&finder{x: p.dir, have: map[int32]int{}}).withDigits(digits))
	}
	return a
}

func (a *asker) somebody() int { return a.random.IntN(len(a.members)) }

// words are what is typed of a name: a given and a family name, or all.
func (a *asker) words(m member) []string {
	if a.random.IntN(4) == 0 {
		return strings.Fields(m.name)
	}
	return []string{m.given[0], m.family[a.random.IntN(2)]}
}

func fold(words []string) (out []string) {
	for _, w := range words {
		out = append(out, cut(Fold(w))...)
	}
	return out
}

func (a *asker) named(change func(words []string) []string) question {
	for {
		words := a.words(a.members[a.somebody()])
		typed := change(slices.Clone(words))
		if typed != nil {
			return question{query: strings.ToLower(strings.Join(typed, " ")), meant: fold(words)}
		}
	}
}

// mistyped changes one word of four letters or more into one that is nobody's:
// what is somebody's name is no mistake.
func (a *asker) mistyped(change func(word []rune) string) question {
	return a.named(func(words []string) []string {
		at := a.random.IntN(len(words))
		word := []rune(strings.ToLower(words[at]))
		if len(word) < 4 {
			return nil
		}
		wrong := change(slices.Clone(word))
		if wrong == "" || a.known[Fold(wrong)] || wrong == string(word) {
			return nil
		}
		words[at] = wrong
		return words
	})
}

func (a *asker) letter() rune { return rune('a' + a.random.IntN(26)) }

// classes are the ways to ask, each with its floor in the small test and at
// what it aims in the large one.
var classes = []struct {
	name string
	ask  func(a *asker) question
}{
	{"exact", func(a *asker) question { return a.named(func(w []string) []string { return w }) }},
	{"no_accents", func(a *asker) question { return a.named(fold) }},
	{"swapped_words", func(a *asker) question {
		return a.named(func(w []string) []string { slices.Reverse(w); return w })
	}},
	{"prefix", func(a *asker) question {
		q := a.named(func(w []string) []string { return w })
		words := strings.Fields(Fold(q.query))
		last := words[len(words)-1]
		last = last[:min(len(last), 2+a.random.IntN(4))]
		words[len(words)-1], q.meant[len(q.meant)-1], q.begun = last, last, true
		q.query = strings.Join(words, " ")
		return q
	}},
	{"delete", func(a *asker) question {
		return a.mistyped(func(w []rune) string { at := a.random.IntN(len(w)); return string(slices.Delete(w, at, at+1)) })
	}},
	{"insert", func(a *asker) question {
		return a.mistyped(func(w []rune) string { return string(slices.Insert(w, a.random.IntN(len(w)+1), a.letter())) })
	}},
	{"substitute", func(a *asker) question {
		return a.mistyped(func(w []rune) string { w[a.random.IntN(len(w))] = a.letter(); return string(w) })
	}},
	{"transpose", func(a *asker) question {
		return a.mistyped(func(w []rune) string {
			at := a.random.IntN(len(w) - 1)
			w[at], w[at+1] = w[at+1], w[at]
			return string(w)
		})
	}},
	{"typo_in_prefix", func(a *asker) question {
		q := a.named(func(w []string) []string { return []string{w[0], w[len(w)-1]} })
		words := strings.Fields(Fold(q.query))
		last := []rune(words[1])
		if len(last) < 6 {
			return question{}
		}
		last = last[:5]
		at := 1 + a.random.IntN(3)
		last[at], last[at+1] = last[at+1], last[at]
		for w := range a.known {
			if strings.HasPrefix(w, string(last)) {
				return question{}
			}
		}
		q.query, q.meant = words[0]+" "+string(last), q.meant[:]
		q.meant = []string{words[0], words[1]}
		return q
	}},
	{"sounds_alike", func(a *asker) question {
		return a.mistyped(func(w []rune) string { return a.misheard(Fold(string(w))) })
	}},
	{"nickname", func(a *asker) question {
		return a.named(func(w []string) []string {
			forms := a.nicknamesOf(Fold(w[0]))
			if len(forms) == 0 {
				return nil
			}
			w[0] = forms[a.random.IntN(len(forms))]
			return w
		})
	}},
	{"partial_phone", func(a *asker) question {
		who := a.somebody()
		digits := a.members[who].number.Key
		n := 5 + a.random.IntN(4)
		from := len(digits) - n - a.random.IntN(3)
		return question{query: digits[from : from+n], owner: who}
	}},
	{"phone_forms", func(a *asker) question {
		who := a.somebody()
		return question{query: a.written(a.members[who].number), owner: who}
	}},
}

// nicknamesOf are the forms of a name that are nobody's name here.
func (a *asker) nicknamesOf(given string) (out []string) {
	for _, form := range nicknames().of[given] {
		if !a.known[form] {
			out = append(out, form)
		}
	}
	return out
}

// misheard writes one sound of a word in another way, "" where it cannot.
func (a *asker) misheard(w string) string {
	ways := [][2]string{{"b", "v"}, {"v", "b"}, {"z", "s"}, {"s", "z"}, {"ce", "se"}, {"ci", "si"}, {"se", "ce"}, {"si", "ci"}, {"ll", "y"}, {"y", "ll"},
		{"h", ""}, {"ge", "je"}, {"gi", "ji"}, {"je", "ge"}, {"ji", "gi"}, {"xi", "ji"}, {"que", "ke"}, {"qui", "ki"}, {"ca", "ka"}, {"co", "ko"}, {"rr", "r"},
		{"nn", "n"}, {"t", "tt"}, {"f", "ph"}, {"th", "t"}, {"w", "v"}, {"mb", "nb"}, {"mp", "np"}}
	var can [][2]string
	for _, way := range ways {
		if strings.Contains(w, way[0]) && (way[0] != "h" || !strings.Contains(w, "ch") && !strings.Contains(w, "nh") && !strings.Contains(w, "lh")) && (way[0] != "y" || !strings.HasSuffix(w, "y")) {
			can = append(can, way)
		}
	}
	if len(can) == 0 {
		return ""
	}
	way := can[a.random.IntN(len(can))]
	return strings.Replace(w, way[0], way[1], 1)
}

// written is a number in one of the ways people write it.
func (a *asker) written(n phone.Number) string {
	key := n.Key
	ways := []string{n.E164, n.Display, n.E164[1:], "https://wa.me/" + n.E164[1:], n.E164[1:] + "@s.whatsapp.net", "whatsapp:" + n.E164, "tel " + n.Display}
	switch {
	case strings.HasPrefix(key, "54"):
		line := key[2:]
		ways = append(ways, "54"+line, "549"+line, "+54 9 "+line, "0"+line)
		if strings.HasPrefix(line, "11") {
			ways = append(ways, "011 15-"+line[2:6]+"-"+line[6:], line[2:], "15"+line[2:], "(011) 15 "+line[2:])
		}
	case strings.HasPrefix(key, "52"):
		ways = append(ways, "521"+key[2:], "+52 1 "+key[2:])
	case strings.HasPrefix(key, "55"):
		ways = append(ways, "+55 "+key[2:4]+" "+key[5:]) // without the ninth digit
	}
	return ways[a.random.IntN(len(ways))]
}

// foundAt is the place of the first hit that answers a question, from 0; -1 for
// none among them.
func (a *asker) foundAt(q question, answers []int) int {
	if q.meant == nil {
		if at := slices.Index(answers, q.owner); at >= 0 || len(answers) == 0 {
			return at
		}
		if digits, ok := phone.QueryDigits(q.query); ok && a.count(digits) > 10 {
			return 0
		}
		return -1
	}
	return slices.IndexFunc(answers, func(n int) bool { return bears(a.names[n], q) })
}

// bears reports whether a name has every word that was meant, each its own.
func bears(name []string, q question) bool {
	name = slices.Clone(name)
	for n, w := range q.meant {
		at := slices.Index(name, w)
		if at < 0 && q.begun && n == len(q.meant)-1 {
			at = slices.IndexFunc(name, func(o string) bool { return strings.HasPrefix(o, w) })
		}
		if at < 0 {
			return false
		}
		name[at] = "\x00"
	}
	return true
}

// recall asks n questions of a class and gives how many of a hundred are
// answered first, and among ten. wrong are some that are not.
func (a *asker) recall(n int, ask func(a *asker) question, answer func(query string) []int) (at1, at10 float64, wrong []string) {
	for asked := 0; asked < n; {
		q := ask(a)
		if q.query == "" {
			continue
		}
		asked++
		switch at := a.foundAt(q, answer(q.query)); {
		case at == 0:
			at1, at10 = at1+1, at10+1
		case at > 0:
			at10++
		case len(wrong) < 12:
			wrong = append(wrong, q.query+" ("+strings.Join(q.meant, " ")+")")
		}
	}
	return at1 * 100 / float64(n), at10 * 100 / float64(n), wrong
}

// ours answers by an index of a crowd.
func ours(members []member, p *People) func(query string) []int {
	places := map[string]int{}
	for i := range members {
		places[ref(i)] = i
	}
	return func(query string) (out []int) {
		for _, h := range p.Find(query, buenosAires, 10) {
			out = append(out, places[h.Person])
		}
		return out
	}
}

// What is found stays found: of a small crowd, by the same questions each time.
func TestRecall(t *testing.T) {
	members, p := crowd(5000, 11)
	a := newAsker(members, p, 11)
	answer := ours(members, p)
	for _, c := range classes {
		at1, at10, wrong := a.recall(200, c.ask, answer)
		floor := 95.0
		switch c.name {
		case "exact", "no_accents", "swapped_words", "partial_phone", "phone_forms":
			floor = 99
		}
		if t.Logf("%-16s %5.1f %5.1f %q", c.name, at1, at10, wrong); at10 < floor {
			t.Errorf("%s: %.1f %% among ten, want %.0f: %q", c.name, at10, floor, wrong)
		}
	}
}
