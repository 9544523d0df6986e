package search

import "strings"

// soundOf writes a folded word as Spanish and Portuguese speakers may hear it,
// so that words that sound alike are written alike: b v; s z, and c before e
// and i; ll y; h is silent; j x, and g before e and i; k qu, and c elsewhere;
// f ph; w and hu or gu before a vowel; m before b and p; doubled letters are
// one. What is no small letter of ASCII stays.
func soundOf(word string) string {
	out := make([]byte, 0, len(word))
	for i := 0; i < len(word); {
		sound, n := soundAt(word, i)
		i += n
		if k := len(out); sound == 0 || k > 0 && out[k-1] == sound && 'a' <= sound && sound <= 'z' {
			continue // silent, or doubled
		}
		out = append(out, sound)
	}
	return string(out)
}

// after is the byte n places behind i, 0 beyond the end.
func after(word string, i, n int) byte {
	if i+n < len(word) {
		return word[i+n]
	}
	return 0
}

func isVowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

func isSoft(c byte) bool { return c == 'e' || c == 'i' || c == 'y' }

// soundAt is the sound that begins at i, 0 for none, and how many letters
// write it.
func soundAt(word string, i int) (sound byte, letters int) {
	here, next := word[i], after(word, i, 1)
	switch here {
	case 'v':
		return 'b', 1
	case 'z':
		return 's', 1
	case 'x':
		return 'j', 1
	case 'q':
		if next == 'u' && isSoft(after(word, i, 2)) {
			return 'k', 2
		}
		return 'k', 1
	case 'c':
		return soundOfC(next)
	case 'g':
		return soundOfG(next, after(word, i, 2))
	case 'p':
		if next == 'h' {
			return 'f', 2
		}
	case 's':
		if next == 'h' {
			return 's', 2
		}
	case 'h':
		if next == 'u' && isVowel(after(word, i, 2)) {
			return 'w', 2
		}
		return 0, 1
	case 'l':
		if next == 'l' {
			return 'y', 2
		}
	case 'y', 'i':
		// Between vowels and before one at the start it is a consonant.
		if isVowel(next) && (here == 'y' || i == 0) {
			return 'y', 1
		}
		return 'i', 1
	case 'n':
		if next == 'b' || next == 'p' || next == 'v' {
			return 'm', 1
		}
	}
	return here, 1
}

func soundOfC(next byte) (sound byte, letters int) {
	switch {
	case next == 'h':
		return 'C', 2 // a sound of its own
	case next == 'k':
		return 'k', 2
	case isSoft(next):
		return 's', 1
	}
	return 'k', 1
}

func soundOfG(next, third byte) (sound byte, letters int) {
	switch {
	case next == 'u' && isSoft(third):
		return 'g', 2
	case next == 'u' && isVowel(third):
		return 'w', 2
	case isSoft(next):
		return 'j', 1
	}
	return 'g', 1
}

// soundsOf are the sounds under which a typed word is looked for: w is heard
// as b too.
func soundsOf(word string) []string {
	sound := soundOf(word)
	out := []string{sound}
	if strings.Contains(sound, "w") {
		out = append(out, strings.ReplaceAll(sound, "w", "b"))
	}
	if rest, ok := strings.CutPrefix(sound, "b"); ok {
		out = append(out, "w"+rest)
	}
	return out
}
