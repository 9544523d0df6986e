// Package providers says what Bandeja asks of a platform and what it may rely
// on. Two clients answer to it, waspy and platica; providertest holds both to
// the contract written here.
package providers

import (
	"context"
	"time"

	"bandeja/internal/inbox"
)

// Provider is one account at one platform. Its methods may be called from
// several goroutines; each makes as many requests as its comment says, at the
// account's pace, and GETs are tried again by rest (never a PATCH).
//
// Every error is or wraps an *Error, or is ctx's own.
type Provider interface {
	// Name is the platform.
	Name() inbox.ProviderName

	// Check makes one request and says what the key reaches: workspaces at
	// Plática, a sample of chats at both. ErrRefused and ErrUnreachable are
	// the usual failures.
	Check(ctx context.Context) (Checked, error)

	// Newest reads the list by newest activity, one request a page, from the
	// top for a nil mark. Rows may repeat over pages; a row that jumps to the
	// top meanwhile is not seen again on this walk.
	Newest(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error)

	// Sweep reads the list in the order that loses fewest rows while it
	// changes, one request a page, from the start for a nil mark. When a seam
	// check fails it goes back by itself: the page's Next says where. More is
	// false only at the end of the list. A mark it cannot read, or one that
	// the provider refuses, is ErrMarkRefused: start again from nil.
	Sweep(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error)

	// Open reads the conversations that are open or pending, and may give
	// others beside them: one request a page, marks as for Newest. It need not
	// go back beyond since. OpenPage says how far it came, in the end.
	Open(ctx context.Context, since time.Time, from inbox.Mark) (OpenPage, error)

	// Conversation reads one conversation by its id: one request. The form is
	// inbox.Read. ErrNotFound when the provider does not have it.
	Conversation(ctx context.Context, id string) (inbox.Conversation, error)

	// Messages reads a conversation's messages, oldest first, one request a
	// page. The mark of the last page, kept, makes the next reading start so
	// that the last page is read again: late rows and moved delivery states
	// are found there. Where the reply carries the conversation itself
	// (Plática) it is in Conversation, in read form; otherwise nil.
	Messages(ctx context.Context, conversation string, from inbox.Mark) (MessagePage, error)

	// ByPhone looks for conversations by number, one request; none is an
	// empty slice and no error. The number is sent as given: callers try the
	// written forms a provider may have stored.
	ByPhone(ctx context.Context, number string) ([]inbox.Conversation, error)

	// Find asks the provider's own search, one request; a platform without
	// one answers ErrUnsupported.
	Find(ctx context.Context, text string, from inbox.Mark) (inbox.Page[inbox.Conversation], error)

	// Update sends one PATCH, never repeated here: only the outbox repeats
	// one, after a GET (SYNC §4). It returns the ids the provider says it
	// touched and, where the reply carries it, the conversation in read form.
	Update(ctx context.Context, id string, change inbox.Change) (Updated, error)

	// Usage counts the requests made since the client was made.
	Usage() Usage

	// Offset is how far the provider's clock is ahead of ours, 0 before its
	// first answer: what a provider says of time counts from there (SYNC §3).
	Offset() time.Duration
}

// OpenPage is a page of the open conversations.
type OpenPage struct {
	inbox.Page[inbox.Conversation]
	// BackTo, where More is false: conversations with older activity, or as
	// old, were not looked for. Zero: all were.
	BackTo time.Time
}

// Checked is what one look at an account found.
type Checked struct {
	Workspaces []inbox.Workspace
	Sample     []inbox.Conversation // at most a handful, newest first
}

// MessagePage is a page of messages. For a provider that gives the whole
// history in one reply there is one page.
type MessagePage struct {
	inbox.Page[inbox.Message]
	Conversation *inbox.Conversation
	// Keep is the mark to store once this page is committed and More is
	// false: reading again from it re-reads the last page.
	Keep inbox.Mark
	// Short is true when the provider itself gave fewer messages than it
	// counts: its history is incomplete, do not loop.
	Short bool
}

// Updated is the outcome of a PATCH.
type Updated struct {
	IDs          []string
	Status       int // HTTP's; 202: taken, not done yet
	Conversation *inbox.Conversation
	RequestID    string
}

// Usage counts what a client has asked of its provider.
type Usage struct {
	Requests int64 // sent, retries included
	Retries  int64
	Limited  int64 // answered 429
}
