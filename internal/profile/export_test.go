package profile

import "bandeja/internal/search"

// People is the index of everybody.
func (in *Inbox) People() *search.People { return in.search.People }
