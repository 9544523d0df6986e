package rest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"bandeja/internal/providers"
	"bandeja/internal/providers/rest"
)

func TestSecretShowsNothing(t *testing.T) {
	type hidden struct{ key rest.Secret }
	secret := rest.NewSecret(testKey)
	c, err := rest.New(options("https://api.example.org/v1"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, thing := range []any{
		secret, &secret, options("https://x"), []rest.Secret{secret}, map[string]rest.Secret{"k": secret}, hidden{secret}, &hidden{secret}, c,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%10.3s", "% x"} {
			fmt.Fprintf(&out, verb+"\n", thing)
		}
		fmt.Fprintln(&out, thing)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "thing", thing)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "thing", thing)
	}
	text, err := json.Marshal(map[string]any{"key": secret, "options": struct{ Key rest.Secret }{secret}})
	if err != nil || strings.Count(string(text), "•••") != 2 {
		t.Errorf("%s, %v", text, err)
	}
	out.Write(text)
	for _, form := range []string{testKey, fmt.Sprintf("%x", testKey), fmt.Sprintf("%X", testKey), fmt.Sprintf("% x", testKey)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the key shows as %q", form)
		}
	}
	if !strings.Contains(out.String(), "•••") || secret.Reveal() != testKey || !(rest.Secret{}).IsZero() {
		t.Error("a secret that is lost, or none that is one")
	}
}

// No error holds the key, the number that was asked for, or what the provider
// said, whichever way the request failed.
func TestErrorsTellNothing(t *testing.T) {
	echo := fmt.Sprintf(`{"error":{"code":"BAD","message":"%s %s %s"},"message":"%s","details":"%s","meta":{"requestId":"req_1"}}`, testPhone, testText, testKey, testText, testPhone)
	cases := map[string]func(int, http.ResponseWriter, *http.Request){
		"web page": func(_ int, w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, "<p>%s %s</p>", testPhone, testText)
		},
		"not JSON": func(_ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "%s %s", testPhone, testText) },
		"cut":      func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, echo[:80]) },
		"redirect": func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://"+testPhone[1:]+".example.org/"+testText, http.StatusFound)
		},
		"odd request id": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", testPhone[1:])
			w.WriteHeader(404)
		},
		"plain words": status(422, `{"code":422,"error":"`+testText+" "+testPhone+`"}`),
		"no reply":    func(int, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for _, code := range []int{400, 401, 403, 404, 409, 422, 429, 500, 503} {
		cases[http.StatusText(code)] = status(code, echo)
	}
	for name, serve := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, serve, nil, func(t *testing.T, c *rest.Client, _ *office) {
				_, err := c.Get(t.Context(), rest.Call{Op: "read", Path: []string{"by-phone", testPhone}})
				var failed *providers.Error
				if !errors.As(err, &failed) {
					t.Fatalf("error %v", err)
				}
				for _, text := range []string{err.Error(), fmt.Sprintf("%#v %+v %v", failed, failed, failed.Err)} {
					for _, secret := range []string{testKey, testPhone[1:], testPhone[3:], "Hola", "stock"} {
						if strings.Contains(text, secret) {
							t.Errorf("%q holds %q", text, secret)
						}
					}
				}
			})
		})
	}
}

func TestErrorsKeepWhatHelps(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"code":"AGENT_NOT_FOUND","message":"x"},"meta":{"requestId":"req_7"}}`: "AGENT_NOT_FOUND",
		`{"code":422,"error":"Unprocessable Entity - No such owner"}`:                     "Unprocessable Entity - No such owner",
	} {
		c, _ := socket(t, status(422, body))
		_, err := get(t, c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
}
