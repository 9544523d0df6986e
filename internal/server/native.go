package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bandeja/internal/keys"
	"bandeja/internal/words"
)

// Words are those of the screen's language.
func (s *Server) Words(ctx context.Context) words.Words { return s.catalogue[s.language(ctx)] }

// Label is what a command is called on the screen, and the first of its keys as
// it is read: Ctrl+K; "" where it has none.
func (s *Server) Label(ctx context.Context, command string) (label, key string) {
	c, known := keys.Find(command)
	if !known {
		return "", ""
	}
	set, err := s.keySettings(ctx)
	if err != nil {
		set.Singles = true // a menu without what somebody chose is a menu still
	}
	all := c.Keys
	if chosen, ok := set.Keys[command]; ok {
		all = chosen
	}
	for _, each := range all {
		letter, mod := strings.CutPrefix(each, "Mod+")
		switch {
		case mod:
			return s.Words(ctx).T(c.Words()), "Ctrl+" + strings.ToUpper(letter)
		case set.Singles:
			return s.Words(ctx).T(c.Words()), each
		}
	}
	return s.Words(ctx).T(c.Words()), ""
}

// Press has the page do what a key would ask for: it was chosen in the window's
// menu.
func (s *Server) Press(command string) {
	_ = s.tellOne("press", map[string]string{"command": command}, func(string) bool { return true }) // where none is open nobody waits for it
}

// Alive reports whether a page of ours lives: it listens to what changes, or has
// asked for something within d.
func (s *Server) Alive(d time.Duration) bool {
	return s.events.Watched() || time.Since(time.Unix(0, s.asked.Load())) < d
}

// noting remembers when a page has asked for something.
func (s *Server) noting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Store(time.Now().UnixNano())
		next.ServeHTTP(w, r)
	})
}
