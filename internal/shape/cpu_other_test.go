//go:build !unix

package shape_test

import "time"

var began = time.Now()

// cpuTime is the clock's where a process does not know its own.
func cpuTime() time.Duration { return time.Since(began) }
