//go:build unix

package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// askDemo opens the demo office of a desk twice, as its page does, and wants the
// second one there and the first one gone: `askdemo desk`.
func askDemo(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: askdemo NAME")
	}
	name := strings.ToUpper(args[0])
	origin := ts.Getenv(name + "_ORIGIN")
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	page := http.Client{Jar: jar}
	post := func(path, body string) *http.Response {
		res, err := page.Post(origin+path, "application/json", strings.NewReader(body))
		ts.Check(err)
		return res
	}
	_, code, _ := strings.Cut(ts.Getenv(name+"_URL"), "#k=")
	post("/api/session", `{"code":"`+code+`"}`).Body.Close()
	var last string
	for range 2 {
		res := post("/api/demo", `{}`)
		var made struct{ URL string }
		err := json.NewDecoder(res.Body).Decode(&made)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusCreated {
			ts.Fatalf("no demo office: %d %v", res.StatusCode, err)
		}
		demo, err := http.Get(made.URL)
		ts.Check(err)
		demo.Body.Close()
		if demo.StatusCode != http.StatusOK {
			ts.Fatalf("the demo office answered %d", demo.StatusCode)
		}
		if last != "" {
			if _, err := http.Get(last); err == nil {
				ts.Fatalf("the first demo office is still there")
			}
		}
		last = made.URL
	}
}
