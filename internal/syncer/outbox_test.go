package syncer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/syncer"
)

const (
	statusField    = inbox.FieldStatus
	assigneesField = inbox.FieldAssignees
)

// Both fields of one conversation go in one PATCH after one GET, are shown at
// once and when done are the provider's.
func TestSendDone(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 41)
		id := d.open()[0]
		who := inbox.RefList([]string{d.agent(id, d.theirs(id, assigneesField))})
		a, b := d.wish(id, statusField, d.word(inbox.Resolved)), d.wish(id, assigneesField, who)
		d.shows(id, d.word(inbox.Resolved), who, cache.PendingWaits)
		flickers := 0
		d.o.Changed = func(cache.Delta) {
			ref, _ := d.cache.ThreadOf(t.Context(), "shop", id)
			if th, err := d.cache.Thread(t.Context(), ref); err != nil || th.Conversation == id && th.StatusWord != d.word(inbox.Resolved) {
				flickers++
			}
		}
		d.again()
		d.send()
		for _, e := range []cache.Enqueued{a, b} {
			if w := d.is(e.ID, cache.WishDone, ""); w.Attempts != 1 || w.DoneAt.IsZero() {
				t.Errorf("%+v", w)
			}
		}
		if d.theirs(id, statusField) != d.word(inbox.Resolved) || d.theirs(id, assigneesField) != who {
			t.Errorf("the office has %s %s", d.theirs(id, statusField), d.theirs(id, assigneesField))
		}
		d.shows(id, d.word(inbox.Resolved), who, cache.NotPending)
		if n := len(d.patches(id)); n != 1 {
			t.Errorf("%d PATCHes", n)
		}
		if flickers > 0 {
			t.Errorf("it was shown otherwise %d times on the way", flickers)
		}
		if acc, err := d.local.Account(t.Context(), "shop"); err != nil || acc.CanWrite == nil || !*acc.CanWrite {
			t.Errorf("the key may write: %v, %v", acc.CanWrite, err)
		}
		d.checkNeverBlind()
		// The row in the cache is the provider's, whole.
		target, err := d.cache.Target(t.Context(), "shop", id)
		if err != nil || target.Status != d.word(inbox.Resolved) || target.Assignees != who {
			t.Errorf("%+v, %v", target, err)
		}
	})
}

// What the provider has already costs no PATCH.
func TestSendAlreadySo(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 42)
		id := d.open()[0]
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		d.set(id, statusField, d.word(inbox.Resolved))
		d.send()
		d.is(e.ID, cache.WishDone, "")
		if n := len(d.patches(id)); n != 0 {
			t.Errorf("%d PATCHes", n)
		}
	})
}

// other is a value of a field that is none of those given.
func (d *desk) other(id, field string, not ...string) string {
	d.t.Helper()
	if field == statusField {
		for _, w := range inbox.StatusWords(d.p) {
			if !slices.Contains(not, w) && w != "expired" {
				return w
			}
		}
	}
	users := d.WaspyAgents()
	if d.p == inbox.Platica {
		c, err := d.o.Provider.Conversation(d.t.Context(), id)
		if err != nil {
			d.t.Fatal(err)
		}
		users = d.PlaticaUsers(c.Workspace)
	}
	for _, u := range append([]string{""}, users...) {
		list := inbox.RefList(slices.DeleteFunc([]string{u}, func(s string) bool { return s == "" }))
		if !slices.Contains(not, list) {
			return list
		}
	}
	d.t.Fatal("no other value")
	return ""
}

// A colleague's change of the same field is a conflict, one of the other field
// is not; and the conflict is solved by one choice.
func TestSendConflict(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		for _, field := range []string{statusField, assigneesField} {
			for _, choice := range []string{"mine", "theirs"} {
				t.Run(field+" "+choice, func(t *testing.T) {
					d := openDesk(t, p, 43)
					id := d.open()[0]
					base := d.theirs(id, field)
					mine := d.other(id, field, base)
					theirs := d.other(id, field, base, mine)
					rest := map[string]string{statusField: assigneesField, assigneesField: statusField}[field]
					restMine := d.other(id, rest, d.theirs(id, rest))
					e, o := d.wish(id, field, mine), d.wish(id, rest, restMine)
					d.set(id, field, theirs)
					d.send()
					w := d.is(e.ID, cache.WishConflict, "")
					if w.Base != base || w.Want != mine || w.Now != theirs || w.NowAt.IsZero() {
						t.Errorf("you %s, now %s, before %s: %+v", mine, theirs, base, w)
					}
					d.is(o.ID, cache.WishDone, "")
					if d.theirs(id, field) != theirs || d.theirs(id, rest) != restMine {
						t.Errorf("the office has %s and %s, want %s and %s", d.theirs(id, field), d.theirs(id, rest), theirs, restMine)
					}
					d.send() // it waits for a person
					d.is(e.ID, cache.WishConflict, "")
					if choice == "theirs" {
						if _, err := d.local.DropWish(t.Context(), e.ID); err != nil {
							t.Fatal(err)
						}
						if _, err := d.cache.ShowWishes(t.Context(), d.local, "shop", []string{id}); err != nil {
							t.Fatal(err)
						}
					} else {
						if _, err := d.local.RetryWish(t.Context(), e.ID); err != nil {
							t.Fatal(err)
						}
						d.send()
						d.is(e.ID, cache.WishDone, "")
						theirs = mine
					}
					want := map[string]string{field: theirs, rest: restMine}
					d.shows(id, want[statusField], want[assigneesField], cache.NotPending)
					if d.theirs(id, field) != theirs {
						t.Errorf("the office has %s, want %s", d.theirs(id, field), theirs)
					}
					d.checkNeverBlind()
				})
			}
		}
	})
}

// F31: colleagues change the same or the other field at any moment between the
// click and the confirmation. Ours never overwrites theirs, but for what fell
// into the gap between GET and PATCH, which is counted; the other field is
// never touched.
func TestSendRaces(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		random := seedOf(t)
		d := openDesk(t, p, 44)
		ids := d.open()
		overlaid, lost := 0, 0
		for n := range 40 {
			id := ids[n%len(ids)]
			field := []string{statusField, assigneesField}[random.IntN(2)]
			hit := []string{statusField, assigneesField}[random.IntN(2)]
			base := d.theirs(id, field)
			mine := d.other(id, field, base)
			was := d.theirs(id, hit)
			theirs := d.other(id, hit, was, mine)
			if d.theirs(id, statusField) == "expired" {
				continue
			}
			d.fill()
			e := d.wish(id, field, mine)
			at := random.IntN(5) // 0: before the GET; 1: as it comes; 2: before the PATCH; 3: after it; 4: never
			hand := sync.OnceFunc(func() { d.set(id, hit, theirs) })
			if at == 0 {
				hand()
			}
			d.between(func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case at == 1 && !isPatch(r), at == 2 && isPatch(r):
					hand()
				case at == 3 && isPatch(r):
					d.Handler().ServeHTTP(w, r)
					hand()
					return true
				}
				return false
			})
			d.send()
			d.between(nil)
			w := d.entry(e.ID)
			got := d.theirs(id, hit)
			switch {
			case at == 4, at == 3 && hit == field:
				if w.State != cache.WishDone {
					t.Errorf("round %d: %+v", n, w)
				}
			case hit == field && at < 2:
				overlaid++
				if w.State != cache.WishConflict || got != theirs {
					t.Errorf("round %d: theirs is %s, want %s: %+v", n, got, theirs, w)
				}
			case hit == field: // in the gap
				lost++
				if w.State != cache.WishDone || got != mine {
					t.Errorf("round %d: %s, %+v", n, got, w)
				}
			default:
				if w.State != cache.WishDone || got != theirs || d.theirs(id, field) != mine {
					t.Errorf("round %d: the other field is %s, want %s; %+v", n, got, theirs, w)
				}
			}
			if at == 3 && hit == field && got != theirs {
				t.Errorf("round %d: what came after ours is %s, want %s", n, got, theirs)
			}
			if w.State == cache.WishConflict {
				if _, err := d.local.DropWish(t.Context(), w.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		t.Logf("%d conflicts, %d in the gap between GET and PATCH", overlaid, lost)
		d.checkNeverBlind()
	})
}

// The answer to a PATCH is lost, with or without its effect: the next look
// tells, and nothing is done twice.
func TestSendLostReply(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		for _, effect := range []bool{true, false} {
			for name, lose := range map[string]func(w http.ResponseWriter){
				"cut": func(w http.ResponseWriter) { cut(t, w) },
				"500": func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
				"503": func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
				"408": func(w http.ResponseWriter) { w.WriteHeader(http.StatusRequestTimeout) },
				"portal": func(w http.ResponseWriter) {
					w.Header().Set("Content-Type", "text/html")
					_, _ = io.WriteString(w, "<html>hello")
				},
				"half": func(w http.ResponseWriter) {
					w.Header().Set("Content-Length", "500")
					_, _ = io.WriteString(w, `{"data":{"id":`)
				},
			} {
				t.Run(fmt.Sprint(name, effect), func(t *testing.T) {
					d := openDesk(t, p, 45)
					id := d.open()[0]
					e := d.wish(id, statusField, d.word(inbox.Resolved))
					d.between(func(w http.ResponseWriter, r *http.Request) bool {
						if !isPatch(r) {
							return false
						}
						if effect {
							d.handle(r)
						}
						lose(w)
						return true
					})
					if err := d.sender.Once(t.Context()); err != nil && !providers.Temporary(err) {
						t.Fatal(err)
					}
					if w := d.entry(e.ID); w.State != cache.WishUnknown {
						t.Fatalf("%+v", w)
					}
					// Somebody changes their mind meanwhile: that waits behind.
					d.shows(id, d.word(inbox.Resolved), d.theirs(id, assigneesField), cache.PendingWaits)
					d.between(nil)
					d.again()
					d.send()
					d.is(e.ID, cache.WishDone, "")
					if n := d.Effects(string(p), id, statusField); n != 1 {
						t.Errorf("%d effects", n)
					}
					d.checkNeverBlind()
				})
			}
		}
	})
}

// Of unknown outcome, and a colleague has changed it since: asked, not
// overwritten.
func TestSendUnknownConflict(t *testing.T) {
	d := openDesk(t, inbox.Waspy, 46)
	id := d.open()[0]
	e := d.wish(id, statusField, "resolved")
	d.between(func(w http.ResponseWriter, r *http.Request) bool {
		if isPatch(r) {
			d.handle(r)
			cut(t, w)
		}
		return isPatch(r)
	})
	if err := d.sender.Once(t.Context()); !errors.Is(err, providers.ErrUnreachable) {
		t.Fatal(err)
	}
	behind := d.wish(id, statusField, "closed")
	if behind.Base != "resolved" || behind.ID == e.ID {
		t.Fatalf("%+v", behind)
	}
	d.set(id, statusField, "pending")
	d.between(nil)
	d.send()
	// The first gave way to the second, which is now the one that asks.
	if w := d.is(behind.ID, cache.WishConflict, ""); w.Base != "open" || w.Now != "pending" {
		t.Errorf("%+v", w)
	}
	if _, err := d.local.OutboxEntry(t.Context(), e.ID); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("the first is still there: %v", err)
	}
	if got := d.theirs(id, statusField); got != "pending" {
		t.Errorf("the office has %s", got)
	}
}

// What an answer other than yes makes of an entry.
func TestSendRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, to string // which request, "GET" or "PATCH"
		status   int
		state    cache.WishState
		reason   string
		err      error // what stops the account
		canWrite string
	}{
		{"key refused", "GET", 401, cache.WishParked, cache.ReasonKey, providers.ErrRefused, ""},
		{"key refused", "PATCH", 401, cache.WishParked, cache.ReasonKey, providers.ErrRefused, ""},
		{"may not read", "GET", 403, cache.WishParked, cache.ReasonForbidden, providers.ErrForbidden, ""},
		{"may not write", "PATCH", 403, cache.WishParked, cache.ReasonForbidden, providers.ErrForbidden, "no"},
		{"gone", "GET", 404, cache.WishRefused, cache.ReasonGone, nil, ""},
		{"gone", "PATCH", 404, cache.WishRefused, cache.ReasonGone, nil, ""},
		{"invalid", "PATCH", 422, cache.WishRefused, cache.ReasonRejected, nil, ""},
		{"bad", "PATCH", 400, cache.WishRefused, cache.ReasonRejected, nil, ""},
		{"too many", "GET", 429, cache.WishParked, cache.ReasonLimited, providers.ErrLimited, ""},
		{"too many", "PATCH", 429, cache.WishParked, cache.ReasonLimited, providers.ErrLimited, ""},
		{"failing", "GET", 500, cache.WishParked, cache.ReasonFailing, nil, ""},
		{"failing", "PATCH", 500, cache.WishUnknown, cache.ReasonFailing, nil, ""},
	} {
		each(t, func(t *testing.T, p inbox.ProviderName) {
			t.Run(fmt.Sprint(tt.name, tt.to), func(t *testing.T) {
				d := openDesk(t, p, 47)
				id := d.open()[0]
				theirs := d.theirs(id, statusField)
				e := d.wish(id, statusField, d.word(inbox.Resolved))
				d.between(func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == tt.to {
						w.WriteHeader(tt.status)
					}
					return r.Method == tt.to
				})
				if err := d.sender.Once(t.Context()); !errors.Is(err, tt.err) {
					t.Errorf("%v, want %v", err, tt.err)
				}
				d.is(e.ID, tt.state, tt.reason)
				acc, err := d.local.Account(t.Context(), "shop")
				if err != nil || (acc.CanWrite == nil) != (tt.canWrite == "") || acc.CanWrite != nil && *acc.CanWrite {
					t.Errorf("may write: %v, %v", acc.CanWrite, err)
				}
				if tt.state == cache.WishRefused { // rolled back, and it says so
					d.shows(id, theirs, d.theirs(id, assigneesField), cache.PendingAsks)
				} else {
					d.shows(id, d.word(inbox.Resolved), d.theirs(id, assigneesField), cache.PendingWaits)
				}
				d.between(nil)
				before := d.Requests()
				d.send()
				if byKey := tt.status == 401 || tt.status == 403; byKey != (d.Requests() == before && d.entry(e.ID).State == cache.WishParked) {
					t.Errorf("tried again: %v, and it is %s", d.Requests() > before, d.entry(e.ID).State)
				}
				if tt.state == cache.WishRefused {
					if _, err := d.local.RetryWish(t.Context(), e.ID); err != nil {
						t.Fatal(err)
					}
				}
				d.again() // with another key
				d.send()
				d.is(e.ID, cache.WishDone, "")
				if n := d.Effects(string(p), id, statusField); n != 1 {
					t.Errorf("%d effects", n)
				}
			})
		})
	}
}

// One of two fields is refused: the other goes through by itself.
func TestSendApart(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 48)
		id := d.open()[0]
		s, a := d.wish(id, statusField, d.word(inbox.Resolved)), d.wish(id, assigneesField, `["nobody-here"]`)
		d.send()
		d.is(s.ID, cache.WishDone, "")
		if w := d.entry(a.ID); w.State != cache.WishRefused || !strings.HasPrefix(w.Reason, cache.ReasonRejected) {
			t.Errorf("%+v", w)
		}
		if d.theirs(id, statusField) != d.word(inbox.Resolved) {
			t.Error("the status was not changed")
		}
		d.checkNeverBlind()
	})
}

// A 202 is another Bandeja's word: not done until a GET shows it.
func TestSendAccepted(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 49)
		id := d.open()[0]
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		d.between(func(w http.ResponseWriter, r *http.Request) bool {
			if isPatch(r) {
				w.WriteHeader(http.StatusAccepted)
			}
			return isPatch(r)
		})
		d.send()
		d.is(e.ID, cache.WishConfirming, cache.ReasonAccepted)
		d.send()
		d.is(e.ID, cache.WishConfirming, cache.ReasonAccepted)
		d.again()
		d.send()
		d.is(e.ID, cache.WishConfirming, cache.ReasonAccepted)
		if n := d.entry(e.ID).Attempts; n != 1 {
			t.Errorf("%d PATCHes", n)
		}
		d.set(id, statusField, d.word(inbox.Resolved))
		d.send()
		d.is(e.ID, cache.WishDone, "")
	})
}

// One call of Plática's may touch several conversations: all are recorded, and
// the others are read soon.
func TestSendTouchesSeveral(t *testing.T) {
	d := openDesk(t, inbox.Platica, 50)
	ids := d.open()
	e := d.wish(ids[0], statusField, "expired")
	d.between(func(w http.ResponseWriter, r *http.Request) bool {
		if !isPatch(r) {
			return false
		}
		d.handle(r)
		d.set(ids[1], statusField, "expired")
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"ids": []string{ids[0], ids[1]}}})
		return true
	})
	d.send()
	if w := d.is(e.ID, cache.WishDone, ""); !slices.Equal(w.Touched, ids[:2]) || w.CanUndo() {
		t.Errorf("%+v", w)
	}
	if due, err := d.cache.Lookups(t.Context(), "shop", time.Now(), 10); err != nil || !slices.Equal(due, ids[1:2]) {
		t.Errorf("%v is looked up, %v", due, err)
	}
}

// SYNC I5: a page that was asked for before our change was confirmed comes
// late, and does not undo it.
func TestSendLatePage(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 51)
		id := d.open()[0]
		ctx := t.Context()
		begun, err := d.cache.NextFetch(ctx, "shop")
		if err != nil {
			t.Fatal(err)
		}
		early, err := d.o.Provider.Newest(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		// Another begins while the PATCH is under way, and reads before it.
		var during inbox.Page[inbox.Conversation]
		var begunDuring int64
		d.between(func(w http.ResponseWriter, r *http.Request) bool {
			if isPatch(r) {
				d.between(nil)
				begunDuring, _ = d.cache.NextFetch(ctx, "shop")
				during, _ = d.o.Provider.Newest(ctx, nil)
			}
			return false
		})
		d.send()
		d.is(e.ID, cache.WishDone, "")
		for _, late := range []struct {
			page  inbox.Page[inbox.Conversation]
			begun int64
		}{{early, begun}, {during, begunDuring}} {
			if len(late.page.Items) == 0 {
				t.Fatal("no page")
			}
			if _, err := d.cache.SaveConversations(ctx, "shop", late.page, nil, late.begun); err != nil {
				t.Fatal(err)
			}
			d.shows(id, d.word(inbox.Resolved), d.theirs(id, assigneesField), cache.NotPending)
		}
	})
}

// A colleague changes it right after us, and a page that began meanwhile has
// seen that: the reply to our PATCH is older, and does not hide it.
func TestSendOvertaken(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 57)
		id := d.open()[0]
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		theirs := d.other(id, statusField, d.word(inbox.Open), d.word(inbox.Resolved))
		d.between(func(w http.ResponseWriter, r *http.Request) bool {
			if !isPatch(r) {
				return false
			}
			d.between(nil)
			rec := httptest.NewRecorder()
			d.Handler().ServeHTTP(rec, r)
			d.set(id, statusField, theirs)
			d.fill()
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
			return true
		})
		d.send()
		if w := d.is(e.ID, cache.WishDone, ""); w.Now != theirs {
			t.Errorf("done, and overtaken by %s: %+v", theirs, w)
		}
		d.shows(id, theirs, d.theirs(id, assigneesField), cache.NotPending)
	})
}

// The program ends while a PATCH is under way: it may have left, and another
// wish waits behind it rather than in its place.
func TestSendStopped(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 58)
		id := d.open()[0]
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		ctx, stop := context.WithCancel(t.Context())
		d.between(func(w http.ResponseWriter, r *http.Request) bool {
			if !isPatch(r) {
				return false
			}
			d.handle(r)
			stop()
			<-r.Context().Done()
			return true
		})
		if err := d.sender.Once(ctx); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		d.is(e.ID, cache.WishUnknown, "")
		d.between(nil)
		back := d.wish(id, statusField, d.word(inbox.Open))
		if back.Outcome != cache.Added || back.Base != d.word(inbox.Resolved) {
			t.Fatalf("%+v", back)
		}
		d.again()
		d.send()
		d.is(e.ID, cache.WishDone, "")
		d.is(back.ID, cache.WishDone, "")
		if got := d.theirs(id, statusField); got != d.word(inbox.Open) || d.Effects(string(p), id, statusField) != 2 {
			t.Errorf("the office has %s after %d effects", got, d.Effects(string(p), id, statusField))
		}
		d.checkNeverBlind()
	})
}

// A round that is cut short between the GET and what follows from it keeps
// neither its entry nor any other from the next round of the same Sender.
func TestSendCutShort(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 59)
		id := d.open()[0]
		rest := d.other(id, assigneesField, d.theirs(id, assigneesField))
		ctx, stop := context.WithCancel(t.Context())
		d.o.Changed = func(cache.Delta) {
			if ctx.Err() == nil {
				stop()
			}
		}
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		d.set(id, assigneesField, rest) // the GET has something to save, and to tell
		d.again()
		if err := d.sender.Once(ctx); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		d.send()
		d.is(e.ID, cache.WishDone, "")
		d.checkNeverBlind()
	})
}

// What a round could not write down of an entry, the disk being full, is asked
// for by the next one: it may have been sent.
func TestSendLeftSending(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 60)
		id := d.open()[0]
		d.send() // recovered
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		left := []cache.Wish{e.Wish}
		for _, to := range []cache.WishState{cache.WishChecking, cache.WishSending} {
			var err error
			if left, err = d.local.MoveWishes(t.Context(), left, to, cache.WishNote{}); err != nil || len(left) != 1 {
				t.Fatal(left, err)
			}
		}
		d.set(id, statusField, d.word(inbox.Resolved)) // it had taken effect
		d.send()
		d.is(e.ID, cache.WishDone, "")
		if n := len(d.patches(id)); n != 0 {
			t.Errorf("%d PATCHes", n)
		}
	})
}

// Several conversations are changed side by side, at most four, and one after
// the other each.
func TestSendSideBySide(t *testing.T) {
	d := openDesk(t, inbox.Waspy, 52)
	var now, most atomic.Int64
	d.between(func(w http.ResponseWriter, r *http.Request) bool {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		time.Sleep(5 * time.Millisecond)
		d.Handler().ServeHTTP(w, r)
		return true
	})
	var all []cache.Enqueued
	for _, id := range d.open() {
		all = append(all, d.wish(id, statusField, "resolved"), d.wish(id, assigneesField, d.other(id, assigneesField, d.theirs(id, assigneesField))))
	}
	d.send()
	for _, e := range all {
		d.is(e.ID, cache.WishDone, "")
	}
	if n := most.Load(); n < 2 || n > 4 {
		t.Errorf("%d requests side by side", n)
	}
	d.checkNeverBlind()
}

// A wish that is replaced while the provider is being asked is not sent as it
// was.
func TestSendReplacedMeanwhile(t *testing.T) {
	d := openDesk(t, inbox.Waspy, 53)
	id := d.open()[0]
	e := d.wish(id, statusField, "resolved")
	d.between(func(w http.ResponseWriter, r *http.Request) bool {
		d.between(nil)
		if again := d.wish(id, statusField, "closed"); again.ID != e.ID || again.Outcome != cache.Replaced {
			t.Errorf("%+v", again)
		}
		return false
	})
	d.send()
	if n := len(d.patches(id)); n != 0 {
		t.Errorf("%d PATCHes of what was not wished any more", n)
	}
	d.send()
	d.is(e.ID, cache.WishDone, "")
	if got := d.theirs(id, statusField); got != "closed" {
		t.Errorf("the office has %s", got)
	}
}

// Undo, and undo of that, go the same way as any wish.
func TestSendUndoChain(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 54)
		id := d.open()[0]
		last := d.wish(id, statusField, d.word(inbox.Resolved))
		d.send()
		for i := range 3 {
			u, err := d.local.UndoWish(t.Context(), last.ID, d.theirs(id, statusField), "")
			if err != nil {
				t.Fatal(err)
			}
			d.send()
			d.is(u.ID, cache.WishDone, "")
			want := []string{d.word(inbox.Open), d.word(inbox.Resolved)}[i%2]
			if got := d.theirs(id, statusField); got != want {
				t.Errorf("undo %d: the office has %s, want %s", i, got, want)
			}
			last = u
		}
		d.checkNeverBlind()
	})
}

// The loop sends first, and a key that may read and not write is no failure of
// the copy.
func TestLoopSends(t *testing.T) {
	each(t, func(t *testing.T, p inbox.ProviderName) {
		d := openDesk(t, p, 55)
		id := d.open()[0]
		e := d.wish(id, statusField, d.word(inbox.Resolved))
		loop := syncer.New(syncer.Options{Account: d.o.Account, Provider: d.o.Provider, Cache: d.cache, Outbox: d.sender})
		d.between(func(w http.ResponseWriter, r *http.Request) bool {
			if isPatch(r) {
				w.WriteHeader(http.StatusForbidden)
			}
			return isPatch(r)
		})
		if err := loop.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		d.is(e.ID, cache.WishParked, cache.ReasonForbidden)
		d.between(nil)
		if _, err := d.local.RetryWish(t.Context(), e.ID); err != nil {
			t.Fatal(err)
		}
		if err := loop.Once(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		d.is(e.ID, cache.WishDone, "")
		// And a running one sends at once when it is woken.
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { loop.Run(ctx) })
		defer running.Wait()
		defer stop()
		u, err := d.local.UndoWish(t.Context(), e.ID, d.word(inbox.Resolved), "")
		if err != nil {
			t.Fatal(err)
		}
		d.sender.Wake()
		for end := time.Now().Add(20 * time.Second); d.entry(u.ID).State != cache.WishDone; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%+v", d.entry(u.ID))
			}
		}
	})
}

// sendOnce is the other process: it sends its outbox, as the program does.
func sendOnce(c child) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	db, err := cache.OpenCache(ctx, c.Dir+"/cache.db", cache.ReadWrite)
	if err != nil {
		return err
	}
	local, err := cache.OpenLocal(ctx, c.Dir+"/local.db", cache.ReadWrite)
	if err != nil {
		return err
	}
	p, err := newClient(c.Provider, c.Base, c.Key)
	if err != nil {
		return err
	}
	s := syncer.NewSender(syncer.SenderOptions{Account: account(c.Provider), Provider: p, Cache: db, Local: local})
	return errors.Join(s.Once(ctx), p.Close(), db.Close(), local.Close())
}

// kills around a PATCH, each so often; BANDEJA_TEST_KILLS for more.
func killsEach(t *testing.T) int {
	n := 20
	if given := os.Getenv("BANDEJA_TEST_KILLS"); given != "" {
		var err error
		if n, err = strconv.Atoi(given); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// F3: the process is killed around a PATCH: before it was sent, when it has
// taken effect and before the answer, and after the answer, before it could be
// noted. The next start finds out by looking: one effect, and none over what
// a colleague did meanwhile.
func TestKilledSending(t *testing.T) {
	for _, point := range []string{"before", "between", "after"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			random := seedOf(t)
			for n := range killsEach(t) {
				p := platforms[n%2]
				v := openOffice(t, simulator.Options{Seed: 56 + uint64(n), Conversations: 30, Messages: 60, History: true})
				killedSending(t, v, p, point, random)
				v.server.Close()
			}
		})
	}
}

func killedSending(t *testing.T, v *office, p inbox.ProviderName, point string, random *rand.Rand) {
	t.Helper()
	dir := t.TempDir()
	var id, base, mine, entry string
	var d *desk
	t.Run("prepare", func(t *testing.T) { // its files are closed when it ends
		d = newDesk(t, v, p, dir)
		ids := d.open()
		id = ids[random.IntN(len(ids))]
		base, mine = d.theirs(id, statusField), d.word(inbox.Resolved)
		entry = d.wish(id, statusField, mine).ID
	})
	pause := time.Duration(random.IntN(4000)) * time.Microsecond
	atGet := point == "before" && random.IntN(2) == 0
	killed := v.killWhen(t, child{Dir: dir, Provider: p, Base: v.base(p), Key: v.key(p), Send: true}, func(w http.ResponseWriter, r *http.Request, kill func()) bool {
		switch {
		case point == "before" && isPatch(r) != atGet:
			kill()
			return true
		case point == "between" && isPatch(r):
			v.handle(r)
			kill()
			return true
		case point == "after" && isPatch(r):
			rec := httptest.NewRecorder()
			v.Handler().ServeHTTP(rec, r)
			for k, h := range rec.Header() {
				w.Header()[k] = h
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
			_ = http.NewResponseController(w).Flush()
			time.Sleep(pause)
			kill()
			return true
		}
		return false
	})
	if !killed && point != "after" {
		t.Fatal("it was not killed")
	}
	effects := map[string]int{"before": 0, "between": 1, "after": 1}[point]
	if n := v.Effects(string(p), id, statusField); n != effects {
		t.Fatalf("%d effects at the kill, want %d", n, effects)
	}
	meddled := random.IntN(3) == 0
	theirs := ""
	t.Run("again", func(t *testing.T) {
		d.t = t
		d.cache, d.local = openCache(t, dir), openLocal(t, dir, account(p))
		d.o.Cache, d.o.Local, d.o.Provider = d.cache, d.local, client(t, p, v.base(p), v.key(p))
		if meddled {
			theirs = d.other(id, statusField, base, mine)
			d.set(id, statusField, theirs)
		}
		d.again()
		d.send()
		w := d.entry(entry)
		got := d.theirs(id, statusField)
		switch {
		case !meddled:
			if w.State != cache.WishDone || got != mine || v.Effects(string(p), id, statusField) != 1 {
				t.Errorf("%d effects, the office has %s: %+v", v.Effects(string(p), id, statusField), got, w)
			}
		case got != theirs:
			t.Errorf("a colleague chose %s, and the office has %s: %+v", theirs, got, w)
		case w.State != cache.WishConflict && w.State != cache.WishDone:
			t.Errorf("%+v", w)
		case point != "after" && w.State != cache.WishConflict:
			t.Errorf("nobody was asked: %+v", w)
		}
		d.checkNeverBlind()
	})
}
