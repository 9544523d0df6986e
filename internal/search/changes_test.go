package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// alignment is the distance by its definition.
func alignment(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for k := range b {
		d[0][k+1] = k + 1
	}
	for i := 1; i <= len(a); i++ {
		for k := 1; k <= len(b); k++ {
			cost := 1
			if a[i-1] == b[k-1] {
				cost = 0
			}
			d[i][k] = min(d[i-1][k]+1, d[i][k-1]+1, d[i-1][k-1]+cost)
			if i > 1 && k > 1 && a[i-1] == b[k-2] && a[i-2] == b[k-1] {
				d[i][k] = min(d[i][k], d[i-2][k-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// The walk finds every word that is near and none that is not, whether the
// words are in order yet or not.
func TestWordsNear(t *testing.T) {
	letters := rapid.StringMatching(`[abc]{1,9}`)
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfNDistinct(letters, 1, 60, rapid.ID[string]).Draw(r, "words")
		v := &vocabulary{unsorted: true}
		for n, w := range words {
			v.number(w)
			if n == len(words)/2 {
				v.sort()
				v.unsorted = true
			}
		}
		typed, most := letters.Draw(r, "typed"), rapid.IntRange(1, 2).Draw(r, "most")
		got := map[string][2]int{}
		v.near(typed, most, true, func(n uint32, whole, begun int) {
			got[string(v.text.at(n))] = [2]int{min(whole, most+1), min(begun, most+1)}
		})
		for _, w := range words {
			whole, begun := min(alignment(typed, w), most+1), most+1
			for n := range len(w) + 1 {
				begun = min(begun, alignment(typed, w[:n]))
			}
			here, found := got[w]
			if near := whole <= most || begun <= most; found != near || found && here != [2]int{whole, begun} {
				r.Fatalf("%q near %q: %v %v, want %d and %d", w, typed, found, here, whole, begun)
			}
		}
		begins := letters.Draw(r, "beginning")
		var have, want []string
		v.begun(begins, func(n uint32) { have = append(have, string(v.text.at(n))) })
		for _, w := range words {
			if len(w) >= len(begins) && w[:len(begins)] == begins {
				want = append(want, w)
			}
		}
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			r.Fatalf("%q begins %q, want %q", begins, have, want)
		}
	})
}

func TestSounds(t *testing.T) {
	for _, alike := range [][]string{
		{"jimenez", "gimenes", "ximenez", "jimenes"}, {"vazquez", "basques", "vaskes", "bazquez"}, {"hernan", "ernan"}, {"yolanda", "llolanda"}, {"cecilia", "sesilia", "zezilia"},
		{"quique", "kike"}, {"carlos", "karlos"}, {"philip", "filip"}, {"guillermo", "guiyermo"}, {"nahuel", "nawel"}, {"campos", "canpos"}, {"ana", "anna"}, {"rocha", "rrocha"},
		{"eloy", "eloi"}, {"huerta", "werta"}, {"thiago", "tiago"},
	} {
		for _, w := range alike[1:] {
			if soundOf(w) != soundOf(alike[0]) {
				t.Errorf("%s sounds %s, %s sounds %s", alike[0], soundOf(alike[0]), w, soundOf(w))
			}
		}
	}
	for _, other := range [][2]string{{"chico", "kiko"}, {"gato", "jato"}, {"pena", "pea"}, {"paco", "pacho"}, {"jose2", "jose22"}} {
		if soundOf(other[0]) == soundOf(other[1]) {
			t.Errorf("%q sound alike: %s", other, soundOf(other[0]))
		}
	}
	if !slices.Contains(soundsOf("vanda"), soundOf("wanda")) || !slices.Contains(soundsOf("wanda"), soundOf("vanda")) {
		t.Error("wanda and vanda do not meet")
	}
}

func TestNicknames(t *testing.T) {
	k := nicknames()
	pairs := 0
	for _, forms := range k.of {
		pairs += len(forms)
	}
	if pairs < 200 { // each stands in both directions
		t.Errorf("%d pairs", pairs/2)
	}
	for form, name := range map[string]string{"pepe": "jose", "paco": "francisco", "pancho": "francisco", "memo": "guillermo", "lupe": "guadalupe", "nacho": "ignacio", "beto": "alberto", "tono": "antonio",
		"chuy": "jesus", "quique": "enrique", "lalo": "eduardo", "nando": "fernando", "tito": "alberto", "ze": "jose", "chico": "francisco"} {
		if !slices.Contains(k.of[form], name) || !slices.Contains(k.of[name], form) {
			t.Errorf("%s is not %s both ways", form, name)
		}
	}
	if !slices.Contains(k.beside["paco"], "pancho") || len(k.several["majo"]) != 1 {
		t.Errorf("paco: %v, majo: %v", k.beside["paco"], k.several["majo"])
	}
}
