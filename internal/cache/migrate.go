package cache

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed schema
var schemaFiles embed.FS

// steps lists the numbered .sql files of a folder, in order. A step once
// released is never edited: a new one is added, and the first stays as a test
// fixture for ever.
func steps(folder string) []string {
	entries, err := fs.ReadDir(schemaFiles, "schema/"+folder)
	if err != nil {
		panic(err) // embedded: cannot fail
	}
	var out []string
	for _, e := range entries {
		b, err := schemaFiles.ReadFile("schema/" + folder + "/" + e.Name())
		if err != nil {
			panic(err)
		}
		out = append(out, string(b))
	}
	return out
}

// The two files carry different application ids, so that neither is taken for
// the other, nor for another program's: "BANC" and "BANL".
func cacheShape() shape { return shape{0x42414e43, steps("cache"), "NORMAL"} }
func localShape() shape { return shape{0x42414e4c, steps("local"), "FULL"} }

// errUnbegun: the file has no table yet: its owner made it a moment ago, or was
// killed just then.
var errUnbegun = errors.New("not begun yet")

// checkVersion reports whether the file is of this shape and version.
func checkVersion(ctx context.Context, db *sql.DB, s shape) error {
	version, application, err := versionOf(ctx, db)
	switch {
	case err != nil:
		return err
	case version == 0 && application == 0:
		return hasTables(ctx, db)
	case application != s.application || version < 0:
		return ErrForeign
	case version > len(s.steps):
		return ErrNewer
	case version < len(s.steps):
		return ErrOlder
	}
	return nil
}

// hasTables tells a file of another program from one without any table.
func hasTables(ctx context.Context, db *sql.DB) error {
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		return ErrForeign
	}
	return errUnbegun
}

func versionOf(ctx context.Context, db *sql.DB) (version int, application int64, err error) {
	if err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return
	}
	err = db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application)
	return
}

// migrate brings a file to the newest schema, one transaction a step, so that
// a kill at any point leaves a file that goes on from where it was.
func migrate(ctx context.Context, db *sql.DB, path string, s shape) error {
	err := checkVersion(ctx, db, s)
	if err == nil || !errors.Is(err, errUnbegun) && !errors.Is(err, ErrOlder) {
		return err
	}
	version, _, err := versionOf(ctx, db)
	if err != nil {
		return err
	}
	if version > 0 && version < len(s.steps) && s.application == localShape().application {
		if err := backupBefore(ctx, db, path, s, version); err != nil {
			return err
		}
	}
	for n := version; n < len(s.steps); n++ {
		if err := step(ctx, db, s, n); err != nil {
			return fmt.Errorf("upgrade to version %d: %w", n+1, err)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, s shape, n int) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback()
	for _, q := range []string{
		s.steps[n],
		fmt.Sprintf("PRAGMA application_id = %d", s.application),
		fmt.Sprintf("PRAGMA user_version = %d", n+1),
	} {
		if _, err := t.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return t.Commit()
}
