package profile

import (
	"context"
	"time"

	"bandeja/internal/words"
)

// Words are those of the screen's language.
func (in *Inbox) Words(ctx context.Context) words.Words { return in.server.Words(ctx) }

// Label is what a command is called on the screen, and its key.
func (in *Inbox) Label(ctx context.Context, command string) (label, key string) {
	return in.server.Label(ctx, command)
}

// Press has the page do a command of the window's menu.
func (in *Inbox) Press(command string) { in.server.Press(command) }

// Alive reports whether a page lives: it listens, or asked for something within d.
func (in *Inbox) Alive(d time.Duration) bool { return in.server.Alive(d) }
