package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"bandeja/internal/phone"
)

// explained is a line of `phone`.
type explained struct {
	Input   string     `json:"input"`
	Kind    phone.Kind `json:"kind"`
	E164    string     `json:"e164"`
	Key     string     `json:"key"`
	Display string     `json:"display"`
	Mobile  *bool      `json:"mobile"`
	Reason  string     `json:"reason"`
}

func (a *app) phone() *cobra.Command {
	var stdin bool
	where := phone.Context{Region: "AR"}
	cmd := &cobra.Command{
		Use:     "phone [NUMBER…]",
		Short:   "Explain how numbers are read",
		Example: "  bandeja phone '011 15-5983-4410' --area 11\n  bandeja phone --stdin < numbers.ndjson",

		Annotations: withoutProfile(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !stdin && len(args) == 0 {
				return badUsage("wants_number", "command", cmd.CommandPath())
			}
			for _, text := range args {
				if err := a.explain(text, where); err != nil {
					return err
				}
			}
			if !stdin {
				return nil
			}
			return a.explainAll(where)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&stdin, "stdin", false, `read NDJSON: {"input","region","area"}`)
	f.StringVar(&where.Region, "region", where.Region, "how numbers without a country code are read")
	f.StringVar(&where.Area, "area", "", "area code of local numbers")
	return cmd
}

func (a *app) explain(text string, where phone.Context) error {
	n := phone.Parse(text, where)
	return a.print(explained{text, n.Kind, n.E164, n.Key, n.Display, n.Mobile, n.Reason})
}

// explainAll answers line for line, in order. A line that is not JSON is
// answered too, as no number, and makes the command fail at its end.
func (a *app) explainAll(where phone.Context) error {
	in := bufio.NewReader(a.Stdin)
	bad := 0
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var q struct {
				Input  string  `json:"input"`
				Region *string `json:"region"`
				Area   *string `json:"area"`
			}
			here := where
			if e := json.Unmarshal(line, &q); e != nil {
				bad++
				a.say(a.words.T("cli.bad_line", "line", n))
				if err := a.print(explained{Input: string(line), Kind: phone.None, Reason: "not a line of JSON"}); err != nil {
					return err
				}
			} else {
				if q.Region != nil {
					here.Region = *q.Region
				}
				if q.Area != nil {
					here.Area = *q.Area
				}
				if err := a.explain(q.Input, here); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read stdin: %w", err)
		}
	}
	if bad > 0 {
		return &outcome{exitUsage}
	}
	return nil
}
