package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// SavedView is a query with a name, within a view of the list. The query is
// kept as it was written.
type SavedView struct {
	ID    string // v_…
	Name  string
	Query string
	View  View
}

// SavedViewChange is what of a view changes; nil leaves a thing as it is.
type SavedViewChange struct {
	Name, Query *string
	Position    *int // among all, from 0; beyond the end is the end
}

// ErrNameTaken: a view of that name is there already.
var ErrNameTaken = errors.New("a view of this name exists already")

// SavedViews lists the views in their order.
func (l *Local) SavedViews(ctx context.Context) ([]SavedView, error) {
	out := []SavedView{}
	err := each(ctx, l.s.readers, `SELECT id, name, query, view FROM views ORDER BY position, id`, nil, func(scan func(...any) error) error {
		v, err := scanSavedView(scan)
		out = append(out, v)
		return err
	})
	return out, describe(l.s.path, err)
}

func scanSavedView(scan func(...any) error) (v SavedView, err error) {
	var id int64
	err = scan(&id, &v.Name, &v.Query, &v.View)
	v.ID = "v_" + itoa(id)
	return v, err
}

// SavedView reads one. ErrNotFound.
func (l *Local) SavedView(ctx context.Context, id string) (SavedView, error) {
	v, err := scanSavedView(l.s.readers.QueryRowContext(ctx, `SELECT id, name, query, view FROM views WHERE id = ?`, viewNumber(id)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fmt.Errorf("view %s: %w", id, ErrNotFound)
	}
	return v, describe(l.s.path, err)
}

// viewNumber is the row of a view's id, -1 where it is none.
func viewNumber(id string) int64 {
	digits, ok := strings.CutPrefix(id, "v_")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil {
		return -1
	}
	return n
}

// AddView keeps a view behind the others. ErrNameTaken.
func (l *Local) AddView(ctx context.Context, v SavedView) (SavedView, error) {
	err := l.s.write(ctx, func(t *tx) error {
		if err := freeName(t, v.Name, -1); err != nil {
			return err
		}
		id, err := freshID(t, "views")
		if err != nil {
			return err
		}
		v.ID = "v_" + itoa(id)
		_, err = t.exec(`INSERT INTO views (id, name, query, view, position) VALUES (?,?,?,?, (SELECT coalesce(max(position), -1) + 1 FROM views))`, id, v.Name, v.Query, string(v.View))
		return err
	})
	return v, err
}

// freshID numbers a row as none of its table ever was, nor one that is gone: a
// screen may still hold that one's id.
func freshID(t *tx, table string) (id int64, err error) {
	last := table + "_last"
	err = t.row(`SELECT max(coalesce((SELECT max(id) FROM `+table+`), 0), coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = ?), 0)) + 1`, last).Scan(&id)
	if err != nil {
		return 0, err
	}
	return id, saveSetting(t, last, itoa(id))
}

func freeName(t *tx, name string, but int64) error {
	var n int
	if err := t.row(`SELECT count(*) FROM views WHERE name = ? AND id <> ?`, name, but).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return ErrNameTaken
	}
	return nil
}

// ChangeView changes a view. ErrNotFound, ErrNameTaken.
func (l *Local) ChangeView(ctx context.Context, id string, ch SavedViewChange) (v SavedView, err error) {
	err = l.s.write(ctx, func(t *tx) error {
		n := viewNumber(id)
		v, err = scanSavedView(t.row(`SELECT id, name, query, view FROM views WHERE id = ?`, n).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("view %s: %w", id, ErrNotFound)
		}
		if err != nil {
			return err
		}
		if ch.Name != nil {
			if err := freeName(t, *ch.Name, n); err != nil {
				return err
			}
			v.Name = *ch.Name
		}
		if ch.Query != nil {
			v.Query = *ch.Query
		}
		if _, err := t.exec(`UPDATE views SET name = ?, query = ? WHERE id = ?`, v.Name, v.Query, n); err != nil {
			return err
		}
		if ch.Position == nil {
			return nil
		}
		return moveView(t, n, *ch.Position)
	})
	return v, err
}

// moveView puts a view at a place among the others.
func moveView(t *tx, id int64, to int) error {
	var order []int64
	if err := t.query(`SELECT id FROM views WHERE id <> ? ORDER BY position, id`, []any{id}, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		order = append(order, n)
		return err
	}); err != nil {
		return err
	}
	order = slices.Insert(order, min(max(to, 0), len(order)), id)
	for at, n := range order {
		if _, err := t.exec(`UPDATE views SET position = ? WHERE id = ? AND position <> ?`, at, n, at); err != nil {
			return err
		}
	}
	return nil
}

// DropView forgets a view. ErrNotFound.
func (l *Local) DropView(ctx context.Context, id string) error {
	return l.s.write(ctx, func(t *tx) error {
		res, err := t.exec(`DELETE FROM views WHERE id = ?`, viewNumber(id))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return fmt.Errorf("view %s: %w", id, ErrNotFound)
	})
}
