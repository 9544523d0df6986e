package search

// changes is a walk over the vocabulary, in the order of its texts, for the
// words that a few changes make of a typed one: a letter left out, put in, put
// for another, or two neighbours swapped, each once in a place (the optimal
// string alignment of Damerau's distance). Words that begin alike share the
// rows of the table that is computed for them, and a beginning that has come
// too far from what was typed is passed over with all that begin so.
type changes struct {
	typed string
	most  int
	rows  [longestWord + 1][longestTerm + 4]uint8 // beyond the typed text a row or two are begun
	least [longestWord + 1]uint8                  // of each row
	begun [longestWord + 1]uint8                  // the least changes of the whole typed text to a beginning so far
}

func newChanges(typed string, most int) *changes {
	typed = typed[:min(len(typed), longestTerm)]
	c := &changes{typed: typed, most: most}
	for i := range len(typed) + 1 {
		c.rows[0][i] = uint8(min(i, most+1))
	}
	c.begun[0] = c.rows[0][len(typed)]
	return c
}

// row computes the depth-th row for a word, cells beyond the band counting as
// too many.
func (c *changes) row(word []byte, depth int) {
	above, row, far := &c.rows[depth-1], &c.rows[depth], uint8(c.most+1)
	m := len(c.typed)
	from, to := max(1, depth-c.most), min(m, depth+c.most)
	row[0] = uint8(min(depth, int(far)))
	if from > 1 {
		row[from-1] = far
	}
	here, least := word[depth-1], row[0]
	for i := from; i <= to; i++ {
		cell := above[i-1]
		if c.typed[i-1] != here {
			cell++
		}
		cell = min(cell, above[i]+1, row[i-1]+1)
		if i > 1 && depth > 1 && c.typed[i-1] == word[depth-2] && c.typed[i-2] == here {
			cell = min(cell, c.rows[depth-2][i-2]+1)
		}
		cell = min(cell, far)
		row[i] = cell
		least = min(least, cell)
	}
	if to < m {
		row[to+1] = far
	}
	c.least[depth] = least
	c.begun[depth] = c.begun[depth-1]
	if to == m && from <= m {
		c.begun[depth] = min(c.begun[depth], row[m])
	}
}

// hopeless reports that no word that begins like this one to depth can come
// near: a swap reaches over one row.
func (c *changes) hopeless(depth int) bool {
	return int(c.least[depth]) > c.most && int(c.least[depth-1])+1 > c.most
}

// to gives the changes to a whole word and to its nearest beginning, more than
// most where they are too many. The first known bytes are as in the word
// before; dead is the depth at which a beginning was given up, or beyond the
// word.
func (c *changes) to(word []byte, known int) (whole, begun, dead int) {
	for depth := known + 1; depth <= len(word); depth++ {
		c.row(word, depth)
		if c.hopeless(depth) {
			return c.most + 1, int(c.begun[depth]), depth
		}
	}
	whole = c.most + 1
	if d := len(word) - len(c.typed); d <= c.most && -d <= c.most {
		whole = int(c.rows[len(word)][len(c.typed)])
	}
	return whole, int(c.begun[len(word)]), len(word) + 1
}

// near calls fn with every word that most changes make of typed, or, if begun,
// of whose beginning they do: whole and begun say how many, more than most
// where there are too many.
func (v *vocabulary) near(typed string, most int, begun bool, fn func(n uint32, whole, begun int)) {
	c := newChanges(typed, most)
	tell := func(n uint32, whole, beginning int) {
		if whole <= most || begun && beginning <= most {
			fn(n, whole, beginning)
		}
	}
	known, dead, lost := 0, longestWord+1, most+1
	for k, n := range v.byText {
		shared := int(v.shared[k])
		if shared >= dead { // it begins as what was given up
			tell(n, most+1, lost)
			continue
		}
		word := v.text.at(n)
		whole, beginning, at := c.to(word, min(known, shared))
		known, dead, lost = min(at, len(word)), at, beginning
		tell(n, whole, beginning)
	}
	for _, n := range v.fresh {
		whole, beginning, _ := newChanges(typed, most).to(v.text.at(n), 0)
		tell(n, whole, beginning)
	}
}
