package cache

import (
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// failing is a layer between SQLite and the disk that lets one call fail: the
// n-th of its kind on a file whose path begins so (SYNC F23). Registered once
// for the process, it is out of the way of every other path.
var failing struct {
	once    sync.Once
	open    func(tls *libc.TLS, vfs, path, file uintptr, flags int32, out uintptr) int32
	mu      sync.Mutex
	methods map[uintptr]uintptr // with our functions among them, by the plain ones: a database's and a WAL's differ
	plain   *sqlite3.Tsqlite3_io_methods

	prefix atomic.Pointer[string]
	kind   atomic.Int32
	left   atomic.Int64 // calls until the one that fails
	failed atomic.Int64
}

// The kinds of call.
const (
	callRead = iota + 1
	callWrite
	callSync
	callTruncate
	callFull // a write, and every one after it: the disk is full
	callKill // a write: the process is killed there
)

var callNames = map[int32]string{callRead: "read", callWrite: "write", callSync: "sync", callTruncate: "truncate"}

// pointer gives a Go function as C has it.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f F }{f})) }

// function is the Go function behind a C pointer.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ p uintptr }{p})) }

// at reads C memory as a T.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

func register() {
	failing.methods = map[uintptr]uintptr{}
	tls := libc.NewTLS()
	plain := at[sqlite3.Tsqlite3_vfs](sqlite3.Xsqlite3_vfs_find(tls, 0))
	layer := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(*plain)))
	name, _ := libc.CString("failing")
	*at[sqlite3.Tsqlite3_vfs](layer) = *plain
	v := at[sqlite3.Tsqlite3_vfs](layer)
	v.FzName, v.FpNext = name, 0
	failing.open = function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](plain.FxOpen)
	v.FxOpen = pointer(openFile)
	sqlite3.Xsqlite3_vfs_register(tls, layer, 1)
}

func openFile(tls *libc.TLS, vfs, path, file uintptr, flags int32, out uintptr) int32 {
	rc := failing.open(tls, vfs, path, file, flags, out)
	prefix := failing.prefix.Load()
	if rc != sqlite3.SQLITE_OK || path == 0 || prefix == nil || !strings.HasPrefix(libc.GoString(path), *prefix) {
		return rc
	}
	failing.mu.Lock()
	defer failing.mu.Unlock()
	f := at[sqlite3.Tsqlite3_file](file)
	ours, made := failing.methods[f.FpMethods]
	if !made {
		failing.plain = at[sqlite3.Tsqlite3_io_methods](f.FpMethods)
		ours = libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(*failing.plain)))
		m := at[sqlite3.Tsqlite3_io_methods](ours)
		*m = *failing.plain
		m.FxRead, m.FxWrite, m.FxSync, m.FxTruncate = pointer(readFile), pointer(writeFile), pointer(syncFile), pointer(truncateFile)
		failing.methods[f.FpMethods] = ours
	}
	f.FpMethods = ours
	return rc
}

// fails reports whether this call is the one.
func fails(kind int32) bool {
	if failing.kind.Load() != kind || failing.left.Add(-1) != 0 {
		return false
	}
	failing.failed.Add(1)
	return true
}

func readFile(tls *libc.TLS, file, into uintptr, n int32, offset sqlite3.Tsqlite3_int64) int32 {
	if fails(callRead) {
		return sqlite3.SQLITE_IOERR_READ
	}
	return function[func(*libc.TLS, uintptr, uintptr, int32, sqlite3.Tsqlite3_int64) int32](failing.plain.FxRead)(tls, file, into, n, offset)
}

// writeFile fails in the middle: half of it is on the disk.
func writeFile(tls *libc.TLS, file, from uintptr, n int32, offset sqlite3.Tsqlite3_int64) int32 {
	do := function[func(*libc.TLS, uintptr, uintptr, int32, sqlite3.Tsqlite3_int64) int32](failing.plain.FxWrite)
	if failing.kind.Load() == callFull && failing.left.Add(-1) <= 0 {
		failing.failed.Add(1)
		return sqlite3.SQLITE_FULL
	}
	if fails(callKill) {
		do(tls, file, from, n/2, offset)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	if fails(callWrite) {
		do(tls, file, from, n/2, offset)
		return sqlite3.SQLITE_IOERR_WRITE
	}
	return do(tls, file, from, n, offset)
}

func syncFile(tls *libc.TLS, file uintptr, flags int32) int32 {
	if fails(callSync) {
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	return function[func(*libc.TLS, uintptr, int32) int32](failing.plain.FxSync)(tls, file, flags)
}

func truncateFile(tls *libc.TLS, file uintptr, size sqlite3.Tsqlite3_int64) int32 {
	if fails(callTruncate) {
		return sqlite3.SQLITE_IOERR_TRUNCATE
	}
	return function[func(*libc.TLS, uintptr, sqlite3.Tsqlite3_int64) int32](failing.plain.FxTruncate)(tls, file, size)
}

// failAt lets the n-th call of a kind fail, on files whose path begins so, and
// gives back how to stop that and whether it came to it.
func failAt(prefix string, kind int32, n int64) (stop func() (failed bool)) {
	failing.once.Do(register)
	failing.failed.Store(0)
	failing.left.Store(n)
	failing.prefix.Store(&prefix)
	failing.kind.Store(kind)
	return func() bool {
		failing.kind.Store(0)
		failing.prefix.Store(nil)
		return failing.failed.Load() > 0
	}
}

// Whatever call to the disk fails, and whenever: what was acknowledged is
// there, what was not is there whole or not at all, and the file opens and is
// sound.
func TestDiskFailsAtEveryCall(t *testing.T) {
	for kind := int32(callRead); kind <= callTruncate; kind++ {
		t.Run(callNames[kind], func(t *testing.T) {
			most := int64(20)
			if soaking() {
				most = 300
			}
			hits := 0
			for n := int64(1); n <= most; n++ {
				if failedCall(t, kind, n) {
					hits++
				} else if n > 3 {
					break // the work has fewer calls than this
				}
				if t.Failed() {
					t.Fatalf("the %s number %d failed", callNames[kind], n)
				}
			}
			if hits == 0 && kind != callTruncate {
				t.Error("no call failed")
			}
			t.Logf("%d calls failed, one in each run", hits)
		})
	}
}

// failedCall does a day's work on a local.db of which one call fails.
func failedCall(t *testing.T, kind int32, n int64) (hit bool) {
	d := openDesk(t)
	acked := map[string]bool{d.wish(t, "before", "resolved"): true}
	d.Close()
	stop := failAt(d.path, kind, n)
	for half := range 2 {
		l, err := OpenLocal(t.Context(), d.path, ReadWrite)
		if err != nil {
			continue // an error is said; the next opening is whole
		}
		for i := range 6 {
			e, err := l.Enqueue(t.Context(), Intent{Account: waspyAccount.Name, Conversation: itoa(int64(half*6 + i)), Field: "status", Now: "open", Want: "resolved"})
			if err == nil {
				acked[e[0].ID] = true
			}
			_, _, _ = l.Outbox(t.Context(), 5)
		}
		_ = l.Close()
	}
	hit = stop()
	d.reopen(t)
	defer d.Close()
	if err := d.Check(t.Context(), true); err != nil {
		t.Error(err)
	}
	got := d.states(t)
	for id := range acked {
		if got[id] != WishQueued {
			t.Errorf("%s was acknowledged and is %q", id, got[id])
		}
	}
	if len(got) < len(acked) || len(got) > 13 {
		t.Errorf("%d wishes, of %d acknowledged", len(got), len(acked))
	}
	return hit
}
