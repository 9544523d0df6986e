// Release makes what goes along with the programs of a release: the manual page
// and the completions, from the command line itself; the list of what is inside
// (SBOM) and the licences of it, from the programs that were built. It writes to
// stdout, the same bytes for the same input.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"bandeja/internal/cli"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	err := run(out, os.Args[1:])
	if err = errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("say man, completion SHELL, sbom PROGRAM… or notices PROGRAM…")

func run(w io.Writer, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	version := f.String("version", "0.0.0", "of the release")
	epoch := f.Int64("epoch", 0, "seconds since 1970 of the release's commit")
	lock := f.String("lock", "frontend/package-lock.json", "what npm installed")
	bundled := f.String("bundled", "frontend/bundled.json", "the npm packages that are in the built page")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "man":
		return manual(w, cli.Commands(), *version, time.Unix(*epoch, 0).UTC())
	case "completion":
		return completion(w, cli.Commands(), f.Arg(0))
	case "sbom", "notices":
		parts, err := partsOf(f.Args(), *lock, *bundled)
		if err != nil {
			return err
		}
		if args[0] == "sbom" {
			return writeSBOM(w, parts, *version)
		}
		return writeNotices(w, parts)
	}
	return errUsage
}
