package simulator

import (
	"time"
	"unicode/utf8"
)

// appendString adds s as a JSON string.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), `\ufffd`...)
				i++
				start = i
				continue
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = appendHex(append(dst, `\u`...), uint64(c), 4)
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// appendNullable adds s, or null when it is empty.
func appendNullable(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return appendString(dst, s)
}

// appendField adds ,"key":"value".
func appendField(dst []byte, key, value string) []byte {
	dst = append(append(append(dst, `,"`...), key...), `":`...)
	return appendString(dst, value)
}

// appendStrings adds a JSON array.
func appendStrings(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, s)
	}
	return append(dst, ']')
}

// nanos is t in nanoseconds since 1970, for times that people write: those
// before are 1970's, those past what can be counted are 2200's.
func nanos(t time.Time) int64 {
	switch {
	case t.Year() < 1970:
		return 0
	case t.Year() > 2200:
		return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	}
	return t.UnixNano()
}

const millisecondsUTC = "2006-01-02T15:04:05.000Z"

// appendMillis adds a time as Waspy writes it; null for 0.
func appendMillis(dst []byte, at int64) []byte {
	if at == 0 {
		return append(dst, "null"...)
	}
	dst = time.Unix(0, at).UTC().AppendFormat(append(dst, '"'), millisecondsUTC)
	return append(dst, '"')
}

// appendTime adds a time as Plática writes it: with 0, 3 or 9 digits, as many
// as it has.
func appendTime(dst []byte, at int64) []byte {
	layout := "2006-01-02T15:04:05.000000000Z"
	switch {
	case at%second == 0:
		layout = "2006-01-02T15:04:05Z"
	case at%millisecond == 0:
		layout = millisecondsUTC
	}
	dst = time.Unix(0, at).UTC().AppendFormat(append(dst, '"'), layout)
	return append(dst, '"')
}
