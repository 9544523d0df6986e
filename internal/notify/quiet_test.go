package notify_test

import (
	"testing"
	"time"

	"bandeja/internal/notify"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

var (
	everyDay = []int{1, 2, 3, 4, 5, 6, 7}
	weekdays = []int{1, 2, 3, 4, 5}
)

func TestQuiet(t *testing.T) {
	night := notify.Quiet{On: true, From: "20:00", To: "08:00", Days: everyDay}
	siesta := notify.Quiet{On: true, From: "13:00", To: "16:30", Days: weekdays}
	friday := notify.Quiet{On: true, From: "18:00", To: "09:00", Days: []int{5}}
	whole := notify.Quiet{On: true, From: "07:00", To: "07:00", Days: []int{6}}
	for _, c := range []struct {
		name string
		q    notify.Quiet
		at   string // in Argentina; 2026-04-13 is a Monday
		want bool
	}{
		{"before the night", night, "2026-04-13 19:59", false},
		{"its first minute", night, "2026-04-13 20:00", true},
		{"past midnight", night, "2026-04-14 00:00", true},
		{"its last minute", night, "2026-04-14 07:59", true},
		{"the morning", night, "2026-04-14 08:00", false},
		{"switched off", notify.Quiet{From: "00:00", To: "23:59", Days: everyDay}, "2026-04-13 12:00", false},
		{"no day", notify.Quiet{On: true, From: "20:00", To: "08:00", Days: []int{}}, "2026-04-13 22:00", false},
		{"within a day", siesta, "2026-04-13 13:00", true},
		{"its end", siesta, "2026-04-13 16:30", false},
		{"not of the weekend", siesta, "2026-04-12 14:00", false},
		{"the night of Friday", friday, "2026-04-17 23:00", true},
		{"is still so on Saturday morning", friday, "2026-04-18 08:59", true},
		{"and not on Friday morning", friday, "2026-04-17 08:00", false},
		{"nor on Saturday night", friday, "2026-04-18 23:00", false},
		{"a day and a night", whole, "2026-04-18 07:00", true},
		{"until the same hour of the next", whole, "2026-04-19 06:59", true},
		{"and no longer", whole, "2026-04-19 07:00", false},
		{"nor before", whole, "2026-04-18 06:59", false},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, zone(t, "America/Argentina/Buenos_Aires"))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.q.At(at); got != c.want {
			t.Errorf("%s, %s: %v", c.name, c.at, got)
		}
	}
}

// TestQuietWhenClocksChange: New York, whose 2026-03-08 has no 02:30 and whose
// 2026-11-01 has 01:30 twice.
func TestQuietWhenClocksChange(t *testing.T) {
	ny := zone(t, "America/New_York")
	begins := notify.Quiet{On: true, From: "02:30", To: "06:00", Days: []int{7}}
	night := notify.Quiet{On: true, From: "22:00", To: "07:00", Days: everyDay}
	twice := notify.Quiet{On: true, From: "01:00", To: "02:00", Days: []int{7}}
	for _, c := range []struct {
		q    notify.Quiet
		utc  string
		want bool
	}{
		{begins, "2026-03-08T06:59:00Z", false}, // 01:59
		{begins, "2026-03-08T07:00:00Z", true},  // 03:00, the next minute
		{night, "2026-03-08T10:59:00Z", true},   // 06:59, of an hour less
		{night, "2026-03-08T11:00:00Z", false},  // 07:00
		{night, "2026-11-01T11:59:00Z", true},   // 06:59, of an hour more
		{night, "2026-11-01T12:00:00Z", false},
		{twice, "2026-11-01T05:30:00Z", true}, // 01:30
		{twice, "2026-11-01T06:30:00Z", true}, // 01:30 again
		{twice, "2026-11-01T07:00:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, c.utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.q.At(at.In(ny)); got != c.want {
			t.Errorf("%s to %s at %s: %v", c.q.From, c.q.To, at.In(ny), got)
		}
	}
}

func TestValid(t *testing.T) {
	if !notify.Default().Valid() || notify.Default().On || notify.Default().Show != notify.ShowNothing {
		t.Errorf("the default is %+v", notify.Default())
	}
	for name, change := range map[string]func(*notify.Settings){
		"no show":       func(s *notify.Settings) { s.Show = "all" },
		"no whose":      func(s *notify.Settings) { s.Whose = "" },
		"no list":       func(s *notify.Settings) { s.Muted = nil },
		"no account":    func(s *notify.Settings) { s.Muted = []string{"Ventas!"} },
		"twice":         func(s *notify.Settings) { s.Muted = []string{"ventas", "ventas"} },
		"an hour of 25": func(s *notify.Settings) { s.Quiet.From = "25:00" },
		"a short hour":  func(s *notify.Settings) { s.Quiet.To = "8:00" },
		"an eighth day": func(s *notify.Settings) { s.Quiet.Days = []int{8} },
		"no days":       func(s *notify.Settings) { s.Quiet.Days = nil },
		"a day twice":   func(s *notify.Settings) { s.Quiet.Days = []int{1, 1} },
	} {
		s := notify.Default()
		if change(&s); s.Valid() {
			t.Errorf("%s: valid", name)
		}
	}
}
