package server

import (
	"net/http"
	"sync"
	"time"
)

// lookedFor is how long a page that said it is looked at is believed: it says so
// again every half minute.
const lookedFor = 90 * time.Second

// mostPages bounds what is remembered of pages that are gone.
const mostPages = 100

// page is what an open page says of itself.
type page struct {
	Page      string `json:"page"`       // a name it has given to itself
	Focused   bool   `json:"focused"`    // somebody looks at it: it is on top and has the focus
	Thread    string `json:"thread"`     // t_… that it shows, or ""
	CanNotify bool   `json:"can_notify"` // the browser lets it
	Unread    int64  `json:"unread"`     // what its title says

	at time.Time
}

// pages are those that are open, by their names.
type pages struct {
	mu   sync.Mutex
	by   map[string]page
	said int64 // unread threads in the window's title
}

func (p *pages) note(v page) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil {
		p.by = map[string]page{}
	}
	p.by[v.Page] = v
	for len(p.by) > mostPages {
		oldest := ""
		for name, each := range p.by {
			if oldest == "" || each.at.Before(p.by[oldest].at) {
				oldest = name
			}
		}
		delete(p.by, oldest)
	}
}

// titled reports whether the window's title is to say another number.
func (p *pages) titled(unread int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := unread != p.said
	p.said = unread
	return changed
}

func (p *pages) looking(thread string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, each := range p.by {
		if each.Focused && each.Thread == thread && now.Sub(each.at) < lookedFor {
			return true
		}
	}
	return false
}

// canNotify reports whether a page may show a notification.
func (p *pages) canNotify(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.by[name].CanNotify
}

// Looking reports whether somebody looks at a thread (t_…) at this moment.
func (s *Server) Looking(thread string) bool { return s.pages.looking(thread, s.now()) }

// longestPage bounds the name of a page.
const longestPage = 64

// presence is PUT /api/presence.
func (s *Server) presence(w http.ResponseWriter, r *http.Request) error {
	var in page
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.Page == "" || len(in.Page) > longestPage {
		return invalid("page")
	}
	if in.Unread < 0 {
		return invalid("unread")
	}
	in.at = s.now()
	s.pages.note(in)
	if n := s.o.Native; n != nil && n.Title != nil && s.pages.titled(in.Unread) {
		key := "app.title"
		if in.Unread > 0 {
			key = "app.title_unread"
		}
		n.Title(s.words(r).T(key, "count", in.Unread))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
