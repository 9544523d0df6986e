package export

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"bandeja/internal/cache"
	"bandeja/internal/words"
)

// Format is how rows are written.
type Format string

// The formats.
const (
	FormatNDJSON Format = "ndjson"
	FormatCSV    Format = "csv"
	FormatXLSX   Format = "xlsx"
	FormatHTML   Format = "html"
)

// Formats lists them all.
var Formats = []Format{FormatNDJSON, FormatCSV, FormatXLSX, FormatHTML}

// Known reports whether there is such a format.
func (f Format) Known() bool { return slices.Contains(Formats, f) }

// Carries reports whether a file of this format has its checksum in itself. The
// rows of the others are all they may hold: theirs is beside them (File.Beside).
func (f Format) Carries() bool { return f == FormatXLSX || f == FormatHTML }

// Rows is what an export is of.
type Rows string

// What there is to export.
const (
	Conversations Rows = "conversations"
	Messages      Rows = "messages"
	People        Rows = "people"
)

// Known reports whether there are such rows.
func (r Rows) Known() bool { return slices.Contains([]Rows{Conversations, Messages, People}, r) }

// Job is one export: what of whom, in which form. What the providers said is
// written, and no wish that waits.
type Job struct {
	Rows   Rows
	Format Format
	Select cache.Selection
	// Zone is what times are shown in where a format shows them to people; it is
	// said beside them.
	Zone *time.Location
	// Now is when it is made: what a page says, and what a reply window is open
	// at.
	Now time.Time
	// Words and Channels, the names of (account, channel), are a page's.
	Words    words.Words
	Channels map[[2]string]string
	// Progress is told of every row how many are written, and of how many in all:
	// 0 where that is not known.
	Progress func(done, total int64)

	done, total int64
}

// Write writes it to w, from one snapshot. A workbook and a page end in the
// checksum of themselves.
//
// *TooLongError: a page would have more rows than one can look through.
func (j *Job) Write(ctx context.Context, c *cache.Cache, w io.Writer) error {
	if err := j.count(ctx, c); err != nil {
		return err
	}
	switch j.Format {
	case FormatNDJSON:
		return j.lines(ctx, c, w)
	case FormatCSV:
		t, err := NewCSV(w, j.heads())
		if err != nil {
			return err
		}
		if err := j.table(ctx, c, t.Write); err != nil {
			return err
		}
		return t.Flush()
	case FormatXLSX:
		s := newSealer(w)
		t, err := NewXLSX(s, j.heads(), sumMark+blankSum)
		if err != nil {
			return err
		}
		if err := j.table(ctx, c, t.Write); err != nil {
			return err
		}
		if err := t.Close(); err != nil {
			return err
		}
		return s.seal("")
	case FormatHTML:
		return j.page(ctx, c, w)
	}
	return fmt.Errorf("format %q: %w", j.Format, cache.ErrNotFound)
}

// Check asks whether it can be written, and how many rows there will be; 0
// where that is not known.
//
// *TooLongError: as Write.
func (j *Job) Check(ctx context.Context, c *cache.Cache) (int64, error) {
	asked := *j
	asked.Progress = func(int64, int64) {}
	err := asked.count(ctx, c)
	if err == nil && j.Format == FormatHTML && asked.total > MostPageRows {
		err = &TooLongError{}
	}
	return asked.total, err
}

// count asks how many rows there will be, where somebody wants to know.
func (j *Job) count(ctx context.Context, c *cache.Cache) (err error) {
	j.done, j.total = 0, 0
	switch {
	case j.Progress == nil && j.Format != FormatHTML:
	case j.Rows == Conversations:
		j.total, err = c.CountConversations(ctx, j.Select)
	case j.Rows == Messages && len(j.Select.Words) == 0:
		j.total, err = c.CountMessages(ctx, j.Select)
	}
	return err
}

// step tells that a row is written.
func (j *Job) step() {
	j.done++
	if j.Progress != nil {
		j.Progress(j.done, j.total)
	}
}

// each gives the rows that are asked for: cache.StoredConversation,
// cache.StoredMessage or Person.
func (j *Job) each(ctx context.Context, c *cache.Cache, fn func(row any) error) error {
	one := func(row any) error {
		if err := fn(row); err != nil {
			return err
		}
		j.step()
		return nil
	}
	switch j.Rows {
	case Conversations:
		return c.EachConversation(ctx, j.Select, func(s cache.StoredConversation) error { return one(s) })
	case Messages:
		return c.EachMessage(ctx, j.Select, func(m cache.StoredMessage) error { return one(m) })
	case People:
		return j.people(ctx, c, func(p Person) error { return one(p) })
	}
	return fmt.Errorf("rows %q: %w", j.Rows, cache.ErrNotFound)
}

// people gives everybody, or those whom one account knows, or whom a query
// finds.
func (j *Job) people(ctx context.Context, c *cache.Cache, fn func(Person) error) error {
	known, found := map[string]bool{}, map[string]bool{}
	if j.Select.Account != "" {
		if err := c.EachPerson(ctx, nil, func(r cache.PersonRow) error {
			known[r.Person] = known[r.Person] || r.Account == j.Select.Account
			return nil
		}); err != nil {
			return err
		}
	}
	narrowed := !j.Select.Narrow.Empty()
	if narrowed {
		if err := c.EachMatching(ctx, j.Select.Narrow, func(person string) error {
			found[person] = true
			return nil
		}); err != nil {
			return err
		}
	}
	if j.Select.List != nil {
		narrowed = true
		if err := c.EachListed(ctx, *j.Select.List, func(person string) error {
			found[person] = true
			return nil
		}); err != nil {
			return err
		}
	}
	return EachPerson(ctx, c, j.Select.Person, func(p Person) error {
		if j.Select.Account != "" && !known[p.Person] || narrowed && !found[p.Person] {
			return nil
		}
		return fn(p)
	})
}

// lines writes NDJSON.
func (j *Job) lines(ctx context.Context, c *cache.Cache, w io.Writer) error {
	rows := NewNDJSON(w)
	if err := j.each(ctx, c, func(row any) error {
		switch row := row.(type) {
		case cache.StoredConversation:
			return rows.Write(ConversationRow(row, row.Window.OpenAt(j.Now)))
		case cache.StoredMessage:
			return rows.Write(MessageRow(row))
		}
		return rows.Write(row)
	}); err != nil {
		return err
	}
	return rows.Flush()
}
