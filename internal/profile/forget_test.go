package profile_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/care"
	"bandeja/internal/export"
	"bandeja/internal/profile"
)

// canary is a customer whom nobody else is like: every text of theirs is found
// by its bytes.
type canary struct {
	names, texts []string
	number       string // ten digits
	ids          [][2]string
}

var zulma = canary{
	names:  []string{"Zulmária Quetzalbaum", "Zulmi Quetzalbaum", "Doña Wyvernhalde"},
	texts:  []string{"perdí el xilofonazo violáceo", "¿tienen \"kumquatillo\" <rojo>/verde?", "ornitorrinquísimo 🐙 y nada más", "gliptodonteca a medianoche"},
	number: "1159837719",
}

// visit has the canary write at both platforms, in two forms of the number, and
// be renamed.
func (c *canary) visit(t *testing.T, v *office) {
	t.Helper()
	for i, at := range []struct{ provider, phone string }{{"waspy", "549" + c.number}, {"platica", "+54 11 15-" + c.number[2:6] + "-" + c.number[6:]}} {
		id, err := v.NewCustomer(at.provider, c.names[2*i], at.phone, c.texts[i])
		if err == nil {
			err = v.Answer(at.provider, id, c.texts[i+2])
		}
		if err != nil {
			t.Fatal(err)
		}
		c.ids = append(c.ids, [2]string{map[string]string{"waspy": "ventas", "platica": "soporte"}[at.provider], id})
	}
}

// parts are what must not be in any file: every long word of the texts and
// names as it is, as the index folds it and as JSON escapes it, and in base64
// wherever it begins.
func (c *canary) parts() (out []string) {
	for _, text := range slices.Concat(c.names, c.texts) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ¿?\"<>/", r) }) {
			if len(word) < 8 {
				continue
			}
			folded := strings.NewReplacer("á", "a", "í", "i", "ó", "o", "ñ", "n").Replace(strings.ToLower(word))
			escaped := ""
			for _, r := range word {
				if r < 128 {
					escaped += string(r)
				} else {
					escaped += fmt.Sprintf(`\u%04x`, r)
				}
			}
			out = append(out, word, folded, escaped)
			for before := range 3 {
				whole := base64.StdEncoding.EncodeToString([]byte("zzz"[:before] + word + "zz"))
				out = append(out, whole[4:(before+len(word))/3*4])
			}
		}
	}
	return append(out, c.number)
}

var betweenDigits = regexp.MustCompile(`(\d)[ ().+/-]{1,3}(\d)`)

// in looks for the canary in every byte of a folder's files.
func (c *canary) in(t testing.TB, dir string) (found []string) {
	t.Helper()
	// As AR writes it at home, with the 15 in the middle.
	at15 := c.number[:2] + "15" + c.number[2:]
	parts := append(c.parts(), at15)
	for name, content := range files(t, dir) {
		b := []byte(content)
		joined := betweenDigits.ReplaceAll(betweenDigits.ReplaceAll(b, []byte("$1$2")), []byte("$1$2"))
		for _, part := range parts {
			if bytes.Contains(b, []byte(part)) || bytes.Contains(joined, []byte(part)) {
				found = append(found, name+": "+part)
			}
		}
	}
	slices.Sort(found)
	return found
}

// nowhere wants no trace of the canary in any file.
func (c *canary) nowhere(t testing.TB, dir, when string) {
	t.Helper()
	if found := c.in(t, dir); len(found) > 0 {
		t.Errorf("%s there is still, in %d places: %q", when, len(found), found[:min(len(found), 12)])
	}
}

// exported is all that export gives of a profile.
func exported(t testing.TB, in *profile.Inbox) string {
	t.Helper()
	var b bytes.Buffer
	rows := export.NewNDJSON(&b)
	c, ctx, all := in.Cache(), t.Context(), cache.Selection{}
	now := time.Now()
	err := errors.Join(
		c.EachConversation(ctx, all, func(s cache.StoredConversation) error {
			return rows.Write(export.ConversationRow(s, s.Window.OpenAt(now)))
		}),
		c.EachMessage(ctx, all, func(m cache.StoredMessage) error { return rows.Write(export.MessageRow(m)) }),
		export.EachPerson(ctx, c, "", func(p export.Person) error { return rows.Write(p) }),
		rows.Flush())
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func inLines(s string) string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// note leaves traces of the canary in every place that a person can.
func (c *canary) note(t *testing.T, in *profile.Inbox) (person string) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	for i, id := range c.ids {
		ref, err := in.Cache().ThreadOf(ctx, id[0], id[1])
		if err != nil {
			t.Fatal(err)
		}
		th, err := in.Cache().Thread(ctx, ref)
		if err != nil {
			t.Fatal(err)
		}
		if person != "" && th.Person != person {
			t.Fatal("the canary is two people")
		}
		person = th.Person
		_, err = in.Local().AddNote(ctx, cache.Note{Account: id[0], Thread: ref, Text: "llamar: " + c.texts[i], MadeAt: now})
		err = errors.Join(err, in.Local().SaveDraft(ctx, id[0], ref, c.texts[i+2], now))
		_, marked := in.Local().SaveRead(ctx, id[0], ref, now)
		if err := errors.Join(err, marked); err != nil {
			t.Fatal(err)
		}
	}
	change(t, in, profile.ChangeArgs{Account: "ventas", Conversation: c.ids[0][1], Status: ptr("resolved")})
	for _, view := range []cache.SavedView{{Name: "Wyvern", Query: `"Doña Wyvernhalde"`, View: "all"}, {Name: "tel", Query: "tel:1159837719", View: "all"}, {Name: "abiertas", Query: "estado:abierta", View: "all"}} {
		if _, err := in.Local().AddView(ctx, view); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Local().SaveSetting(ctx, "recent_searches", `["quetzalb","pedido","5983-7719"]`); err != nil {
		t.Fatal(err)
	}
	return person
}

func forget(t *testing.T, in *profile.Inbox, who string) care.Receipt {
	t.Helper()
	r, err := in.Forget(t.Context(), who, func(profile.ForgetProgress) {})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Clean() {
		t.Errorf("the receipt is not clean: %+v", r)
	}
	return r
}

// TestForget (SYNC I18): a person of both platforms, in every place where a
// profile can have something of them, is in no byte of any file after it, and
// everybody else is as if they had never been.
func TestForget(t *testing.T) {
	v, dir := openOffice(t, 180), t.TempDir()
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	before := exported(t, in)

	who := zulma
	who.visit(t, v)
	syncAll(t, in)
	for _, id := range who.ids { // the older names are history then
		if err := v.Rename(map[string]string{"ventas": "waspy", "soporte": "platica"}[id[0]], id[1], who.names[1]); err != nil {
			t.Fatal(err)
		}
	}
	syncAll(t, in)
	person := who.note(t, in)
	// A copy from before in the backups, and files put aside.
	if _, err := in.Local().BackUp(t.Context(), filepath.Join(dir, "backups"), time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cache.db.damaged-20260102T030405.000Z", "local.db.damaged-20260102T030405.000Z-wal"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(who.texts, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(who.in(t, dir)) < 10 {
		t.Fatalf("the canary is hardly there: %q", who.in(t, dir))
	}
	r := forget(t, in, person)
	who.nowhere(t, dir, "right after")
	if got := exported(t, in); got != before {
		t.Errorf("others are not as they were: %d bytes exported, before %d", len(got), len(before))
	}
	want := cache.Erased{Conversations: 2, Messages: 4, Notes: 2, Drafts: 2, Changes: 1, Marks: 2, Searches: 2, Views: 2}
	want.History, want.Joins = r.Erased.History, r.Erased.Joins
	if r.Erased != want {
		t.Errorf("erased %+v, want %+v", r.Erased, want)
	}
	if views, err := in.Local().SavedViews(t.Context()); err != nil || len(views) != 1 {
		t.Errorf("saved views: %+v, %v", views, err)
	}

	// Nothing brings them back: not what the platforms say, in any way in which
	// they are asked, nor a new cache, nor the backup.
	if err := v.Post("waspy", who.ids[0][1], who.texts[0]); err != nil {
		t.Fatal(err)
	}
	if err := v.Rename("platica", who.ids[1][1], who.names[0]); err != nil {
		t.Fatal(err)
	}
	syncAll(t, in)
	who.nowhere(t, dir, "after a sync")
	if _, err := in.Sync(t.Context(), profile.SyncArgs{Full: true}, nil); err != nil {
		t.Fatal(err)
	}
	who.nowhere(t, dir, "after a full sync")
	shut(t, in)
	garbage(t, filepath.Join(dir, "local.db"))
	garbage(t, filepath.Join(dir, "cache.db"))
	in = open(t, dir)
	syncAll(t, in)
	who.nowhere(t, dir, "after both files were made anew")
	if got := exported(t, in); inLines(got) != inLines(before) { // in the order in which they were copied
		t.Errorf("after both files were made anew others are not as they were: %d bytes exported, before %d", len(got), len(before))
	}

	// Until they are let in again, by the number or by the receipt's name.
	if _, err := in.Lift(t.Context(), "011 4444-5555"); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("somebody else's number lifted: %v", err)
	}
	if out, err := in.Lift(t.Context(), "011 15-5983-7719"); err != nil || out.Lifted != 1 {
		t.Fatalf("lifted: %+v, %v", out, err)
	}
	if _, err := in.Sync(t.Context(), profile.SyncArgs{Full: true}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := profile.WhoIs(t.Context(), in.Cache(), in.Local(), "011 15-5983-7719"); err != nil {
		t.Errorf("lifted, and not let in: %v", err)
	}
}

// Killed at any word of how far it is, the next start ends it: nothing of the
// person is left and everybody else is as before.
func TestForgetKilled(t *testing.T) {
	v, dir := openOffice(t, 181), t.TempDir()
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	before := exported(t, in)
	who := zulma
	who.visit(t, v)
	syncAll(t, in)
	person := who.note(t, in)
	shut(t, in)
	begun := files(t, dir)
	for dieAt := 1; ; dieAt += max(1, dieAt/3) {
		writeFiles(t, dir, begun)
		p := spawn(t, child{Dir: dir, Forget: person, DieAt: dieAt})
		if err := p.Wait(); err == nil {
			if dieAt < 5 {
				t.Fatalf("it said only %d times how far it is", dieAt)
			}
			return // it came to its end
		}
		in, err := profile.Open(t.Context(), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		if dieAt > 1 { // nothing was begun at the first
			if got := exported(t, in); got != before {
				t.Errorf("killed at %d: others are not as they were, or the person is still in sight", dieAt)
			}
		}
		if err := in.Start(false); err != nil {
			t.Fatal(err)
		}
		if dieAt > 1 {
			eventually(t, "the forgetting ends", func() bool {
				left, err := in.Local().Forgettings(t.Context())
				return err == nil && len(left) == 0
			})
		} else {
			forget(t, in, person)
		}
		shut(t, in)
		who.nowhere(t, dir, fmt.Sprintf("killed at %d", dieAt))
	}
}

// writeFiles puts a profile back as files found it.
func writeFiles(t testing.TB, dir string, all map[string]string) {
	t.Helper()
	for name := range files(t, dir) {
		if _, ok := all[name]; !ok {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
