package simulator

import (
	"fmt"
	"net"
	"sync"
)

// Door is a TCP listener that can be shut and opened again on the same port:
// while it is shut, connections are refused. A server that serves it stays.
type Door struct {
	address string
	closed  chan struct{}
	close   func()

	mu     sync.Mutex // guards what follows
	inner  net.Listener
	opened chan struct{} // closed when the door is open
	conns  map[*doorConn]struct{}
}

// Listen opens a door at a TCP address.
func Listen(address string) (*Door, error) {
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	d := &Door{address: inner.Addr().String(), closed: make(chan struct{}), inner: inner, opened: make(chan struct{}), conns: map[*doorConn]struct{}{}}
	d.close = sync.OnceFunc(func() { close(d.closed) })
	close(d.opened)
	return d, nil
}

// Shut refuses connections from now on, and resets those that there are.
func (d *Door) Shut() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner == nil {
		return nil
	}
	err := d.inner.Close()
	d.inner, d.opened = nil, make(chan struct{})
	for c := range d.conns {
		_ = c.SetLinger(0)
		_ = c.TCPConn.Close()
	}
	clear(d.conns)
	return err
}

// Open takes connections again, on the port of before.
func (d *Door) Open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner != nil {
		return nil
	}
	inner, err := net.Listen("tcp", d.address)
	if err != nil {
		return fmt.Errorf("listen again: %w", err)
	}
	d.inner = inner
	close(d.opened)
	return nil
}

// Accept waits for a connection, through any time that the door is shut.
func (d *Door) Accept() (net.Conn, error) {
	for {
		d.mu.Lock()
		inner, opened := d.inner, d.opened
		d.mu.Unlock()
		if inner == nil {
			select {
			case <-opened:
			case <-d.closed:
				return nil, net.ErrClosed
			}
			continue
		}
		conn, err := inner.Accept()
		if err == nil {
			if c := d.let(conn); c != nil {
				return c, nil
			}
			continue
		}
		d.mu.Lock()
		same := d.inner == inner
		d.mu.Unlock()
		if same { // not shut: it failed, or the door is closed for good
			return nil, err
		}
	}
}

// let takes note of a connection; nil where the door was shut meanwhile.
func (d *Door) let(conn net.Conn) *doorConn {
	c := &doorConn{door: d}
	c.TCPConn, _ = conn.(*net.TCPConn)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner == nil || c.TCPConn == nil {
		_ = conn.Close()
		return nil
	}
	d.conns[c] = struct{}{}
	return c
}

// Close ends Accept for good.
func (d *Door) Close() error {
	d.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner == nil {
		return nil
	}
	return d.inner.Close()
}

// Addr is where it listens.
func (d *Door) Addr() net.Addr {
	address, _ := net.ResolveTCPAddr("tcp", d.address) // numbers: nothing to look up
	return address
}

// doorConn is a connection that its door may break.
type doorConn struct {
	*net.TCPConn
	door *Door
}

func (c *doorConn) Close() error {
	c.door.mu.Lock()
	delete(c.door.conns, c)
	c.door.mu.Unlock()
	return c.TCPConn.Close()
}
