package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bandeja/internal/inbox"
	"bandeja/internal/phone"
)

// rekeyAll reads every number anew, and counts the batches that took.
func rekeyAll(t testing.TB, c *Cache) (all Delta, batches int) {
	t.Helper()
	for {
		d, more, err := c.Rekey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all.Add(d)
		if !more {
			return all, batches
		}
		batches++
	}
}

// peopleOf is all that follows from the numbers in a cache, a line each.
func peopleOf(t testing.TB, c *Cache) (lines []string) {
	t.Helper()
	if err := each(t.Context(), c.s.readers, `SELECT a.name, k.remote, k.person, k.name, k.phone, k.phone_key, k.e164, k.display, k.guessed,
			t.ref, t.sessions, t.sort_at, t.last_text, t.gone, group_concat(c.remote, ' ' ORDER BY c.remote)
		FROM contacts k JOIN accounts a ON a.id = k.account LEFT JOIN threads t ON t.contact = k.id LEFT JOIN conversations c ON c.thread = t.id
		GROUP BY k.id, t.id ORDER BY a.name, k.remote, t.ref`, nil, func(scan func(...any) error) error {
		v := make([]any, 15)
		to := make([]any, len(v))
		for i := range v {
			to[i] = &v[i]
		}
		err := scan(to...)
		lines = append(lines, strings.TrimSuffix(fmt.Sprintln(v...), "\n"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}

// falsify makes a cache one that older rules wrote: they knew no Argentine
// mobile, and called others by a line of their own.
func falsify(t testing.TB, c *Cache) {
	t.Helper()
	for _, q := range []string{
		`UPDATE contacts SET phone_key = '', e164 = '', display = '', guessed = 0, person = 'p_old' || id WHERE remote LIKE 'id:%' AND id % 2 = 0`,
		`UPDATE contacts SET phone_key = '999' || id, e164 = '+999' || id, display = 'old', guessed = 1, person = 'p_old' || id WHERE remote LIKE 'id:%' AND id % 2 = 1`,
		`UPDATE threads SET ref = 't_old' || id WHERE contact IN (SELECT id FROM contacts WHERE remote LIKE '%|line:%')`,
		`UPDATE contacts SET phone_key = '999' || id, person = 'p_old' || id, remote = 'w1|canal-1|line:999' || id WHERE remote LIKE '%|line:%'`,
		`UPDATE meta SET value = '0' WHERE key = '` + phoneRulesKey + `'`,
	} {
		if err := c.s.write(t.Context(), func(x *tx) error { _, err := x.exec(q); return err }); err != nil {
			t.Fatal(err)
		}
	}
}

// crowd fills a cache with more contacts than three batches hold.
func crowd(t testing.TB, c *Cache) {
	t.Helper()
	var chats, sessions []inbox.Conversation
	for i := range 3*rekeyBatch/2 + 100 {
		written := []string{fmt.Sprintf("+54 9 351 555-%04d", i), fmt.Sprintf("52155%08d", 20_000_000+i), fmt.Sprintf("11 5983-%04d", i), "", "hola"}[i%5]
		chats = append(chats, chat(fmt.Sprint("c", i), fmt.Sprint("Ana ", i), written, minutes(i)))
		sessions = append(sessions, session(fmt.Sprint("s", i), fmt.Sprint("Beto ", i), written, minutes(i)))
	}
	sessions = append(sessions, session("twin", "Beto", "549 351 555 0000", minutes(1)))
	list(t, c, waspyAccount, chats...)
	list(t, c, platicaAccount, sessions...)
	read(t, c, platicaAccount, "s0", msg("m1", "girasoles", noon), msg("m2", "jazmines", minutes(1)))
	indexAll(t, c)
}

// A file that older rules wrote is, after a start and its batches, what these
// rules would have made of it from the beginning. Killed after any batch, the
// next start goes on there.
func TestRekey(t *testing.T) {
	fresh := newCache(t)
	crowd(t, fresh)
	want := peopleOf(t, fresh)

	path := filepath.Join(t.TempDir(), "cache.db")
	c := openCache(t, path)
	crowd(t, c)
	if d, batches := rekeyAll(t, c); !d.Empty() || batches != 0 {
		t.Fatalf("there was nothing to do: %+v in %d batches", d, batches)
	}
	falsify(t, c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	c = openCache(t, path)
	if n := number(t, c.s, `SELECT count(*) FROM contacts WHERE person LIKE 'p_old%'`); n < 2*rekeyBatch {
		t.Fatalf("%d people wait to be read anew: opening is not the place for it", n)
	}
	var told Delta
	var kills []snapshot
	for more := true; more; {
		var d Delta
		var err error
		if d, more, err = c.Rekey(t.Context()); err != nil {
			t.Fatal(err)
		}
		told.Add(d)
		kills = append(kills, snapshotOf(t, path))
	}
	checkPeople(t, "in one go", c, want)
	for _, line := range want {
		if strings.Contains(line, "|public:") { // of no number, by old rules as by new
			continue
		}
		if ref := strings.Fields(line[strings.Index(line, "p_"):])[0]; !slices.Contains(told.People, ref) {
			t.Fatalf("%s is not told to the index", ref)
		}
	}
	if !slices.Contains(told.People, "p_old2") || told.Messages != 2 {
		t.Errorf("told of %d people and %d messages", len(told.People), told.Messages)
	}
	indexAll(t, c)
	checkIndex(t, c)
	if n := number(t, c.s, `SELECT count(*) FROM meta WHERE key = ? AND value = ?`, phoneRulesKey, itoa(phone.RulesVersion)); n != 1 {
		t.Error("the rules are not noted")
	}

	for done, kill := range kills {
		path := filepath.Join(t.TempDir(), "killed.db")
		for end, b := range map[string][]byte{"": kill.main, "-wal": kill.wal} {
			if err := os.WriteFile(path+end, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again := openCache(t, path)
		_, batches := rekeyAll(t, again)
		if left := max(0, len(kills)-1-(done+1)); batches != left {
			t.Errorf("killed after %d batches: %d more, want %d", done+1, batches, left)
		}
		checkPeople(t, fmt.Sprintf("killed after %d batches", done+1), again, want)
	}
}

func checkPeople(t *testing.T, when string, c *Cache, want []string) {
	t.Helper()
	got := peopleOf(t, c)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("%s: %d lines, want %d; first other one:\n%s\nwant\n%s", when, len(got), len(want), lineAt(got, i), lineAt(want, i))
		}
	}
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(none)"
}

// One contact of Plática that the new rules take for two: each becomes what its
// own newest says, read marks go along.
func TestRekeyPartsALine(t *testing.T) {
	c := newCache(t)
	list(t, c, platicaAccount, session("a", "Ana", "+54 9 11 5983-4410", noon), session("b", "Beto", "+54 9 351 555-0101", minutes(5)), session("c", "Beto", "549 351 555 0101", minutes(9)))
	read(t, c, platicaAccount, "b", msg("m1", "girasoles", noon))
	want := peopleOf(t, c)
	ana, beto := threadOf(t, c, platicaAccount, "a"), threadOf(t, c, platicaAccount, "b")
	// Older rules had all three as Ana's.
	for _, q := range []string{
		`UPDATE messages SET thread = (SELECT thread FROM conversations WHERE remote = 'a')`,
		`UPDATE conversations SET thread = (SELECT thread FROM conversations WHERE remote = 'a')`,
		`DELETE FROM threads WHERE id NOT IN (SELECT thread FROM conversations)`,
		`DELETE FROM contacts WHERE id NOT IN (SELECT contact FROM threads)`,
		`UPDATE contacts SET name = 'Beto', phone = '549 351 555 0101'`,
		`UPDATE threads SET read_at = 77`,
		`UPDATE meta SET value = '0' WHERE key = '` + phoneRulesKey + `'`,
	} {
		if err := c.s.write(t.Context(), func(x *tx) error { _, err := x.exec(q); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.beginRekey(t.Context(), phone.RulesVersion); err != nil {
		t.Fatal(err)
	}
	rekeyAll(t, c)
	checkPeople(t, "parted", c, want)
	if n := number(t, c.s, `SELECT count(*) FROM threads WHERE read_at = 77`); n != 2 {
		t.Errorf("%d threads have the read mark, want both", n)
	}
	renames, _, err := c.PendingRenames(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	want2 := Rename{Kind: RenamedThread, Account: platicaAccount.Name, Before: ana.Ref, After: beto.Ref, Stands: true}
	if !slices.Contains(renames, want2) {
		t.Errorf("%+v, want %+v among them", renames, want2)
	}
}

// local.db follows what is called otherwise now, as often as it is told.
func TestFollowRenames(t *testing.T) {
	l := openDesk(t)
	sql := func(q string, args ...any) {
		t.Helper()
		if err := l.s.write(t.Context(), func(x *tx) error { _, err := x.exec(q, args...); return err }); err != nil {
			t.Fatal(err)
		}
	}
	for i, j := range [][2]string{{"key:1", "key:9"}, {"contact:soporte:w|c|line:2", "key:2"}, {"key:9", "key:3"}, {"key:4", "key:8"}} {
		sql(`INSERT INTO joins (seq, op_id, a, b, joined, made_at) VALUES (?1, 'j_' || ?1,?2,?3,1,5)`, i, j[0], j[1])
	}
	for i, thread := range []string{"t_gone", "t_stands", "t_into"} {
		if _, err := l.SaveRead(t.Context(), "soporte", thread, minutes(i)); err != nil {
			t.Fatal(err)
		}
		sql(`INSERT INTO drafts (thread, account, text, changed_at) VALUES (?1,'soporte','draft of ' || ?1, 1)`, thread)
		sql(`INSERT INTO notes (account, thread, text, made_at, changed_at) VALUES ('soporte', ?1, 'note of ' || ?1, 1, 1)`, thread)
	}
	renames := []Rename{
		{Kind: RenamedLine, Before: "1", After: "11"},
		{Kind: RenamedLine, Before: "2", After: "22"},
		{Kind: RenamedContact, Account: "soporte", Before: "w|c|line:2", After: "w|c|line:22"},
		{Kind: RenamedLineToContact, Account: "soporte", Before: "3", After: "w|c|public:x"},
		{Kind: RenamedLine, Before: "4", After: "44", Stands: true},
		{Kind: RenamedThread, Account: "soporte", Before: "t_gone", After: "t_into"},
		{Kind: RenamedThread, Account: "soporte", Before: "t_stands", After: "t_new", Stands: true},
	}
	for range 2 { // killed before the cache forgot them
		if err := l.FollowRenames(t.Context(), renames); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ query, want string }{
			{`SELECT group_concat(a || '=' || b, ' ' ORDER BY a, b) FROM joins`,
				"contact:soporte:w|c|line:22=key:22 key:11=key:9 key:4=key:8 key:44=key:8 key:9=contact:soporte:w|c|public:x"},
			{`SELECT group_concat(thread || '=' || ((read_at - (SELECT min(read_at) FROM thread_marks)) / 60000), ' ' ORDER BY thread) FROM thread_marks`,
				"t_into=0 t_new=1 t_stands=1"},
			{`SELECT group_concat(thread || '=' || text, ' ' ORDER BY thread, id) FROM notes`, "t_into=note of t_gone t_into=note of t_into t_stands=note of t_stands"},
			{`SELECT group_concat(thread || '=' || replace(text, char(10), '/'), ' ' ORDER BY thread) FROM drafts`, "t_into=draft of t_into/draft of t_gone t_stands=draft of t_stands"},
		} {
			var got string
			if err := l.s.readers.QueryRowContext(t.Context(), tt.query).Scan(&got); err != nil || got != tt.want {
				t.Errorf("%s\n%q, %v, want\n%q", tt.query, got, err, tt.want)
			}
		}
	}
	marks, err := l.MarksAfter(t.Context(), 3)
	if err != nil || len(marks) != 2 || marks[0].Seq == marks[1].Seq {
		t.Errorf("marks after those that were there: %+v, %v", marks, err)
	}
}

// A region that was wrong moves joins, too: through both files.
func TestRenamesReachLocal(t *testing.T) {
	c, l := newCache(t), openDesk(t)
	account := inbox.Account{Name: "soporte", Provider: inbox.Platica, Region: "MX"}
	list(t, c, account, session("a", "Ana", "55 3234 5678", noon))
	before := threadOf(t, c, account, "a")
	if err := l.s.write(t.Context(), func(x *tx) error {
		_, err := x.exec(`INSERT INTO joins (seq, op_id, a, b, joined, made_at) VALUES (1, 'j_1', 'key:525532345678', 'key:541159834410', 1, 1)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	account.Region = "BR"
	if err := c.EnsureAccount(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	rekeyAll(t, c)
	after := threadOf(t, c, account, "a")
	if before.Ref == after.Ref || before.Person == after.Person {
		t.Fatalf("nothing is called otherwise: %+v", after)
	}
	all, last, err := c.PendingRenames(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.FollowRenames(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if err := c.DropRenames(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if n := number(t, l.s, `SELECT count(*) FROM joins WHERE a = 'key:555532345678' AND b = 'key:541159834410'`); n != 1 {
		t.Errorf("the join did not follow: %+v", all)
	}
	if left, _, err := c.PendingRenames(t.Context(), 10); err != nil || len(left) != 0 {
		t.Errorf("still pending: %+v, %v", left, err)
	}
}
