package syncer

import (
	"context"
	"errors"
	"slices"

	"bandeja/internal/cache"
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
	if apart(named, l.spaces) {
		return ErrOtherWorkspace
	}
	for _, w := range named {
		l.spaces[w.ID] = true
	}
	return nil
}

// apart reports whether none of the workspaces that an answer names is known,
// although some are.
func apart(named []inbox.Workspace, known map[string]bool) bool {
	return len(named) > 0 && len(known) > 0 && !slices.ContainsFunc(named, func(w inbox.Workspace) bool { return known[w.ID] })
}

// sameOffice looks at the top of the list.
func (l *Loop) sameOffice(ctx context.Context, page *inbox.Page[inbox.Conversation]) error {
	return sameTop(ctx, l.o.Cache, l.o.Account.Name, page.Items, func(id string) error {
		if _, err := l.ask(ctx); err != nil {
			return err
		}
		_, err := l.o.Provider.Conversation(ctx, id)
		return err
	})
}

// SameOffice holds what a key's check found to what is here of the account:
// before the key is used, not after. A new account has nothing to be mixed.
//
// Errors: ErrOtherWorkspace; those of p, where it had to be asked.
func SameOffice(ctx context.Context, c *cache.Cache, p providers.Provider, account string, checked providers.Checked) error {
	spaces, err := c.Workspaces(ctx, account)
	if errors.Is(err, cache.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, w := range spaces {
		known[w.ID] = true
	}
	if apart(checked.Workspaces, known) {
		return ErrOtherWorkspace
	}
	if len(checked.Workspaces) > 0 {
		return nil
	}
	return sameTop(ctx, c, account, checked.Sample, func(id string) error {
		_, err := p.Conversation(ctx, id)
		return err
	})
}

// sameTop reports ErrOtherWorkspace where no row of the top of a list is known
// and none of the conversations that were the newest here is still there. After
// a long absence they are; with the key of another office none is.
func sameTop(ctx context.Context, c *cache.Cache, account string, top []inbox.Conversation, look func(id string) error) error {
	ids := make([]string, len(top))
	for i := range top {
		ids[i] = top[i].ID
	}
	if known, err := c.Knows(ctx, account, ids); err != nil || known {
		return err
	}
	newest, err := c.Newest(ctx, account, strangers)
	if err != nil || len(newest) < strangers {
		return err
	}
	for _, n := range newest {
		if err := look(n.ID); !errors.Is(err, providers.ErrNotFound) {
			return err
		}
	}
	return ErrOtherWorkspace
}
