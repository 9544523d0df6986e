package simulator

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// An hour of a live office, in a bubble where an hour is short.
func TestLiveOffice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := New(Options{Seed: 6, Live: true})
		before := map[string]string{}
		chats, sessions := o.WaspyConversations(), o.PlaticaConversations()
		for _, row := range append(chats, sessions...) {
			before[field[string](row, "id")] = string(row)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			o.Run(ctx)
		}()
		time.Sleep(time.Hour)
		stop()
		<-done

		news, changed, statuses := 0, 0, 0
		now := time.Now().UTC().Format(millisecondsUTC)
		for _, row := range append(o.WaspyConversations(), o.PlaticaConversations()...) {
			old, ok := before[field[string](row, "id")]
			switch {
			case !ok:
				news++
			case old != string(row):
				changed++
				if field[string]([]byte(old), "status") != field[string](row, "status") {
					statuses++
				}
			}
			if at := field[string](row, "lastMessageAt"); at > now {
				t.Errorf("a message of the future: %s, now %s", at, now)
			}
			if n := field[float64](row, "messageCount"); n > 0 && int(n) != len(o.PlaticaMessages(field[string](row, "id"))) {
				t.Errorf("messageCount %v is not so: %s", n, row)
			}
		}
		if news < 10 || changed < 20 || statuses < 5 {
			t.Errorf("%d new, %d changed, %d with another status", news, changed, statuses)
		}
		if len(o.WaspyConversations()) < len(chats) || len(o.PlaticaConversations()) < len(sessions) {
			t.Error("something got lost")
		}
		if row := chats[0]; field[string](row, "contact", "name") == "María García" && before[field[string](row, "id")] != string(row) {
			t.Error("María is still waiting")
		}
	})
}

// Windows close by an event, a day after the customer's last word.
func TestLiveOfficeClosesWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := New(Options{Seed: 6, Live: true})
		time.Sleep(25 * time.Hour)
		o.mu.Lock()
		o.closeWindows()
		o.mu.Unlock()
		for _, row := range o.PlaticaConversations() {
			if field[bool](row, "canSendDirectMessage") {
				t.Errorf("still open: %s", row)
			}
			if field[string](row, "status") == "active" && field[string](row, "operation") == "automatic" {
				t.Errorf("not expired: %s", row)
			}
		}
	})
}

func TestRunWithoutLiveOnlyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := New(Options{Seed: 6, Conversations: 20})
		before := everything(o)
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		o.Run(ctx)
		for i, now := range everything(o) {
			if now != before[i] {
				t.Fatalf("changed: %s", now)
			}
		}
	})
}
