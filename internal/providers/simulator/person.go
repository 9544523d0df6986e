package simulator

import (
	"strconv"
	"strings"
)

// person is a human being of the office, whatever they are called at each
// platform.
type person struct {
	land     country
	name     string // empty: nobody knows
	first    string // as the team says it
	area     string
	national string // ten digits
}

// stranger draws person n. Even and odd numbers are two families that never
// share a line.
func (o *Office) stranger(n uint64) person {
	d := dice(mix(mix(o.opts.Seed, seedPerson), n))
	p := person{land: argentina}
	if d.chance(36) {
		p.land = mexico
	}
	lex := o.lexicons[p.land]
	p.name, p.first = drawName(lex, p.land, &d)
	p.area = pick(&d, lex.words["area"])
	p.national = p.area + subscriber(n, 10-len(p.area))
	return p
}

func drawName(lex *lexicon, land country, d *dice) (name, first string) {
	first = pick(d, lex.words["first"])
	last := pick(d, lex.words["last"])
	other := pick(d, lex.words["last"])
	switch k := d.n(100); {
	case k < 6:
		return "", ""
	case k < 11:
		return pick(d, lex.words["nick"]), ""
	case k < 15:
		return first, first
	case k < 18:
		return strings.ToLower(first + " " + last), first
	case k < 20:
		return strings.ToUpper(last + " " + first), first
	case k < 22:
		return last + ", " + first, first
	}
	// In Mexico people write both surnames more often than not.
	if d.chance(10) || land == mexico && d.chance(50) {
		return first + " " + last + " " + other, first
	}
	return first + " " + last, first
}

// subscriber is the local part of line n: one to one as long as n is below the
// numbers there are, and never one that starts like a trunk code.
func subscriber(n uint64, digits int) string {
	room := uint64(3_000_000)
	if digits == 8 {
		room = 30_000_000
	}
	v := 4*(room/3) + (n*7_368_787+1_234_567)%room
	return strconv.FormatUint(v, 10)
}

// forms of writing a line, as the two platforms store it.
func (p person) long() string { // with the mark of a mobile: 549…, 521…
	if p.land == mexico {
		return "521" + p.national
	}
	return "549" + p.national
}

func (p person) short() string { // without it: 54…, 52…
	if p.land == mexico {
		return "52" + p.national
	}
	return "54" + p.national
}

// nickname is how a second platform may know the same person.
func (p person) nickname(d *dice) string {
	if p.name == "" || p.first == "" {
		return p.name
	}
	switch k := d.n(10); {
	case k < 7:
		return p.name
	case k < 8:
		return p.first
	case k < 9:
		return strings.ToLower(p.name)
	}
	if i := strings.LastIndexByte(p.name, ' '); i > 0 {
		r := []rune(p.name[i+1:])
		return p.first + " " + string(r[:1]) + "."
	}
	return p.first
}
