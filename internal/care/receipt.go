package care

import (
	"encoding/json"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Receipt says what a forgetting did. It holds nothing of who was forgotten.
type Receipt struct {
	ID       string       `json:"id"` // f_…, by which it can be lifted
	At       Moment       `json:"at"`
	People   int          `json:"people"` // more than one where a number was several people's; 0 where a stop came between
	Erased   cache.Erased `json:"erased"`
	Backups  int          `json:"backups_removed"` // older than the one that was made after
	Aside    int          `json:"aside_removed"`   // damaged files that had been kept
	Files    []Scanned    `json:"files"`
	Bytes    int64        `json:"bytes"`
	Pieces   int          `json:"looked_for"` // pieces of texts and numbers
	Found    int64        `json:"found"`      // places where they still are, and nobody else's rows say so
	Others   int64        `json:"others"`     // pieces that other people's rows have as well: those stay
	Unread   int64        `json:"unread"`     // files that could not be read
	Index    Indexes      `json:"indexes"`
	Compact  bool         `json:"compacted"`     // a file was written anew to be clean
	Resumed  bool         `json:"resumed"`       // it was stopped, and gone on with
	Shared   bool         `json:"number_shared"` // the number is somebody else's too: it is not kept out
	Finished Moment       `json:"finished_at"`
}

// Moment is a time that is written as all of ours are.
type Moment struct{ time.Time }

// MarshalJSON writes it in UTC with milliseconds.
func (m Moment) MarshalJSON() ([]byte, error) { return json.Marshal(inbox.TimeJSON(m.Time)) }

// Indexes is what the two indexes still answer.
type Indexes struct {
	People int64 `json:"people"`
	Words  int64 `json:"words"`
}

// Clean reports whether nothing was found anywhere.
func (r *Receipt) Clean() bool { return r.Found+r.Unread+r.Index.People+r.Index.Words == 0 }

// tell puts what a look through the files found into the receipt, in the place
// of what an earlier one said of the same files.
func (r *Receipt) tell(files []Scanned) {
	r.Files, r.Bytes, r.Found, r.Unread = files, 0, 0, 0
	for _, f := range files {
		r.Bytes += f.Bytes
		r.Found += f.Found
		if f.Error != "" {
			r.Unread++
		}
	}
}
