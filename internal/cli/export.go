package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/search"
)

// exportFlags are what the flags of `export` say.
type exportFlags struct {
	format, account, person, query, out string
	queried, force                      bool
}

func (a *app) export() *cobra.Command {
	var o exportFlags
	cmd := &cobra.Command{
		Use:   "export conversations|messages|people",
		Short: "Write what the providers said to a file or to stdout",
		Long: `Write what the providers said: conversations, messages or people, all of them,
or of an account, a person or a query. Wishes that wait are not applied.

The formats: ndjson, one row a line, whole; csv and xlsx, tables for a
spreadsheet, in which no cell is a formula and phones are text; html, one page to
read and print, with no script: with --person the transcript of a person over
both platforms.

A file appears whole or not at all, and one that is there is left alone without
--force. Each carries its SHA-256: xlsx and html in themselves, ndjson and csv
beside them (FILE.sha256, for sha256sum -c). bandeja verify FILE checks it.`,
		Example: "  bandeja export conversations > chats.ndjson\n  bandeja export messages --account ventas --format xlsx --out messages.xlsx\n" +
			"  bandeja export messages --person p_3kq5… --format html --out transcript.html\n  bandeja export conversations --query 'etiqueta:vip desde:30d'",
		Args: exactly(1, "rows"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.queried = cmd.Flags().Changed("query")
			job := export.Job{Rows: export.Rows(args[0]), Format: export.Format(o.format), Now: time.Now(), Words: a.words}
			switch {
			case !job.Rows.Known():
				return badUsage("wants_rows", "command", cmd.CommandPath())
			case !job.Format.Known(), a.json && job.Format != export.FormatNDJSON:
				return badUsage("format", "value", o.format)
			case job.Format == export.FormatXLSX && o.out == "" && terminal(a.Stdout):
				return badUsage("wants_out")
			}
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			err := a.exportTo(ctx, &job, &o)
			if stopped(ctx, err) {
				a.say(a.words.T("cli.stopped"))
				return &outcome{exitIncomplete}
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "ndjson", "ndjson, csv, xlsx or html")
	f.StringVar(&o.account, "account", "", "of this account only")
	f.StringVar(&o.person, "person", "", "of this person only (p_…)")
	f.StringVar(&o.query, "query", "", "what this query finds only, as in search")
	f.StringVar(&o.out, "out", "", "into this file, written whole or not at all (default: stdout)")
	f.BoolVar(&o.force, "force", false, "write over a file that is there")
	return cmd
}

// exportTo makes the export and says how far it is.
func (a *app) exportTo(ctx context.Context, job *export.Job, o *exportFlags) error {
	file := export.File{Path: o.out, Over: o.force, Beside: !job.Format.Carries()}
	if o.out != "" {
		if err := file.Free(); err != nil {
			return refused(err)
		}
	}
	c, local, err := profile.View(ctx, a.dir)
	if err != nil {
		return err
	}
	defer c.Close()
	defer local.Close()
	if err := a.aim(ctx, job, o, c, local); err != nil {
		return err
	}
	bar := a.newRowsBar(o.out == "")
	job.Progress = bar.show
	defer bar.end()
	if o.out == "" {
		return refused(job.Write(ctx, c, a.rowsOut(job.Format)))
	}
	return refused(file.Write(func(w io.Writer) error { return job.Write(ctx, c, w) }))
}

// refused says of what an export does not do how to ask for it otherwise.
func refused(err error) error {
	var exists *export.ExistsError
	switch {
	case errors.As(err, &exists) && exists.NoFile:
		return badUsage("no_file", "file", exists.Path)
	case errors.As(err, &exists):
		return badUsage("file_exists", "file", exists.Path)
	case errors.As(err, new(*export.TooLongError)):
		return badUsage("page_too_long", "most", export.MostPageRows)
	}
	return err
}

// rowsOut is stdout. A screen gets nothing that it would obey.
func (a *app) rowsOut(f export.Format) io.Writer {
	if f == export.FormatNDJSON || terminal(a.Stdout) {
		return &harmless{w: a.Stdout}
	}
	return a.Stdout
}

// aim fills in of what the export is, and whose clock it shows.
func (a *app) aim(ctx context.Context, job *export.Job, o *exportFlags, c *cache.Cache, local *cache.Local) (err error) {
	if o.account != "" {
		if _, err := local.Account(ctx, o.account); errors.Is(err, cache.ErrNotFound) {
			return fmt.Errorf("%s: %w", o.account, profile.ErrNoAccount)
		} else if err != nil {
			return err
		}
	}
	job.Select = cache.Selection{Account: o.account, Person: o.person}
	if o.queried {
		if err := a.selectBy(ctx, c, local, job.Rows, o.query, &job.Select); err != nil {
			return err
		}
	}
	if job.Channels, err = local.ChannelNames(ctx); err != nil {
		return err
	}
	job.Zone, err = zoneOf(ctx, c, local, job.Select)
	return err
}

// zoneOf is the clock that a selection is shown by: that of its account, or of
// the newest thread of its person, or of the first account there is.
func zoneOf(ctx context.Context, c *cache.Cache, local *cache.Local, sel cache.Selection) (*time.Location, error) {
	account := sel.Account
	if account == "" && sel.Person != "" {
		people, err := c.People(ctx, []string{sel.Person})
		if err != nil {
			return nil, err
		}
		if len(people) > 0 && len(people[0].Parts) > 0 {
			account = people[0].Parts[0].Account
		}
	}
	accounts, err := local.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	return inbox.LocationAmong(accounts, account), nil
}

// selectBy narrows an export by a query. One that was not understood narrows
// less than was meant: nothing is exported then.
func (a *app) selectBy(ctx context.Context, c *cache.Cache, local *cache.Local, what export.Rows, asked string, sel *cache.Selection) error {
	engine := search.New(c, local)
	if err := engine.People.Load(ctx); err != nil {
		return err
	}
	where, err := local.Phones(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	q, err := engine.Read(ctx, asked, now)
	if err != nil {
		return err
	}
	if what == export.Messages { // the words are theirs
		sel.Narrow, err = engine.Resolve(ctx, &q, where, now)
		sel.Words = search.WordsOf(&q)
	} else {
		sel.Narrow, q, err = engine.Narrow(ctx, asked, where, now, math.MaxInt32)
	}
	if err != nil {
		return err
	}
	if p, ok := q.Misread(); ok {
		return badUsage("query", "problem", a.problem(p))
	}
	return nil
}

// rowsBar tells how many rows are written.
type rowsBar struct{ live }

// newRowsBar begins one. What goes to a screen is its own progress.
func (a *app) newRowsBar(toStdout bool) *rowsBar {
	b := &rowsBar{a.newLive()}
	b.mute = b.mute || toStdout && terminal(a.Stdout)
	b.last = time.Now() // what is soon done needs none
	return b
}

func (b *rowsBar) show(done, total int64) {
	if !b.due() {
		return
	}
	text := b.a.words.T("cli.rows", "done", done)
	if total > 0 {
		text = bar(min(done, total), total) + b.a.words.T("cli.rows_of", "done", done, "total", total)
	}
	b.write(text)
}
