package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/care"
	"bandeja/internal/phone"
	"bandeja/internal/search"
	"bandeja/internal/server"
)

// ForgetArgs are DoForget's: a person (p_…), or a number as somebody writes it,
// which means everybody who has it.
type ForgetArgs struct {
	Who string `json:"who"`
}

// LiftArgs are DoLift's: a number, or an id of KeptOut (f_…).
type LiftArgs struct {
	Who string `json:"who"`
}

// Lifted is DoLift's answer.
type Lifted struct {
	Lifted int64 `json:"lifted"`
}

// ForgetProgress is how far a forgetting is.
type ForgetProgress = server.Progress

// ForgetPreview says what a forgetting would erase.
type ForgetPreview = server.ForgetPreview

// WhoIs resolves who is meant: a person (p_…), or everybody with a number.
//
// Errors: ErrUsage where it is neither; cache.ErrNotFound.
func WhoIs(ctx context.Context, c *cache.Cache, local *cache.Local, who string) ([]string, error) {
	if strings.HasPrefix(who, "p_") {
		return []string{who}, nil
	}
	where, err := local.Phones(ctx)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, w := range append(where, phone.Context{}) {
		if n := phone.Parse(who, w); n.Kind == phone.Phone && !slices.Contains(keys, n.Key) {
			keys = append(keys, n.Key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: this is no phone number, nor a person's id", ErrUsage)
	}
	people, err := c.PeopleOfLine(ctx, keys)
	if err == nil && len(people) == 0 {
		err = fmt.Errorf("nobody with this number: %w", cache.ErrNotFound)
	}
	return people, err
}

// PreviewForget says what forgetting people (p_…) would erase.
//
// Errors: cache.ErrNotFound.
func PreviewForget(ctx context.Context, c *cache.Cache, local *cache.Local, people []string) (ForgetPreview, error) {
	s, err := c.Subject(ctx, people)
	if err != nil {
		return ForgetPreview{}, err
	}
	n, err := local.Noted(ctx, s)
	return ForgetPreview{People: people, Names: append([]string{}, s.Names...), Conversations: int64(len(s.Conversations)), Messages: s.Messages,
		Notes: n.Notes, Drafts: n.Drafts, Changes: n.Changes, Shared: len(s.Shared) > 0}, err
}

// Forget erases somebody from every file and index of the profile, and keeps
// them out of what is copied later. Killed at any point, the next start goes on
// with it. The log says how many, and nothing of whom.
//
// Errors: ErrUsage, cache.ErrNotFound: nothing was erased then. After any other
// they are out of sight, and the next start goes on.
func (in *Inbox) Forget(ctx context.Context, who string, tell func(ForgetProgress)) (care.Receipt, error) {
	in.forgetting.Lock()
	defer in.forgetting.Unlock()
	told := func(p ForgetProgress) {
		p.Running = true
		in.forgotSoFar.Store(&p)
		tell(p)
	}
	defer in.forgotSoFar.Store(nil)
	people, err := WhoIs(ctx, in.cache, in.local, who)
	if err != nil {
		return care.Receipt{}, err
	}
	subject, err := in.cache.Subject(ctx, people)
	if err != nil {
		return care.Receipt{}, err
	}
	told(ForgetProgress{Step: "erasing"})
	traces, err := in.tracesOf(ctx, subject)
	if err != nil {
		return care.Receipt{}, err
	}
	views, err := in.viewsNaming(ctx, traces)
	if err != nil {
		return care.Receipt{}, err
	}
	g, err := in.local.BeginForgetting(ctx, cache.ForgetPlan{Sides: subject.Sides, Views: views, Needles: traces.needles.Bytes(), Searches: traces.cleanSearches}, time.Now())
	if err != nil {
		return care.Receipt{}, err
	}
	in.cache.KeepOut(in.local.Forgotten())
	in.server.StopExports()
	r := care.Receipt{People: len(people), Shared: len(subject.Shared) > 0}
	// From here on it comes to its end, whoever stops waiting for it.
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(in.life, stop)()
	if err := in.endForgetting(ctx, g, traces.needles, &r, told, func() error { return in.askIndexes(ctx, traces, people, &r) }); err != nil {
		return r, fmt.Errorf("the person is out of sight, and the rest is done at the next start: %w", err)
	}
	return r, nil
}

// endForgetting does all of a forgetting that is left to do.
func (in *Inbox) endForgetting(ctx context.Context, g cache.Forgetting, n *care.Needles, r *care.Receipt, told func(ForgetProgress), ask func() error) error {
	r.ID, r.At = g.ID(), care.Moment{Time: g.At}
	told(ForgetProgress{Step: "backups"})
	backups, err := in.local.RenewBackups(ctx, pathOf(in.o.Dir, backupsDir), time.Now())
	if err != nil {
		return err
	}
	if r.Aside, err = cache.RemoveAsides(in.o.Dir); err != nil {
		return err
	}
	told(ForgetProgress{Step: "erasing"})
	if err := in.eraseForgotten(ctx, &g); err != nil {
		return err
	}
	if err := ask(); err != nil {
		return err
	}
	r.Erased, r.Backups = g.Done, backups
	proof := care.Proof{Cache: in.cache, Local: in.local, Folder: in.o.Dir, Scanner: &in.scanner, Told: func(done, total int64) {
		told(ForgetProgress{Step: "looking", Done: done, Total: total})
	}}
	if n, err = proof.Prove(ctx, n, r); err != nil {
		return err
	}
	if err := in.local.EndForgetting(ctx, g); err != nil {
		return err
	}
	// The backup that was made first still has what was under way.
	if _, err := in.local.RenewBackups(ctx, pathOf(in.o.Dir, backupsDir), time.Now()); err != nil {
		return err
	}
	if err := in.local.Settle(ctx); err != nil {
		return err
	}
	r.Finished = care.Moment{Time: time.Now()}
	in.log.Info("somebody was forgotten", "conversations", r.Erased.Conversations, "messages", r.Erased.Messages, "files", len(r.Files), "bytes", r.Bytes, "found", r.Found, "resumed", r.Resumed)
	return proof.ProveBackups(ctx, n, r, pathOf(in.o.Dir, backupsDir))
}

// eraseForgotten erases whoever is kept out from the cache, and from all that
// shows it.
func (in *Inbox) eraseForgotten(ctx context.Context, g *cache.Forgetting) error {
	var failed error
	n, err := in.cache.EraseForgotten(ctx, func(d cache.Delta) {
		in.changed(d)
		if in.search.People.Ready() {
			failed = errors.Join(failed, in.search.People.Refresh(ctx, d.People))
		}
	})
	g.Done.Add(n)
	if err := errors.Join(err, failed, in.local.NoteErased(ctx, *g)); err != nil {
		return err
	}
	in.server.StopExports() // what has begun since the forgetting did would have them
	in.helper.forget()
	if err := in.showWishes(ctx); err != nil {
		return err
	}
	in.server.Events().State()
	return in.showTies(ctx)
}

// resumeForgettings goes on with what a stop came between. Nobody is named by
// what is left of it.
func (in *Inbox) resumeForgettings(ctx context.Context) error {
	in.forgetting.Lock()
	defer in.forgetting.Unlock()
	left, err := in.local.Forgettings(ctx)
	if err != nil {
		return err
	}
	for _, g := range left {
		n, err := care.ReadNeedles(g.Needles)
		if err != nil {
			return err
		}
		r := care.Receipt{Resumed: true}
		if err := in.endForgetting(ctx, g, n, &r, func(ForgetProgress) {}, func() error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// followForgettings ends what is under way as soon as it can.
func (in *Inbox) followForgettings(ctx context.Context) {
	for ctx.Err() == nil {
		err := in.resumeForgettings(ctx)
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			in.log.Error("a forgetting was not ended yet", "err", err)
		}
		wait(ctx, time.Minute)
	}
}

// keepOut has both files keep out whoever was forgotten, and takes what a stop,
// or an older backup, has left of them out of sight before anything is shown.
func (in *Inbox) keepOut(ctx context.Context) error {
	in.cache.KeepOut(in.local.Forgotten())
	left, err := in.local.Forgettings(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	n, err := in.cache.EraseForgotten(ctx, func(cache.Delta) {})
	if err != nil {
		return err
	}
	last := left[len(left)-1]
	last.Done.Add(n)
	return in.local.NoteErased(ctx, last)
}

// Lift lets in again who was forgotten: from now on what is new of them is
// copied as of anybody else.
//
// Errors: cache.ErrNotFound where nobody is kept out so.
func (in *Inbox) Lift(ctx context.Context, who string) (Lifted, error) {
	where, err := in.local.Phones(ctx)
	if err != nil {
		return Lifted{}, err
	}
	in.forgetting.Lock()
	defer in.forgetting.Unlock()
	n, err := in.local.LetIn(ctx, who, cache.NumberSides(who, where))
	if err != nil {
		return Lifted{}, err
	}
	in.cache.KeepOut(in.local.Forgotten())
	in.log.Info("somebody who was forgotten is let in again", "people", n)
	return Lifted{n}, nil
}

// forgetter is what the screen may ask of it.
func (in *Inbox) forgetter() server.Forgetter {
	return server.Forgetter{
		Preview: func(ctx context.Context, person string) (ForgetPreview, error) {
			return PreviewForget(ctx, in.cache, in.local, []string{person})
		},
		Forget: func(ctx context.Context, person string) (care.Receipt, error) {
			return during(ctx, in, func(ctx context.Context) (care.Receipt, error) {
				return in.Forget(ctx, person, func(ForgetProgress) {})
			})
		},
		Progress: func() ForgetProgress {
			if p := in.forgotSoFar.Load(); p != nil {
				return *p
			}
			return ForgetProgress{}
		},
	}
}

// traces are what somebody would leave, and what names them.
type traces struct {
	needles *care.Needles
	names   [][]string // folded words of each name
	digits  []string   // the rows that every form of a number has
	forms   []string   // all of those forms
	words   []string   // of their texts, as the message index has them
}

// mostWords bounds how many words the message index is asked for.
const mostWords = 5000

func (in *Inbox) tracesOf(ctx context.Context, s cache.Subject) (*traces, error) {
	t := &traces{needles: care.NewNeedles()}
	older, err := in.local.NamesOf(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Concat(s.Names, older) {
		t.needles.AddText(name)
		t.names = append(t.names, strings.Fields(search.Fold(name)))
	}
	shared := false
	for _, key := range s.Keys {
		if slices.Contains(s.Shared, key) {
			shared = true
			continue
		}
		t.digits = append(t.digits, care.Numbers(key)...)
		t.forms = append(t.forms, phone.SearchForms(key)...)
	}
	for _, written := range s.Phones {
		if !shared { // else the platform's own writing is somebody else's too
			t.needles.AddText(written)
		}
	}
	for _, digits := range t.digits {
		t.needles.AddNumber(digits)
		t.needles.AddText(digits) // in base64, too
	}
	seen := map[string]bool{}
	note := func(text string) error {
		t.needles.AddText(text)
		if len(seen) >= mostWords {
			return ctx.Err()
		}
		for word := range cache.Tokens(text) {
			if !seen[word.Folded] {
				seen[word.Folded] = true
				t.words = append(t.words, word.Folded)
			}
		}
		return ctx.Err()
	}
	return t, errors.Join(in.cache.EachTextOf(ctx, s, note), in.local.EachTextOf(ctx, s, note))
}

// shortestWhole is how many letters a name has that can be nobody else's word.
const shortestWhole = 8

// inView reports whether a saved view names them: by their number, or by a
// whole name that is more than a word.
func (t *traces) inView(text string) bool {
	if t.hasNumber(text) {
		return true
	}
	folded := " " + strings.Join(strings.FieldsFunc(search.Fold(text), notOfName), " ") + " "
	return slices.ContainsFunc(t.names, func(words []string) bool {
		whole := strings.Join(words, " ")
		return (len(words) > 1 || len(whole) >= shortestWhole) && strings.Contains(folded, " "+whole+" ")
	})
}

func notOfName(r rune) bool { return strings.ContainsRune(" \t\":,;()", r) }

func (t *traces) hasNumber(text string) bool {
	digits := phone.Digits(text)
	return slices.ContainsFunc(t.digits, func(d string) bool { return strings.Contains(digits, d) })
}

// Parts of a name or number that somebody types to find them.
const (
	shortestTyped = 3
	shortestPart  = 4
)

// inSearch reports whether a recent search may have been for them: it has a
// part of their number, or a word that begins one of their names. That is soon
// said: a search is easily typed again.
func (t *traces) inSearch(text string) bool {
	if digits := phone.Digits(text); len(digits) >= shortestPart && slices.ContainsFunc(t.forms, func(form string) bool { return strings.Contains(form, digits) }) || t.hasNumber(text) {
		return true
	}
	for _, typed := range strings.FieldsFunc(search.Fold(text), notOfName) {
		if len(typed) < shortestTyped {
			continue
		}
		for _, words := range t.names {
			if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, typed) }) {
				return true
			}
		}
	}
	return false
}

// cleanSearches leaves out of the recent searches, a JSON list, those that may
// have been for them.
func (t *traces) cleanSearches(recent string) (kept string, dropped int64) {
	var all []string
	if json.Unmarshal([]byte(recent), &all) != nil {
		return "[]", 1
	}
	left := slices.DeleteFunc(slices.Clone(all), t.inSearch)
	b, err := json.Marshal(left)
	if err != nil {
		return "[]", int64(len(all))
	}
	return string(b), int64(len(all) - len(left))
}

func (in *Inbox) viewsNaming(ctx context.Context, t *traces) (ids []string, err error) {
	views, err := in.local.SavedViews(ctx)
	for _, v := range views {
		if t.inView(v.Name) || t.inView(v.Query) {
			ids = append(ids, v.ID)
		}
	}
	return ids, err
}

// askIndexes asks both indexes for whoever was forgotten.
func (in *Inbox) askIndexes(ctx context.Context, t *traces, people []string, r *care.Receipt) error {
	left, err := in.cache.People(ctx, people)
	if err != nil {
		return err
	}
	r.Index.People = int64(len(left))
	if in.search.People.Ready() {
		for _, words := range t.names {
			for _, hit := range in.search.People.Find(strings.Join(words, " "), nil, 50) {
				if slices.Contains(people, hit.Person) {
					r.Index.People++
				}
			}
		}
	}
	r.Index.Words, err = in.cache.WordsLeft(ctx, t.words)
	return err
}
