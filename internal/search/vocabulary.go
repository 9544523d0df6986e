package search

import (
	"cmp"
	"slices"
	"strings"
)

// vocabulary numbers the folded words of names and maps each to the sorted
// places of the people who bear it. Names share few words: thousands even at a
// million people.
type vocabulary struct {
	text     wordList
	sound    wordList // as each is heard (soundOf)
	postings [][]int32
	ids      table // by text

	byText   []uint32 // numbers in the order of their texts
	shared   []uint8  // how many bytes each of byText shares with the one before
	bySound  []uint32 // in the order of their sounds
	fresh    []uint32 // numbers that both orders still lack
	unsorted bool     // while everybody is read, nothing is put in order
}

// wordList is strings one behind the other.
type wordList struct {
	bytes []byte
	ends  []uint32
}

func (l *wordList) add(s string) {
	l.bytes = append(l.bytes, s...)
	l.ends = append(l.ends, uint32(len(l.bytes)))
}

func (l *wordList) at(n uint32) []byte {
	start := uint32(0)
	if n > 0 {
		start = l.ends[n-1]
	}
	return l.bytes[start:l.ends[n]]
}

// longestWord bounds what of a word is told apart, in bytes.
const longestWord = 64

// mergeAt is how many fresh words are looked through one by one before they
// are put in order.
const mergeAt = 256

// size is how many words there are.
func (v *vocabulary) size() int { return len(v.postings) }

func (v *vocabulary) hash(n uint32) uint64 { return hashText(v.text.at(n)) }

// find is the number of a word.
func (v *vocabulary) find(word string) (n uint32, ok bool) {
	v.ids.each(hashText(word), func(at uint32) bool {
		if string(v.text.at(at)) == word {
			n, ok = at, true
		}
		return !ok
	})
	return n, ok
}

// number is the number of a word, a new one if need be.
func (v *vocabulary) number(word string) uint32 {
	if n, ok := v.find(word); ok {
		return n
	}
	n := uint32(v.size())
	v.text.add(word)
	v.sound.add(soundOf(word))
	v.postings = append(v.postings, nil)
	v.ids.add(n, v.hash)
	if v.fresh = append(v.fresh, n); !v.unsorted && len(v.fresh) >= max(mergeAt, len(v.byText)/16) {
		v.sort()
	}
	return n
}

func (v *vocabulary) add(n uint32, i int32) { v.postings[n] = with(v.postings[n], i) }

// remove leaves the word where it stands: a vocabulary hardly shrinks, and the
// word most often comes back.
func (v *vocabulary) remove(n uint32, i int32) { v.postings[n] = without(v.postings[n], i) }

// sort puts the fresh words in order.
func (v *vocabulary) sort() {
	v.unsorted = false
	v.byText = mergeOrder(v.byText, v.fresh, &v.text)
	v.bySound = mergeOrder(v.bySound, v.fresh, &v.sound)
	v.fresh = nil
	v.shared = make([]uint8, len(v.byText))
	for k := 1; k < len(v.byText); k++ {
		v.shared[k] = uint8(common(v.text.at(v.byText[k-1]), v.text.at(v.byText[k])))
	}
}

func mergeOrder(order, fresh []uint32, texts *wordList) []uint32 {
	compare := func(a, b uint32) int {
		return cmp.Or(slices.Compare(texts.at(a), texts.at(b)), cmp.Compare(a, b))
	}
	fresh = slices.Clone(fresh)
	slices.SortFunc(fresh, compare)
	out := make([]uint32, 0, len(order)+len(fresh))
	for len(order) > 0 && len(fresh) > 0 {
		if compare(order[0], fresh[0]) < 0 {
			out, order = append(out, order[0]), order[1:]
		} else {
			out, fresh = append(out, fresh[0]), fresh[1:]
		}
	}
	return append(append(out, order...), fresh...)
}

// common is how many bytes two words begin with alike.
func common(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// begun calls fn with every word that begins with prefix.
func (v *vocabulary) begun(prefix string, fn func(n uint32)) {
	from, _ := slices.BinarySearchFunc(v.byText, prefix, func(n uint32, s string) int { return strings.Compare(string(v.text.at(n)), s) })
	for k := from; k < len(v.byText); k++ {
		if k == from && !strings.HasPrefix(string(v.text.at(v.byText[k])), prefix) || k > from && int(v.shared[k]) < len(prefix) {
			break
		}
		fn(v.byText[k])
	}
	for _, n := range v.fresh {
		if strings.HasPrefix(string(v.text.at(n)), prefix) {
			fn(n)
		}
	}
}

// heard calls fn with every word that sounds so; whole is false for one that
// goes on, where begun wants those too.
func (v *vocabulary) heard(sound string, begun bool, fn func(n uint32, whole bool)) {
	take := func(n uint32) bool {
		s := string(v.sound.at(n))
		if s == sound {
			fn(n, true)
			return true
		}
		if !strings.HasPrefix(s, sound) {
			return false
		}
		if begun {
			fn(n, false)
		}
		return begun
	}
	from, _ := slices.BinarySearchFunc(v.bySound, sound, func(n uint32, s string) int { return strings.Compare(string(v.sound.at(n)), s) })
	for k := from; k < len(v.bySound) && take(v.bySound[k]); k++ {
	}
	for _, n := range v.fresh {
		take(n)
	}
}

// with adds to a sorted list, in place where there is room.
func with(list []int32, i int32) []int32 {
	if n := len(list); n == 0 || list[n-1] < i {
		return append(list, i)
	}
	at, ok := slices.BinarySearch(list, i)
	if ok {
		return list
	}
	return slices.Insert(list, at, i)
}

// without takes out of a sorted list, in place.
func without(list []int32, i int32) []int32 {
	if at, ok := slices.BinarySearch(list, i); ok {
		return slices.Delete(list, at, at+1)
	}
	return list
}
