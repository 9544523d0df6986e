package care

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// found looks through a text that comes in parts of a size.
func found(n *Needles, text []byte, size int) (places int) {
	look := n.Look(func(int) { places++ })
	for len(text) > size {
		look.Write(text[:size])
		text = text[size:]
	}
	look.Write(text)
	look.End()
	return places
}

// Every written form of a number is found, and none of another line.
func TestNumbersInAnyForm(t *testing.T) {
	n := NewNeedles()
	for _, digits := range Numbers("541159834410") {
		n.AddNumber(digits)
	}
	for text, want := range map[string]bool{
		"+54 9 11 5983-4410": true, "5491159834410": true, "541159834410": true, "011 15-5983-4410": true, "(011) 15 5983 4410": true,
		"11.5983.4410": true, "1559834410": false, `{"phone":"+5491159834410"}`: true, "+54 9 11 5983 4410": true,
		"+54 9 11 5983-4411": false, "115983": false, "11 5983, 4410": false, "2026-11-22 15:59:83 4410": false,
	} {
		for _, size := range []int{1, 3, 1000} {
			if got := found(n, []byte(text), size) > 0; got != want {
				t.Errorf("%q in parts of %d: found %v, want %v", text, size, got, want)
			}
		}
	}
}

// A text is found wherever it stands and however it is written, in parts of any
// size; and a set that was kept finds as the first one did.
func TestTextsWhereverTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zñáé🐙"<>/\\ ]{12,200}`).Draw(t, "text")
		n := NewNeedles()
		n.AddText(text)
		kept, err := ReadNeedles(n.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		quoted, _ := json.Marshal(text)
		ascii := ""
		for _, r := range text {
			switch {
			case r == '"' || r == '\\':
				ascii += `\` + string(r)
			case r < 128:
				ascii += string(r)
			default:
				ascii += inASCII(string(r), `\u%04x`)
			}
		}
		before := rapid.StringN(0, 300, 300).Draw(t, "before")
		forms := map[string]string{"plain": text, "json": string(quoted), "ascii": ascii, "base64": base64.StdEncoding.EncodeToString([]byte(before + text + "…"))}
		size := rapid.IntRange(1, 400).Draw(t, "size")
		for name, form := range forms {
			if found(kept, []byte(before+form), size) == 0 {
				t.Fatalf("not found as %s in parts of %d", name, size)
			}
		}
		if k := found(n, bytes.Repeat([]byte("0123456789ABCDEFGHIJKLMNOP"), 40), size); k != 0 {
			t.Fatalf("found %d times where it is not", k)
		}
	})
}

// Every file of a folder is looked through, whole, and told apart.
func TestScanFiles(t *testing.T) {
	dir := t.TempDir()
	large := bytes.Repeat([]byte("x"), 3<<18)
	copy(large[1<<18-5:], "xilofonazo violáceo") // over the edge of what is read at once
	for name, content := range map[string][]byte{"cache.db": large, "backups/local-1.db": []byte("nothing"), "logs/a.log": []byte("xilofonazo violáceo"), "cache.db-shm": []byte("xilofonazo violáceo")} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := NewNeedles()
	n.AddText("xilofonazo violáceo")
	var s Scanner
	defer s.Close()
	for range 2 { // a file that stays open is read again
		files, by, err := s.Files(t.Context(), dir, n, func(int64, int64) {})
		if err != nil || fmt.Sprint(files) != "[{backups/local-1.db 7 0 } {cache.db 786432 1 } {logs/a.log 20 1 }]" || by[0] != 2 {
			t.Errorf("%v %v %v", files, by, err)
		}
	}
	if left := n.Without(map[int]int64{0: 1}); left.Len() != n.Len()-1 {
		t.Errorf("without one of %d: %d", n.Len(), left.Len())
	}
}

func TestNeedlesThatCannotBeRead(t *testing.T) {
	for _, b := range [][]byte{nil, make([]byte, 31), make([]byte, 33)} {
		if _, err := ReadNeedles(b); err == nil {
			t.Errorf("%d bytes were read", len(b))
		}
	}
}
