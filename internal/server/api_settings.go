package server

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"bandeja/internal/notify"
	"bandeja/internal/words"
)

// The settings that the screen keeps in local.db, and not in the browser.
const (
	settingLanguage = "language"
	settingTheme    = "theme"
	settingDensity  = "density"
	settingRecent   = "recent_searches" // a JSON list, newest first
)

// mostRecent and longestRecent (characters) bound what is kept of searches.
const (
	mostRecent    = 10
	longestRecent = 200
)

// The first of each is what a profile has that has chosen none.
var (
	themes    = []string{"system", "light", "dark"}
	densities = []string{"comfortable", "compact"}
)

type settingsAnswer struct {
	Language string `json:"language"`
	Theme    string `json:"theme"`
	Density  string `json:"density"`
	keySettings
	Recent []string `json:"recent_searches"`
	// Notifications are whole: what a person has not chosen is as it begins.
	Notifications notify.Settings `json:"notifications"`
}

// settings is GET /api/settings.
func (s *Server) settings(w http.ResponseWriter, r *http.Request) error {
	theme, density, err := s.looks(r.Context())
	if err != nil {
		return err
	}
	keys, err := s.keySettings(r.Context())
	if err != nil {
		return err
	}
	recent, err := s.recent(r.Context())
	if err != nil {
		return err
	}
	notifications, err := s.NotificationSettings(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, settingsAnswer{s.language(r.Context()), theme, density, keys, recent, notifications})
}

// looks are the theme and the density that were chosen.
func (s *Server) looks(ctx context.Context) (theme, density string, err error) {
	if theme, err = s.o.Local.Setting(ctx, settingTheme); err != nil {
		return "", "", err
	}
	density, err = s.o.Local.Setting(ctx, settingDensity)
	return cmp.Or(theme, themes[0]), cmp.Or(density, densities[0]), err
}

// recent are the latest searches. What is not a list of them is none: it is a
// convenience, for which nothing is refused.
func (s *Server) recent(ctx context.Context) ([]string, error) {
	kept, err := s.o.Local.Setting(ctx, settingRecent)
	if err != nil {
		return nil, err
	}
	var recent []string
	if kept == "" || json.Unmarshal([]byte(kept), &recent) != nil || recent == nil {
		return []string{}, nil
	}
	return recent, nil
}

// changeSettings is PATCH /api/settings. Recent searches are no part of the
// state, and tell of nothing.
func (s *Server) changeSettings(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Language *string `json:"language"`
		Theme    *string `json:"theme"`
		Density  *string `json:"density"`
		keyChanges
		Recent        *[]string        `json:"recent_searches"`
		Notifications *notify.Settings `json:"notifications"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	changed := map[string]string{}
	if in.Language != nil {
		if !slices.Contains(words.Languages(), *in.Language) {
			return invalid("language")
		}
		changed[settingLanguage] = *in.Language
	}
	if in.Theme != nil {
		if !slices.Contains(themes, *in.Theme) {
			return invalid("theme")
		}
		changed[settingTheme] = *in.Theme
	}
	if in.Density != nil {
		if !slices.Contains(densities, *in.Density) {
			return invalid("density")
		}
		changed[settingDensity] = *in.Density
	}
	if err := in.keyChanges.into(changed); err != nil {
		return err
	}
	tells := len(changed) > 0
	if in.Recent != nil {
		if !validRecent(*in.Recent) {
			return invalid("recent_searches")
		}
		kept, err := json.Marshal(*in.Recent)
		if err != nil {
			return err
		}
		changed[settingRecent] = string(kept)
	}
	if in.Notifications != nil {
		if !in.Notifications.Valid() {
			return invalid("notifications")
		}
		kept, err := json.Marshal(in.Notifications)
		if err != nil {
			return err
		}
		changed[settingNotifications] = string(kept)
	}
	for key, v := range changed {
		if err := s.o.Local.SaveSetting(r.Context(), key, v); err != nil {
			return err
		}
	}
	if tells {
		s.events.State()
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// validRecent reports whether searches can be kept: few, short, and each once.
func validRecent(recent []string) bool {
	for i, q := range recent {
		if strings.TrimSpace(q) == "" || utf8.RuneCountInString(q) > longestRecent || slices.Contains(recent[:i], q) {
			return false
		}
	}
	return len(recent) <= mostRecent
}
