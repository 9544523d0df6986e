package export

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
)

// Format is how rows are written.
type Format string

// The formats of messages.
const (
	FormatNDJSON Format = "ndjson"
	FormatCSV    Format = "csv"
)

// Known reports whether there is such a format.
func (f Format) Known() bool { return slices.Contains([]Format{FormatNDJSON, FormatCSV}, f) }

// WriteMessages writes the messages of a selection, as the platforms told them,
// from one snapshot. zone is what times are shown in where a format shows them
// to people; the head of their column says it.
func WriteMessages(ctx context.Context, c *cache.Cache, sel cache.Selection, f Format, zone *time.Location, w io.Writer) error {
	switch f {
	case FormatNDJSON:
		rows := NewNDJSON(w)
		if err := c.EachMessage(ctx, sel, func(m cache.StoredMessage) error { return rows.Write(MessageRow(m)) }); err != nil {
			return err
		}
		return rows.Flush()
	case FormatCSV:
		rows, err := NewCSV(w, []string{fmt.Sprintf("at (%s)", zone), "account", "provider", "direction", "type", "text", "status", "thread", "conversation", "id"})
		if err != nil {
			return err
		}
		if err := c.EachMessage(ctx, sel, func(m cache.StoredMessage) error { return rows.Write(messageCells(m, zone)) }); err != nil {
			return err
		}
		return rows.Flush()
	}
	return fmt.Errorf("format %q: %w", f, cache.ErrNotFound)
}

func messageCells(m cache.StoredMessage, zone *time.Location) []any {
	var at any
	if !m.At.IsZero() {
		at = m.At.In(zone).Format("2006-01-02 15:04:05")
	}
	kind := string(m.Kind)
	if m.Kind == inbox.KindUnknown {
		kind = m.KindWord
	}
	return []any{at, m.Account, string(m.Provider), string(m.Direction), kind, m.Text, m.Status, m.Thread, m.Conversation, m.ID}
}
