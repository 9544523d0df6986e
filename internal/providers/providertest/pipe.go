package providertest

import (
	"context"
	"net"
	"sync"
)

// Pipe is a listener in memory. Under testing/synctest a server on it lets
// fake time go on, where a real socket would stop it (SYNC §3). Its
// DialContext goes into rest.Options.
type Pipe struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

// NewPipe makes a listener; inside a synctest bubble it belongs to it.
func NewPipe() *Pipe {
	p := &Pipe{conns: make(chan net.Conn), done: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.done) })
	return p
}

// DialContext connects to the listener, whatever the address.
func (p *Pipe) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
}

// Accept waits for a connection.
func (p *Pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and DialContext.
func (p *Pipe) Close() error {
	p.close()
	return nil
}

// Addr is a name, for error texts.
func (p *Pipe) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
