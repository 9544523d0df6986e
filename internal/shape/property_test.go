package shape_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bandeja/internal/inbox"
	"bandeja/internal/providers/providertest"
)

// The model is the office's own lists, filtered and sorted the plain way.

// chatModel is what GET /conversations of Waspy must give, in order.
func chatModel(t testing.TB, all []json.RawMessage, status, search string) (out []string) {
	t.Helper()
	chats := read[chat](t, all)
	slices.SortFunc(chats, func(a, b chat) int { return -cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(a.ID, b.ID)) })
	for _, c := range chats {
		if (status == "" || c.Status == status) && (search == "" || strings.Contains(plain(c.Contact.Name), plain(search)) || len(search) > 2 && digits(search) == search && strings.Contains(digits(c.Contact.PhoneNumber), search)) {
			out = append(out, c.ID)
		}
	}
	return out
}

func at(c chat) string {
	if c.LastMessageAt == nil {
		return ""
	}
	return *c.LastMessageAt
}

// plain is a name without accents, case and punctuation.
func plain(name string) string {
	name = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n", "ç", "c", "ã", "a", "õ", "o", "ê", "e", "â", "a", "ô", "o").Replace(strings.ToLower(name))
	words := strings.FieldsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, " ")
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// TestWaspyListsAreTheModels: every combination of the filters, by pages of any
// size, gives what the platform's own list would, whole and in order, as it was
// received.
func TestWaspyListsAreTheModels(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 120, messages: 900, seed: 3})
	a := h.token(t, "reader", both)
	held := byID(t, h.office.WaspyConversations())
	var words []string
	for _, c := range read[chat](t, h.office.WaspyConversations()) {
		if name := plain(c.Contact.Name); len(name) > 4 {
			words = append(words, name[:3], name[1:4], strings.Fields(name)[0])
		}
		if d := digits(c.Contact.PhoneNumber); len(d) > 8 {
			words = append(words, d[len(d)-4:], d[2:9])
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		status := rapid.SampledFrom(append([]string{""}, inbox.StatusWords(inbox.Waspy)...)).Draw(rt, "status")
		search := rapid.SampledFrom(append([]string{"", "", "zzzz", "?"}, words...)).Draw(rt, "search")
		limit := rapid.IntRange(1, 100).Draw(rt, "limit")
		want := chatModel(t, h.office.WaspyConversations(), status, search)
		if search == "?" {
			want = nil
		}
		q := url.Values{"limit": {fmt.Sprint(limit)}}
		if status != "" {
			q.Set("status", status)
		}
		if search != "" {
			q.Set("search", search)
		}
		var got []string
		for {
			var page chatPage
			a.get(t, "/waspy/api/v2/conversations?"+q.Encode(), &page)
			for _, raw := range page.Data {
				id := read[chat](t, []json.RawMessage{raw})[0].ID
				if !providertest.EqualJSON(raw, held[id]) {
					rt.Fatalf("%s is not as it was received:\n%s\n%s", id, raw, held[id])
				}
				got = append(got, id)
			}
			if len(page.Data) > limit || page.Meta.HasMore && len(page.Data) != limit {
				rt.Fatalf("a page of %d, of %d asked, more: %v", len(page.Data), limit, page.Meta.HasMore)
			}
			if !page.Meta.HasMore {
				break
			}
			q.Set("cursor", *page.Meta.Cursor)
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("status %q, search %q: %v, want %v", status, search, got, want)
		}
	})
}

type chatPage struct {
	Data []json.RawMessage
	Meta struct {
		RequestID string
		Cursor    *string
		HasMore   bool
	}
}

type sessionPage struct {
	Workspaces []struct {
		ID, Name           string
		Conversations      []json.RawMessage
		ConversationsCount int
		Pagination         *struct {
			Limit, Offset int
			HasMore       bool
		}
	}
}

func byID(t testing.TB, all []json.RawMessage) map[string]json.RawMessage {
	t.Helper()
	out := map[string]json.RawMessage{}
	for i, c := range read[struct{ ID string }](t, all) {
		out[c.ID] = all[i]
	}
	return out
}

// sessionModel is what a workspace's part of Plática's list must hold, sorted by
// a time, and by id where that is equal.
func sessionModel(all []session, workspace, channel string, tags []string, from, to string, created, ascending bool) (out []string) {
	key := func(s session) string {
		if created {
			return stamp(s.CreationDate)
		}
		return stamp(s.LastUpdate)
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b session) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.ID, b.ID)) })
	if !ascending {
		slices.Reverse(all)
	}
	for _, s := range all {
		day := stamp(s.CreationDate)
		day = day[:min(10, len(day))]
		if s.WorkspaceID == workspace && (channel == "" || s.ChannelID == channel) && (from == "" || day >= from && day <= to) &&
			(len(tags) == 0 || slices.ContainsFunc(s.Tags, func(tag string) bool { return slices.Contains(tags, tag) })) {
			out = append(out, s.ID)
		}
	}
	return out
}

// stamp is a time as it is compared: in UTC, to the millisecond.
func stamp(text string) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// TestPlaticaListsAreTheModels: as TestWaspyListsAreTheModels, of Plática's.
func TestPlaticaListsAreTheModels(t *testing.T) {
	h := newHub(t, hubOptions{conversations: 160, messages: 900, seed: 5})
	a := h.token(t, "reader", both)
	held := byID(t, h.office.PlaticaConversations())
	all := read[session](t, h.office.PlaticaConversations())
	channels, tags, days := []string{"", "", "nowhere"}, []string{"no-such-tag"}, []string{}
	for _, s := range all {
		channels, days = append(channels, s.ChannelID), append(days, stamp(s.CreationDate)[:10])
		tags = append(tags, s.Tags...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		limit, offset := rapid.IntRange(1, 200).Draw(rt, "limit"), rapid.IntRange(0, 60).Draw(rt, "offset")
		channel := rapid.SampledFrom(channels).Draw(rt, "channel")
		created, ascending := rapid.Bool().Draw(rt, "created"), rapid.Bool().Draw(rt, "ascending")
		some := rapid.SliceOfN(rapid.SampledFrom(tags), 0, 3).Draw(rt, "tags")
		q := url.Values{"limit": {fmt.Sprint(limit)}, "offset": {fmt.Sprint(offset)}}
		if channel != "" {
			q.Set("channelId", channel)
		}
		if created {
			q.Set("sortBy", "creationDate")
		}
		if ascending {
			q.Set("sortDirection", "asc")
		}
		if rapid.Bool().Draw(rt, "csv") && len(some) > 0 {
			q.Set("tags", strings.Join(some, ","))
		} else {
			q["tags"] = some
		}
		from, to := "", ""
		switch rapid.IntRange(0, 2).Draw(rt, "dates") {
		case 1:
			from = rapid.SampledFrom(days).Draw(rt, "day")
			to = from
			q.Set("dateFilter", `{"type":"specific","date":"`+from+`"}`)
		case 2:
			from, to = rapid.SampledFrom(days).Draw(rt, "from"), rapid.SampledFrom(days).Draw(rt, "to")
			from, to = min(from, to), max(from, to)
			q.Set("dateFilter", `{"type":"range","startDate":"`+from+`","endDate":"`+to+`"}`)
		}
		var page sessionPage
		a.get(t, "/platica/v1/conversations?"+q.Encode(), &page)
		if len(page.Workspaces) == 0 {
			rt.Fatal("no workspaces")
		}
		for _, w := range page.Workspaces {
			want := sessionModel(all, w.ID, channel, some, from, to, created, ascending)
			more := len(want) > offset+limit
			want = want[min(offset, len(want)):min(offset+limit, len(want))]
			var got []string
			for _, raw := range w.Conversations {
				id := read[session](t, []json.RawMessage{raw})[0].ID
				if !providertest.EqualJSON(raw, held[id]) {
					rt.Fatalf("%s is not as it was received:\n%s\n%s", id, raw, held[id])
				}
				got = append(got, id)
			}
			if !slices.Equal(got, want) || w.ConversationsCount != len(want) || w.Pagination.HasMore != more || w.Pagination.Limit != limit || w.Pagination.Offset != offset {
				rt.Fatalf("%s?%s: %v of %d, %+v, want %v, more %v", w.ID, q.Encode(), got, w.ConversationsCount, w.Pagination, want, more)
			}
		}
	})
}
