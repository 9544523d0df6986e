package platica

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/shape"
)

// single is GET /conversations/{conversationId}: every conversation of that name,
// in every workspace that has one.
func (r *request) single(id string) error {
	found, err := r.named(id)
	if err != nil {
		return err
	}
	body, whole, err := r.envelope(found)
	if err != nil {
		return err
	}
	shape.Head(r.w.Header(), r.caller, whole)
	shape.Send(r.w, http.StatusOK, body)
	return nil
}

// named finds conversations by internal id, or else by public id and telephone
// number, as Plática uses the number for one, too; the oldest first.
func (r *request) named(id string) (found []cache.Received, err error) {
	one, err := r.desk.Find(r.Context(), r.caller, inbox.Platica, id)
	var none *shape.Problem
	switch {
	case err == nil:
		found = []cache.Received{one}
	case !errors.As(err, &none):
		return nil, err
	default:
		if found, err = r.byName(id); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, shape.NotFound()
	}
	q, err := shape.Query(r.Request, "channelId", "workspace")
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(c cache.Received) bool {
		return q.Text("channelId") != "" && c.Channel != q.Text("channelId") || q.Text("workspace") != "" && spaceID(c.Account, c.Provider, c.Workspace) != q.Text("workspace")
	})
	if len(found) == 0 {
		return nil, shape.NotFound()
	}
	slices.SortStableFunc(found, func(a, b cache.Received) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return found, nil
}

// byName finds sessions by the public id, which is not unique: a hash, or the
// customer's number as it is written there. So whichever way a number is written,
// all that the customer has are found.
func (r *request) byName(id string) (found []cache.Received, err error) {
	seen := map[string]bool{}
	add := func(all []cache.Received) {
		for _, c := range all {
			if key := string(c.Provider) + "\x00" + c.ID; !seen[key] {
				seen[key] = true
				found = append(found, c)
			}
		}
	}
	for _, a := range r.caller.Accounts {
		all, err := r.desk.Cache.ReceivedByPublic(r.Context(), a.Name, id)
		if err != nil {
			return nil, err
		}
		add(all)
	}
	all, _, err := r.desk.FindByPhone(r.Context(), r.caller, id)
	add(all)
	return found, err
}

// envelope is conversations with their messages, by workspace.
func (r *request) envelope(found []cache.Received) (body []byte, whole bool, err error) {
	spaces, err := r.spaces()
	if err != nil {
		return nil, false, err
	}
	whole = true
	body = []byte(`{"workspaces":[`)
	for len(found) > 0 {
		id := spaceID(found[0].Account, found[0].Provider, found[0].Workspace)
		s := space{id: id, name: cmp.Or(found[0].Workspace, found[0].Account)}
		if i := slices.IndexFunc(spaces, func(s space) bool { return s.id == id }); i >= 0 {
			s = spaces[i]
		}
		if body[len(body)-1] != '[' {
			body = append(body, ',')
		}
		body = s.open(body)
		n := 0
		var others []cache.Received
		for i := range found {
			if spaceID(found[i].Account, found[i].Provider, found[i].Workspace) != id {
				others = append(others, found[i])
				continue
			}
			o, all, err := r.object(&found[i])
			if err != nil {
				return nil, false, err
			}
			if n > 0 {
				body = append(body, ',')
			}
			body, whole, n = append(body, o...), whole && all, n+1
		}
		body = append(strconv.AppendInt(append(body, `],"conversationsCount":`...), int64(n), 10), '}')
		found = others
	}
	return append(body, "]}"...), whole, nil
}

var statuses = inbox.StatusWords(inbox.Platica)

// patch is PATCH /conversations/{conversationId}: of every conversation of that
// name. Expired is final: where all of them are, a change of status is 422; where
// some are, the others change.
func (r *request) patch(id string) error {
	body, err := shape.Body(r.w, r.Request, "owners", "status")
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return shape.Bad("body", "must have status or owners")
	}
	status, owners, err := wanted(body)
	if err != nil {
		return err
	}
	if err := r.desk.Stands(r.Request); err != nil {
		return err
	}
	found, err := r.named(id)
	if err != nil {
		return err
	}
	if status != nil && *status != string(inbox.Expired) {
		found = slices.DeleteFunc(found, func(c cache.Received) bool { return c.Status == inbox.Expired })
		if len(found) == 0 {
			return &shape.Problem{Status: http.StatusUnprocessableEntity, Param: "status", Message: "status: an expired conversation cannot have another"}
		}
	}
	wishes := make([]shape.Wish, len(found))
	ids := make([]string, len(found))
	for i, c := range found {
		if wishes[i], err = wishFor(&c, status, owners); err != nil {
			return err
		}
		ids[i] = shape.ID(inbox.Platica, c.Account, c.Provider, c.ID)
	}
	code, err := r.apply(wishes)
	if err != nil {
		return err
	}
	return r.patched(code, ids, found)
}

// apply makes all the changes side by side: they wait for the provider together.
func (r *request) apply(wishes []shape.Wish) (status int, err error) {
	outcomes, failures := make([]shape.Outcome, len(wishes)), make([]error, len(wishes))
	var work sync.WaitGroup
	for i, w := range wishes {
		work.Go(func() { outcomes[i], failures[i] = r.desk.Apply(r.Context(), w) })
	}
	work.Wait()
	if err := errors.Join(failures...); err != nil {
		return 0, err
	}
	return shape.After(outcomes...)
}

// patched answers a change; one that still waits comes with what it is to be.
func (r *request) patched(status int, ids []string, found []cache.Received) error {
	type data struct {
		IDs    []string        `json:"ids"`
		Queued json.RawMessage `json:"workspaces,omitempty"`
	}
	answer := struct {
		Status  string `json:"status"`
		Message string `json:"message"`
		Data    data   `json:"data"`
	}{"success", "Conversación actualizada correctamente", data{IDs: ids}}
	if status == http.StatusAccepted {
		answer.Status, answer.Message = "queued", "El cambio está guardado y se envía cuando la plataforma responda"
		queued, err := r.queued(found)
		if err != nil {
			return err
		}
		answer.Data.Queued = queued
	}
	shape.Head(r.w.Header(), r.caller, true)
	shape.Send(r.w, status, shape.Quote(answer))
	return nil
}

func (r *request) queued(found []cache.Received) (json.RawMessage, error) {
	for i := range found {
		c, err := r.desk.Cache.Received(r.Context(), found[i].Account, found[i].ID)
		if err != nil {
			return nil, err
		}
		found[i] = c
	}
	body, _, err := r.envelope(found)
	var whole struct{ Workspaces json.RawMessage }
	if err == nil {
		err = json.Unmarshal(body, &whole)
	}
	return whole.Workspaces, err
}

func wanted(body map[string]json.RawMessage) (status *string, owners *[]string, err error) {
	if raw, ok := body["status"]; ok {
		if json.Unmarshal(raw, &status) != nil || status == nil || !slices.Contains(statuses, *status) {
			return nil, nil, shape.Bad("status", "must be one of "+strings.Join(statuses, ", "))
		}
	}
	if raw, ok := body["owners"]; ok {
		var refs []*string
		if json.Unmarshal(raw, &refs) != nil || refs == nil {
			return nil, nil, shape.Bad("owners", "must be a list of agents")
		}
		owners = &[]string{}
		for _, ref := range refs {
			if ref == nil {
				return nil, nil, shape.Bad("owners", "must be a list of agents")
			}
			if err := shape.Writes("owners", *ref); err != nil {
				return nil, nil, err
			}
			*owners = append(*owners, *ref)
		}
	}
	return status, owners, nil
}

// wishFor is the change in the words of the conversation's own platform.
func wishFor(c *cache.Received, status *string, owners *[]string) (shape.Wish, error) {
	w := shape.Wish{Account: c.Account, Conversation: c.ID, Assignees: owners}
	if owners != nil && c.Provider == inbox.Waspy && len(*owners) > 1 {
		return w, shape.Bad("owners", "must be one at most: "+c.Provider.Title()+" takes one")
	}
	if status == nil {
		return w, nil
	}
	word, ok := inbox.StatusWord(c.Provider, string(inbox.StatusOf(inbox.Platica, *status)))
	if !ok {
		return w, shape.Bad("status", "cannot be "+*status+" at "+c.Provider.Title()+"; it must be active or finished")
	}
	w.Status = &word
	return w, nil
}
