// Package insights counts what the copy says of the work done: how much, how
// fast, when, by whom. It reads the cache and asks no network. What each
// measure means exactly is said at the type that carries it, and for people in
// docs/en/insights.md.
//
// Three words hold throughout. A conversation, here, is what is said in one
// thread without a day's silence, on either platform: Plática ends its sessions
// so, Waspy has one without an end for each customer; an answer by the team to a
// customer who spoke last belongs to the conversation even up to seven days
// later. A day is one of the account's own time zone. What is marked as spam is
// left out, and so are messages without a time of their own, but for their
// number in Coverage.
package insights

import (
	"time"

	"bandeja/internal/inbox"
)

// Ask is what is to be counted.
type Ask struct {
	From, To Day    // both are counted
	Whole    bool   // all that is here, back to From at most
	Account  string // "": all
	// Now is what time it is, by the clock of an account's provider.
	Now func(account string) time.Time
	// Budget is how long a first look over all messages may take before Read
	// says how far it is; 0: as long as it takes.
	Budget time.Duration
}

// Report is what was counted.
type Report struct {
	From    Day    `json:"from"`
	To      Day    `json:"to"`
	Account string `json:"account"` // "": all

	Days      []DayCount     `json:"days"`      // every day of the period, in order
	Responses []Response     `json:"responses"` // of all accounts together, and then of each
	Assignees []Response     `json:"assignees"` // the most conversations first
	Hours     []HourCount    `json:"hours"`     // all 168 of the week, from Monday 0:00
	Ages      []AgeCount     `json:"ages"`      // from the youngest
	Channels  []ChannelCount `json:"channels"`  // the most messages first
	Windows   []WindowCount  `json:"windows"`   // of all accounts together, and then of each
	Coverage  Coverage       `json:"coverage"`
}

// DayCount is one day.
type DayCount struct {
	Day Day `json:"day"`
	// Conversations that began that day, by who spoke first.
	Conversations Count `json:"conversations"`
	Messages      Count `json:"messages"`
	// Windows that closed that day without an answer (WindowCount.Missed).
	Missed int `json:"missed"`
	// Resolved is how many conversations of the platform were seen to become
	// resolved or closed that day, and Reopened to become open or pending again;
	// nil for days before Bandeja began to watch any account counted here. A
	// change counts on the day it was seen.
	Resolved *int `json:"resolved"`
	Reopened *int `json:"reopened"`
}

// Count is a number by direction.
type Count struct {
	In      int `json:"in"`  // from the customer
	Out     int `json:"out"` // from the team, its bots and its templates
	Unknown int `json:"unknown"`
}

func (c *Count) add(d inbox.Direction) {
	switch d {
	case inbox.In:
		c.In++
	case inbox.Out:
		c.Out++
	default:
		c.Unknown++
	}
}

// All is the sum.
func (c Count) All() int { return c.In + c.Out + c.Unknown }

// Response is how fast customers were answered. It looks at the conversations
// whose first message of the customer is of the period, and takes the time from
// that message to the first one of the team after it, in the same conversation.
type Response struct {
	Account  string             `json:"account"` // "": all together
	Provider inbox.ProviderName `json:"provider"`
	// Ref is whom the provider's conversation with the customer's message is
	// assigned to, as last seen; "" where that is nobody. One that several are
	// assigned to counts for each. Empty, too, in Report.Responses.
	Ref  string `json:"ref"`
	Name string `json:"name"` // as the agent was named here

	Answered   int `json:"answered"`
	Unanswered int `json:"unanswered"` // it ended without
	Waiting    int `json:"waiting"`    // it may still be answered
	// Unclear are those where a message without a direction or a time came
	// between, or whose messages are not all read.
	Unclear int `json:"unclear"`
	// MedianMS and P90MS are of those answered, in milliseconds, by nearest rank:
	// the smallest time that half, or nine in ten, do not exceed. nil where none
	// was answered.
	MedianMS *int64 `json:"median_ms"`
	P90MS    *int64 `json:"p90_ms"`
}

// HourCount is one hour of the week in the account's zone: in the night when
// clocks are set back an hour counts twice as long, and forward not at all.
type HourCount struct {
	Weekday int `json:"weekday"` // 1 is Monday
	Hour    int `json:"hour"`
	In      int `json:"in"`
	Out     int `json:"out"`
}

// AgeCount is how many threads are open, pending, or of a status that is not
// known, now, whatever the period, by how long ago anything was last said in
// them. What was wished here counts as done, as in the lists.
type AgeCount struct {
	HoursFrom int  `json:"hours_from"`
	HoursTo   *int `json:"hours_to"` // exclusive; nil: and longer
	Customer  int  `json:"customer"` // the customer spoke last
	Other     int  `json:"other"`    // the team did, or it is not known
}

// ChannelCount is what came and went by one channel.
type ChannelCount struct {
	Account       string             `json:"account"`
	Provider      inbox.ProviderName `json:"provider"`
	Channel       string             `json:"channel"`
	Name          string             `json:"name"`
	Platform      string             `json:"platform"` // whatsapp, telegram, …
	Conversations Count              `json:"conversations"`
	Messages      Count              `json:"messages"`
}

// WindowCount is of WhatsApp's windows that closed in the period: one opens with
// a customer's message, is open for 24 h after their latest, and then only a
// template may be sent. Those of a conversation whose messages are not all read,
// and those that closed after the copy was last whole, are not counted.
type WindowCount struct {
	Account  string             `json:"account"` // "": all together
	Provider inbox.ProviderName `json:"provider"`
	Closed   int                `json:"closed"`
	// Missed are those that closed while the customer had spoken last, though
	// that may have been a "thank you".
	Missed int `json:"missed"`
	// Unclear are those where a message without a direction or a time may have
	// been the answer. They are among Closed.
	Unclear int `json:"unclear"`
}

// Coverage is what the figures know, and what not.
type Coverage struct {
	Accounts []AccountCoverage `json:"accounts"`
	// Messages of the period whose direction is not known: they are counted, as
	// that.
	UnknownDirection int `json:"unknown_direction"`
	// Messages whose own time is not known: not counted. They are of the period
	// if the one before is, or if none has a time.
	Untimed int `json:"untimed"`
	// Changes of status of the period that were seen on another day than the one
	// they were made on, perhaps: Bandeja had not looked for longer than the day.
	SeenLate int `json:"seen_late"`
}

// AccountCoverage is what is here of an account.
type AccountCoverage struct {
	Account  string             `json:"account"`
	Provider inbox.ProviderName `json:"provider"`
	Zone     string             `json:"zone"`
	AsOf     *string            `json:"as_of"`    // when the copy was last whole
	Oldest   *string            `json:"oldest"`   // the oldest message that is here
	Watching *string            `json:"watching"` // since when changes of status are seen
	Listed   bool               `json:"listed"`   // the platform's list has been read to its end
	ToRead   int64              `json:"to_read"`  // conversations whose messages are not all read yet
	Short    int64              `json:"short"`    // conversations of which the platform itself gave less than it has
}
