package search

import (
	"cmp"
	"slices"
	"strings"

	"bandeja/internal/phone"
)

// byLine finds the owners of one whole line, and those whose name holds it in
// any of its forms.
func (s *finder) byLine(n phone.Number) {
	own, ok := packLine(n.Key)
	if !ok {
		return
	}
	s.withLine(own, n)
	for _, form := range append(phone.SearchForms(n.Key), strings.TrimPrefix(n.Key, code(n.Key))) {
		if len(form) <= mostKeyed && form != n.Key {
			s.withLine(pack(form), n)
		}
	}
}

// code is the country's part of a key.
func code(key string) string {
	for _, s := range shapes {
		if s.code != "" && strings.HasPrefix(key, s.code) {
			return s.code
		}
	}
	return ""
}

// withLine takes the owners of a packed line, each once: of a line written in
// two ways the one that was typed is shown.
func (s *finder) withLine(x packed, n phone.Number) {
	s.x.lines.keys.each(x.hash(), func(k uint32) bool {
		l := s.x.lines.at(k)
		if l.key() != x.key() {
			return true
		}
		i := int32(s.x.lines.owner[k] & ownerPlace)
		h := Hit{Exact: true, Reason: "exact"}
		if l.e164() != n.E164 && !l.inName {
			h.Reason = differenceOf(n.Key)
		}
		if at, ok := s.have[i]; ok {
			if at >= 0 && h.Reason == "exact" && !l.inName {
				h = s.all[at].hit
				h.Reason = "exact"
				h.Text = l.display()
				h.Ranges = [][2]int{{0, len(h.Text)}}
				s.all[at].hit = h
			}
			return true
		}
		if l.inName {
			h.Field = "name"
			h.Text, h.Ranges = s.numberInName(i, l.digits())
		} else {
			h.Field, h.Text = "phone", l.display()
			h.Ranges = [][2]int{{0, len(h.Text)}}
		}
		s.take(found{i: i, name: -1, score: tierExact + 1, hit: h})
		return true
	})
}

// numberInName is the name that holds the digits, and where.
func (s *finder) numberInName(i int32, digits string) (text string, ranges [][2]int) {
	for _, n := range s.x.person(i).names {
		for _, run := range numberRuns(n.text) {
			here := phone.Digits(n.text[run[0]:run[1]])
			for from := range len(digits) {
				at := strings.Index(here, digits[from:])
				if at < 0 {
					continue
				}
				in := digitRanges(n.text[run[0]:run[1]], at, len(digits)-from)
				before := utf16Count(n.text[:run[0]])
				for k := range in {
					in[k][0], in[k][1] = in[k][0]+before, in[k][1]+before
				}
				return n.text, in
			}
		}
	}
	return "", nil
}

func utf16Count(s string) (n int) {
	for _, r := range s {
		n += utf16Len(r)
	}
	return n
}

// numberRuns are the parts of a text that are written like numbers: digits and
// what stands between them, from a digit or a plus to a digit.
func numberRuns(text string) (runs [][2]int) {
	start, end := -1, 0
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			if start < 0 {
				start = i
				if i > 0 && text[i-1] == '+' {
					start--
				}
			}
			end = i + 1
		case start >= 0 && strings.IndexByte(" -./()+", c) < 0:
			runs = append(runs, [2]int{start, end})
			start = -1
		}
	}
	if start >= 0 {
		runs = append(runs, [2]int{start, end})
	}
	return runs
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
// the most recent first.
func (s *finder) byDigits(digits string) {
	ids := s.newest(s.withDigits(digits), min(s.limit, 1000))
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(cmp.Compare(s.x.at[b], s.x.at[a]), cmp.Compare(a, b)) })
	p := newPattern(digits)
	for rank, i := range ids {
		h := Hit{Field: "phone", Reason: "part_of_number"}
		var ofName string
		var shown []string
		for _, l := range s.x.person(i).lines {
			switch {
			case !l.inName:
				shown = append(shown, l.display())
			case p.in(l.packed):
				ofName = l.digits()
			}
		}
		h.Text, h.Ranges = markDigits(shown, digits)
		if len(h.Ranges) == 0 && ofName != "" {
			h.Field = "name"
			h.Text, h.Ranges = s.numberInName(i, digits)
		}
		s.take(found{i: i, name: -1, score: tierPrefix + 1000 - rank, hit: h})
	}
}

// withDigits lists who has a line that contains the digits, in order and each
// once.
func (s *finder) withDigits(digits string) (ids []int32) {
	if len(digits) < shortestNumber || len(digits) > mostKeyed {
		return nil
	}
	newPattern(digits).each(s.x.lines.packed, func(n int) {
		ids = append(ids, int32(s.x.lines.owner[n]&ownerPlace))
	})
	if !slices.IsSorted(ids) {
		slices.Sort(ids)
	}
	return slices.Compact(ids)
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
			if at := strings.Index(phone.Digits(line), digits[from:]); at >= 0 {
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
	for i := range len(line) { // what is not ASCII stands outside of numbers
		if line[i] < '0' || line[i] > '9' {
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

func isDigits(s string) bool { return s != "" && phone.Digits(s) == s }
