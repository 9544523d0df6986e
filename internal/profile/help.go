package profile

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/phone"
	"bandeja/internal/search"
	"bandeja/internal/server"
	"bandeja/internal/syncer"
)

// What the platforms are asked beside sync, so that it never starves.
const (
	helpAfter = 400 * time.Millisecond // the last key
	// helpShare of an account's rate is for questions; a few may come at once.
	helpShare = 0.2
	helpBurst = 6
	// helpFresh is how long an answer is good: until then the same question is
	// not asked again.
	helpFresh = 2 * time.Minute
	// staleAfter an account's copy may lack somebody new.
	staleAfter = 5 * time.Minute
	// mostHelped bounds what is remembered of questions and of people.
	mostHelped = 1000
)

// helper asks the platforms what the copy may lack. One question is asked at a
// time: the newest.
type helper struct {
	mu       sync.Mutex
	question string // the newest
	stop     context.CancelFunc
	answered map[string]time.Time // questions, by when
	brought  map[string]bool      // p_… whom an answer has brought
	budgets  map[string]*rate.Limiter
}

func newHelper() *helper {
	return &helper{answered: map[string]time.Time{}, brought: map[string]bool{}, budgets: map[string]*rate.Limiter{}}
}

// AskProviders has the platforms looked at for what somebody searches, in the
// background, where the copy is not whole: never before the answer from here,
// some time after the last key. It waits for nothing. The event search says
// when an answer has come.
func (in *Inbox) AskProviders(q server.Question) search.Remote {
	h := in.helper
	accounts := in.askable(q)
	h.mu.Lock()
	defer h.mu.Unlock()
	key := strings.Join(append([]string{q.Text}, accounts...), "\x00")
	switch {
	case key == h.question && h.stop != nil:
		return search.RemoteAsking
	case h.stop != nil:
		h.stop()
		h.stop = nil
	}
	h.question = key
	if len(accounts) == 0 {
		return search.RemoteNone
	}
	if at, ok := h.answered[key]; ok && time.Since(at) < helpFresh {
		return search.RemoteDone
	}
	ctx, stop := context.WithCancel(in.life)
	h.stop = stop
	in.work.Go(func() {
		defer stop()
		in.help(ctx, q.Text, accounts, key)
	})
	return search.RemoteAsking
}

// Brought reports whether a platform's answer to a search has brought somebody
// (p_…).
func (in *Inbox) Brought(person string) bool {
	in.helper.mu.Lock()
	defer in.helper.mu.Unlock()
	return in.helper.brought[person]
}

// askable lists the accounts whose copy may lack who is looked for, and that
// can be asked now.
func (in *Inbox) askable(q server.Question) (out []string) {
	if in.Viewing() || in.ready() != nil || in.life.Err() != nil {
		return nil
	}
	for name, s := range in.statuses() {
		if s.Held || s.Err != nil || len(q.Accounts) > 0 && !slices.ContainsFunc(q.Accounts, func(a string) bool { return strings.EqualFold(a, name) }) {
			continue
		}
		if !in.mayLack(name, s) {
			continue
		}
		if _, ask, err := in.questions(in.life, name, q.Text); err == nil && len(ask) > 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// mayLack reports whether an account's copy is not whole: its list has not been
// read to the end, or what is new has not been looked at for a while. One of
// which nothing is here yet is left to its first copy.
func (in *Inbox) mayLack(account string, s syncer.Status) bool {
	sweep, err := in.cache.Feed(in.life, account, cache.Sweep)
	if err != nil || sweep.Gen == 0 {
		return false
	}
	if sweep.FinishedAt.IsZero() {
		return true
	}
	head, err := in.cache.Feed(in.life, account, cache.Head)
	if err != nil || s.State == syncer.UpToDate {
		return false
	}
	listed := slices.MaxFunc([]time.Time{s.AsOf, sweep.FinishedAt, head.FinishedAt}, time.Time.Compare)
	return time.Since(listed) > staleAfter
}

// question is one request to one account's platform.
type question struct {
	text  string
	phone bool   // look the number up; else search
	key   string // of the line that is looked for: with it there is no need to ask on
}

// mostForms bounds by how many forms a number is asked for.
const mostForms = 8

// questions are what to ask of an account's platform for a text, in order: a
// whole number by every form in which it may be known there, a part of one and
// a name where there is a search. Plática has none.
func (in *Inbox) questions(ctx context.Context, account, text string) (acc inbox.Account, out []question, err error) {
	accounts, err := in.local.Accounts(ctx)
	if err != nil {
		return acc, nil, err
	}
	i := slices.IndexFunc(accounts, func(a inbox.Account) bool { return a.Name == account })
	if i < 0 {
		return acc, nil, ErrNoAccount
	}
	acc = accounts[i]
	// Who types a number as it is written at home means one of any office.
	accounts[0], accounts[i] = accounts[i], accounts[0]
	for _, a := range accounts {
		n := phone.Parse(text, readsPhones(a))
		if n.Kind != phone.Phone || slices.ContainsFunc(out, func(q question) bool { return q.key == n.Key }) {
			continue
		}
		for _, form := range phone.Variants(n.E164, n.Key) {
			if !slices.ContainsFunc(out, func(q question) bool { return q.text == form }) {
				out = append(out, question{form, true, n.Key})
			}
		}
	}
	if len(out) == 0 {
		out = searches(acc, text)
	}
	return acc, out[:min(len(out), mostForms)], nil
}

func readsPhones(a inbox.Account) phone.Context { return phone.Context{Region: a.Region, Area: a.Area} }

// searches are the texts that a platform's search is asked for.
func searches(acc inbox.Account, text string) (out []question) {
	if acc.Provider != inbox.Waspy {
		return nil
	}
	if _, digits := phone.QueryDigits(text); digits {
		if part := phone.Part(text, readsPhones(acc)); part != "" {
			out = append(out, question{text: part})
		}
		return out
	}
	words := strings.Fields(text)
	text = strings.Join(words, " ")
	if len([]rune(text)) < shortestName {
		return nil
	}
	out = append(out, question{text: text})
	// Nothing says that a search takes words one by one.
	if longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) }); len(words) > 1 && len([]rune(longest)) >= shortestName {
		out = append(out, question{text: longest})
	}
	return out
}

// shortestName is how many letters a name must have to be asked for.
const shortestName = 3

// help asks once the last key is some time ago, and tells the screens when it
// is over.
func (in *Inbox) help(ctx context.Context, text string, accounts []string, key string) {
	if wait(ctx, helpAfter); ctx.Err() != nil {
		return
	}
	var asking sync.WaitGroup
	for _, name := range accounts {
		asking.Go(func() {
			// Of what was asked nothing is logged.
			if err := in.helpFrom(ctx, name, text); err != nil && !errors.Is(err, context.Canceled) {
				in.log.Warn("a platform did not help with a search", "account", name, "kind", KindOf(err))
			}
		})
	}
	asking.Wait()
	if ctx.Err() != nil {
		return
	}
	in.helper.end(key)
	in.server.Events().Search()
}

// end notes that a question is answered.
func (h *helper) end(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.answered) >= mostHelped {
		clear(h.answered)
	}
	h.answered[key] = time.Now()
	if h.question == key {
		h.stop = nil
	}
}

// helpFrom asks one account's platform until it knows who is looked for.
func (in *Inbox) helpFrom(ctx context.Context, account, text string) error {
	acc, questions, err := in.questions(ctx, account, text)
	if err != nil {
		return err
	}
	r, _ := in.join(account, nil)
	if r == nil {
		return nil // it was stopped
	}
	defer in.release(account, r)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	budget := in.helper.budget(acc)
	for _, q := range questions {
		if err := budget.Wait(ctx); err != nil {
			return err
		}
		ask := r.loop.Find
		if q.phone {
			ask = r.loop.ByPhone
		}
		got, err := ask(ctx, q.text)
		if err != nil {
			return err
		}
		if err := in.noteHelp(ctx, account, got); err != nil {
			return err
		}
		if q.answeredBy(acc, got) {
			return nil
		}
	}
	return nil
}

// forget forgets every question and whom an answer brought.
func (h *helper) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.answered)
	clear(h.brought)
}

// answeredBy reports whether there is no need to ask on. A provider may know a
// number under another form than ours, or answer with somebody else's.
func (q question) answeredBy(acc inbox.Account, got syncer.Helped) bool {
	if !q.phone {
		return len(got.Items) > 0
	}
	return slices.ContainsFunc(got.Items, func(c inbox.Conversation) bool {
		return phone.Parse(c.Phone, readsPhones(acc)).Key == q.key
	})
}

// noteHelp remembers whom an answer brought. They are in the index when it
// returns: whoever asks again finds them.
func (in *Inbox) noteHelp(ctx context.Context, account string, got syncer.Helped) error {
	if len(got.Fresh) == 0 {
		return nil
	}
	people, err := in.cache.PeopleOf(ctx, account, got.Fresh)
	if err != nil {
		return err
	}
	h := in.helper
	h.mu.Lock()
	if len(h.brought) >= mostHelped {
		clear(h.brought)
	}
	for _, ref := range people {
		h.brought[ref] = true
	}
	h.mu.Unlock()
	if !in.search.People.Ready() {
		return nil
	}
	return in.search.People.Refresh(ctx, got.People)
}

// budget is what an account may be asked beside its sync.
func (h *helper) budget(acc inbox.Account) *rate.Limiter {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.budgets[acc.Name]
	if limit := rate.Limit(helpShare * acc.Rate); b == nil || b.Limit() != limit {
		b = rate.NewLimiter(limit, helpBurst)
		h.budgets[acc.Name] = b
	}
	return b
}
