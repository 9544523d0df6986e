package main

import (
	"fmt"
	"io"
	"strings"
)

// writeNotices writes the licences that the parts' authors ask to be handed on
// with a program, each text once.
func writeNotices(w io.Writer, parts []part) error {
	var order []string
	under := map[string][]string{}
	for _, p := range parts {
		for _, text := range p.Texts {
			if under[text] == nil {
				order = append(order, text)
			}
			under[text] = append(under[text], fmt.Sprintf("%s %s (%s)", p.Name, p.Version, p.Licence))
		}
	}
	if _, err := fmt.Fprintln(w, "Bandeja contains the following software of others, under their licences."); err != nil {
		return err
	}
	for _, text := range order {
		if _, err := fmt.Fprintf(w, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 78), strings.Join(under[text], "\n"), text); err != nil {
			return err
		}
	}
	return nil
}
