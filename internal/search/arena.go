package search

// arena keeps byte strings in few large pieces of memory, so that a million of
// them are nothing for the collector to walk. A place is counted in grains;
// place 0 is none.
type arena struct {
	chunks [][]byte
	free   map[uint32][]uint32 // by size in grains: places given back
	live   int                 // bytes in use, rounded up to grains
	freed  int                 // bytes given back and not used again
}

const (
	grain      = 4
	chunkSize  = 1 << 20
	chunkShift = 18 // grains of a chunk, as a power of two
	firstChunk = 1 << 12
)

// put keeps b, which is no longer than a chunk, and says where.
func (a *arena) put(b []byte) uint32 {
	size := (len(b) + grain - 1) / grain
	a.live += size * grain
	if list := a.free[uint32(size)]; len(list) > 0 {
		place := list[len(list)-1]
		a.free[uint32(size)] = list[:len(list)-1]
		a.freed -= size * grain
		copy(a.at(place), b)
		return place
	}
	last := len(a.chunks) - 1
	if last < 0 {
		a.chunks, last = append(a.chunks, make([]byte, grain, firstChunk)), 0
	}
	if len(a.chunks[last])+size*grain > chunkSize {
		a.chunks, last = append(a.chunks, make([]byte, 0, chunkSize)), last+1
	}
	c := a.chunks[last]
	place := uint32(last)<<chunkShift + uint32(len(c)/grain)
	c = append(c, b...)
	a.chunks[last] = append(c, make([]byte, size*grain-len(b))...)
	return place
}

// at is what begins at a place, up to the end of its chunk.
func (a *arena) at(place uint32) []byte {
	return a.chunks[place>>chunkShift][(place&(1<<chunkShift-1))*grain:]
}

// drop gives back the length bytes at a place.
func (a *arena) drop(place uint32, length int) {
	size := uint32((length + grain - 1) / grain)
	if a.free == nil {
		a.free = map[uint32][]uint32{}
	}
	a.free[size] = append(a.free[size], place)
	a.live -= int(size) * grain
	a.freed += int(size) * grain
}
