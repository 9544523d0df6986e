package providertest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
)

func testCheck(t *testing.T, o *office) {
	checked, err := o.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := o.held(t)
	if n := len(checked.Sample); n == 0 || n > 10 {
		t.Errorf("a sample of %d", n)
	}
	for _, conv := range checked.Sample {
		if !EqualJSON(conv.Raw, held[conv.ID]) {
			t.Errorf("%s is not as the server has it", conv.ID)
		}
	}
	if n := o.Usage().Requests; n != 1 {
		t.Errorf("%d requests for one look", n)
	}
}

func testNewest(t *testing.T, o *office) {
	convs := wholeWalk(t, o, o.Newest)
	last := map[string]time.Time{}
	for _, conv := range convs {
		if before, ok := last[conv.Workspace]; ok && conv.ActiveAt.After(before) {
			t.Errorf("%s, active at %v, comes after one of %v", conv.ID, conv.ActiveAt, before)
		}
		last[conv.Workspace] = conv.ActiveAt
	}
}

func testSweep(t *testing.T, o *office) { wholeWalk(t, o, o.Sweep) }

// testOpen: every open conversation comes, back to a time and beyond it, none
// that is not of the list, and the last page says how far back it went.
func testOpen(t *testing.T, o *office) {
	held := o.held(t)
	var open []inbox.Conversation
	for _, conv := range wholeWalk(t, o, o.Sweep) {
		if conv.Status == inbox.Open || conv.Status == inbox.Pending {
			open = append(open, conv)
		}
	}
	if len(open) < 3 {
		t.Fatalf("an office with %d open conversations tests little", len(open))
	}
	slices.SortFunc(open, func(a, b inbox.Conversation) int { return b.ActiveAt.Compare(a.ActiveAt) })
	for _, since := range []time.Time{{}, open[len(open)/2].ActiveAt, open[0].ActiveAt.Add(time.Hour)} {
		came := map[string]bool{}
		var back time.Time
		pages := walk(t, func(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
			page, err := o.Open(ctx, since, from)
			back = page.BackTo
			return page.Page, err
		})
		for _, page := range pages {
			for _, conv := range page.Items {
				came[conv.ID] = true
				if !EqualJSON(conv.Raw, held[conv.ID]) {
					t.Errorf("%s is not as the server has it", conv.ID)
				}
			}
		}
		if !back.IsZero() && !back.Before(since) {
			t.Errorf("it went back to %v, and was to go to %v", back, since)
		}
		for _, conv := range open {
			if conv.ActiveAt.After(back) && !came[conv.ID] {
				t.Errorf("back to %v: %s, active at %v, did not come", back, conv.ID, conv.ActiveAt)
			}
		}
	}
}

// wholeWalk checks that a walk gives every conversation as the server holds
// it, and returns them in order of their first coming.
func wholeWalk(t *testing.T, o *office, next walker) []inbox.Conversation {
	t.Helper()
	held := o.held(t)
	found := map[string]inbox.Conversation{}
	var order []inbox.Conversation
	for _, page := range walk(t, next) {
		for _, conv := range page.Items {
			if before, again := found[conv.ID]; again {
				if before.Version != conv.Version {
					t.Errorf("%s changed its version on a quiet server", conv.ID)
				}
				continue
			}
			found[conv.ID] = conv
			order = append(order, conv)
			if !EqualJSON(conv.Raw, held[conv.ID]) {
				t.Errorf("%s is not as the server has it:\n%s\n%s", conv.ID, conv.Raw, held[conv.ID])
			}
			checkConversation(t, o.Name(), conv, inbox.Listed)
		}
	}
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, o.ids(t)) {
		t.Errorf("found %d of %d conversations", len(got), len(held))
	}
	return order
}

// checkConversation holds a conversation to what inbox says of its fields.
func checkConversation(t *testing.T, name inbox.ProviderName, conv inbox.Conversation, form inbox.Form) {
	t.Helper()
	switch {
	case conv.ID == "" || conv.Version == "":
		t.Errorf("%q has no id or version", conv.ID)
	case conv.Form != form:
		t.Errorf("%s is in %s form, want %s", conv.ID, conv.Form, form)
	case conv.Status != inbox.StatusOf(name, conv.StatusWord):
		t.Errorf("%s: status %s for %q", conv.ID, conv.Status, conv.StatusWord)
	case conv.MessageCount < -1:
		t.Errorf("%s: message count %d", conv.ID, conv.MessageCount)
	case len(conv.LastText) > 6 && strings.Contains(conv.Version, conv.LastText):
		t.Errorf("%s: the version tells the last text", conv.ID)
	}
	for _, at := range []time.Time{conv.CreatedAt, conv.ActiveAt, conv.LastMessageAt, conv.Window.Until} {
		if at.Location() != time.UTC {
			t.Errorf("%s: a time that is not UTC: %v", conv.ID, at)
		}
	}
}

func testConversation(t *testing.T, o *office) {
	listed := map[string]inbox.Conversation{}
	for _, conv := range wholeWalk(t, o, o.Sweep) {
		listed[conv.ID] = conv
	}
	for id, raw := range o.held(t) {
		conv, err := o.Conversation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		checkConversation(t, o.Name(), conv, inbox.Read)
		if conv.ID != id || !EqualJSON(Without(conv.Raw, "messages"), Without(raw, "messages")) {
			t.Errorf("%s is not as the server has it", id)
		}
		if o.Name() == inbox.Platica && !EqualJSON(conv.Raw, Without(conv.Raw, "messages")) {
			t.Errorf("%s: the read form holds its messages", id)
		}
		if conv.Version != listed[id].Version {
			t.Errorf("%s has one version in the list and another read alone", id)
		}
	}
}

func testMessages(t *testing.T, o *office) {
	total := 0
	for _, id := range o.ids(t) {
		var got []inbox.Message
		pages := readAll(t, o, id, nil)
		for _, page := range pages {
			got = append(got, page.Items...)
			if page.Short {
				t.Errorf("%s: said to be short, and is whole", id)
			}
			if page.Conversation != nil {
				checkConversation(t, o.Name(), *page.Conversation, inbox.Read)
			}
		}
		if len(pages[len(pages)-1].Keep) == 0 {
			t.Errorf("%s: no mark to keep at the end", id)
		}
		checkMessages(t, id, got)
		want := o.HeldMessages(id)
		total += len(want)
		if len(got) != len(want) {
			t.Errorf("%s: %d messages of %d", id, len(got), len(want))
			continue
		}
		for i, m := range got {
			if !EqualJSON(m.Raw, want[i]) {
				t.Errorf("%s: message %d is not as the server has it", id, i)
			}
		}
	}
	if total == 0 {
		t.Error("an office without messages tests little")
	}
}

// checkMessages holds messages to their order: by time, ties by Seq, no two
// alike in the millisecond that is stored.
func checkMessages(t *testing.T, id string, messages []inbox.Message) {
	t.Helper()
	type place struct {
		at  int64
		seq int
	}
	seen := map[place]bool{}
	ids := map[string]bool{}
	for i, m := range messages {
		here := place{inbox.Millis(m.At), m.Seq}
		if seen[here] || ids[m.ID] || m.ID == "" {
			t.Errorf("%s: message %d (%s) shares its place or id", id, i, m.ID)
		}
		seen[here], ids[m.ID] = true, true
		if i > 0 {
			before := place{inbox.Millis(messages[i-1].At), messages[i-1].Seq}
			if before.at > here.at || before.at == here.at && before.seq >= here.seq {
				t.Errorf("%s: message %d is out of order", id, i)
			}
		}
		if m.Conversation != id || m.Kind == "" || m.Direction == "" {
			t.Errorf("%s: message %d says %q, %q, %q", id, i, m.Conversation, m.Kind, m.Direction)
		}
	}
}

// testKeep reads on from the mark that is kept at the end: the last page comes
// again, with the same places.
func testKeep(t *testing.T, o *office) {
	long := 0
	for _, id := range o.ids(t) {
		pages := readAll(t, o, id, nil)
		last := pages[len(pages)-1]
		if len(pages) > 1 {
			long++
		}
		again := readAll(t, o, id, last.Keep)
		if len(again) != 1 {
			t.Errorf("%s: %d pages from the mark kept", id, len(again))
		}
		same := slices.EqualFunc(again[0].Items, last.Items, func(a, b inbox.Message) bool {
			return a.ID == b.ID && a.Seq == b.Seq && a.At.Equal(b.At)
		})
		if !same {
			t.Errorf("%s: the mark kept leads to other messages than the last page's", id)
		}
	}
	if o.Name() == inbox.Waspy && long == 0 {
		t.Error("no conversation of several pages: the test tests little")
	}
}

// testMarks gives every method marks that are not its own.
func testMarks(t *testing.T, o *office) {
	ids := o.ids(t)
	_, first := longest(o, ids)
	page, err := o.Messages(t.Context(), first, nil)
	if err != nil {
		t.Fatal(err)
	}
	foreign := []inbox.Mark{inbox.Mark("{"), inbox.Mark("null"), inbox.Mark(`"x"`), inbox.Mark(`{"v":999,"k":"sweep","o":5}`), inbox.Mark(`{"v":1}`), page.Keep}
	before := o.Usage().Requests
	for _, mark := range foreign {
		_, err := o.Sweep(t.Context(), mark)
		wantKind(t, "sweep from "+string(mark), err, providers.ErrMarkRefused)
		_, err = o.Newest(t.Context(), mark)
		wantKind(t, "newest from "+string(mark), err, providers.ErrMarkRefused)
	}
	for _, mark := range foreign[:len(foreign)-1] {
		_, err := o.Messages(t.Context(), first, mark)
		wantKind(t, "messages from "+string(mark), err, providers.ErrMarkRefused)
	}
	if n := o.Usage().Requests; n != before {
		t.Errorf("%d requests with marks that cannot be read", n-before)
	}
}

// longest is the conversation with most messages.
func longest(o *office, ids []string) (int, string) {
	most, first := -1, ""
	for _, id := range ids {
		if n := len(o.HeldMessages(id)); n > most {
			most, first = n, id
		}
	}
	return most, first
}

func testByPhone(t *testing.T, o *office) {
	held := o.held(t)
	for _, phone := range o.Phones {
		convs, err := o.ByPhone(t.Context(), phone.Written)
		if err != nil || convs == nil {
			t.Errorf("%q: %v, %v", phone.Written, convs, err)
		}
		var ids []string
		for _, conv := range convs {
			ids = append(ids, conv.ID)
			checkConversation(t, o.Name(), conv, inbox.Read)
			if !EqualJSON(Without(conv.Raw, "messages"), Without(held[conv.ID], "messages")) {
				t.Errorf("%q: %s is not as the server has it", phone.Written, conv.ID)
			}
		}
		for _, id := range phone.Conversations {
			if !slices.Contains(ids, id) {
				t.Errorf("%q found %q, want %s among them", phone.Written, ids, id)
			}
		}
		if len(phone.Conversations) == 0 && len(ids) > 0 {
			t.Errorf("%q found %q, want nothing", phone.Written, ids)
		}
	}
	if len(o.Phones) < 3 {
		t.Error("fewer than three numbers test little")
	}
}

func testFind(t *testing.T, o *office) {
	if o.Words.Text == "" {
		_, err := o.Find(t.Context(), "pedido", nil)
		wantKind(t, "find", err, providers.ErrUnsupported)
		if o.Usage().Requests != 0 {
			t.Error("a request for what is not offered")
		}
		return
	}
	var ids []string
	for _, page := range walk(t, func(ctx context.Context, from inbox.Mark) (inbox.Page[inbox.Conversation], error) {
		return o.Find(ctx, o.Words.Text, from)
	}) {
		for _, conv := range page.Items {
			ids = append(ids, conv.ID)
		}
	}
	slices.Sort(ids)
	want := slices.Sorted(slices.Values(o.Words.Conversations))
	if !slices.Equal(ids, want) {
		t.Errorf("%q found %q, want %q", o.Words.Text, ids, want)
	}
	if page, err := o.Newest(t.Context(), nil); err == nil && page.More {
		_, err := o.Find(t.Context(), o.Words.Text, page.Next)
		if !errors.Is(err, providers.ErrMarkRefused) {
			t.Errorf("find took a mark of another walk: %v", err)
		}
	}
}
