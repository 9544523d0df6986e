package server

import (
	"fmt"

	"bandeja/internal/care"
	"bandeja/internal/words"
)

// ReceiptText says a receipt in words, a line each. It names nobody, so that it
// can be given away.
func ReceiptText(said words.Words, r *care.Receipt) []string {
	e := &r.Erased
	lines := []string{
		said.T("receipt.title", "id", r.ID, "at", r.At.Local().Format("2006-01-02 15:04:05 -07:00")),
		said.T("receipt.copied", "conversations", e.Conversations, "messages", e.Messages),
		said.T("receipt.noted", "notes", e.Notes, "drafts", e.Drafts, "history", e.History, "joins", e.Joins),
		said.T("receipt.unsent", "count", e.Changes),
		said.T("receipt.naming", "searches", e.Searches, "views", e.Views),
		said.T("receipt.backups", "count", r.Backups, "aside", r.Aside),
		said.T("receipt.looked", "files", len(r.Files), "size", SizeText(r.Bytes), "pieces", r.Pieces),
	}
	if r.Others > 0 {
		lines = append(lines, said.T("receipt.others", "count", r.Others))
	}
	if r.Shared {
		lines = append(lines, said.T("receipt.shared"))
	}
	for _, f := range r.Files {
		switch {
		case f.Error != "":
			lines = append(lines, said.T("receipt.unread", "file", f.Name, "reason", f.Error))
		case f.Found > 0:
			lines = append(lines, said.T("receipt.left", "file", f.Name, "count", f.Found))
		}
	}
	if r.Index.People+r.Index.Words > 0 {
		lines = append(lines, said.T("receipt.indexed", "people", r.Index.People, "words", r.Index.Words))
	}
	if r.Clean() {
		lines = append(lines, said.T("receipt.clean"))
	}
	return lines
}

// SizeText is how many bytes there are, in what people read.
func SizeText(bytes int64) string {
	const unit = 1000
	switch {
	case bytes < unit*unit:
		return fmt.Sprintf("%.1f kB", float64(bytes)/unit)
	case bytes < unit*unit*unit:
		return fmt.Sprintf("%.1f MB", float64(bytes)/unit/unit)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/unit/unit/unit)
}
