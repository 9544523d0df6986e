package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
	"bandeja/internal/providers/simulator"
)

func (a *app) demo() *cobra.Command {
	o := runOptions{sync: true}
	var serve, still bool
	sim := simulator.Options{Seed: demoSeed}
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Open a demo office: two simulated platforms, no key, no network",
		Example: "  bandeja demo\n  bandeja demo --serve --listen 127.0.0.1:0 --json",
		Args:    noArgs,

		Annotations: withoutProfile(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := loopback(o.listen); err != nil {
				return err
			}
			if sim.Conversations < 0 || sim.Messages < 0 {
				return badUsage("office_size")
			}
			sim.Live = !still
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			dir, err := os.MkdirTemp("", "bandeja-demo-")
			if err != nil {
				return fmt.Errorf("make a throw-away profile: %w", err)
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			office, err := openOffice(sim, "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer office.close()
			a.dir = dir
			po := a.options("demo")
			po.Demo, po.KeyStore = true, profile.File
			o.window = !serve
			o.browser = o.browser || !serve
			return a.run(ctx, po, o, func(in *profile.Inbox) error { return office.join(ctx, in) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&serve, "serve", false, "serve it to a browser instead of opening a window")
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback address and port")
	f.BoolVar(&o.browser, "open", false, "open the browser on it, with --serve")
	f.BoolVar(&still, "still", false, "nobody writes while it is open")
	f.Uint64Var(&sim.Seed, "seed", demoSeed, "another office")
	f.IntVar(&sim.Conversations, "conversations", 0, "conversations at each platform (default: a small office)")
	f.IntVar(&sim.Messages, "messages", 0, "messages at each platform in all")
	return cmd
}

// demoSeed is the office that everybody sees first.
const demoSeed = 7

// office is a simulator being served.
type office struct {
	*simulator.Office
	base string
	http *http.Server
	stop context.CancelFunc
	work sync.WaitGroup
}

func openOffice(o simulator.Options, listen string) (*office, error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	v := &office{Office: simulator.New(o), base: "http://" + l.Addr().String(), stop: cancel}
	v.http = &http.Server{Handler: v.Handler(), ReadHeaderTimeout: 10 * time.Second}
	v.work.Go(func() { _ = v.http.Serve(l) })
	if o.Live {
		v.work.Go(func() { v.Run(ctx) })
	}
	return v, nil
}

func (v *office) close() {
	v.stop()
	_ = v.http.Close()
	v.work.Wait()
}

// join adds the two simulated platforms to a profile. The office sits in Buenos
// Aires and serves both countries, so one clock orders its list.
func (v *office) join(ctx context.Context, in *profile.Inbox) error {
	for _, acc := range []profile.AddAccount{
		{Provider: inbox.Waspy, Name: "ventas", BaseURL: v.base + simulator.WaspyPath, Key: v.WaspyKey(), Region: "AR", Area: "11", Rate: 40},
		{Provider: inbox.Platica, Name: "soporte", BaseURL: v.base + simulator.PlaticaPath, Key: v.PlaticaKey(), Region: "MX", Zone: "America/Argentina/Buenos_Aires", Rate: 25},
	} {
		if _, err := in.Add(ctx, acc); err != nil {
			return fmt.Errorf("add the demo's %s: %w", acc.Provider.Title(), err)
		}
	}
	return nil
}
