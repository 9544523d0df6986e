// Package cli is the command line, one file a command (DESIGN §6, a contract:
// names, fields and exit codes are relied on from outside).
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
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
	fresh   bool // cache.db of a newer Bandeja is set aside
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
	err := a.root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var said *outcome
	if errors.As(err, &said) {
		return said.code
	}
	a.words = words.For(a.language()) // the mistake may have come before the language
	fmt.Fprintln(env.Stderr, "bandeja: "+oneLine(a.sentence(err)))
	return exitCode(err)
}

// untilStopped is ctx until somebody stops the program: Ctrl-C, or a polite
// signal. A second one ends it at once, as signals do.
func untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// stopped reports whether err only says that ctx ended.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.As(err, new(*profile.OwnedError)))
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "bandeja",
		Short: "One inbox for the WhatsApp conversations of Waspy and Plática, on your own disk",
		Long: `Bandeja keeps a copy of your team's WhatsApp conversations from Waspy and
Plática, and makes it instant to browse and search, with or without a network.

Without a command it opens the inbox: a window, or the browser where there is
no display.`,
		Example:       "  bandeja demo\n  bandeja account add waspy ventas < key.txt\n  bandeja sync\n  bandeja search garcía",
		Args:          noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.words = words.For(a.language())
			if err := a.checkLanguage(); err != nil || cmd.Annotations[profileNote] == "none" {
				return err
			}
			return a.findProfile()
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(a.help)
	f := root.PersistentFlags()
	f.StringVar(&a.dir, "profile", "", "the profile's folder (env BANDEJA_PROFILE; default: the system's data folder)")
	f.BoolVar(&a.json, "json", false, "machine output on stdout")
	f.StringVar(&a.lang, "lang", "", "es-AR, es-MX or en (env BANDEJA_LANG; default: the system's)")
	f.BoolVar(&a.quiet, "quiet", false, "say nothing but errors")
	f.BoolVar(&a.verbose, "verbose", false, "repeat the log on stderr")
	a.openCommand(root)
	root.AddCommand(a.demo(), a.serve(), a.account(), a.sync(), a.status(), a.search(), a.insights(), a.show(), a.set(), a.outbox(), a.token(), a.export(), a.verify(), a.forget(), a.backup(), a.restore(), a.doctor(), a.phone(), a.simulate(), a.version())
	root.SetHelpCommand(&cobra.Command{Use: "help [command]", Short: "Help about a command", Hidden: true, RunE: func(_ *cobra.Command, args []string) error {
		cmd, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return badUsage("no_command", "command", root.Name(), "name", strings.Join(args, " "))
		}
		return cmd.Help()
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

func (a *app) checkLanguage() error {
	if a.lang != "" && a.lang != "es" && !slices.Contains(words.Languages(), a.lang) {
		return badUsage("lang", "value", a.lang)
	}
	return nil
}

// profileNote marks the commands that have no use for a profile of this user's:
// they run where there is not even a home folder.
const profileNote = "profile"

func withoutProfile() map[string]string { return map[string]string{profileNote: "none"} }

func (a *app) findProfile() (err error) {
	if a.dir == "" {
		a.dir = a.Getenv("BANDEJA_PROFILE")
	}
	if a.dir == "" {
		a.dir, err = profile.DefaultDir()
	}
	return err
}

// freshFlag lets a command begin cache.db anew.
func (a *app) freshFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.fresh, "fresh-cache", false, "set a copy of a newer Bandeja aside, and copy everything anew")
}

// notice says that a damaged file was brought back.
func (a *app) notice(n cache.Notice) {
	key := map[string]string{
		cache.CacheRebuilt:  "cli.notice.cache_rebuilt",
		cache.LocalRestored: "cli.notice.local_restored",
		cache.LocalSalvaged: "cli.notice.local_salvaged",
	}[n.Kind]
	a.say(a.words.T(key, "file", n.File, "from", n.From.Local().Format("2006-01-02 15:04")))
}

// options opens the profile in a mode.
func (a *app) options(mode string) profile.Options {
	o := profile.Options{Dir: a.dir, Mode: mode, Language: a.words.Lang(), Version: a.Build.Version, Assets: a.Assets, KeyStore: a.Getenv("BANDEJA_KEY_STORE"),
		FreshCache: a.fresh, Notice: a.notice}
	if a.verbose {
		o.Verbose = a.Stderr
	}
	return o
}
