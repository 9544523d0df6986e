package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/export"
	"bandeja/internal/profile"
	"bandeja/internal/query"
	"bandeja/internal/search"
)

func (a *app) export() *cobra.Command {
	var format, account, person, out, asked string
	cmd := &cobra.Command{
		Use:     "export conversations|messages|people",
		Short:   "Write what the providers said, one row a line",
		Example: "  bandeja export conversations > chats.ndjson\n  bandeja export messages --account ventas --out messages.ndjson\n  bandeja export conversations --query 'etiqueta:vip desde:30d'",
		Args:    exactly(1, "rows"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"conversations", "messages", "people"}, args[0]) {
				return badUsage("wants_rows", "command", cmd.CommandPath())
			}
			if format != "ndjson" {
				return badUsage("format", "value", format)
			}
			ctx := cmd.Context()
			c, local, err := profile.View(ctx, a.dir)
			if err != nil {
				return err
			}
			defer c.Close()
			defer local.Close()
			if account != "" {
				if _, err := local.Account(ctx, account); errors.Is(err, cache.ErrNotFound) {
					return fmt.Errorf("%s: %w", account, profile.ErrNoAccount)
				} else if err != nil {
					return err
				}
			}
			sel := cache.Selection{Account: account, Person: person}
			if cmd.Flags().Changed("query") {
				if err := a.selectBy(ctx, c, local, args[0], asked, &sel); err != nil {
					return err
				}
			}
			return a.into(out, func(w io.Writer) error { return exportRows(ctx, c, args[0], sel, w) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", "ndjson", "ndjson")
	f.StringVar(&account, "account", "", "of this account only")
	f.StringVar(&person, "person", "", "of this person only (p_…)")
	f.StringVar(&asked, "query", "", "what this query finds only, as in search")
	f.StringVar(&out, "out", "", "into this file, written whole or not at all (default: stdout)")
	return cmd
}

// selectBy narrows an export by a query. One that was not understood narrows
// less than was meant: nothing is exported then.
func (a *app) selectBy(ctx context.Context, c *cache.Cache, local *cache.Local, what, asked string, sel *cache.Selection) error {
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
	if what == "messages" { // the words are theirs
		sel.Narrow, err = engine.Resolve(ctx, &q, where, now)
		sel.Words = search.WordsOf(&q)
	} else {
		sel.Narrow, q, err = engine.Narrow(ctx, asked, where, now, math.MaxInt32)
	}
	if err != nil {
		return err
	}
	for _, p := range q.Problems {
		if p.Code != query.Twice && p.Code != query.OpenQuote && p.Code != query.OnlyFilters {
			return badUsage("query", "problem", a.problem(p))
		}
	}
	return nil
}

func exportRows(ctx context.Context, c *cache.Cache, what string, sel cache.Selection, w io.Writer) error {
	rows := export.NewNDJSON(w)
	var err error
	switch what {
	case "conversations":
		now := time.Now()
		err = c.EachConversation(ctx, sel, func(s cache.StoredConversation) error {
			return rows.Write(export.ConversationRow(s, s.Window.OpenAt(now)))
		})
	case "messages":
		err = c.EachMessage(ctx, sel, func(m cache.StoredMessage) error { return rows.Write(export.MessageRow(m)) })
	case "people":
		err = exportPeople(ctx, c, sel, rows)
	}
	if err != nil {
		return err
	}
	return rows.Flush()
}

// exportPeople writes everybody, or those whom one account knows, or whom a
// query finds.
func exportPeople(ctx context.Context, c *cache.Cache, sel cache.Selection, rows *export.NDJSON) error {
	known := map[string]bool{}
	if sel.Account != "" {
		if err := c.EachPerson(ctx, nil, func(r cache.PersonRow) error {
			known[r.Person] = known[r.Person] || r.Account == sel.Account
			return nil
		}); err != nil {
			return err
		}
	}
	found := map[string]bool{}
	if !sel.Narrow.Empty() {
		if err := c.EachMatching(ctx, sel.Narrow, func(person string) error {
			found[person] = true
			return nil
		}); err != nil {
			return err
		}
	}
	return export.EachPerson(ctx, c, sel.Person, func(p export.Person) error {
		if sel.Account != "" && !known[p.Person] || !sel.Narrow.Empty() && !found[p.Person] {
			return nil
		}
		return rows.Write(p)
	})
}

// into gives fn stdout, or a file that appears whole or not at all.
func (a *app) into(path string, fn func(io.Writer) error) error {
	if path == "" {
		return fn(&harmless{w: a.Stdout})
	}
	return export.ToFile(path, fn)
}
