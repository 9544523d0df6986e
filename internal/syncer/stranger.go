package syncer

import (
	"context"
	"errors"
	"slices"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// ErrOtherWorkspace: the key reaches another workspace than the one that was
// copied. Nothing of it is saved: two offices must not be mixed (SYNC F21).
var ErrOtherWorkspace = errors.New("the key reaches another workspace than the one that was copied")

// strangers are how many known conversations must be unknown to the provider
// before its office is taken for another one.
const strangers = 5

// sameWorkspaces compares what an answer names with what earlier ones did.
// Plática names its workspaces, Waspy none.
func (l *Loop) sameWorkspaces(ctx context.Context, named []inbox.Workspace) error {
	if len(named) == 0 {
		return nil
	}
	if l.spaces == nil {
		known, err := l.o.Cache.Workspaces(ctx, l.o.Account.Name)
		if err != nil {
			return err
		}
		l.spaces = map[string]bool{}
		for _, w := range known {
			l.spaces[w.ID] = true
		}
	}
	other := len(l.spaces) > 0 && !slices.ContainsFunc(named, func(w inbox.Workspace) bool { return l.spaces[w.ID] })
	if other {
		return ErrOtherWorkspace
	}
	for _, w := range named {
		l.spaces[w.ID] = true
	}
	return nil
}

// sameOffice looks at the top of the list: where no row of it is known, the
// conversations that were the newest here must still be there. After a long
// absence they are; with the key of another office none is.
func (l *Loop) sameOffice(ctx context.Context, page *inbox.Page[inbox.Conversation]) error {
	ids := make([]string, len(page.Items))
	for i := range page.Items {
		ids[i] = page.Items[i].ID
	}
	if known, err := l.o.Cache.Knows(ctx, l.o.Account.Name, ids); err != nil || known {
		return err
	}
	newest, err := l.o.Cache.Newest(ctx, l.o.Account.Name, strangers)
	if err != nil || len(newest) < strangers {
		return err
	}
	for _, c := range newest {
		if _, err := l.ask(ctx); err != nil {
			return err
		}
		if _, err := l.o.Provider.Conversation(ctx, c.ID); err == nil || !errors.Is(err, providers.ErrNotFound) {
			return err
		}
	}
	return ErrOtherWorkspace
}
