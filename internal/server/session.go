package server

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// codeLife is how long a launch code waits for its page.
const codeLife = 10 * time.Minute

// sessions are the launch codes that wait and the cookies that were given,
// kept as hashes and in memory alone: they end with the program.
type sessions struct {
	mu      sync.Mutex
	codes   map[[32]byte]time.Time
	cookies map[[32]byte]bool
	guesses *rate.Limiter // of wrong codes and cookies
}

func newSessions() *sessions {
	return &sessions{codes: map[[32]byte]time.Time{}, cookies: map[[32]byte]bool{}, guesses: rate.NewLimiter(5, 20)}
}

func (s *sessions) code(now time.Time) string {
	code := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, until := range s.codes {
		if now.After(until) {
			delete(s.codes, c)
		}
	}
	s.codes[sha256.Sum256([]byte(code))] = now.Add(codeLife)
	return code
}

// swap gives a cookie for a code, once.
func (s *sessions) swap(code string, now time.Time) (cookie string, ok bool) {
	sum := sha256.Sum256([]byte(code))
	s.mu.Lock()
	defer s.mu.Unlock()
	until, known := s.codes[sum]
	delete(s.codes, sum)
	if !known || now.After(until) {
		return "", false
	}
	cookie = rand.Text()
	s.cookies[sha256.Sum256([]byte(cookie))] = true
	return cookie, true
}

func (s *sessions) known(cookie string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookies[sha256.Sum256([]byte(cookie))]
}

func (s *Server) cookieName() string { return "bandeja_" + s.o.ProfileID }

// openSession is POST /api/session.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Code string `json:"code"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	cookie, ok := s.sessions.swap(in.Code, s.now())
	if !ok {
		return s.denied()
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// denied answers a wrong code or cookie, and slows guessing: after a burst the
// answer is to wait. A right one is let through even then, so that nobody who
// guesses can lock a person out.
func (s *Server) denied() error {
	if !s.sessions.guesses.AllowN(s.now(), 1) {
		return fail(http.StatusTooManyRequests, "slow_down", "error.slow_down")
	}
	return fail(http.StatusUnauthorized, "session", "error.session")
}

// withSession lets only a page that came by a link of this program through.
func (s *Server) withSession(next http.Handler) http.Handler {
	return s.answer(func(w http.ResponseWriter, r *http.Request) error {
		c, err := r.Cookie(s.cookieName())
		if err != nil {
			return fail(http.StatusUnauthorized, "session", "error.session") // no guess
		}
		if !s.sessions.known(c.Value) {
			return s.denied()
		}
		next.ServeHTTP(w, r)
		return nil
	})
}
