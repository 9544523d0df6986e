package query

import "strings"

// Render writes a query in a language: what it gives means the same, and is
// what Render gives for it again. What was left out for a problem is left out.
func (q *Query) Render(lang Lang) string {
	var out []string
	for _, p := range q.Parts {
		switch p.Kind {
		case FilterPart:
			if p.counts() {
				out = append(out, Suggestion{p.Key, p.Value, p.Negated}.Render(lang))
			}
		case WordPart:
			out = append(out, p.Value)
		case PhrasePart:
			out = append(out, quote(p.Value, p.Open))
		case ExcludePart:
			if p.Phrase {
				out = append(out, "-"+quote(p.Value, p.Open))
			} else {
				out = append(out, "-"+p.Value)
			}
		}
	}
	return strings.Join(out, " ")
}

// quote writes a phrase; one that is still open can only be the last.
func quote(s string, open bool) string {
	if open {
		return `"` + s
	}
	return `"` + s + `"`
}

// Render writes a filter as it is written in a language.
func (s Suggestion) Render(lang Lang) string {
	minus := ""
	if s.Negated {
		minus = "-"
	}
	key, value, colon := s.Key.Name(lang), ValueName(s.Key, s.Value, lang), ":"
	if s.Key == Expires {
		colon = "<"
	}
	if s.Key == Is && lang == Spanish && strings.HasPrefix(value, "sin-") {
		return minus + "sin:" + value[len("sin-"):]
	}
	if strings.ContainsFunc(value, between) || strings.ContainsAny(value, "\"“”«„") || strings.HasPrefix(value, "//") {
		return minus + key + colon + quote(value, false)
	}
	return minus + key + colon + value
}

// ValueName is how a filter's value is written in a language.
func ValueName(key Key, value string, lang Lang) string {
	switch key {
	case Assignee:
		if value == Me {
			return [...]string{"yo", "me"}[lang]
		}
	case Before, After:
		if name := shown(days, value, lang); name != value {
			return name
		}
		return stretchName(value, lang)
	case Expires:
		return stretchName(value, lang)
	}
	return shown(valueNames[key], value, lang)
}

// stretchName writes 7d, 2w, 3mo in a language.
func stretchName(value string, lang Lang) string {
	number := strings.TrimRight(value, "mhdwoy")
	if number == value || number == "" {
		return value
	}
	return number + shown(units, value[len(number):], lang)
}
