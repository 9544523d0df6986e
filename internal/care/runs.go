package care

// runs finds rows of digits in bytes as they are written: with spaces, dashes,
// dots and brackets between them, up to mostBetween in a place.
type runs struct {
	row     []byte
	between int
	nbsp    bool // the first byte of a no-break space
}

const (
	shortestRun = 7
	longestRun  = 64 // a longer one is no number: it goes on in parts
	mostBetween = 3
)

func (r *runs) write(b []byte, found func(row []byte)) {
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			if len(r.row) == longestRun {
				found(r.row)
				r.row = append(r.row[:0], r.row[longestRun-shortestRun*3:]...)
			}
			r.row = append(r.row, c)
			r.between = 0
		case len(r.row) == 0:
		case separates(c) || c == 0xc2 || r.nbsp && c == 0xa0:
			if c != 0xc2 {
				r.between++
			}
			if r.between > mostBetween {
				r.end(found)
			}
		default:
			r.end(found)
		}
		r.nbsp = c == 0xc2
	}
}

func separates(c byte) bool {
	switch c {
	case ' ', '-', '.', '(', ')', '/', '+':
		return true
	}
	return false
}

func (r *runs) end(found func(row []byte)) {
	if len(r.row) >= shortestRun {
		found(r.row)
	}
	r.row, r.between, r.nbsp = r.row[:0], 0, false
}
