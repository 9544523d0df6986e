package search

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// Invented people: given and family names of Spain, Portugal, Italy and the
// peoples of the Americas, the frequent ones first, as they are met in
// Argentina, Mexico and Brazil.
//
//go:embed testdata/given.txt
var givenText string

//go:embed testdata/family.txt
var familyText string

var (
	givenNames  = once(strings.Fields(givenText))
	familyNames = once(strings.Fields(familyText))
)

func once(words []string) (out []string) {
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// falling picks a word, the n-th about as often as 1/(n+8).
func falling(random *rand.Rand, words []string) string {
	return words[rand.NewZipf(random, 1.05, 8, uint64(len(words)-1)).Uint64()]
}

// rareBits make family names that few bear: a real crowd has tens of thousands.
var rareBits = strings.Fields("gar men her mar lo ro san tor ra flo rui mo ba cas var qui chi pe du vi gov alv ez ia do va no sa ti ri ña lde nti cio rre lla nde tto iño ani uel ski vic ber gol stein mann")

// family is a family name; one in twenty is rare.
func family(random *rand.Rand) string {
	if random.IntN(20) > 0 {
		return falling(random, familyNames)
	}
	name := ""
	for range 2 + random.IntN(2) {
		name += rareBits[random.IntN(len(rareBits))]
	}
	r := []rune(name)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// member is one of a crowd.
type member struct {
	name   string // one or two given names, two family names
	given  []string
	family []string
	number phone.Number
}

// somebody is an invented person.
func somebody(random *rand.Rand) member {
	m := member{given: []string{falling(random, givenNames)}, family: []string{family(random), family(random)}}
	if random.IntN(3) == 0 {
		m.given = append(m.given, falling(random, givenNames))
	}
	m.name = strings.Join(append(slices.Clone(m.given), m.family...), " ")
	return m
}

// numbered gives a member a number of Argentina, Mexico or Brazil.
func (m member) numbered(random *rand.Rand) member {
	for m.number.Kind != phone.Phone {
		switch random.IntN(5) {
		case 0, 1:
			area := []string{"11", "351", "341", "261", "2966"}[random.IntN(5)]
			m.number = phone.Parse(fmt.Sprintf("+549%s%0*d", area, 10-len(area), random.IntN(pow10(10-len(area)))), phone.Context{})
		case 2, 3:
			m.number = phone.Parse(fmt.Sprintf("+52%s%08d", []string{"55", "33", "81"}[random.IntN(3)], random.IntN(1e8)), phone.Context{})
		default:
			m.number = phone.Parse(fmt.Sprintf("+55%d9%08d", 11+random.IntN(9), 60000000+random.IntN(4e7)), phone.Context{})
		}
	}
	return m
}

func pow10(n int) int {
	out := 1
	for range n {
		out *= 10
	}
	return out
}

// crowd is n people, the same for the same seed, and an index of them.
func crowd(n int, seed uint64) ([]member, *People) {
	random := rand.New(rand.NewPCG(seed, 2))
	members := make([]member, n)
	for i := range members {
		members[i] = somebody(random).numbered(random)
	}
	return members, peopleOf(members, seed)
}

// peopleOf indexes members; the n-th is the person ref(n).
func peopleOf(members []member, seed uint64) *People {
	random := rand.New(rand.NewPCG(seed, 3))
	p := NewPeople(nil)
	fresh := newDirectory()
	for i, m := range members {
		q := &person{ref: ref(i), at: 1_700_000_000 + random.Uint32N(50_000_000)}
		q.addName(m.name, false)
		if l, ok := lineOf(m.number.Key, m.number.E164); ok {
			q.addLine(l)
		}
		fresh.put(q)
	}
	fresh.settle()
	p.swap(fresh)
	return p
}

func ref(n int) string { return inbox.StableID("p", fmt.Sprint(n)) }
