package query

import (
	"strconv"
	"strings"
	"time"
)

// units are how people write stretches of time, by the one form of each.
var units = []naming{
	{"m", [2][]string{{"min", "minuto", "minutos"}, {"min", "minute", "minutes"}}},
	{"h", [2][]string{{"h", "hs", "hora", "horas"}, {"h", "hour", "hours"}}},
	{"d", [2][]string{{"d", "día", "días"}, {"d", "day", "days"}}},
	{"w", [2][]string{{"sem", "s", "semana", "semanas"}, {"w", "week", "weeks"}}},
	{"mo", [2][]string{{"mes", "meses"}, {"mo", "month", "months"}}},
	{"y", [2][]string{{"a", "año", "años"}, {"y", "year", "years"}}},
}

// days are relative days, by the one form of each.
var days = []naming{
	{"today", [2][]string{{"hoy"}, {"today"}}},
	{"yesterday", [2][]string{{"ayer"}, {"yesterday"}}},
}

// stretch reads a number and its unit: 2h, "3 días".
func stretch(s string) (n int, unit string, ok bool) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits == 0 || digits > 5 {
		return 0, "", false
	}
	n, err := strconv.Atoi(s[:digits])
	unit, ok = find(units, Fold(s[digits:]))
	return n, unit, ok && err == nil && n > 0
}

// parseDuration reads how soon a window ends, and gives it in its one form.
func parseDuration(s string) (d time.Duration, written string, ok bool) {
	n, unit, ok := stretch(s)
	each := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	if !ok || each == 0 {
		return 0, "", false
	}
	return time.Duration(n) * each, strconv.Itoa(n) + unit, true
}

// parseDate reads a day, or how long ago: 2026-04-01, 01/04/2026 (the day
// first, as both countries write it), 2026-04, 2026, hoy, ayer, 7d. Days begin
// at midnight, where now is; hours and minutes count from now.
func parseDate(s string, now time.Time) (at time.Time, written string, ok bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if id, ok := find(days, Fold(s)); ok {
		if id == "yesterday" {
			today = today.AddDate(0, 0, -1)
		}
		return today, id, true
	}
	if n, unit, ok := stretch(s); ok {
		written = strconv.Itoa(n) + unit
		switch unit {
		case "m":
			at = now.Add(-time.Duration(n) * time.Minute)
		case "h":
			at = now.Add(-time.Duration(n) * time.Hour)
		case "d":
			at = today.AddDate(0, 0, -n)
		case "w":
			at = today.AddDate(0, 0, -7*n)
		case "mo":
			at = today.AddDate(0, -n, 0)
		case "y":
			at = today.AddDate(-n, 0, 0)
		}
		return at, written, at.Year() > 0
	}
	for _, layout := range []string{"2006-1-2", "2/1/2006", "2-1-2006", "2.1.2006", "2006/1/2"} {
		if at, err := time.ParseInLocation(layout, s, now.Location()); err == nil && at.Year() >= 1 {
			return at, at.Format(time.DateOnly), true
		}
	}
	for _, layout := range []string{"2006-01", "2006"} {
		if at, err := time.ParseInLocation(layout, s, now.Location()); err == nil && at.Year() >= 1 {
			return at, s, true
		}
	}
	return time.Time{}, "", false
}
