package inbox_test

import (
	"testing"

	"bandeja/internal/inbox"
)

func TestLocationAmong(t *testing.T) {
	accounts := []inbox.Account{{Name: "ventas", Zone: "America/Argentina/Salta"}, {Name: "soporte", Zone: "America/Mexico_City"}, {Name: "caja", Zone: "Nowhere/At_All"}}
	for _, c := range []struct {
		accounts   []inbox.Account
		name, want string
	}{
		{accounts, "", "America/Argentina/Salta"},
		{accounts, "soporte", "America/Mexico_City"},
		{accounts, "caja", "UTC"},
		{accounts, "removed", "UTC"},
		{nil, "", "UTC"},
	} {
		if got := inbox.LocationAmong(c.accounts, c.name).String(); got != c.want {
			t.Errorf("%q of %d: %s, want %s", c.name, len(c.accounts), got, c.want)
		}
	}
}
