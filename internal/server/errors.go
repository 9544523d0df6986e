package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bandeja/internal/cache"
	"bandeja/internal/words"
)

// problem is an error as the screen gets it: a code for the program, a
// sentence of the catalogue for the person.
type problem struct {
	status int
	code   string
	key    string // of the catalogue
	args   []any  // name, value, …
	err    error
}

func (p *problem) Error() string { return fmt.Sprintf("%s: %v", p.code, p.err) }
func (p *problem) Unwrap() error { return p.err }

func fail(status int, code, key string, args ...any) error {
	return &problem{status: status, code: code, key: key, args: args}
}

// invalid is a parameter that makes no sense, by its name.
func invalid(name string) error {
	return fail(http.StatusBadRequest, name, "error.bad_parameter", "name", name)
}

func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case r.Context().Err() != nil:
		return // nobody waits for the answer
	case errors.Is(err, cache.ErrNotFound):
		p = &problem{status: http.StatusNotFound, code: "not_found", key: "error.not_found"}
	case errors.Is(err, cache.ErrCursor):
		p = &problem{status: http.StatusBadRequest, code: "cursor", key: "error.bad_parameter", args: []any{"name", "cursor"}}
	default:
		kind := s.o.Office.KindOf(err)
		p = &problem{status: http.StatusInternalServerError, code: kind, key: "error." + kind}
		s.o.Log.Error("request failed", "route", r.Pattern, "err", err)
	}
	type body struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	in := s.words(r)
	_ = writeJSON(w, p.status, map[string]body{"error": {p.code, in.T(p.key, inWords(in, p.args)...)}})
}

// catalogued is an argument of a sentence that is one of the catalogue itself.
type catalogued string

// inWords are the arguments with what is of the catalogue looked up.
func inWords(in words.Words, args []any) []any {
	out := slices.Clone(args)
	for i, arg := range out {
		if key, ok := arg.(catalogued); ok {
			out[i] = in.T(string(key))
		}
	}
	return out
}

// words is the catalogue in the language of the profile.
func (s *Server) words(r *http.Request) words.Words { return s.catalogue[s.language(r.Context())] }

// language is what the profile chose, or the one of the program's start.
func (s *Server) language(ctx context.Context) string {
	if v, err := s.o.Local.Setting(ctx, settingLanguage); err == nil && s.catalogue[v].Lang() != "" {
		return v
	}
	return words.Match(s.o.Language)
}

// bodyLimit bounds what a request may carry.
const bodyLimit = 1 << 20

// read decodes a JSON body, and only a JSON body: a form of another site
// cannot make one without asking.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fail(http.StatusUnsupportedMediaType, "content_type", "error.not_json")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return notRead(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fail(http.StatusBadRequest, "body", "error.not_json")
	}
	return nil
}

// notRead names the field that is of the wrong type or that nobody asks for,
// where it is that.
func notRead(err error) error {
	var big *http.MaxBytesError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &big):
		return fail(http.StatusRequestEntityTooLarge, "body", "error.too_large")
	case errors.As(err, &wrong) && wrong.Field != "":
		return invalid(strings.TrimPrefix(wrong.Field, "wish.")) // embedded: no part of the field's name
	}
	// encoding/json has no type for this one.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, err := strconv.Unquote(name); err == nil {
			return invalid(name)
		}
	}
	return fail(http.StatusBadRequest, "body", "error.not_json")
}
