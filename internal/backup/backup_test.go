package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// cheap makes a test quick: what a passphrase costs is tried once.
var cheap = cost{time: 1, memory: 64, threads: 1}

var made = time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)

func fileOf(name string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{Name: name, Schema: 2, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Rows: map[string]int64{"notes": 3}}
}

// sealed writes a backup of contents, in memory.
func sealed(t interface{ Fatal(...any) }, secret string, contents map[string][]byte) []byte {
	m := Manifest{App: "test", MadeAt: made}
	for _, name := range []string{LocalDB, CacheDB} {
		if b, ok := contents[name]; ok {
			m.Files = append(m.Files, fileOf(name, b))
		}
	}
	var out bytes.Buffer
	open := func(name string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(contents[name])), nil }
	if err := write(context.Background(), &out, m, open, secret, cheap); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// opened reads a backup whole.
func opened(b []byte, secret string) (map[string][]byte, error) {
	a, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	if a.Protected() {
		if err := a.Unlock(secret); err != nil {
			return nil, err
		}
	}
	got := map[string][]byte{}
	err = a.Read(context.Background(), func(Manifest) error { return nil }, func(f File, r io.Reader) error {
		b, err := io.ReadAll(r)
		got[f.Name] = b
		return err
	})
	return got, err
}

// office is a body of several chunks that does not get smaller.
func office() map[string][]byte {
	local := make([]byte, 3*chunkBytes+17)
	for i := range local {
		local[i] = byte(i * i >> 3)
	}
	h := sha256.New()
	for i := 0; i < len(local); i += 32 {
		binary.Write(h, binary.BigEndian, int64(i))
		copy(local[i:], h.Sum(nil))
	}
	return map[string][]byte{LocalDB: local, CacheDB: []byte("the copy")}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 200), rapid.SampledFrom([]int{chunkBytes - 1, chunkBytes, chunkBytes + 1, 2 * chunkBytes})).Draw(t, "size")
		local := bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "local"), size)[:size]
		contents := map[string][]byte{LocalDB: local}
		if rapid.Bool().Draw(t, "cache") {
			contents[CacheDB] = rapid.SliceOf(rapid.Byte()).Draw(t, "copy")
		}
		secret := rapid.SampledFrom([]string{"", "caña brava"}).Draw(t, "secret")
		got, err := opened(sealed(t, secret, contents), secret)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(contents) {
			t.Fatalf("%d files came back of %d", len(got), len(contents))
		}
		for name, b := range contents {
			if !bytes.Equal(got[name], b) {
				t.Fatalf("%s came back as something else", name)
			}
		}
	})
}

// Whatever is done to a backup is found, and has the kind that its sentence
// hangs on.
func TestWhatWasDoneToItIsFound(t *testing.T) {
	swap := func(b []byte, i, j, n int) []byte {
		out := bytes.Clone(b)
		copy(out[i:i+n], b[j:j+n])
		copy(out[j:j+n], b[i:i+n])
		return out
	}
	for _, secret := range []string{"", "una frase"} {
		whole := sealed(t, secret, office())
		body := len(magic) + 2
		if secret != "" {
			body += lockBytes
		}
		if a, err := Open(bytes.NewReader(whole), int64(len(whole))); err != nil {
			t.Fatal(err)
		} else if sum, err := a.Check(t.Context()); err != nil || len(sum) != 64 {
			t.Errorf("the whole one, by its checksum: %q, %v", sum, err)
		}
		const sealedChunk = chunkBytes + 16
		for name, b := range map[string][]byte{
			"cut at once":            whole[:len(magic)+1],
			"cut in the head":        whole[:body-1],
			"cut behind the head":    whole[:body],
			"cut in the middle":      whole[:len(whole)/2],
			"cut at a chunk":         whole[:body+sealedChunk],
			"cut by a byte":          whole[:len(whole)-1],
			"longer by a byte":       append(bytes.Clone(whole), 0),
			"longer by itself":       append(bytes.Clone(whole), whole...),
			"two chunks changed":     swap(whole, body, body+sealedChunk, sealedChunk),
			"a chunk left out":       append(bytes.Clone(whole[:body+sealedChunk]), whole[body+2*sealedChunk:]...),
			"a chunk given twice":    append(bytes.Clone(whole[:body+sealedChunk]), whole[body:]...),
			"read as an older sort":  append([]byte(magic+"\x00"), whole[len(magic)+1:]...),
			"protected some new way": append([]byte(magic+"\x01\x09"), whole[len(magic)+2:]...),
		} {
			if _, err := opened(b, secret); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s (%q): %v", name, secret, err)
			}
			if a, err := Open(bytes.NewReader(b), int64(len(b))); err == nil {
				if _, err := a.Check(t.Context()); !errors.Is(err, ErrDamaged) {
					t.Errorf("%s (%q), by its checksum alone: %v", name, secret, err)
				}
			}
		}
	}
}

// A byte changed anywhere is found.
func TestEveryByteCounts(t *testing.T) {
	for _, secret := range []string{"", "una frase"} {
		whole := sealed(t, secret, map[string][]byte{LocalDB: []byte("what nobody gives again")})
		for at := range whole {
			b := bytes.Clone(whole)
			b[at] ^= 1 << (at % 8)
			_, err := opened(b, secret)
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotBackup) && !errors.Is(err, ErrNewer) && !(secret != "" && (errors.Is(err, ErrPassphrase) || errors.Is(err, ErrProtected))) {
				t.Fatalf("byte %d of %d (%q): %v", at, len(whole), secret, err)
			}
		}
	}
}

func TestKindsOfRefusal(t *testing.T) {
	whole := sealed(t, "una frase", office())
	for name, c := range map[string]struct {
		b      []byte
		secret string
		want   error
	}{
		"wrong passphrase":  {whole, "otra frase", ErrPassphrase},
		"no passphrase":     {whole, "", ErrPassphrase},
		"a newer one":       {append([]byte(magic+"\x02"), whole[len(magic)+1:]...), "una frase", ErrNewer},
		"empty":             {nil, "", ErrNotBackup},
		"a short text":      {[]byte("hola"), "", ErrNotBackup},
		"a database":        {append([]byte("SQLite format 3\x00"), make([]byte, 4096)...), "", ErrNotBackup},
		"taken for a text":  {[]byte(strings.Replace(string(whole), "\r\n", "\n", 1)), "una frase", ErrNotBackup},
		"as an older write": {whole[:len(magic)+2], "una frase", ErrDamaged},
	} {
		if _, err := opened(c.b, c.secret); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What a file asks of the machine that reads it is bounded, before a passphrase
// is tried.
func TestCostIsBounded(t *testing.T) {
	whole := sealed(t, "una frase", office())
	at := len(magic) + 2
	for name, c := range map[string]cost{
		"time": {1 << 30, 64, 1}, "memory": {1, math32, 1}, "threads": {1, 1 << 12, 255}, "none": {0, 64, 1}, "no threads": {1, 64, 0}, "too little": {1, 1, 4},
	} {
		b := bytes.Clone(whole)
		binary.BigEndian.PutUint32(b[at:], c.time)
		binary.BigEndian.PutUint32(b[at+4:], c.memory)
		b[at+8] = c.threads
		if _, err := Open(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := usualCost.check(); err != nil {
		t.Errorf("what is written cannot be read: %v", err)
	}
}

const math32 = 1<<32 - 1

// A passphrase reads the same from any keyboard: composed, or letter and accent.
func TestPassphraseAsItReads(t *testing.T) {
	whole := sealed(t, "ca\u00f1a", office())
	if _, err := opened(whole, "can\u0303a"); err != nil {
		t.Error(err)
	}
}

func TestUsualCost(t *testing.T) {
	var out bytes.Buffer
	m := Manifest{App: "test", MadeAt: made, Files: []File{fileOf(LocalDB, []byte("x"))}}
	if err := Write(t.Context(), &out, m, func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }, "una frase"); err != nil {
		t.Fatal(err)
	}
	if _, err := opened(out.Bytes(), "una frase"); err != nil {
		t.Error(err)
	}
	if bytes.Contains(out.Bytes(), []byte("local.db")) {
		t.Error("a protected backup says what is in it")
	}
}

// A file that changed while it was packed is no backup.
func TestContentAsSaid(t *testing.T) {
	m := Manifest{Files: []File{fileOf(LocalDB, []byte("long"))}}
	for name, content := range map[string]string{"shorter": "lo", "longer": "longer"} {
		err := write(t.Context(), io.Discard, m, func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }, "", cheap)
		if err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// The disk may end at any byte: that is never taken for a backup's own fault,
// and never for a success.
func TestDiskEnds(t *testing.T) {
	errFull := errors.New("no room")
	m := Manifest{App: "test", MadeAt: made}
	contents := office()
	m.Files = []File{fileOf(LocalDB, contents[LocalDB])}
	for _, secret := range []string{"", "una frase"} {
		size := len(sealed(t, secret, map[string][]byte{LocalDB: contents[LocalDB]}))
		for room := 0; room < size; room += 1 + size/97 {
			err := write(t.Context(), &roomFor{room, errFull}, m, func(name string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(contents[name])), nil }, secret, cheap)
			if !errors.Is(err, errFull) {
				t.Fatalf("with room for %d of %d bytes: %v", room, size, err)
			}
		}
	}
	// Where it is read to, as well.
	whole := sealed(t, "", contents)
	a, err := Open(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	err = a.Read(t.Context(), func(Manifest) error { return nil }, func(_ File, r io.Reader) error {
		_, err := io.Copy(&roomFor{100, errFull}, r)
		return err
	})
	if !errors.Is(err, errFull) || errors.Is(err, ErrDamaged) {
		t.Errorf("where it is read to: %v", err)
	}
}

type roomFor struct {
	left int
	err  error
}

func (r *roomFor) Write(p []byte) (int, error) {
	n := min(len(p), r.left)
	r.left -= n
	if n < len(p) {
		return n, r.err
	}
	return n, nil
}

// FuzzRead: no bytes make reading panic, hang or succeed with other contents
// than those that were written.
func FuzzRead(f *testing.F) {
	small := map[string][]byte{LocalDB: []byte("what nobody gives again"), CacheDB: []byte("the copy")}
	for _, secret := range []string{"", "p"} {
		whole := sealed(f, secret, small)
		f.Add(whole)
		f.Add(whole[:len(whole)-1])
		f.Add(whole[:len(magic)+2])
		f.Add(append(bytes.Clone(whole), whole...))
		b := bytes.Clone(whole)
		b[len(b)/2] ^= 0x40
		f.Add(b)
	}
	f.Add([]byte(magic + "\x01\x00\x1f\x8b\x08"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if a.lock != nil && (a.lock.memory > 1024 || a.lock.time > 2) {
			return // bounded, but too slow for many tries
		}
		got, err := opened(b, "p")
		if err != nil {
			return
		}
		if _, ok := got[LocalDB]; !ok {
			t.Errorf("a backup without %s was read", LocalDB)
		}
	})
}
