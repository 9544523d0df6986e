package phone

import (
	_ "embed"
	"strconv"
	"strings"
)

const (
	sameLine15  = sameLine + "; " + mobileMark15
	mobile15    = "15"
	arNumberLen = 10
)

// argentina reads what follows 54, or a national writing, by SEARCH §1: cut
// the 0; cut the 9 (mobile) and a 0 after it; cut the 15 (mobile) after an
// area code; ten digits in a known area must be left. A national writing may
// also leave the area code to the account.
func argentina(d string, from origin) Number {
	d, trunk := cutTrunk(d)
	mobile := false
	for len(d) > arNumberLen && d[0] == '9' {
		mobile = true
		d, _ = cutTrunk(d[1:])
	}
	var line [arNumberLen]byte
	reason := sameLine
	subscriber, marked := strings.CutPrefix(d, mobile15)
	switch area := arMarkedArea(d); {
	case area > 0:
		mobile, reason = true, sameLine15
		copy(line[copy(line[:], d[:area]):], d[area+len(mobile15):])
	case marked && arLocal(from.area, subscriber):
		mobile, reason = true, sameLine15+"; "+accountArea
		copy(line[copy(line[:], from.area):], subscriber)
	case len(d) == arNumberLen:
		copy(line[:], d)
	case !trunk && arLocal(from.area, d):
		reason = sameLine + "; " + accountArea
		copy(line[copy(line[:], from.area):], d)
	default:
		return none(notTenAR)
	}
	area, why := arSplit(line[:])
	if why != "" {
		return none(why)
	}
	return arNumber(line[:], area, mobile, reason)
}

// arMarkedArea is the length of the area code when d is area, 15, subscriber;
// else 0. It is never ambiguous: no subscriber number begins with 1.
func arMarkedArea(d string) int {
	if len(d) != arNumberLen+len(mobile15) {
		return 0
	}
	for l := 2; l <= 4; l++ {
		if d[l:l+2] == mobile15 && arAreas.has([]byte(d[:l])) {
			return l
		}
	}
	return 0
}

// arLocal reports whether area and subscriber make a whole number.
func arLocal(area, subscriber string) bool {
	return len(area)+len(subscriber) == arNumberLen && arAreas.has([]byte(area))
}

// arSplit is the length of the area code of ten digits, or why they are none.
// A few four-digit codes begin with a three-digit one: ar_overlaps.txt decides
// which is meant.
func arSplit(line []byte) (area int, why string) {
	why = noArea
	for l := 2; l <= 4; l++ {
		switch {
		case !arAreas.has(line[:l]):
		case line[l] == '1':
			if area == 0 {
				why = noBlockOf1
			}
		case area == 0 || arLonger.means(line, l):
			area, why = l, ""
		}
	}
	return area, why
}

// arNumber writes a line whose area code has the given length.
func arNumber(line []byte, area int, mobile bool, reason string) Number {
	buf := make([]byte, 0, 48)
	buf = append(buf, "+54"...)
	if mobile {
		buf = append(buf, '9')
	}
	buf = append(buf, line...)
	e164 := len(buf)
	buf = append(buf, "+54 "...)
	if mobile {
		buf = append(buf, "9 "...)
	}
	buf = append(buf, line[:area]...)
	buf = append(buf, ' ')
	buf = appendHalves(buf, line[area:])
	display := len(buf)
	if mobile {
		buf = append(append(buf, "54"...), line...)
	}
	n := packed(buf, e164, display)
	n.Reason = reason
	if mobile {
		n.Mobile = new(true)
	}
	return n
}

// appendHalves writes a subscriber number with a dash before its last four
// digits.
func appendHalves(buf, subscriber []byte) []byte {
	dash := len(subscriber) - 4
	buf = append(buf, subscriber[:dash]...)
	buf = append(buf, '-')
	return append(buf, subscriber[dash:]...)
}

// arDomestic is how the line is dialled at home: 011 15-5983-4410, 011
// 5983-4410. The library writes every Argentine mobile wrongly here.
func arDomestic(line string, mobile bool) string {
	area, _ := arSplit([]byte(line))
	buf := append([]byte("0"), line[:area]...)
	buf = append(buf, ' ')
	if mobile {
		buf = append(buf, "15-"...)
	}
	return string(appendHalves(buf, []byte(line[area:])))
}

// arForms are the searched forms of a line, for each way its ten digits can
// be cut into area code and subscriber: people who write a 15 show the cut.
func arForms(line string) []string {
	forms := []string{"549" + line, "54" + line, "0" + line}
	for l := 2; l <= 4; l++ {
		if !arAreas.has([]byte(line[:l])) || line[l] == '1' {
			continue
		}
		marked := line[:l] + mobile15 + line[l:]
		forms = append(forms, "0"+marked, marked, "54"+marked, "549"+marked)
	}
	return forms
}

//go:embed ar_areas.txt
var arAreasText string

//go:embed ar_overlaps.txt
var arOverlapsText string

var (
	arAreas  = readAreas(arAreasText)
	arLonger = readOverlaps(arOverlapsText)
)

// areaSet holds area codes as numbers; none begins with 0.
type areaSet [10000]bool

func (s *areaSet) has(code []byte) bool {
	return len(code) >= 2 && len(code) <= 4 && s[areaIndex(code)]
}

// areaIndex is code as a number, 0 when it is none.
func areaIndex(code []byte) int {
	i := 0
	for _, c := range code {
		if c < '0' || c > '9' || i == 0 && c == '0' {
			return 0
		}
		i = i*10 + int(c-'0')
	}
	return i
}

// readAreas reads one area code a line; lines with # are remarks.
func readAreas(text string) *areaSet {
	var s areaSet
	for line := range strings.Lines(text) {
		if code, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			s[code] = true
		}
	}
	return &s
}

// overlaps holds, by four-digit area code, the beginnings of subscriber
// numbers for which that code is meant and not the three-digit one inside it.
type overlaps map[int][]string

func (o overlaps) means(line []byte, area int) bool {
	rest := string(line[area:])
	for _, start := range o[areaIndex(line[:area])] {
		if strings.HasPrefix(rest, start) {
			return true
		}
	}
	return false
}

// readOverlaps reads an area code and its beginnings a line.
func readOverlaps(text string) overlaps {
	o := overlaps{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if code, err := strconv.Atoi(fields[0]); err == nil {
			o[code] = fields[1:]
		}
	}
	return o
}
