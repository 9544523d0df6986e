package server

import "net/http"

// Measured says where the profile lies, and how many bytes its parts take on
// the disk.
type Measured struct {
	Folder     string        `json:"folder"`
	Bytes      MeasuredBytes `json:"bytes"`
	BackedUpAt *string       `json:"backed_up_at"` // of the newest backup that made itself
}

// MeasuredBytes are a profile's parts: the copy, what is nowhere else, backups
// of that, and logs.
type MeasuredBytes struct {
	Cache   int64 `json:"cache"`
	Local   int64 `json:"local"`
	Backups int64 `json:"backups"`
	Logs    int64 `json:"logs"`
}

// data is GET /api/data.
func (s *Server) data(w http.ResponseWriter, _ *http.Request) error {
	m, err := s.o.Office.Measure()
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, m)
}
