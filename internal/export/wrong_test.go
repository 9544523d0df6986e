package export_test

import (
	"errors"

	"bandeja/internal/export"
)

// wrong reports whether a check found a file altered or cut.
func wrong(err error) bool { return errors.Is(err, export.ErrAltered) || errors.Is(err, export.ErrCut) }
