package search

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"bandeja/internal/cache"
	"bandeja/internal/phone"
)

// FindInSQL answers from c while the index is not ready: names that begin so
// and whole lines, the most recent first. It is partial by nature: it knows no
// words in the middle of a name, no parts of numbers and no typos, so whoever
// shows it says that the index is still being made.
func FindInSQL(ctx context.Context, c *cache.Cache, query string, where []phone.Context, limit int) ([]Hit, error) {
	query = strings.TrimSpace(query)
	if limit <= 0 {
		return nil, nil
	}
	var keys, typed []string
	for _, w := range where {
		if n := phone.Parse(query, w); n.Kind == phone.Phone && !slices.Contains(keys, n.Key) {
			keys, typed = append(keys, n.Key), append(typed, n.E164)
		}
	}
	q := cache.PeopleQuery{Keys: keys, Limit: limit}
	if query != "" {
		q.Beginnings = writings(query)
	}
	rows, err := c.LookUpPeople(ctx, q)
	hits := make([]Hit, 0, len(rows))
	for _, r := range rows {
		hits = append(hits, hitInSQL(r, query, keys, typed))
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return b.Score - a.Score })
	return hits, err
}

// hitInSQL says what of a row matched; typed are the E.164 forms of keys.
func hitInSQL(r cache.PersonRow, query string, keys, typed []string) Hit {
	if n := slices.Index(keys, r.PhoneKey); n >= 0 {
		h := Hit{Person: r.Person, Field: "phone", Text: r.Display, Exact: true, Reason: "exact", Score: tierExact, Ranges: [][2]int{{0, len(r.Display)}}}
		if r.E164 != typed[n] {
			h.Reason = differenceOf(r.PhoneKey)
		}
		return h
	}
	h := Hit{Person: r.Person, Field: "name", Text: r.Name, Reason: "recent", Score: tierLetters}
	if query == "" {
		return h
	}
	f, begun := foldWithOffsets(r.Name), Fold(query)
	h.Reason, h.Score = "prefix", tierPrefix
	h.Ranges = [][2]int{f.span(0, min(len(begun), len(f.text)))}
	if f.text == begun {
		h.Exact, h.Reason, h.Score = true, "exact", tierExact
	}
	return h
}

// accents are the letters that Spanish and Portuguese write with a mark.
var accents = map[rune]string{'a': "áãâ", 'e': "éê", 'i': "í", 'o': "óôõ", 'u': "úü", 'n': "ñ", 'c': "ç"}

// longestBeginning bounds in how many ways a beginning is tried.
const longestBeginning = 12

// writings are the ways in which a name that begins as typed may be written:
// as it is, plain, with one mark, and with a tilde on an n beside it. The
// file's index tells small letters from capitals beyond ASCII.
func writings(typed string) []string {
	plain := []rune(Fold(typed))
	out := []string{typed, string(plain)}
	for _, one := range marked(plain) {
		out = append(out, string(one))
		if !strings.ContainsAny(string(one), "ñÑ") {
			for at := range one {
				if one[at] == 'n' && at < longestBeginning {
					two := slices.Clone(one)
					two[at] = 'ñ'
					out = append(out, string(two))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// marked is text with one mark, in each way.
func marked(text []rune) (out [][]rune) {
	for i, r := range text[:min(len(text), longestBeginning)] {
		for _, m := range accents[r] {
			for _, letter := range []rune{m, unicode.ToUpper(m)} {
				one := slices.Clone(text)
				one[i] = letter
				out = append(out, one)
			}
		}
	}
	return out
}
