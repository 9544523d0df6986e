package syncer_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"bandeja/internal/inbox"
	"bandeja/internal/providers"
	"bandeja/internal/providers/platica"
	"bandeja/internal/providers/providertest"
	"bandeja/internal/providers/rest"
	"bandeja/internal/providers/simulator"
	"bandeja/internal/providers/waspy"
	"bandeja/internal/syncer"
)

// pipeOffice is an office on a listener in memory: inside a bubble, hours pass
// at once and the clients keep their real manners.
func pipeOffice(t *testing.T, o simulator.Options) (*office, *providertest.Pipe) {
	t.Helper()
	o.NoRateLimit = true
	pipe := providertest.NewPipe()
	v := &office{Office: simulator.New(o), server: &httptest.Server{URL: "http://127.0.0.1"}}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := v.meddle.Load(); m != nil && (*m)(w, r) {
			return
		}
		v.Handler().ServeHTTP(w, r)
	})}
	go func() { _ = server.Serve(pipe) }()
	t.Cleanup(func() {
		_ = server.Close()
		synctest.Wait()
	})
	return v, pipe
}

// pipeClient asks an office through its pipe.
func pipeClient(t *testing.T, v *office, pipe *providertest.Pipe, p inbox.ProviderName) providers.Provider {
	t.Helper()
	return usualClient(t, p, rest.Options{BaseURL: v.base(p), Key: rest.NewSecret(v.key(p)), DialContext: pipe.DialContext})
}

// usualClient asks with the manners and at the pace of the program.
func usualClient(t *testing.T, p inbox.ProviderName, o rest.Options) providers.Provider {
	t.Helper()
	var c closingProvider
	var err error
	if p == inbox.Waspy {
		c, err = waspy.New(o)
	} else {
		c, err = platica.New(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// inBubble runs a test of each platform under a clock of its own, over a real
// file.
func inBubble(t *testing.T, o simulator.Options, change func(*syncer.Options), test func(k *copier)) {
	t.Helper()
	for _, p := range platforms {
		t.Run(string(p), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				v, pipe := pipeOffice(t, o)
				k := &copier{t: t, p: p, office: v, cache: openCache(t, dir)}
				k.o = syncer.Options{Account: account(p), Provider: pipeClient(t, v, pipe, p), Cache: k.cache}
				k.o.Account.Rate = 10
				if change != nil {
					change(&k.o)
				}
				k.again()
				test(k)
			})
		})
	}
}
