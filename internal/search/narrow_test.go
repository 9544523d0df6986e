package search

import (
	"fmt"
	"testing"

	"bandeja/internal/inbox"
)

// Whoever a filter leaves is found, however many more recent namesakes it does
// not leave, and whether it leaves few people or many.
func TestFilterFindsBeyondNamesakes(t *testing.T) {
	for _, others := range []int{10, 2100} {
		for _, facts := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d others left, facts %v", others, facts), func(t *testing.T) {
				e := newEngine(t)
				var rows []inbox.Conversation
				add := func(name string, status inbox.Status, at int) {
					c := chat(fmt.Sprint("c", len(rows)), name, fmt.Sprintf("+549115%07d", len(rows)), minutes(at))
					c.Status, c.StatusWord = status, string(status)
					rows = append(rows, c)
				}
				add("María Giménez", inbox.Resolved, 1)
				add("Mariana Giménez", inbox.Open, 2)
				add("Maria Jimenes", inbox.Resolved, 3)
				for i := range 400 {
					add("María Giménez", inbox.Open, 1000+i)
				}
				for i := range others {
					add(fmt.Sprint("Ana ", i), inbox.Resolved, 500+i)
				}
				save(t, e, waspyAccount, rows...)
				if facts {
					if err := e.Cache.LoadFacts(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				for query, want := range map[string][]string{
					"maria gimenez estado:resuelta":       {"María Giménez", "Maria Jimenes"},
					"mari estado:resuelta":                {"Maria Jimenes", "María Giménez"}, // both begin so
					"gimenez -maria":                      {"Mariana Giménez"},
					"gimenez -maria estado:abierta":       {"Mariana Giménez"},
					"gimenez -maria estado:resuelta":      {},
					"5" + "0000002 estado:resuelta":       {"Maria Jimenes"},
					"maria gimenez estado:spam":           {},
					"maria -estado:abierta cuenta:ventas": {"Maria Jimenes", "María Giménez"},
				} {
					same(t, query, names(t, e, query), want...)
				}
			})
		}
	}
}
