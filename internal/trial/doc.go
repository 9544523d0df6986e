// Package trial tries the whole program against faults: real processes that
// are killed, providers that move, lie, stall and refuse, and a checker that
// holds the files of a profile to what the provider had, field by field
// (SYNC §6, §7). It is tests alone: nothing imports it.
//
// A failing run prints the line that plays it again. BANDEJA_TEST_SEED plays
// one seed; BANDEJA_SOAK=1 makes every suite as long as `make soak` has it.
package trial
