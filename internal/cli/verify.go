package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"bandeja/internal/backup"
	"bandeja/internal/export"
	"bandeja/internal/profile"
)

// verdict is what a look at a file found, and `verify --json`.
type verdict struct {
	File   string `json:"file"`
	Kind   string `json:"kind"`   // export, or what another checker names
	Result string `json:"result"` // whole, altered, cut, unknown or missing
	SHA256 string `json:"sha256"` // by which it was found whole; "" where it was not
}

// checker checks one kind of file.
type checker struct {
	kind string
	// is tells by the path, and by what is in it, whether a file is of the kind.
	is func(path string) bool
	// check gives the SHA-256 by which the file was found whole.
	check func(path string) (sum string, err error)
}

// checkers are asked in turn whose a file is; the last takes any.
var checkers = []checker{
	{"backup", isBackup, profile.SumOfBackup},
	{"export", func(string) bool { return true }, export.Verify},
}

// isBackup looks at the first bytes of a file.
func isBackup(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	begins := make([]byte, 16)
	_, err = io.ReadFull(f, begins)
	return err == nil && backup.Sniff(begins)
}

func (a *app) verify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE",
		Short: "Check the checksum that an export or a backup carries",
		Long: `Check the checksum that an export or a backup carries, in itself or beside it
(FILE.sha256). Exit code 0: it is as it was written. 1: it was altered, or its end
is missing. 2: it carries none, so nobody can tell.

A checksum tells accidents; whoever alters a file on purpose can write another.`,
		Example:     "  bandeja verify messages.xlsx",
		Args:        exactly(1, "file"),
		Annotations: withoutProfile(),
		RunE:        func(_ *cobra.Command, args []string) error { return a.verifyFile(args[0]) },
	}
}

func (a *app) verifyFile(path string) error {
	v := verdict{File: path, Result: "whole"}
	said, code := "cli.verify.whole", exitDone
	var err error
	for _, c := range checkers {
		if c.is(path) {
			v.Kind = c.kind
			v.SHA256, err = c.check(path)
			break
		}
	}
	switch {
	case err == nil:
	case errors.Is(err, export.ErrAltered), errors.Is(err, backup.ErrDamaged):
		v.Result, said, code = "altered", "cli.verify.altered", exitFailed
	case errors.Is(err, export.ErrCut):
		v.Result, said, code = "cut", "cli.verify.cut", exitFailed
	case errors.Is(err, export.ErrNoSum):
		v.Result, said, code = "unknown", "cli.verify.unknown", exitUsage
	case errors.Is(err, fs.ErrNotExist):
		v.Result, said, code = "missing", "cli.verify.missing", exitFailed
	default:
		return err
	}
	if err := a.sayVerdict(&v, said); err != nil || code == exitDone {
		return err
	}
	return &outcome{code}
}

func (a *app) sayVerdict(v *verdict, said string) error {
	if a.json {
		return a.print(v)
	}
	text := a.words.T(said, "file", v.File)
	if v.Result == "whole" {
		return a.tell(text)
	}
	_, err := fmt.Fprintln(a.Stderr, "bandeja: "+oneLine(text))
	return err
}
