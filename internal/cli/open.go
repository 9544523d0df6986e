package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"bandeja/internal/profile"
)

// runOptions say how a running inbox meets its person.
type runOptions struct {
	listen       string          // "": the remembered port
	public       *profile.Public // beyond this machine, too
	window       bool            // where there is a display and the build has one
	browser      bool            // open the browser on it
	sync         bool
	safeGraphics bool
	demo         *beside
}

// openCommand makes the bare command open the inbox.
func (a *app) openCommand(root *cobra.Command) {
	var safe bool
	a.freshFlag(root)
	root.Flags().BoolVar(&safe, "safe-graphics", false, "draw the window without the graphics card")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.run(cmd.Context(), a.options("window"), runOptions{window: true, browser: true, sync: true, safeGraphics: safe}, nil)
	}
}

func (a *app) serve() *cobra.Command {
	o := runOptions{sync: true}
	var noSync, public bool
	var p profile.Public
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Serve the inbox to a browser on this machine until stopped",
		Example: "  bandeja serve --open\n  bandeja serve --listen 127.0.0.1:0 --json\n  bandeja serve --public --listen 0.0.0.0:8443",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case public:
				if err := mayBePublic(o.listen, p); err != nil {
					return err
				}
				p.Address, o.listen, o.public = o.listen, "", &p
			case p.CertFile != "" || p.KeyFile != "":
				return badUsage("tls_without_public")
			default:
				if err := loopback(o.listen); err != nil {
					return err
				}
			}
			o.sync = !noSync
			return a.run(cmd.Context(), a.options("serve"), o, nil)
		},
	}
	a.freshFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "", "loopback address and port, or with --public that of the second door (default: a port chosen once and remembered; :0 takes any)")
	f.BoolVar(&o.browser, "open", false, "open the browser on it")
	f.BoolVar(&noSync, "no-sync", false, "show what is here and copy nothing")
	f.BoolVar(&public, "public", false, "serve the platforms' own APIs beyond this machine too: by TLS, to whoever has a token")
	f.StringVar(&p.CertFile, "tls-cert", "", "certificate in PEM, for --public (default: one of the profile's own, trusted by its fingerprint)")
	f.StringVar(&p.KeyFile, "tls-key", "", "its key in PEM, for --public")
	return cmd
}

// run opens the profile, serves it and shows it, until the window is closed or
// a signal comes: that is its proper end. after is called once it serves.
func (a *app) run(ctx context.Context, po profile.Options, o runOptions, after func(*profile.Inbox) error) error {
	ctx, stop := untilStopped(ctx)
	defer stop()
	o.demo = &beside{ctx: ctx}
	defer o.demo.close()
	po.OpenDemo = o.demo.open
	err := a.open(ctx, po, o, after)
	if stopped(ctx, err) {
		return nil
	}
	return err
}

func (a *app) open(ctx context.Context, po profile.Options, o runOptions, after func(*profile.Inbox) error) error {
	in, err := profile.Open(ctx, po)
	var owned *profile.OwnedError
	if errors.As(err, &owned) && owned.Owner != nil {
		if o.public != nil {
			return badUsage("public_running")
		}
		return a.raise(ctx, owned.Owner, o)
	}
	if err != nil {
		return err
	}
	return errors.Join(a.serveIt(ctx, in, o, after), in.Close())
}

func (a *app) serveIt(ctx context.Context, in *profile.Inbox, o runOptions, after func(*profile.Inbox) error) error {
	if o.window && a.Window != nil {
		// The window listens and starts by itself, once it knows what it can do.
		err := a.Window(ctx, in, WindowOptions{SafeGraphics: o.safeGraphics, Title: "Bandeja", Started: func() error {
			o.demo.window = true
			return a.begin(ctx, in, o, after)
		}})
		if !errors.Is(err, ErrNoDisplay) {
			return err
		}
		a.say(a.words.T("cli.no_display"))
	}
	var public profile.Reached
	if o.public != nil {
		var err error
		if public, err = in.ListenPublic(ctx, *o.public); err != nil {
			return err
		}
	}
	if err := a.begin(ctx, in, o, after); err != nil {
		return err
	}
	link := in.Link()
	if err := a.tellOpen(in, link, public); err != nil {
		return err
	}
	if o.browser {
		if err := openBrowser(link); err != nil {
			a.say(a.words.T("cli.no_browser"))
		}
	}
	<-ctx.Done()
	return nil
}

// tellOpen says where the inbox is, and how others reach what is served to them.
func (a *app) tellOpen(in *profile.Inbox, link string, public profile.Reached) error {
	if a.json {
		line := map[string]string{"url": link, "origin": in.Origin()}
		if public.Origin != "" {
			line["public"], line["fingerprint"] = public.Origin, public.Fingerprint
		}
		return a.print(line)
	}
	if err := a.tell(a.words.T("cli.open_this", "url", link)); err != nil || public.Origin == "" {
		return err
	}
	text := a.words.T("cli.public", "origin", public.Origin)
	if public.Own {
		text += "\n" + a.words.T("cli.public_pin", "origin", public.Origin, "pin", public.Fingerprint)
	}
	return a.tell(text)
}

func (a *app) begin(ctx context.Context, in *profile.Inbox, o runOptions, after func(*profile.Inbox) error) error {
	if in.Viewing() {
		a.say(a.words.T("cli.viewing", "dir", a.dir))
	}
	if _, err := in.Listen(ctx, o.listen); err != nil {
		return err
	}
	if after != nil {
		if err := after(in); err != nil {
			return err
		}
	}
	return in.Start(o.sync)
}

// raise is the second start: the first's window comes to the front, or a fresh
// link to it is given where it has none.
func (a *app) raise(ctx context.Context, owner *profile.Owner, o runOptions) error {
	var r profile.Raised
	if err := owner.Ask(ctx, profile.DoRaise, struct{}{}, nil, &r); err != nil {
		return err
	}
	if r.Window {
		a.say(a.words.T("cli.raised"))
		return nil
	}
	if a.json {
		return a.print(map[string]string{"url": r.Link, "origin": owner.Address})
	}
	if err := a.tell(a.words.T("cli.open_this", "url", r.Link)); err != nil {
		return err
	}
	if o.browser {
		if err := openBrowser(r.Link); err != nil {
			a.say(a.words.T("cli.no_browser"))
		}
	}
	return nil
}

// openBrowser asks the system to show an address of ours.
func openBrowser(url string) error {
	var cmd *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		cmd = exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	case "darwin":
		cmd = exec.Command("open", url)
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return ErrNoDisplay
		}
		cmd = exec.Command("xdg-open", url)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // it may live as long as the browser
	return nil
}
