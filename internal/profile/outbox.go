package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/server"
)

// ErrWho: no ref of the account is known to be one's own.
var ErrWho = errors.New("nobody has said which agent you are")

// Me among assignees stands for whoever uses the profile.
const Me = server.Me

// ChangeArgs are DoChange's: what is to change, of one conversation or of the
// live ones of threads.
type ChangeArgs struct {
	Account      string        `json:"account"`      // with Conversation
	Conversation string        `json:"conversation"` // the provider's id
	Threads      []string      `json:"threads"`      // t_…, where no conversation is named
	Op           string        `json:"op"`           // what the asking is called: by the same it is done once, and taken back as a whole
	Status       *string       `json:"status"`       // unified, or the platform's own word
	Assignees    *[]string     `json:"assignees"`    // refs, or Me; none unassigns
	Confirm      bool          `json:"confirm"`      // what cannot be taken back is meant so
	DryRun       bool          `json:"dry_run"`      // only the plan
	Wait         time.Duration `json:"wait"`         // how long to try to send it now
}

// Changed is what became of a change: an entry for each conversation and
// field, in their order. Kind and Error say what kept it from being sent,
// where Wait was asked for; "" where nothing did. Of a dry run the entries are
// what would be queued, without an ID.
type Changed struct {
	Entries []cache.Enqueued `json:"entries"`
	Plan    Plan             `json:"plan"`
	Kind    string           `json:"kind"`
	Error   string           `json:"error"`
}

// Plan is what a change would do, counted by conversations.
type Plan struct {
	Change       int    `json:"change"`
	Same         int    `json:"same"` // are so already, or are about to be
	Unsupported  []Lack `json:"unsupported"`
	Asking       int    `json:"asking"` // an earlier change waits for a person: only an act leaves them alone
	Irreversible int    `json:"irreversible"`
}

// Lack is a conversation whose platform lacks the word or the agent.
type Lack struct {
	Thread   string             `json:"thread"`
	Provider inbox.ProviderName `json:"provider"`
	Err      error              `json:"-"`
}

// Change queues a change, durable when it returns, and shows it at once. Where
// one conversation of several lacks what is wished the others are changed and
// the plan names it; where all do it is an error.
//
// Errors: cache.ErrNotFound; *inbox.UnsupportedError; ErrWho;
// cache.ErrIrreversible where it was not confirmed (nothing is queued then);
// ErrUsage.
func (in *Inbox) Change(ctx context.Context, a ChangeArgs) (Changed, error) {
	asOf := time.Now()
	targets, err := in.targets(ctx, a)
	if err != nil {
		return Changed{}, err
	}
	d := draft{in: in, args: a, mixed: ofSeveral(targets)}
	if err := d.over(ctx, targets, asOf); err != nil {
		return Changed{}, err
	}
	out := Changed{Entries: []cache.Enqueued{}, Plan: d.plan}
	if len(targets) > 0 && len(d.plan.Unsupported) == len(targets) {
		return out, d.plan.Unsupported[0].Err
	}
	if a.DryRun {
		out.Entries = append(d.same, d.would...)
		return out, nil
	}
	if d.plan.Irreversible > 0 && !a.Confirm {
		return out, fmt.Errorf("%s: %w", *a.Status, cache.ErrIrreversible)
	}
	queued, err := in.enqueue(ctx, &d)
	if err != nil {
		return out, err
	}
	out.Entries = append(d.same, queued...)
	in.outboxChanged(ctx, wishesOf(queued))
	if a.Wait > 0 {
		in.sendNow(ctx, &out, a.Wait)
	}
	return out, nil
}

// enqueue queues what was drafted; with a name for the asking, once.
func (in *Inbox) enqueue(ctx context.Context, d *draft) ([]cache.Enqueued, error) {
	if d.args.Op == "" {
		return in.local.Enqueue(ctx, d.intents...)
	}
	want, err := d.args.want()
	if err != nil {
		return nil, err
	}
	queued, _, err := in.local.EnqueueAct(ctx, d.args.Op, want, d.tally(), d.placed(nil))
	return queued, err
}

// sendRest is the pause between tries to send what somebody waits for.
const sendRest = time.Second

// sendNow tries, for a time, to bring what was queued to an end, and reads the
// entries anew.
func (in *Inbox) sendNow(ctx context.Context, out *Changed, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	accounts := map[string]bool{}
	for _, e := range out.Entries {
		if e.ID != "" && e.Outcome != cache.Withdrawn {
			accounts[e.Account] = true
		}
	}
	var sending sync.WaitGroup
	failures := make(chan error, len(accounts))
	for account := range accounts {
		sending.Go(func() { failures <- in.sendAccount(ctx, account, out.Entries) })
	}
	sending.Wait()
	close(failures)
	for err := range failures {
		if err != nil && ctx.Err() == nil {
			out.Kind, out.Error = KindOf(err), err.Error()
		}
	}
	for i := range out.Entries {
		// One that was dropped or gave way meanwhile stays as it was seen last.
		if w, err := in.local.OutboxEntry(context.WithoutCancel(ctx), out.Entries[i].ID); err == nil {
			out.Entries[i].Wish = w
		}
	}
}

// sendAccount sends until the account's entries have come to rest, or ctx ends.
func (in *Inbox) sendAccount(ctx context.Context, account string, entries []cache.Enqueued) error {
	acc, err := in.accountNamed(ctx, account)
	if err != nil {
		return err
	}
	r, err := in.use(ctx, acc)
	if err != nil {
		return err
	}
	defer in.release(account, r)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	for {
		err := r.sender.Once(ctx)
		rested := !slices.ContainsFunc(entries, func(e cache.Enqueued) bool {
			if e.Account != account {
				return false
			}
			w, err := in.local.OutboxEntry(ctx, e.ID)
			return err == nil && w.State != cache.WishDone && !w.State.Attention() && !w.ByKey()
		})
		if rested || ctx.Err() != nil || err != nil && !providers.Temporary(err) {
			return err
		}
		wait(ctx, sendRest)
	}
}

func (in *Inbox) targets(ctx context.Context, a ChangeArgs) ([]cache.Target, error) {
	if a.Status == nil && a.Assignees == nil {
		return nil, fmt.Errorf("%w: nothing to change", ErrUsage)
	}
	if a.Conversation != "" {
		if _, err := in.accountNamed(ctx, a.Account); err != nil {
			return nil, err
		}
		t, err := in.cache.Target(ctx, a.Account, a.Conversation)
		return []cache.Target{t}, err
	}
	return in.cache.LiveTargets(ctx, a.Threads)
}

// draft turns a change into intents, conversation by conversation.
type draft struct {
	in      *Inbox
	args    ChangeArgs
	asOf    time.Time // the conversations were read later
	plan    Plan
	intents []cache.Intent
	same    []cache.Enqueued
	would   []cache.Enqueued // what the intents would become, for a dry run

	outbox map[conversation][]cache.Wish // what is in it of each conversation, oldest first
	me     map[string]string             // one's own ref in an account, once read

	careful bool             // what waits for a person is left alone
	mixed   bool             // the conversations are of several accounts
	named   []cache.AgentRef // what refs were named here, once read
	seen    []cache.AgentRef // and which are seen where: read only where mixed
	read    bool
}

type conversation struct{ account, id string }

func ofSeveral(targets []cache.Target) bool {
	return slices.ContainsFunc(targets, func(t cache.Target) bool { return t.Account != targets[0].Account })
}

// over drafts the change of some conversations anew, as they were read at a
// time.
func (d *draft) over(ctx context.Context, targets []cache.Target, asOf time.Time) error {
	d.asOf, d.plan, d.intents, d.same, d.would = asOf.Truncate(time.Millisecond), Plan{}, nil, nil, nil
	if err := d.readOutbox(ctx, targets); err != nil {
		return err
	}
	for _, t := range targets {
		if err := d.add(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// readOutbox reads what waits, or was done, of all targets: once an account.
func (d *draft) readOutbox(ctx context.Context, targets []cache.Target) error {
	d.outbox = map[conversation][]cache.Wish{}
	by := map[string][]string{}
	for _, t := range targets {
		by[t.Account] = append(by[t.Account], t.Conversation)
	}
	for account, ids := range by {
		entries, err := d.in.local.OutboxOf(ctx, account, ids)
		if err != nil {
			return err
		}
		for _, w := range entries {
			of := conversation{account, w.Conversation}
			d.outbox[of] = append(d.outbox[of], w)
		}
	}
	return nil
}

// mine is one's own ref in an account.
func (d *draft) mine(ctx context.Context, account string) (string, error) {
	if ref, ok := d.me[account]; ok {
		return ref, nil
	}
	ref, ok, err := d.in.local.Me(ctx, account)
	if err == nil && !ok {
		err = fmt.Errorf("%s: %w", account, ErrWho)
	}
	if err == nil {
		if d.me == nil {
			d.me = map[string]string{}
		}
		d.me[account] = ref
	}
	return ref, err
}

func (d *draft) add(ctx context.Context, t cache.Target) error {
	wants, err := d.wants(ctx, t)
	var lacks *inbox.UnsupportedError
	if errors.As(err, &lacks) {
		d.plan.Unsupported = append(d.plan.Unsupported, Lack{t.Thread, t.Provider, err})
		return nil
	}
	if err != nil {
		return err
	}
	entries := d.outbox[conversation{t.Account, t.Conversation}]
	if d.careful && asks(entries) {
		d.plan.Asking++
		return nil
	}
	changes := false
	for _, w := range wants {
		in := cache.Intent{Account: t.Account, Conversation: t.Conversation, Field: w.field, Want: w.value, Now: t.FieldOf(w.field), AsOf: d.asOf, Confirm: d.args.Confirm}
		if e, same := sameAlready(entries, in, t); same {
			d.same = append(d.same, e)
			continue
		}
		changes = true
		d.intents = append(d.intents, in)
		d.would = append(d.would, cache.Enqueued{Wish: cache.Wish{Account: t.Account, Provider: t.Provider, Conversation: t.Conversation,
			Field: w.field, Base: in.Now, Want: w.value, State: cache.WishQueued}, Outcome: cache.Added})
		if inbox.Irreversible(t.Provider, w.field, w.value) {
			d.plan.Irreversible++
		}
	}
	if changes {
		d.plan.Change++
	} else {
		d.plan.Same++
	}
	return nil
}

// asks reports whether one of the entries waits for a person.
func asks(entries []cache.Wish) bool {
	return slices.ContainsFunc(entries, func(w cache.Wish) bool { return w.State.Attention() })
}

// sameAlready reports whether what is wished is what is shown, and on its way
// if it is not so yet: what waits for a person is wished once more.
func sameAlready(entries []cache.Wish, in cache.Intent, t cache.Target) (cache.Enqueued, bool) {
	for _, w := range slices.Backward(entries) {
		switch {
		case w.Field != in.Field || w.State == cache.WishRefused:
		case w.State != cache.WishDone:
			return cache.Enqueued{Wish: w, Outcome: cache.Same}, w.Want == in.Want && !w.State.Attention()
		case !w.DoneAt.Before(in.AsOf): // after the conversation was read
			return cache.Enqueued{Wish: w, Outcome: cache.Same}, w.Want == in.Want
		}
	}
	w := cache.Wish{Account: in.Account, Provider: t.Provider, Conversation: in.Conversation, Field: in.Field, Base: in.Now, Want: in.Want, State: cache.WishDone}
	return cache.Enqueued{Wish: w, Outcome: cache.Same}, in.Now == in.Want
}

type want struct{ field, value string }

// wants are the values for one conversation, in the words of its platform.
func (d *draft) wants(ctx context.Context, t cache.Target) (out []want, err error) {
	if s := d.args.Status; s != nil {
		word, ok := inbox.StatusWord(t.Provider, *s)
		if !ok {
			return nil, inbox.Supports(t.Provider, inbox.FieldStatus, *s)
		}
		out = append(out, want{inbox.FieldStatus, word})
	}
	if d.args.Assignees != nil {
		refs, err := d.refsAt(ctx, t.Account, t.Provider)
		if err != nil {
			return nil, err
		}
		list := inbox.RefList(refs)
		if err := inbox.Supports(t.Provider, inbox.FieldAssignees, list); err != nil {
			return nil, err
		}
		out = append(out, want{inbox.FieldAssignees, list})
	}
	return out, nil
}

// refsAt is how an account calls the agents that were wished for by the refs
// of any account.
func (d *draft) refsAt(ctx context.Context, account string, p inbox.ProviderName) ([]string, error) {
	if err := d.readAgents(ctx); err != nil {
		return nil, err
	}
	refs := *d.args.Assignees
	out := make([]string, 0, len(refs))
	for _, ref := range refs {
		if ref == Me {
			mine, err := d.mine(ctx, account)
			if err != nil {
				return nil, err
			}
			out = append(out, mine)
			continue
		}
		here, ok := d.refAt(account, ref)
		if !ok {
			return nil, &inbox.UnsupportedError{Provider: p, Field: inbox.FieldAssignees, Word: ref}
		}
		out = append(out, here)
	}
	return out, nil
}

// readAgents reads, once, who is called what. Over all conversations only for
// a change that goes over accounts: a click must not wait for it.
func (d *draft) readAgents(ctx context.Context) (err error) {
	if d.read {
		return nil
	}
	if d.named, err = d.in.local.Agents(ctx, ""); err == nil && d.mixed {
		d.seen, err = d.in.cache.AgentRefs(ctx, "")
	}
	d.read = err == nil
	return err
}

// refAt is how an account calls the agent whom some account calls ref. One
// that no other account is known to have is taken as it is: the provider will
// say.
func (d *draft) refAt(account, ref string) (string, bool) {
	elsewhere, name := false, ""
	for _, a := range slices.Concat(d.named, d.seen) {
		if a.Ref != ref {
			continue
		}
		if a.Account == account {
			return ref, true
		}
		elsewhere = true
		name = cmp.Or(name, a.Name)
	}
	for _, a := range d.named {
		if name != "" && a.Account == account && a.Name == name {
			return a.Ref, true
		}
	}
	return ref, !elsewhere
}

func wishesOf(queued []cache.Enqueued) []cache.Wish {
	out := make([]cache.Wish, 0, len(queued))
	for _, e := range queued {
		if e.Outcome != cache.Same {
			out = append(out, e.Wish)
		}
	}
	return out
}

// outboxChanged shows entries that are new, other or gone, tells the screens,
// and wakes who sends.
func (in *Inbox) outboxChanged(ctx context.Context, wishes []cache.Wish) {
	by := map[string][]string{}
	for _, w := range wishes {
		by[w.Account] = append(by[w.Account], w.Conversation)
	}
	for account, conversations := range by {
		// What is in the outbox is durable: showing it does not end with the
		// caller.
		delta, err := in.cache.ShowWishes(context.WithoutCancel(ctx), in.local, account, conversations)
		if err != nil {
			in.log.Error("wishes not shown", "account", account, "err", err)
		} else {
			in.changed(delta)
		}
		in.wakeSender(account)
	}
	in.server.Events().State()
}

func (in *Inbox) wakeSender(account string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if r := in.loops[account]; r != nil {
		r.sender.Wake()
	}
}

// showWishes lays the outbox over the cache anew, as the profile is opened:
// a kill may have come between the two, or the cache be another one.
func (in *Inbox) showWishes(ctx context.Context) error {
	accounts, err := in.ensureAccounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if _, err := in.cache.ShowWishes(ctx, in.local, a.Name, nil); err != nil {
			return err
		}
	}
	return nil
}

// Outbox lists the entries that wait, oldest first, and the last ones done.
func (in *Inbox) Outbox(ctx context.Context, done int) (waiting, finished []cache.Wish, err error) {
	return in.local.Outbox(ctx, done)
}

// RetryEntry sends an entry now: in a conflict mine is kept. Errors as
// cache.Local.RetryWish.
func (in *Inbox) RetryEntry(ctx context.Context, id string) (cache.Wish, error) {
	w, err := in.local.RetryWish(ctx, id)
	if err == nil {
		in.outboxChanged(ctx, []cache.Wish{w})
	}
	return w, err
}

// DropEntry gives a wish up: in a conflict theirs is kept. Errors as
// cache.Local.DropWish.
func (in *Inbox) DropEntry(ctx context.Context, id string) (cache.Wish, error) {
	w, err := in.local.DropWish(ctx, id)
	if err == nil {
		in.outboxChanged(ctx, []cache.Wish{w})
	}
	return w, err
}

// Undo takes entries back, the last first: what was done by new entries, what
// waits by dropping it. The answer is in the order of ids; one that cannot be
// taken back keeps no other from it.
func (in *Inbox) Undo(ctx context.Context, ids []string) ([]cache.Undone, error) {
	undos := make([]cache.Undo, 0, len(ids))
	for _, id := range slices.Backward(ids) {
		u := cache.Undo{ID: id}
		w, err := in.local.OutboxEntry(ctx, id)
		switch {
		case errors.Is(err, cache.ErrNotFound): // it is told in its place
		case err != nil:
			return nil, err
		default:
			if u.Now, err = in.hasNow(ctx, w); err != nil {
				return nil, err
			}
		}
		undos = append(undos, u)
	}
	out, err := in.local.UndoWishes(ctx, undos, "")
	if err != nil {
		return nil, err
	}
	slices.Reverse(out)
	var moved []cache.Wish
	for _, u := range out {
		if u.Err == nil {
			moved = append(moved, u.Wish)
		}
	}
	in.outboxChanged(ctx, moved)
	return out, nil
}

// hasNow is what the copy says that the provider has of a wish's field; of a
// conversation that is not in it, what was wished.
func (in *Inbox) hasNow(ctx context.Context, w cache.Wish) (string, error) {
	t, err := in.cache.Target(ctx, w.Account, w.Conversation)
	if errors.Is(err, cache.ErrNotFound) {
		return w.Want, nil
	}
	return t.FieldOf(w.Field), err
}

// changeThreads is Change for the screen.
func (in *Inbox) changeThreads(ctx context.Context, c server.Change) (server.Changed, error) {
	return during(ctx, in, func(ctx context.Context) (server.Changed, error) {
		made, err := in.Change(ctx, ChangeArgs{Threads: c.Threads, Op: c.Op, Status: c.Status, Assignees: c.Assignees, DryRun: c.Preview, Confirm: c.Confirm})
		plan := server.Plan{Change: made.Plan.Change, Same: made.Plan.Same, Irreversible: made.Plan.Irreversible}
		for _, l := range made.Plan.Unsupported {
			plan.Unsupported = append(plan.Unsupported, server.Lack{Thread: l.Thread, Provider: l.Provider})
		}
		return server.Changed{Entries: made.Entries, Plan: plan}, err
	})
}
