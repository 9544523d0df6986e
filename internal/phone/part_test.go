package phone

import (
	"strings"
	"testing"
)

func TestPart(t *testing.T) {
	ar, mx, br := Context{Region: "AR", Area: "11"}, Context{Region: "MX"}, Context{Region: "BR"}
	for _, tt := range []struct {
		text string
		ctx  Context
		want string
	}{
		{"5983", ar, "5983"},
		{"15 5983", ar, "5983"},
		{"15-5983-4410", ar, "59834410"},
		{"0 11 5983", ar, "115983"},
		{"011 15 5983", ar, "5983"},
		{"11 15 5983-4410", ar, "59834410"},
		{"+54 9 11 59", ar, "1159"},
		{"+54 9 11", ar, "54911"}, // nothing is cut where fewer than four digits would be left
		{"54911598", ar, "11598"},
		{"5491159", mx, "5491159"}, // a Mexican number may begin so
		{"+5491159", mx, "1159"},
		{"00 54 9 11 5983", mx, "115983"},
		{"044 55 1234", mx, "551234"},
		{"01 55 1234", mx, "551234"},
		{"+52 1 55 1234", ar, "551234"},
		{"0 11 91234", br, "1191234"},
		{"598", ar, ""},
		{"Juan 5983", ar, ""},
		{"", ar, ""},
	} {
		if got := Part(tt.text, tt.ctx); got != tt.want {
			t.Errorf("%q in %s: %q, want %q", tt.text, tt.ctx.Region, got, tt.want)
		}
	}
}

// What is looked for is in every form of the line that has the typed digits.
func TestPartLosesNothing(t *testing.T) {
	for _, line := range []struct {
		key, stored string
		ctx         Context
	}{{"541159834410", "5491159834410", Context{Region: "AR"}}, {"525512345678", "5215512345678", Context{Region: "MX"}}} {
		for _, form := range SearchForms(line.key) {
			for from := range form {
				for to := from + 4; to <= len(form); to++ {
					typed := form[from:to]
					part := Part(typed, line.ctx)
					if part == "" || !strings.Contains(typed, part) {
						t.Errorf("%q leaves %q", typed, part)
					}
					// A typed part from a form's start is found as stored, too.
					if from == 0 && to == len(form) && !strings.Contains(line.stored, part) {
						t.Errorf("%q leaves %q, which is not in %s", typed, part, line.stored)
					}
				}
			}
		}
	}
}
