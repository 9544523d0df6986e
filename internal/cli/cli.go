// Package cli is the command line, one file a command (DESIGN §6, a contract:
// names, fields and exit codes are relied on from outside).
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bandeja/internal/profile"
	"bandeja/internal/words"
)

// Env is what a run of the program stands in.
type Env struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	Assets fs.FS // the built interface
	Build  Build
	// Window opens a window on a running inbox and returns when it is closed;
	// nil in a build without one. ErrNoDisplay: fall back to the browser.
	Window func(ctx context.Context, in *profile.Inbox, o WindowOptions) error
}

// WindowOptions say how a window is opened.
type WindowOptions struct {
	SafeGraphics bool
	Title        string
	Started      func() error // called once, when the window can be told what to show: listens and starts
}

// ErrNoDisplay: this machine has no display to open a window on.
var ErrNoDisplay = errors.New("no display")

// Build says what was built.
type Build struct {
	Version string
	Commit  string
	Wails   string // "" in a build without a window
}

// Exit codes (DESIGN §6, contract).
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitIncomplete = 3
	exitKey        = 4
	exitOwned      = 5
)

// app is one run: its surroundings and the global flags.
type app struct {
	Env
	dir     string
	json    bool
	lang    string
	quiet   bool
	verbose bool
	words   words.Words
	root    *cobra.Command
}

// Run runs the command line and returns the exit code.
func Run(ctx context.Context, env Env) int {
	a := &app{Env: env}
	a.root = a.command()
	a.root.SetArgs(env.Args)
	a.root.SetIn(env.Stdin)
	a.root.SetOut(env.Stdout)
	a.root.SetErr(env.Stderr)
	a.words = words.For(a.language())
	err := a.root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var quiet *outcome
	if errors.As(err, &quiet) {
		return quiet.code
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return exitIncomplete
	}
	fmt.Fprintln(env.Stderr, "bandeja: "+a.sentence(err))
	return a.exitCode(err)
}

// outcome is an exit code whose reasons have been said already.
type outcome struct{ code int }

func (o *outcome) Error() string { return fmt.Sprintf("exit code %d", o.code) }

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "bandeja",
		Short: "One inbox for the WhatsApp conversations of Waspy and Plática, on your own disk",
		Long: `Bandeja keeps a copy of your team's WhatsApp conversations from Waspy and
Plática, and makes it instant to browse and search, with or without a network.

Without a command it opens the inbox: a window, or the browser where there is
no display.`,
		Example:       "  bandeja demo\n  bandeja account add waspy ventas < key.txt\n  bandeja sync\n  bandeja search garcía",
		Args:          a.noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.words = words.For(a.language())
			return a.findProfile()
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usagef("%v", err) })
	f := root.PersistentFlags()
	f.StringVar(&a.dir, "profile", "", "the profile's folder (env BANDEJA_PROFILE; default: the system's data folder)")
	f.BoolVar(&a.json, "json", false, "machine output on stdout")
	f.StringVar(&a.lang, "lang", "", "es-AR, es-MX or en (env BANDEJA_LANG; default: the system's)")
	f.BoolVar(&a.quiet, "quiet", false, "say nothing but errors")
	f.BoolVar(&a.verbose, "verbose", false, "repeat the log on stderr")
	a.openCommand(root)
	root.AddCommand(a.demo(), a.serve(), a.account(), a.sync(), a.status(), a.search(), a.show(), a.export(), a.phone(), a.simulate(), a.version())
	root.SetHelpCommand(&cobra.Command{Use: "help [command]", Short: "Help about a command", Hidden: true, Run: func(_ *cobra.Command, args []string) {
		if cmd, _, err := root.Find(args); err == nil {
			_ = cmd.Help()
		}
	}})
	return root
}

// language is what --lang says, or the environment, or the system.
func (a *app) language() string {
	for _, v := range []string{a.lang, a.Getenv("BANDEJA_LANG"), a.Getenv("LC_ALL"), a.Getenv("LC_MESSAGES"), a.Getenv("LANG")} {
		if v != "" {
			return words.Match(v)
		}
	}
	return words.Match("")
}

func (a *app) findProfile() (err error) {
	if a.lang != "" && a.lang != "es" && !known(a.lang) {
		return usagef("--lang is es-AR, es-MX or en, not %q", a.lang)
	}
	if a.dir == "" {
		a.dir = a.Getenv("BANDEJA_PROFILE")
	}
	if a.dir == "" {
		a.dir, err = profile.DefaultDir()
	}
	return err
}

func known(lang string) bool {
	for _, l := range words.Languages() {
		if l == lang {
			return true
		}
	}
	return false
}

// options opens the profile in a mode.
func (a *app) options(mode string) profile.Options {
	o := profile.Options{Dir: a.dir, Mode: mode, Language: a.words.Lang(), Version: a.Build.Version, Assets: a.Assets, KeyStore: a.Getenv("BANDEJA_KEY_STORE")}
	if a.verbose {
		o.Verbose = a.Stderr
	}
	return o
}

// print writes one JSON value to stdout.
func (a *app) print(v any) error {
	e := json.NewEncoder(a.Stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// say tells a person something, unless they asked for quiet.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.Stderr, format+"\n", args...)
	}
}

// terminal reports whether w is a screen that a person looks at.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// noArgs and exactly count arguments in our own words and exit code.
func (a *app) noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd == cmd.Root() {
		return usagef("%q is not a command of Bandeja's; see: bandeja --help", args[0])
	}
	return usagef("%s takes no arguments; see: %s --help", cmd.CommandPath(), cmd.CommandPath())
}

func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s wants %s; see: %s --help", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}

// changed gives a flag's value only where it was given.
func changed[T any](f *pflag.FlagSet, name string, v T) *T {
	if !f.Changed(name) {
		return nil
	}
	return &v
}
