package profile

import (
	"context"
	"errors"
	"os"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/words"
)

// How a look over a profile finds one thing.
const (
	FindingOK      = "ok"
	FindingNote    = "note"    // worth knowing, and not wrong
	FindingBad     = "bad"     // something to be done about
	FindingSkipped = "skipped" // it could not be looked at, for a reason that another finding gives
)

// Finding is one line of a look over a profile (docs/en/doctor.md).
type Finding struct {
	Check   string // what was looked at: a name that stays the same
	State   string
	Account string // whose it is, "" for the profile's
	said    string // the sentence: cli.doctor.SAID; SAID_do says what to do about it
	args    []any  // name, value, …
}

// Text says it in a language.
func (f *Finding) Text(w words.Words) string { return w.T("cli.doctor."+f.said, f.args...) }

// Advice says what to do about it, "" where there is nothing to do.
func (f *Finding) Advice(w words.Words) string {
	key := "cli.doctor." + f.said + "_do"
	if f.State == FindingOK || !w.Has(key) {
		return ""
	}
	return w.T(key, f.args...)
}

// Sound reports whether nothing is wrong.
func Sound(all []Finding) bool {
	for _, f := range all {
		if f.State == FindingBad {
			return false
		}
	}
	return true
}

// ExamineOptions say how a profile is looked over.
type ExamineOptions struct {
	Dir     string
	Version string // of this program
	Offline bool   // ask no platform
}

// Examine looks a profile over, whoever owns it, and changes nothing: it reads
// both files whole, asks each platform one thing, and the keychain for each key.
func Examine(ctx context.Context, o ExamineOptions) []Finding {
	e := &examination{ExamineOptions: o, ctx: ctx, now: time.Now()}
	e.program()
	if !e.folder() {
		return e.found
	}
	e.permissions()
	e.owner()
	e.leftovers()
	e.disk()
	e.logs()
	e.openFiles()
	defer e.close()
	e.databases()
	e.backups()
	e.accounts()
	return e.found
}

// examination is one under way.
type examination struct {
	ExamineOptions
	ctx   context.Context
	now   time.Time
	found []Finding
	local *cache.Local // nil where it cannot be opened
	cache *cache.Cache
}

func (e *examination) add(check, state, said string, args ...any) {
	e.found = append(e.found, Finding{Check: check, State: state, said: said, args: args})
}

func (e *examination) ok(check, said string, args ...any)   { e.add(check, FindingOK, said, args...) }
func (e *examination) note(check, said string, args ...any) { e.add(check, FindingNote, said, args...) }
func (e *examination) bad(check, said string, args ...any)  { e.add(check, FindingBad, said, args...) }

// of adds a finding of an account.
func (e *examination) of(account, check, state, said string, args ...any) {
	e.found = append(e.found, Finding{Check: check, State: state, Account: account, said: said, args: append([]any{"account", account}, args...)})
}

func (e *examination) program() {
	e.ok("version", "version", "version", e.Version)
}

// folder reports whether there is a profile to look at.
func (e *examination) folder() bool {
	st, err := os.Stat(e.Dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		e.note("folder", "folder_none")
		return false
	case err != nil || !st.IsDir():
		e.bad("folder", "folder_unreadable")
		return false
	}
	if err := refuseShared(e.Dir); errors.Is(err, ErrSharedFolder) {
		e.bad("folder", "folder_shared")
		return true
	}
	e.ok("folder", "folder")
	return true
}

func (e *examination) openFiles() {
	var err error
	if e.local, err = cache.OpenLocal(e.ctx, presentPath(e.Dir, localFile), cache.ReadOnly); err != nil {
		e.unopened("local", localFile, err)
	}
	if e.cache, err = cache.OpenCache(e.ctx, presentPath(e.Dir, cacheFile), cache.ReadOnly); err != nil {
		e.unopened("cache", cacheFile, err)
	}
}

func (e *examination) unopened(check, file string, err error) {
	said := "file_unreadable"
	for kind, s := range map[error]string{cache.ErrNewer: "file_newer", cache.ErrOlder: "file_older", cache.ErrForeign: "file_foreign", cache.ErrCorrupt: check + "_damaged"} {
		if errors.Is(err, kind) {
			said = s
		}
	}
	state := FindingBad
	if said == "file_older" {
		state = FindingNote
	}
	e.add(check, state, said, "file", file)
}

func (e *examination) close() {
	if e.local != nil {
		_ = e.local.Close() // it was only read
	}
	if e.cache != nil {
		_ = e.cache.Close()
	}
}

// databases looks through both files whole.
func (e *examination) databases() {
	if e.local != nil {
		if err := e.local.Check(e.ctx, true); err != nil {
			e.bad("local", "local_damaged", "file", localFile)
		} else {
			e.ok("local", "file_sound", "file", localFile)
		}
	}
	if e.cache == nil {
		return
	}
	switch err := e.cache.Check(e.ctx, true); {
	case errors.Is(err, cache.ErrIndex):
		e.bad("index", "index_damaged")
	case err != nil:
		e.bad("cache", "cache_damaged", "file", cacheFile)
		return
	default:
		e.ok("cache", "file_sound", "file", cacheFile)
		e.indexes()
	}
	if err := e.cache.CheckCounts(e.ctx); err != nil {
		e.bad("counts", "counts_wrong")
	} else {
		e.ok("counts", "counts")
	}
}

// indexes compares the message index with the messages, and counts the people
// as the people index reads them.
func (e *examination) indexes() {
	if why, err := e.cache.CheckIndex(e.ctx); err != nil || why != "" {
		e.bad("index", "index_damaged")
	} else {
		e.ok("index", "index")
	}
	people := map[string]bool{}
	if err := e.cache.EachPerson(e.ctx, nil, func(r cache.PersonRow) error {
		people[r.Person] = true
		return nil
	}); err != nil {
		e.bad("people", "people_unreadable")
	} else {
		e.ok("people", "people", "count", len(people))
	}
}

// accounts looks at each: its key, whether it is reached, its clock, and how far
// the copy is.
func (e *examination) accounts() {
	if e.local == nil {
		return
	}
	all, err := e.local.Accounts(e.ctx)
	if err != nil {
		return // local.db is said to be damaged
	}
	if len(all) == 0 {
		e.note("accounts", "accounts_none")
	}
	id, err := e.local.Setting(e.ctx, settingProfileID)
	if err != nil {
		return
	}
	k := &keys{dir: e.Dir, id: id}
	ringFails := false
	for _, a := range all {
		e.progress(a)
		if a.KeyStore != File && ringFails {
			e.of(a.Name, "key", FindingSkipped, "key_skipped")
			continue
		}
		key, err := k.load(a.KeyStore, a.Name)
		switch {
		case errors.Is(err, ErrNoKey):
			e.of(a.Name, "key", FindingBad, "key_none")
		case errors.Is(err, ErrKeychain):
			ringFails = true
			e.of(a.Name, "key", FindingBad, "keychain")
		case err != nil:
			e.of(a.Name, "key", FindingBad, "keys_damaged")
		default:
			e.of(a.Name, "key", FindingOK, "key")
			e.reach(a, key)
		}
	}
}

// lateAfter is how old a copy that is said to be kept up may be.
const lateAfter = 24 * time.Hour

// progress says how far the copy of an account is.
func (e *examination) progress(a inbox.Account) {
	if e.cache == nil {
		return
	}
	s, err := e.cache.State(e.ctx, a.Name)
	switch {
	case err != nil || s.State == "" || s.Sweep.FinishedAt.IsZero():
		e.of(a.Name, "copy", FindingNote, "copy_begun", "conversations", s.Conversations, "messages", s.Messages)
	case s.AsOf.IsZero() || e.now.Sub(s.AsOf) > lateAfter:
		e.of(a.Name, "copy", FindingBad, "copy_late", "at", s.AsOf.Local().Format("2006-01-02 15:04"))
	case s.Incomplete > 0 || s.Rejected > 0:
		e.of(a.Name, "copy", FindingNote, "copy_parts", "conversations", s.Conversations, "messages", s.Messages, "incomplete", s.Incomplete, "rejected", s.Rejected)
	default:
		e.of(a.Name, "copy", FindingOK, "copy", "conversations", s.Conversations, "messages", s.Messages)
	}
}
