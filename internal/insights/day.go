package insights

import (
	"fmt"
	"time"
)

// Day is a day of the calendar, wherever one lives: days since 1 January 1970.
type Day int

const (
	dayMillis  = 24 * hourMillis
	hourMillis = int64(time.Hour / time.Millisecond)
)

// ParseDay reads 2026-04-13, and nothing else.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is no day such as 2026-04-13", s)
	}
	return Day(t.Unix() / 86400), nil
}

// DayOf is the day that it is in zone at t.
func DayOf(t time.Time, zone *time.Location) Day {
	c := clock{zone: zone}
	day, _ := c.read(t.UnixMilli())
	return day
}

// String is the day as ParseDay reads it.
func (d Day) String() string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

// MarshalText is String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// start is the first moment of the day in zone.
func (d Day) start(zone *time.Location) time.Time {
	t := time.Unix(int64(d)*86400, 0).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// weekday counts from Monday, 0.
func (d Day) weekday() int {
	n := (int(d) + 3) % 7 // 1 January 1970 was a Thursday
	if n < 0 {
		n += 7
	}
	return n
}

// clock reads times as they are shown in a zone. It remembers between which
// changes of the zone's offset it last looked: most times are near each other.
type clock struct {
	zone        *time.Location
	from, until int64 // milliseconds UTC; nothing at first
	offset      int64
}

// read says which day it is at a time, and which hour of it.
func (c *clock) read(ms int64) (day Day, hour int) {
	if ms < c.from || ms >= c.until {
		c.turn(ms)
	}
	local := ms + c.offset
	n := local / dayMillis
	if local%dayMillis < 0 {
		n--
	}
	return Day(n), int((local - n*dayMillis) / hourMillis)
}

func (c *clock) turn(ms int64) {
	t := time.UnixMilli(ms).In(c.zone)
	from, until := t.ZoneBounds()
	_, seconds := t.Zone()
	c.offset = int64(seconds) * 1000
	c.from, c.until = -1<<62, 1<<62
	if !from.IsZero() {
		c.from = from.UnixMilli()
	}
	if !until.IsZero() {
		c.until = until.UnixMilli()
	}
}
