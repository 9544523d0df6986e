package simulator

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// take takes the connection away from the HTTP server, and gives the reply's
// head and body as they would be sent. Where that cannot be done (a recorder
// in a test) the reply is aborted.
func (a *answer) take(change func(http.Header)) (conn net.Conn, head []byte) {
	header := a.header()
	header.Set("Connection", "close")
	if change != nil {
		change(header)
	}
	hijacker, ok := a.w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.SetDeadline(time.Time{})
	var b bytes.Buffer
	_, _ = fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	_ = header.Write(&b)
	b.WriteString("\r\n")
	if a.entry != nil {
		a.office.journal.mu.Lock()
		a.entry.Wire = b.Len() + len(a.body)
		a.office.journal.mu.Unlock()
	}
	return conn, b.Bytes()
}

// firstBytes is the first n bytes of a reply; below 0, all but the last -n.
func firstBytes(raw []byte, n int) []byte {
	if n < 0 {
		n += len(raw)
	}
	return raw[:min(max(n, 0), len(raw))]
}

// The errors of writing to a connection that is to be broken are of no use.

// sendNothing closes the connection instead of answering.
func sendNothing(a *answer, _ *hit) {
	conn, _ := a.take(nil)
	_ = conn.Close()
}

// sendCut ends the connection properly after so many bytes of the reply, head
// included.
func sendCut(a *answer, h *hit) {
	conn, head := a.take(nil)
	_, _ = conn.Write(firstBytes(append(head, a.body...), h.Bytes))
	_ = conn.Close()
}

// sendReset breaks the connection after so many bytes (by default after half
// the body); in memory, where nothing can be reset, it ends it.
func sendReset(a *answer, h *hit) {
	conn, head := a.take(nil)
	n := h.Bytes
	if n == 0 {
		n = len(head) + len(a.body)/2
	}
	_, _ = conn.Write(firstBytes(append(head, a.body...), n))
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// sendLength promises so many bytes more than it sends, or fewer.
func sendLength(a *answer, h *hit) {
	n := h.Bytes
	if n == 0 {
		n = 10
	}
	conn, head := a.take(func(header http.Header) {
		header.Set("Content-Length", strconv.Itoa(max(len(a.body)+n, 0)))
	})
	_, _ = conn.Write(append(head, a.body...))
	_ = conn.Close()
}

// sendChunk sends the body in chunks, of which the second, after so many bytes
// (by default half), has no length.
func sendChunk(a *answer, h *hit) {
	conn, head := a.take(func(header http.Header) {
		header.Del("Content-Length")
		header.Set("Transfer-Encoding", "chunked")
	})
	n := h.Bytes
	if n == 0 {
		n = len(a.body) / 2
	}
	first := firstBytes(a.body, n)
	head = append(strconv.AppendInt(head, int64(max(len(first), 1)), 16), "\r\n"...)
	_, _ = conn.Write(append(append(head, first...), "\r\nzz\r\n"...))
	_ = conn.Close()
}

// sendSilence never sends a byte.
func sendSilence(a *answer, h *hit) {
	conn, _ := a.take(nil)
	h.hold(conn, h.Delay)
}

// sendHeaders sends the head and then nothing.
func sendHeaders(a *answer, h *hit) {
	conn, head := a.take(nil)
	_, _ = conn.Write(head)
	h.hold(conn, h.Delay)
}

// sendTrickle sends the head, and the body a byte at a time, by default each
// second.
func sendTrickle(a *answer, h *hit) {
	conn, head := a.take(nil)
	defer func() { _ = conn.Close() }()
	pause := h.Delay
	if pause == 0 {
		pause = time.Second
	}
	_, err := conn.Write(head)
	for i := 0; err == nil && i < len(a.body); i++ {
		_, err = conn.Write(a.body[i : i+1])
		if err == nil && !h.pause(pause) {
			return
		}
	}
}

// pause reports false when the faults are replaced meanwhile.
func (h *hit) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.set.over:
		return false
	}
}

// hold keeps a connection until the client leaves, the faults are replaced, or
// d is over (0: never); then it closes it.
func (h *hit) hold(conn net.Conn, d time.Duration) {
	left := make(chan struct{})
	go func() {
		defer close(left)
		_, _ = io.Copy(io.Discard, conn)
	}()
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-left:
	case <-over:
	case <-h.set.over:
	}
	_ = conn.Close()
	<-left
}
