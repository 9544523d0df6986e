package profile_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bandeja/internal/cache"
)

// A profile that older rules for numbers wrote is read anew in the background
// of its next start, without a request: threads and people are as these rules
// have them, and what local.db says of them goes along.
func TestNewRulesForNumbers(t *testing.T) {
	dir := t.TempDir()
	v := openOffice(t, 107)
	in := open(t, dir)
	add(t, in, v.waspy(), v.platica())
	syncAll(t, in)
	want := threads(t, in)
	moved := want[slices.IndexFunc(want, func(th cache.Thread) bool { return th.Account == "soporte" && th.Phone != "" })]
	shut(t, in)
	execute(t, filepath.Join(dir, "cache.db"), `
		UPDATE threads SET ref = 't_old' || id WHERE ref = '`+moved.Ref+`';
		UPDATE contacts SET remote = replace(remote, '|line:', '|line:999') WHERE id = (SELECT contact FROM threads WHERE ref LIKE 't_old%');
		UPDATE contacts SET phone_key = '999' || phone_key, e164 = '', display = '', person = 'p_old' || id WHERE phone_key <> '';
		UPDATE meta SET value = '0' WHERE key = 'phone_rules'`)
	v.between(func(http.ResponseWriter, *http.Request) bool {
		t.Error("a request was made")
		return false
	})
	in = open(t, dir)
	// The ref that the older rules gave is not told outside: the mark is set by it.
	old := threads(t, in)[slices.IndexFunc(threads(t, in), func(th cache.Thread) bool { return th.Account == "soporte" && th.Conversation == moved.Conversation })]
	if old.Ref == moved.Ref {
		t.Fatal("the profile is not one of older rules")
	}
	read := time.Now().Truncate(time.Millisecond)
	if _, err := in.Local().SaveRead(t.Context(), "soporte", old.Ref, read); err != nil {
		t.Fatal(err)
	}
	if err := in.Start(false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "local.db follows", func() bool {
		marks, err := in.Local().MarksAfter(t.Context(), 0)
		return err == nil && slices.ContainsFunc(marks, func(m cache.Mark) bool { return m.Thread == moved.Ref && m.ReadAt.Equal(read) })
	})
	got := threads(t, in)
	if len(got) != len(want) {
		t.Fatalf("%d threads, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Ref != want[i].Ref || got[i].Person != want[i].Person || got[i].Phone != want[i].Phone {
			t.Errorf("%+v\nwant %+v", got[i], want[i])
		}
	}
}
