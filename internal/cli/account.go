package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

func (a *app) account() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "account",
		Short:   "The API keys that Bandeja copies from",
		Example: "  bandeja account add waspy ventas < key.txt\n  bandeja account list",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.accountAdd(), a.accountList(), a.accountCheck(), a.accountSet(), a.accountKey(), a.accountRemove())
	return cmd
}

// accountFlags are those that add and set share.
type accountFlags struct {
	baseURL, region, area, zone, keyStore, tlsPin string
	rate                                          float64
	insecure, noCheck                             bool
}

func (f *accountFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.baseURL, "base-url", "", "where the API is (default: the platform's own)")
	fs.StringVar(&f.region, "region", "", "how numbers without a country code are read: AR, MX, …")
	fs.StringVar(&f.area, "area", "", "area code of local numbers, such as 11")
	fs.StringVar(&f.zone, "zone", "", "time zone, such as America/Argentina/Buenos_Aires")
	fs.Float64Var(&f.rate, "rate", 0, "requests a second for this key (default 4 at Waspy, 10 at Plática)")
	fs.StringVar(&f.keyStore, "key-store", "", "where the key is kept: keyring, or file (0600 in the profile; env BANDEJA_KEY_STORE)")
	fs.StringVar(&f.tlsPin, "tls-pin", "", "trust only the server whose certificate has this SHA-256 fingerprint")
	fs.BoolVar(&f.insecure, "insecure", false, "let the key travel over plain http beyond this machine")
	fs.BoolVar(&f.noCheck, "no-check", false, "do not try the key first")
}

// check says in the language of the run what cannot be, before a key is asked
// for or a profile opened.
func (f *accountFlags) check(fs *pflag.FlagSet) error {
	switch {
	case fs.Changed("region") && len(f.region) != 2:
		return badUsage("region", "value", f.region)
	case strings.Trim(f.area, "0123456789") != "":
		return badUsage("area", "value", f.area)
	case fs.Changed("rate") && !(f.rate > 0 && f.rate <= 1e6):
		return badUsage("rate", "value", fmt.Sprint(f.rate))
	case fs.Changed("key-store") && f.keyStore != profile.Keyring && f.keyStore != profile.File:
		return badUsage("key_store", "value", f.keyStore)
	}
	if _, err := time.LoadLocation(f.zone); err != nil {
		return badUsage("zone", "value", f.zone)
	}
	return nil
}

func (a *app) accountAdd() *cobra.Command {
	var f accountFlags
	cmd := &cobra.Command{
		Use:     "add waspy|platica NAME",
		Short:   "Add an account; the key is read from stdin",
		Example: "  bandeja account add waspy ventas < key.txt\n  bandeja account add platica soporte --region MX --key-store file < key.txt",
		Args:    exactly(2, "platform_and_name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(inbox.Providers, inbox.ProviderName(args[0])) {
				return badUsage("platform", "value", args[0])
			}
			if !inbox.ValidAccountName(args[1]) {
				return badUsage("account_name", "value", args[1])
			}
			if err := f.check(cmd.Flags()); err != nil {
				return err
			}
			key, err := a.readKey()
			if err != nil {
				return err
			}
			var found profile.Found
			err = profile.Command(cmd.Context(), a.options("account"), profile.DoAdd, profile.AddAccount{
				Provider: inbox.ProviderName(args[0]), Name: args[1], BaseURL: f.baseURL, Key: key, Region: f.region, Area: f.area, Zone: f.zone,
				Rate: f.rate, KeyStore: orEnv(f.keyStore, a.Getenv("BANDEJA_KEY_STORE")), TLSPin: f.tlsPin, Insecure: f.insecure, NoCheck: f.noCheck}, nil, &found)
			if err != nil {
				return err
			}
			return a.showFound(found, "cli.account_added")
		},
	}
	f.register(cmd)
	return cmd
}

func orEnv(flag, env string) string {
	if flag != "" {
		return flag
	}
	return env
}

// showFound says what a look with a key found; key is the sentence for one
// that works.
func (a *app) showFound(f profile.Found, key string) error {
	if f.Account.KeyStore == profile.File && key != "cli.account_checked" {
		a.say(a.words.T("cli.key_in_file", "dir", a.dir))
	}
	if !f.Checked && key == "cli.account_added" {
		key = "cli.account_unchecked"
	}
	a.say(a.words.T(key, "account", f.Account.Name, "provider", f.Account.Provider.Title()))
	for _, w := range f.Workspaces {
		a.say(a.words.T("cli.workspace", "name", w.Name))
	}
	if len(f.Sample) > 0 {
		a.say(a.words.T("cli.sample", "names", strings.Join(f.Sample, ", ")))
	}
	if a.json {
		return a.print(f.Account)
	}
	return nil
}

// readKey reads a key from stdin: without echo on a terminal, else the first
// line of what is piped in. It is never taken from an argument, where every
// process of the machine could read it.
func (a *app) readKey() (string, error) {
	if in, ok := a.Stdin.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return a.promptKey(int(in.Fd()))
	}
	line, err := bufio.NewReader(io.LimitReader(a.Stdin, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read the key: %w", err)
	}
	return a.usableKey(line)
}

// promptKey asks a person for a key.
func (a *app) promptKey(terminal int) (string, error) {
	typed, err := a.prompt(terminal, "cli.key_prompt")
	if err != nil {
		return "", err
	}
	return a.usableKey(typed)
}

// prompt asks a person for something secret, without showing what they type.
// Stopped there, it gives the terminal its echo back.
func (a *app) prompt(terminal int, question string) (string, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return "", fmt.Errorf("read what is typed: %w", err)
	}
	ctx, stop := untilStopped(a.root.Context())
	defer stop()
	type answer struct {
		typed []byte
		err   error
	}
	answered := make(chan answer, 1)
	fmt.Fprint(a.Stderr, a.words.T(question)+" ")
	go func() { // it ends with the program where nobody answers
		typed, err := term.ReadPassword(terminal)
		answered <- answer{typed, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.Stderr)
		if err := term.Restore(terminal, before); err != nil {
			return "", fmt.Errorf("give the terminal its echo back: %w", err)
		}
		return "", &outcome{exitFailed}
	case v := <-answered:
		fmt.Fprintln(a.Stderr)
		if v.err != nil {
			return "", fmt.Errorf("read what is typed: %w", v.err)
		}
		return string(v.typed), nil
	}
}

func (a *app) usableKey(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", badUsage("no_key")
	}
	return s, nil
}

func (a *app) accountList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the accounts",
		Example: "  bandeja account list --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, local, err := profile.View(cmd.Context(), a.dir)
			if err != nil {
				return err
			}
			defer c.Close()
			defer local.Close()
			accounts, err := local.Accounts(cmd.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.print(map[string]any{"accounts": accounts})
			}
			if len(accounts) == 0 {
				a.say(a.words.T("cli.no_accounts"))
				return nil
			}
			w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
			for _, acc := range accounts {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", acc.Name, acc.Provider.Title(), acc.Region, oneLine(acc.Zone), oneLine(acc.BaseURL))
			}
			return w.Flush()
		},
	}
}

func (a *app) accountCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check NAME",
		Short:   "Try an account's key with one request",
		Example: "  bandeja account check ventas",
		Args:    exactly(1, "name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var found profile.Found
			if err := profile.Command(cmd.Context(), a.options("account"), profile.DoCheck, profile.NameArgs{Name: args[0]}, nil, &found); err != nil {
				return err
			}
			return a.showFound(found, "cli.account_checked")
		},
	}
}

func (a *app) accountSet() *cobra.Command {
	var f accountFlags
	var me string
	cmd := &cobra.Command{
		Use:     "set NAME",
		Short:   "Change an account",
		Example: "  bandeja account set ventas --area 221 --rate 2\n  bandeja account set soporte --me ana@example.com",
		Args:    exactly(1, "name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			fs := cmd.Flags()
			if !asksForChange(cmd) {
				return badUsage("nothing_to_set", "command", cmd.CommandPath())
			}
			if err := f.check(fs); err != nil {
				return err
			}
			if err := checkMe(fs, me); err != nil {
				return err
			}
			s := profile.SetAccount{Name: args[0], BaseURL: changed(fs, "base-url", f.baseURL), Region: changed(fs, "region", f.region), Area: changed(fs, "area", f.area),
				Zone: changed(fs, "zone", f.zone), Rate: changed(fs, "rate", f.rate), KeyStore: changed(fs, "key-store", f.keyStore),
				TLSPin: changed(fs, "tls-pin", f.tlsPin), Insecure: changed(fs, "insecure", f.insecure), Me: changed(fs, "me", me), NoCheck: f.noCheck}
			var found profile.Found
			if err := profile.Command(cmd.Context(), a.options("account"), profile.DoSet, s, nil, &found); err != nil {
				return err
			}
			return a.showFound(found, "cli.account_changed")
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&me, "me", "", "the agent that you are there, as the platform names them; empty: none of them")
	return cmd
}

// asksForChange: --no-check alone, or a flag of every command, changes nothing.
func asksForChange(cmd *cobra.Command) (yes bool) {
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { yes = yes || f.Changed && f.Name != "no-check" })
	return yes
}

func (a *app) accountKey() *cobra.Command {
	var noCheck bool
	cmd := &cobra.Command{
		Use:     "key NAME",
		Short:   "Give an account a new key, read from stdin",
		Example: "  bandeja account key ventas < key.txt",
		Args:    exactly(1, "name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := a.readKey()
			if err != nil {
				return err
			}
			var found profile.Found
			if err := profile.Command(cmd.Context(), a.options("account"), profile.DoKey, profile.KeyArgs{Name: args[0], Key: key, NoCheck: noCheck}, nil, &found); err != nil {
				return err
			}
			return a.showFound(found, "cli.account_changed")
		},
	}
	cmd.Flags().BoolVar(&noCheck, "no-check", false, "do not try the key first")
	return cmd
}

func (a *app) accountRemove() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:     "remove NAME",
		Short:   "Forget an account, its key and its copy",
		Example: "  bandeja account remove ventas --keep-history",
		Args:    exactly(1, "name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := profile.Command(cmd.Context(), a.options("account"), profile.DoRemove, profile.NameArgs{Name: args[0], KeepHistory: keep}, nil, nil); err != nil {
				return err
			}
			a.say(a.words.T("cli.account_removed", "account", args[0]))
			return nil
		},
	}
	cmd.Flags().BoolVar(&keep, "keep-history", false, "keep what was copied, for reading")
	return cmd
}
