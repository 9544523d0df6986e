package waspy

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/shape"
)

// single is GET /conversations/:id.
func (r *request) single(id string) error {
	c, err := r.desk.Find(r.Context(), r.caller, inbox.Waspy, id)
	if err != nil {
		return err
	}
	if _, err := shape.Query(r.Request); err != nil {
		return err
	}
	return r.sendOne(http.StatusOK, r.object(&c))
}

// byPhone is GET /conversations/by-phone/:phone: of several conversations the
// newest.
func (r *request) byPhone(written string) error {
	if _, err := shape.Query(r.Request); err != nil {
		return err
	}
	found, known, err := r.desk.FindByPhone(r.Context(), r.caller, written)
	switch {
	case err != nil:
		return err
	case !known && len(r.caller.Accounts) > 0:
		return shape.Bad("phone", "must be a telephone number")
	case len(found) == 0:
		return shape.NotFound()
	}
	newest := slices.MaxFunc(found, func(a, b cache.Received) int {
		if x, y := shape.Said(&a), shape.Said(&b); x != y {
			return int(max(-1, min(1, x-y)))
		}
		return strings.Compare(shape.ID(inbox.Waspy, a.Account, a.Provider, a.ID), shape.ID(inbox.Waspy, b.Account, b.Provider, b.ID))
	})
	return r.sendOne(http.StatusOK, r.object(&newest))
}

// messages is GET /conversations/:id/messages, the oldest first.
func (r *request) messages(id string) error {
	q, err := shape.Query(r.Request, "cursor", "limit")
	if err != nil {
		return err
	}
	limit, err := q.Number("limit", usualLimit, 1, mostLimit)
	if err != nil {
		return err
	}
	var after position
	if text := q.Text("cursor"); text != "" {
		var ok bool
		if after, ok = parsePosition(text); !ok {
			return shape.Bad("cursor", "must be one that this list has given")
		}
	}
	c, err := r.desk.Find(r.Context(), r.caller, inbox.Waspy, id)
	if err != nil {
		return err
	}
	page, more, whole, err := r.desk.Cache.ReceivedMessages(r.Context(), c.Account, c.ID, after.id, limit)
	if errors.Is(err, cache.ErrCursor) {
		return shape.Bad("cursor", "must be one that this list has given")
	}
	if err != nil {
		return err
	}
	objects := make([][]byte, 0, len(page))
	cursor := q.Text("cursor")
	for i := range page {
		objects = append(objects, messageObject(&page[i]))
		cursor = position{inbox.Millis(page[i].At), page[i].ID}.String()
	}
	return r.sendList(objects, cursor, more, whole)
}

// patch is PATCH /conversations/:id. A member that is not there is left alone;
// null takes the assignee away.
func (r *request) patch(id string) error {
	if _, err := shape.Query(r.Request); err != nil {
		return err
	}
	body, err := shape.Body(r.w, r.Request, "status", "assignedTo")
	if err != nil {
		return err
	}
	if err := r.desk.Stands(r.Request); err != nil {
		return err
	}
	c, err := r.desk.Find(r.Context(), r.caller, inbox.Waspy, id)
	if err != nil {
		return err
	}
	wish := shape.Wish{Account: c.Account, Conversation: c.ID}
	if raw, ok := body["status"]; ok {
		if wish.Status, err = wantedStatus(raw, c.Provider); err != nil {
			return err
		}
	}
	if raw, ok := body["assignedTo"]; ok {
		if wish.Assignees, err = wantedAssignee(raw); err != nil {
			return err
		}
	}
	if wish.Status == nil && wish.Assignees == nil {
		return r.sendOne(http.StatusOK, r.object(&c))
	}
	outcome, err := r.desk.Apply(r.Context(), wish)
	if err != nil {
		return err
	}
	status, err := shape.After(outcome)
	if err != nil {
		return err
	}
	now, err := r.desk.Cache.Received(r.Context(), c.Account, c.ID)
	if err != nil {
		return err
	}
	return r.sendOne(status, r.object(&now))
}

// wantedStatus is the word of the conversation's own platform.
func wantedStatus(raw json.RawMessage, p inbox.ProviderName) (*string, error) {
	var word string
	if json.Unmarshal(raw, &word) != nil || shape.IsNull(raw) || !slices.Contains(statuses, word) {
		return nil, shape.Bad("status", "must be one of "+strings.Join(statuses, ", "))
	}
	its, ok := inbox.StatusWord(p, word)
	if !ok {
		return nil, shape.Bad("status", "cannot be "+word+" at "+p.Title()+"; it must be one of "+strings.Join(taken(p), ", "))
	}
	return &its, nil
}

// taken are the words of Waspy's that another platform has one for.
func taken(p inbox.ProviderName) (out []string) {
	for _, word := range statuses {
		if _, ok := inbox.StatusWord(p, word); ok {
			out = append(out, word)
		}
	}
	return out
}

func wantedAssignee(raw json.RawMessage) (*[]string, error) {
	var ref *string
	if json.Unmarshal(raw, &ref) != nil {
		return nil, shape.Bad("assignedTo", "must be an agent's id or null")
	}
	if ref == nil {
		return &[]string{}, nil
	}
	return &[]string{*ref}, shape.Writes("assignedTo", *ref)
}
