package cli

import (
	"context"
	"fmt"
	"time"

	"bandeja/internal/profile"
)

// watchLook is how often `sync --watch` looks whether there is something to
// say.
const watchLook = time.Second

// syncWatch lets the accounts cycle until somebody stops it, which is its
// proper end, and prints an account's line when it says something else. The
// cycles are the owner's where another process has the profile.
func (a *app) syncWatch(ctx context.Context, args profile.SyncArgs) error {
	args.Watch = true
	bar := a.newProgress()
	defer bar.end()
	ended := make(chan error, 1)
	cycles, stop := context.WithCancel(ctx)
	go func() {
		ended <- profile.Command(cycles, a.options("sync"), profile.DoSync, args, bar.show, nil)
	}()
	err := a.sayChanges(ctx, args.Names, bar, ended)
	stop()
	if err == nil {
		err = <-ended
	} else {
		<-ended
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// sayChanges prints until ctx ends or the cycles do, whose error it then leaves
// in ended.
func (a *app) sayChanges(ctx context.Context, names []string, bar *progress, ended chan error) error {
	said := map[string]string{}
	tick := time.NewTicker(watchLook)
	defer tick.Stop()
	for {
		lines, err := a.statuses(ctx, names)
		if err != nil {
			return err
		}
		var changed []accountStatus
		for _, l := range lines {
			if now := l.gist(); said[l.Name] != now {
				said[l.Name] = now
				changed = append(changed, l)
			}
		}
		if len(changed) > 0 {
			bar.end() // the line that is written over
			if err := a.printStatuses(changed); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			ended <- err
			return nil
		case <-tick.C:
		}
	}
}

// gist is what makes a line worth saying again. While a copy is under way its
// numbers never stand still; how far it is the progress tells.
func (l *accountStatus) gist() string {
	if l.State == "first_copy" || l.State == "catching_up" {
		return l.State
	}
	return fmt.Sprint(l.State, l.kind, l.Conversations, l.Messages, l.Gone, l.Incomplete)
}
