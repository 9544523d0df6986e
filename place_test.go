package main

import "testing"

// A window whose screen is gone or smaller is whole on the one that is there.
func TestPlaceOn(t *testing.T) {
	was := Place{X: 250, Y: 180, Width: 1000, Height: 700}
	for _, c := range []struct {
		name          string
		width, height int
		place, want   Place
	}{
		{"as it was", 1920, 1080, was, was},
		{"a smaller screen", 800, 600, was, Place{X: 0, Y: 0, Width: 800, Height: 600}},
		{"beyond the right and the bottom", 1280, 900, Place{X: 3000, Y: 2000, Width: 900, Height: 600}, Place{X: 380, Y: 300, Width: 900, Height: 600}},
		{"beyond the left and the top", 1280, 900, Place{X: -900, Y: -50, Width: 900, Height: 600}, Place{Width: 900, Height: 600}},
		{"a screen that is not known", 0, 0, was, was},
		{"maximised stays so", 800, 600, Place{X: 9, Y: 9, Width: 700, Height: 500, Maximised: true}, Place{X: 9, Y: 9, Width: 700, Height: 500, Maximised: true}},
	} {
		if got := c.place.On(c.width, c.height); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
