package profile

import (
	"net"
	"net/netip"
	"sync"

	"bandeja/internal/shape"
)

// crowd is a listener that takes so many connections of one address and no more:
// whoever opens them all and says nothing keeps out themselves alone.
type crowd struct {
	net.Listener
	most int

	mu   sync.Mutex
	from map[netip.Addr]int
}

func newCrowd(l net.Listener, most int) *crowd {
	return &crowd{Listener: l, most: most, from: map[netip.Addr]int{}}
}

// Accept closes what is too much at once, and goes on.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := shape.NetworkOf(conn.RemoteAddr().String())
		if c.enter(from) {
			return &guest{Conn: conn, leave: sync.OnceFunc(func() { c.leave(from) })}, nil
		}
		_ = conn.Close()
	}
}

func (c *crowd) enter(from netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.from[from] >= c.most {
		return false
	}
	c.from[from]++
	return true
}

func (c *crowd) leave(from netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.from[from]--; c.from[from] <= 0 {
		delete(c.from, from)
	}
}

// guest is a connection that leaves the crowd where it is closed.
type guest struct {
	net.Conn
	leave func()
}

// Close is net.Conn's.
func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}
