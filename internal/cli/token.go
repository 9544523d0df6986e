package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
	"bandeja/internal/inbox"
	"bandeja/internal/profile"
)

func (a *app) token() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Keys for the platforms' own APIs, served from the copy",
		Long: `Keys for the platforms' own APIs, served from the copy under /waspy/api/v2 and
/platica/v1 of the address where Bandeja listens: what was written for Waspy or
Plática changes its address and its key.`,
		Example: "  bandeja token create planilla --scope conversations:read\n  bandeja token list",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.tokenCreate(), a.tokenList(), a.tokenRevoke())
	return cmd
}

// tokenText is a token as JSON; the secret is there only when it was just made.
type tokenText struct {
	Name      string   `json:"name"`
	Token     string   `json:"token,omitempty"`
	Scopes    []string `json:"scopes"`
	Accounts  []string `json:"accounts"`
	ExpiresAt *string  `json:"expires_at"`
}

func (a *app) tokenCreate() *cobra.Command {
	var scopes, accounts, expires string
	cmd := &cobra.Command{
		Use:   "create NAME --scope SCOPE[,SCOPE]",
		Short: "Make a key; it is shown once",
		Long: `Make a key for the platforms' own APIs. It is shown once, and only a hash of it
is kept.

Without --accounts each API has the accounts of its own platform. With
--accounts all, or the names of some, both APIs have all of them. JSON:
{"name","token","scopes","accounts","expires_at"}; accounts is ["all"], names,
or empty for those of each API's own platform.`,
		Example: "  bandeja token create planilla --scope conversations:read\n" +
			"  bandeja token create oficina --scope conversations:read,conversations:write --accounts all --expires 90d",
		Args: exactly(1, "token_name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := profile.NewToken{Name: args[0], Scopes: splitList(scopes), Accounts: splitList(accounts)}
			if err := checkToken(n); err != nil {
				return err
			}
			if expires != "" {
				life, ok := lifetime(expires)
				if !ok {
					return badUsage("expires", "value", expires)
				}
				n.ExpiresAt = time.Now().Add(life).Truncate(time.Millisecond)
			}
			var made profile.MadeToken
			if err := profile.Command(cmd.Context(), a.options("token"), profile.DoTokenCreate, n, nil, &made); err != nil {
				return err
			}
			if a.json {
				return a.print(tokenText{made.Name, made.Token, made.Scopes, made.Accounts, inbox.TimeJSON(made.ExpiresAt)})
			}
			a.say(a.words.T("cli.token.created", "name", made.Name))
			return a.tell(made.Token)
		},
	}
	f := cmd.Flags()
	f.StringVar(&scopes, "scope", "", strings.Join(cache.Scopes, ", ")+", or both with a comma between")
	f.StringVar(&accounts, "accounts", "", "all, or names with commas between (default: those of each API's own platform)")
	f.StringVar(&expires, "expires", "", "how long it works, such as 90d or 12h (default: until it is revoked)")
	return cmd
}

// splitList are the values between commas, without the blanks around them;
// never nil.
func splitList(list string) []string {
	out := []string{}
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// checkToken says in the language of the run what cannot be, before a profile is
// opened.
func checkToken(n profile.NewToken) error {
	if !inbox.ValidAccountName(n.Name) {
		return badUsage("token_name", "value", n.Name)
	}
	if len(n.Scopes) == 0 {
		return badUsage("scope", "value", "")
	}
	for _, scope := range n.Scopes {
		if !slices.Contains(cache.Scopes, scope) {
			return badUsage("scope", "value", scope)
		}
	}
	for _, name := range n.Accounts {
		if !inbox.ValidAccountName(name) || name == cache.EveryAccount && len(n.Accounts) > 1 {
			return badUsage("accounts", "value", strings.Join(n.Accounts, ","))
		}
	}
	return nil
}

// longestLife of a token that is said to expire.
const longestLife = 100 * 365 * 24 * time.Hour

// lifetime reads 90d, 2w, 12h, 30m.
func lifetime(text string) (time.Duration, bool) {
	life, err := time.ParseDuration(text)
	for unit, days := range map[string]int64{"d": 1, "w": 7} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			var n int64
			if n, err = strconv.ParseInt(number, 10, 32); err == nil && n <= int64(longestLife/(24*time.Hour)) {
				life = time.Duration(n*days) * 24 * time.Hour
			}
		}
	}
	return life, err == nil && life > 0 && life <= longestLife
}

func (a *app) tokenList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the keys, without what is secret of them",
		Long: `List the keys, without what is secret of them. JSON: {"tokens":[…]}, each
{"name","scopes","accounts","expires_at","created_at","last_used_at"}.`,
		Example: "  bandeja token list --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, local, err := profile.View(cmd.Context(), a.dir)
			if err != nil {
				return err
			}
			defer c.Close()
			defer local.Close()
			tokens, err := local.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printTokens(tokens)
			}
			if len(tokens) == 0 {
				a.say(a.words.T("cli.token.none"))
				return nil
			}
			w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
			for _, t := range tokens {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.Name, strings.Join(t.Scopes, ","), a.tokenAccounts(t), a.tokenLife(t), a.tokenUse(t))
			}
			return w.Flush()
		},
	}
}

func (a *app) printTokens(tokens []cache.Bearer) error {
	type listed struct {
		tokenText
		CreatedAt  *string `json:"created_at"`
		LastUsedAt *string `json:"last_used_at"`
	}
	out := struct {
		Tokens []listed `json:"tokens"`
	}{[]listed{}}
	for _, t := range tokens {
		out.Tokens = append(out.Tokens, listed{tokenText{t.Name, "", t.Scopes, t.Accounts, inbox.TimeJSON(t.ExpiresAt)}, inbox.TimeJSON(t.MadeAt), inbox.TimeJSON(t.UsedAt)})
	}
	return a.print(out)
}

func (a *app) tokenAccounts(t cache.Bearer) string {
	switch {
	case len(t.Accounts) == 0:
		return a.words.T("cli.token.own")
	case t.Accounts[0] == cache.EveryAccount:
		return a.words.T("cli.token.every")
	}
	return strings.Join(t.Accounts, ",")
}

func (a *app) tokenLife(t cache.Bearer) string {
	switch {
	case t.ExpiresAt.IsZero():
		return a.words.T("cli.token.endless")
	case t.Expired(time.Now()):
		return a.words.T("cli.token.expired")
	}
	return a.words.T("cli.token.until", "time", t.ExpiresAt.Local().Format("2006-01-02 15:04"))
}

func (a *app) tokenUse(t cache.Bearer) string {
	if t.UsedAt.IsZero() {
		return a.words.T("cli.token.unused")
	}
	return a.words.T("cli.token.used", "time", t.UsedAt.Local().Format("2006-01-02 15:04"))
}

func (a *app) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use:     "revoke NAME",
		Short:   "End a key: it is refused from now on",
		Example: "  bandeja token revoke planilla",
		Args:    exactly(1, "token_name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := profile.Command(cmd.Context(), a.options("token"), profile.DoTokenRevoke, profile.NameArgs{Name: args[0]}, nil, nil); err != nil {
				return err
			}
			a.say(a.words.T("cli.token.revoked", "name", args[0]))
			return nil
		},
	}
}
