package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The commands that the owner of a profile does, for itself or for another
// process of the same user (DESIGN §4).
const (
	DoAdd    = "account-add"
	DoSet    = "account-set"
	DoKey    = "account-key"
	DoCheck  = "account-check"
	DoRemove = "account-remove"
	DoSync   = "sync"
	DoRaise  = "raise" // bring the window to the front, or give a fresh link

	DoChange      = "set"
	DoOutboxRetry = "outbox-retry"
	DoOutboxDrop  = "outbox-drop"

	DoForget = "forget"
	DoLift   = "forget-lift"

	DoRepair = "repair"

	DoTokenCreate = "token-create"
	DoTokenRevoke = "token-revoke"
)

// KeyArgs are DoKey's.
type KeyArgs struct {
	Name    string `json:"name"`
	Key     string `json:"key"`
	NoCheck bool   `json:"no_check"`
}

// NameArgs are DoCheck's, DoRemove's and DoTokenRevoke's.
type NameArgs struct {
	Name        string `json:"name"`
	KeepHistory bool   `json:"keep_history"`
}

// EntryArgs are DoOutboxRetry's and DoOutboxDrop's.
type EntryArgs struct {
	ID string `json:"id"` // o_…
}

// Raised is DoRaise's answer.
type Raised struct {
	Window bool   `json:"window"` // there is one, and it was raised
	Link   string `json:"link"`   // a fresh one, where there is none
}

// Do runs a command. What it returns becomes JSON; its errors keep their kind
// over a process (see KindOf). Close ends it: ErrIncomplete.
func (in *Inbox) Do(ctx context.Context, command string, args json.RawMessage, progress func(any)) (any, error) {
	return during(ctx, in, func(ctx context.Context) (any, error) { return in.do(ctx, command, args, progress) })
}

func (in *Inbox) do(ctx context.Context, command string, args json.RawMessage, progress func(any)) (any, error) {
	switch command {
	case DoAdd:
		return with(args, func(a AddAccount) (any, error) { return in.Add(ctx, a) })
	case DoSet:
		return with(args, func(a SetAccount) (any, error) { return in.Set(ctx, a) })
	case DoKey:
		return with(args, func(a KeyArgs) (any, error) { return in.Rekey(ctx, a.Name, a.Key, a.NoCheck) })
	case DoCheck:
		return with(args, func(a NameArgs) (any, error) { return in.Check(ctx, a.Name) })
	case DoRemove:
		return with(args, func(a NameArgs) (any, error) { return struct{}{}, in.Remove(ctx, a.Name, a.KeepHistory) })
	case DoSync:
		return with(args, func(a SyncArgs) (any, error) { return in.Sync(ctx, a, progress) })
	case DoChange:
		return with(args, func(a ChangeArgs) (any, error) { return in.Change(ctx, a) })
	case DoOutboxRetry:
		return with(args, func(a EntryArgs) (any, error) { return in.RetryEntry(ctx, a.ID) })
	case DoOutboxDrop:
		return with(args, func(a EntryArgs) (any, error) { return in.DropEntry(ctx, a.ID) })
	case DoForget:
		return with(args, func(a ForgetArgs) (any, error) {
			return in.Forget(ctx, a.Who, func(p ForgetProgress) { progress(p) })
		})
	case DoLift:
		return with(args, func(a LiftArgs) (any, error) { return in.Lift(ctx, a.Who) })
	case DoRepair:
		return in.Repair(ctx)
	case DoTokenCreate:
		return with(args, func(a NewToken) (any, error) { return in.CreateToken(ctx, a) })
	case DoTokenRevoke:
		return with(args, func(a NameArgs) (any, error) { return struct{}{}, in.RevokeToken(ctx, a.Name) })
	case DoRaise:
		return in.raise(), nil
	}
	return nil, fmt.Errorf("%w: no command %q", ErrUsage, command)
}

func with[A any](args json.RawMessage, fn func(A) (any, error)) (any, error) {
	var a A
	if err := json.Unmarshal(args, &a); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUsage, err)
	}
	return fn(a)
}

func (in *Inbox) raise() Raised {
	if in.o.Native != nil && in.o.Native.Raise != nil {
		in.o.Native.Raise()
		return Raised{Window: true}
	}
	return Raised{Link: in.Link()}
}

// Asking an owner that is just leaving, or just coming, is tried again.
const (
	askTries = 5
	askRest  = 300 * time.Millisecond
)

// Command does a command where it can be done: here, if the profile is free,
// else by its owner. result is a pointer, or nil.
//
// Errors: *OwnedError where the owner could not be asked; else Do's.
func Command(ctx context.Context, o Options, command string, args any, progress func(json.RawMessage), result any) error {
	for try := 1; ; try++ {
		in, err := Open(ctx, o)
		if err == nil {
			return errors.Join(in.doHere(ctx, command, args, progress, result), in.Close())
		}
		var owned *OwnedError
		if !errors.As(err, &owned) || owned.Owner == nil {
			return err
		}
		err = owned.Owner.Ask(ctx, command, args, progress, result)
		if !errors.Is(err, errNobody) || try == askTries {
			return err
		}
		wait(ctx, askRest)
	}
}

func (in *Inbox) doHere(ctx context.Context, command string, args any, progress func(json.RawMessage), result any) error {
	change, ok := args.(ChangeArgs)
	if command == DoSync || ok && change.Wait > 0 {
		// A long command listens, so that others can ask.
		if _, err := in.Listen(ctx, ""); err != nil {
			return err
		}
		if err := in.Start(false); err != nil {
			return err
		}
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	got, err := in.Do(ctx, command, body, func(p any) {
		if b, err := json.Marshal(p); err == nil && progress != nil {
			progress(b)
		}
	})
	if err != nil || result == nil {
		return err
	}
	b, err := json.Marshal(got)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, result)
}
