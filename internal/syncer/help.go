package syncer

import (
	"context"
	"errors"
	"slices"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

// Helped is what one question brought.
type Helped struct {
	Items  []inbox.Conversation
	Fresh  []string // ids of those that were not here, or say something new
	People []string // p_… whom that changed
}

// Find asks the provider's own search for the newest of what it finds, one
// request, beside whatever pass is under way. What comes is saved as rows that
// no pass covers: bookmarks stay where they are.
//
// Errors wrap those of providers and cache, or are ctx's own: ErrUnsupported
// where the platform has no search; ErrHeld; ErrOtherWorkspace.
func (l *Loop) Find(ctx context.Context, text string) (Helped, error) {
	return l.help(ctx, func(ctx context.Context) (inbox.Page[inbox.Conversation], error) {
		return l.o.Provider.Find(ctx, text, nil)
	})
}

// ByPhone looks a number up, as it is given, one request. Otherwise it is as
// Find.
func (l *Loop) ByPhone(ctx context.Context, number string) (Helped, error) {
	return l.help(ctx, func(ctx context.Context) (inbox.Page[inbox.Conversation], error) {
		items, err := l.o.Provider.ByPhone(ctx, number)
		return inbox.Page[inbox.Conversation]{Items: items}, err
	})
}

func (l *Loop) help(ctx context.Context, read func(context.Context) (inbox.Page[inbox.Conversation], error)) (h Helped, err error) {
	if l.holding() {
		return h, ErrHeld
	}
	begun, err := l.o.Cache.NextFetch(ctx, l.o.Account.Name)
	if err != nil {
		return h, err
	}
	page, err := read(ctx)
	if errors.Is(err, providers.ErrRejected) || errors.Is(err, providers.ErrNotFound) {
		return h, nil // what a person types need not be a number to the provider
	}
	if err == nil {
		err = l.knownWorkspaces(ctx, page.Items)
	}
	if err != nil || len(page.Items) == 0 {
		return h, err
	}
	delta, err := l.saveDelta(ctx, page, nil, begun)
	if err != nil {
		return h, err
	}
	h.Items, h.People = page.Items, delta.People
	for i, fresh := range delta.Fresh {
		if fresh {
			h.Fresh = append(h.Fresh, page.Items[i].ID)
		}
	}
	return h, nil
}

// knownWorkspaces refuses an answer from another office than the one that was
// copied. The passes say so to people; a question only keeps out of it.
func (l *Loop) knownWorkspaces(ctx context.Context, items []inbox.Conversation) error {
	known, err := l.o.Cache.Workspaces(ctx, l.o.Account.Name)
	if err != nil || len(known) == 0 {
		return err
	}
	for i := range items {
		ws := items[i].Workspace
		if ws != "" && !slices.ContainsFunc(known, func(k inbox.Workspace) bool { return k.ID == ws }) {
			return ErrOtherWorkspace
		}
	}
	return nil
}
