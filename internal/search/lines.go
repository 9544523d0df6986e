package search

import (
	"cmp"
	"slices"
	"strings"

	"bandeja/internal/phone"
)

// byLine finds the owners of one whole line.
func (p *People) byLine(n phone.Number) (out []found) {
	typed := onlyDigits(n.E164)
	for _, i := range p.byKey[n.Key] {
		e := &p.entries[i]
		at, reason := slices.Index(e.keys, n.Key), differenceOf(n.Key)
		for k, key := range e.keys {
			if key == n.Key && onlyDigits(e.lines[k]) == typed {
				at, reason = k, "exact"
				break
			}
		}
		line := e.lines[at]
		out = append(out, found{i: i, name: -1, score: tierExact + 1,
			hit: Hit{Field: "phone", Text: line, Exact: true, Ranges: [][2]int{{0, len(line)}}, Reason: reason}})
	}
	return out
}

// differenceOf names what sets the written forms of a line apart.
func differenceOf(key string) string {
	switch {
	case strings.HasPrefix(key, "54"):
		return "same_line_without_9"
	case strings.HasPrefix(key, "52"):
		return "same_line_without_1"
	}
	return "same_line"
}

// byDigits finds lines that contain the digits in one of their written forms,
// the most recent first, and notes them in have.
func (p *People) byDigits(digits string, have map[int32]bool, limit int) (out []found) {
	ids := p.newest(p.withDigits(digits, have), min(limit, 1000))
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(cmp.Compare(p.at[b], p.at[a]), cmp.Compare(a, b)) })
	for rank, i := range ids {
		have[i] = true
		line, ranges := markDigits(p.entries[i].lines, digits)
		out = append(out, found{i: i, name: -1, score: tierPrefix + 1000 - rank, hit: Hit{Field: "phone", Text: line, Ranges: ranges, Reason: "part_of_number"}})
	}
	return out
}

// withDigits lists the entries whose lines contain the digits.
func (p *People) withDigits(digits string, except map[int32]bool) (ids []int32) {
	want := pairsOf(digits)
	for i, m := range p.pairs {
		if m.has(want) && !except[int32(i)] && strings.Contains(p.digits[i], digits) {
			ids = append(ids, int32(i))
		}
	}
	return ids
}

// markDigits picks the line that shows most of the typed digits and marks
// them there. What a form has and the display has not (a 0, a 15) is not
// marked.
func markDigits(lines []string, digits string) (best string, ranges [][2]int) {
	if len(lines) == 0 {
		return "", nil
	}
	for from := range len(digits) {
		for _, line := range lines {
			if at := strings.Index(onlyDigits(line), digits[from:]); at >= 0 {
				return line, digitRanges(line, at, len(digits)-from)
			}
		}
	}
	return lines[0], nil
}

// digitRanges marks n digits of line from its at-th on, leaving out what stands
// between groups only at the ends.
func digitRanges(line string, at, n int) [][2]int {
	start, seen := -1, 0
	for i, r := range line { // a display form is ASCII: bytes are UTF-16 units
		if r < '0' || r > '9' {
			continue
		}
		if seen == at {
			start = i
		}
		seen++
		if seen == at+n {
			return [][2]int{{start, i + 1}}
		}
	}
	return nil
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func isDigits(s string) bool { return s != "" && onlyDigits(s) == s }
