package cache

import (
	"errors"
	"reflect"
	"testing"

	"bandeja/internal/inbox"
)

func openLocal(t *testing.T) *Local {
	t.Helper()
	l, err := OpenLocal(t.Context(), t.TempDir()+"/local.db", ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestLocalAccounts(t *testing.T) {
	l := openLocal(t)
	ctx := t.Context()
	if all, err := l.Accounts(ctx); err != nil || all == nil || len(all) != 0 {
		t.Errorf("%v, %v: want an empty list", all, err)
	}
	yes, no := true, false
	a := inbox.Account{Name: "ventas", Provider: inbox.Waspy, BaseURL: "https://api.example.com", Region: "AR", Area: "11", Zone: "America/Argentina/Buenos_Aires",
		Rate: 4.5, KeyStore: "file", CanWrite: nil, TLSPin: "aa", Insecure: true}
	for _, write := range []*bool{nil, &yes, &no, nil} {
		a.CanWrite = write
		if err := l.SaveAccount(ctx, a); err != nil {
			t.Fatal(err)
		}
		got, err := l.Account(ctx, "ventas")
		if err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, a)
		}
	}
	b := a
	b.Name, b.Provider = "a-first", inbox.Platica
	if err := l.SaveAccount(ctx, b); err != nil {
		t.Fatal(err)
	}
	if all, err := l.Accounts(ctx); err != nil || len(all) != 2 || all[0].Name != "a-first" {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := l.Account(ctx, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestLocalRemoveAccount(t *testing.T) {
	l := openLocal(t)
	ctx := t.Context()
	for _, name := range []string{"ventas", "ventas2"} {
		if err := l.SaveAccount(ctx, inbox.Account{Name: name, Provider: inbox.Waspy}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.SaveRead(ctx, name, "t_"+name, noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.s.write(ctx, func(x *tx) error {
		for _, q := range []string{
			`INSERT INTO notes (account, thread, text, made_at, changed_at) VALUES ('ventas', 't_ventas', 'x', 1, 1), ('ventas2', 't_ventas2', 'x', 1, 1)`,
			`INSERT INTO drafts (account, thread, text, changed_at) VALUES ('ventas', 't_ventas', 'x', 1), ('ventas2', 't_ventas2', 'x', 1)`,
			`INSERT INTO joins (seq, op_id, a, b, joined, made_at) VALUES (1, 'j_1', 'contact:ventas:id:1', 'key:54', 1, 1), (2, 'j_2', 'contact:ventas:id:2', 'key:54', 0, 1), (3, 'j_3', 'contact:ventas2:id:1', 'key:54', 1, 1)`,
			`INSERT INTO channels (account, channel, name) VALUES ('ventas', 'c', 'x'), ('ventas2', 'c', 'x')`,
		} {
			if _, err := x.exec(q); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	count := func() (n int64) {
		for _, table := range []string{"thread_marks", "notes", "drafts", "joins", "channels"} {
			n += number(t, l.s, `SELECT count(*) FROM `+table)
		}
		return n
	}
	if err := l.RemoveAccount(ctx, "ventas", true); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Account(ctx, "ventas"); !errors.Is(err, ErrNotFound) || count() != 11 {
		t.Errorf("kept history: %v, %d rows", err, count())
	}
	if err := l.RemoveAccount(ctx, "ventas", false); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 7 {
		t.Errorf("%d rows left, want the other account's 5, and who is who", n)
	}
	if err := l.RemoveAccount(ctx, "ventas2", false); err != nil {
		t.Fatal(err)
	}
	// A number is never given twice, or a mark would be missed.
	if m, err := l.SaveRead(ctx, "ventas", "t_new", noon); err != nil || m.Seq != 3 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestSettings(t *testing.T) {
	l := openLocal(t)
	ctx := t.Context()
	if v, err := l.Setting(ctx, "theme"); err != nil || v != "" {
		t.Errorf("%q, %v", v, err)
	}
	for _, v := range []string{"dark", "light", ""} {
		for range 2 {
			if err := l.SaveSetting(ctx, "theme", v); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := l.Setting(ctx, "theme"); err != nil || got != v {
			t.Errorf("%q, %v", got, err)
		}
	}
	if names, err := l.ChannelNames(ctx); err != nil || len(names) != 0 {
		t.Errorf("%v, %v", names, err)
	}
}

// What local.db has acknowledged survives a power cut.
func TestLocalIsSynchronous(t *testing.T) {
	if n := number(t, openLocal(t).s, `PRAGMA synchronous`); n != 2 {
		t.Errorf("synchronous is %d, want FULL", n)
	}
	c := newCache(t)
	for pragma, want := range map[string]int64{"synchronous": 1, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0, "cell_size_check": 1, "busy_timeout": 5000} {
		if n := number(t, c.s, `PRAGMA `+pragma); n != want {
			t.Errorf("%s is %d, want %d", pragma, n, want)
		}
	}
	if _, err := c.s.readers.db.Exec(`DELETE FROM accounts`); !errors.Is(describe("x", err), ErrReadOnly) {
		t.Errorf("a reader wrote: %v", err)
	}
}
