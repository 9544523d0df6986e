package cache

import (
	"fmt"
	"testing"
	"time"

	"bandeja/internal/inbox"
)

// BenchmarkCourses reads who spoke when in an office of 100 000 threads and a
// million messages: for the first time, and when little has come since.
func BenchmarkCourses(b *testing.B) {
	c := newCache(b)
	n := scaled(100_000)
	for i := 0; i < n; i += 100 {
		list(b, c, waspyAccount, benchPage(i)...)
		var batch []Reading
		for j := range 100 {
			conversation := fmt.Sprintf("conv-%08d", i+j)
			batch = append(batch, Reading{Conversation: conversation, Messages: benchMessages(conversation, 0, 10), Next: inbox.Mark("x")})
		}
		if _, err := c.SaveMessages(b.Context(), waspyAccount.Name, batch); err != nil {
			b.Fatal(err)
		}
	}
	read := func(budget time.Duration) bool {
		all, _, _, err := c.Courses(b.Context(), budget)
		if err != nil {
			b.Fatal(err)
		}
		return all != nil
	}
	b.Run("first", func(b *testing.B) {
		timed(b, func() {
			c.courses.forget()
			read(0)
		})
	})
	b.Run("step", func(b *testing.B) {
		timed(b, func() {
			if read(100 * time.Millisecond) {
				c.courses.forget()
			}
		})
	})
	b.Run("settle", func(b *testing.B) {
		read(0)
		timed(b, func() {
			for id := range int64(1000) {
				c.courses.committed([]int64{id + 1})
			}
			read(0)
		})
	})
}
