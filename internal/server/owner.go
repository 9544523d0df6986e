package server

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// owner is POST /owner/{command}: another process of the same user asks the
// one that owns the profile. It proves itself by the secret in owner.json,
// which only that user can read. The answer is NDJSON: progress, then a result
// or an error.
func (s *Server) owner(w http.ResponseWriter, r *http.Request) {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(s.o.Secret)) != 1 {
		http.Error(w, "not the owner's secret", http.StatusUnauthorized)
		return
	}
	args, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "body not read", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	var mu sync.Mutex
	out := http.NewResponseController(w)
	// The command may take long before its first line: whoever asked learns at
	// once that the owner is there and listens.
	_ = out.Flush()
	line := func(v any) {
		mu.Lock()
		defer mu.Unlock()
		if b, err := json.Marshal(v); err == nil {
			_, _ = w.Write(append(b, '\n'))
			_ = out.Flush()
		}
	}
	result, err := s.o.Office.Do(r.Context(), r.PathValue("command"), args, func(p any) { line(map[string]any{"progress": p}) })
	if err != nil {
		line(map[string]any{"error": map[string]string{"kind": s.o.Office.KindOf(err), "message": err.Error()}})
		return
	}
	line(map[string]any{"result": result})
}
