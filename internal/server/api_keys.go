package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"bandeja/internal/keys"
)

// The settings of keys. A table that is newer or older than what was kept may
// not know a command of it: that one is left out.
const (
	settingKeys    = "keys"        // a JSON object of what a person chose, by command
	settingSingles = "single_keys" // "off": keys by themselves do nothing
	off            = "off"
)

type keySettings struct {
	Keys    keys.Bindings `json:"keys"`
	Singles bool          `json:"single_keys"`
}

// keySettings is what a person chose. What cannot be read is nothing: keys are
// then as they are for who chose none.
func (s *Server) keySettings(ctx context.Context) (keySettings, error) {
	kept, err := s.o.Local.Setting(ctx, settingKeys)
	if err != nil {
		return keySettings{}, err
	}
	chosen := keys.Bindings{}
	if kept != "" && json.Unmarshal([]byte(kept), &chosen) != nil {
		chosen = keys.Bindings{}
	}
	for id := range chosen {
		if _, known := keys.Find(id); !known {
			delete(chosen, id)
		}
	}
	singles, err := s.o.Local.Setting(ctx, settingSingles)
	return keySettings{chosen, singles != off}, err
}

// keyChanges is what PATCH /api/settings may say of keys. Keys are all that
// differ: a command that is not among them has its own again.
type keyChanges struct {
	Keys    *keys.Bindings `json:"keys"`
	Singles *bool          `json:"single_keys"`
}

// into adds the settings that say so, or answers why they cannot be kept.
func (c keyChanges) into(changed map[string]string) error {
	if c.Keys != nil {
		kept, err := c.Keys.Kept()
		if err != nil {
			return keyProblem(err)
		}
		written, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		changed[settingKeys] = string(written)
	}
	if c.Singles != nil {
		changed[settingSingles] = "on"
		if !*c.Singles {
			changed[settingSingles] = off
		}
	}
	return nil
}

// keyProblem says which key of which command is in the way.
func keyProblem(err error) error {
	var p *keys.Problem
	if !errors.As(err, &p) {
		return err
	}
	if p.Kind == keys.Unknown {
		return invalid("keys." + p.Command)
	}
	status := http.StatusBadRequest
	if p.Kind == keys.Taken {
		status = http.StatusConflict
	}
	args := []any{"key", strings.Replace(p.Key, "Mod+", "Ctrl ", 1)}
	switch p.Kind {
	case keys.Taken:
		args = append(args, "other", named(p.Other))
	case keys.Many:
		args = []any{"count", keys.Most}
	}
	return fail(status, "keys", "key_problem."+p.Kind, args...)
}

// named is a command's name, once it is known in which language.
func named(command string) catalogued {
	c, _ := keys.Find(command)
	return catalogued(c.Words())
}
