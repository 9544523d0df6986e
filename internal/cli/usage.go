package cli

import (
	"errors"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bandeja/internal/profile"
)

// usage is a mistake on the command line: a sentence of the catalogue, chosen
// when it is said, since the language may be a flag too.
type usage struct {
	key  string
	args []any // name, value, …
}

func (u *usage) Error() string { return u.key }

func badUsage(key string, args ...any) error { return &usage{"cli.usage." + key, args} }

// flagError says in our own words what the flag parser found.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	command := cmd.CommandPath()
	switch {
	case errors.As(err, &unknown):
		flag := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			flag = "-" + unknown.GetSpecifiedName()
		}
		return badUsage("flag_unknown", "command", command, "flag", flag)
	case errors.As(err, &missing):
		return badUsage("flag_value", "command", command, "flag", "--"+missing.GetFlag().Name)
	case errors.As(err, &invalid):
		return badUsage("flag_invalid", "command", command, "flag", "--"+invalid.GetFlag().Name, "value", invalid.GetValue())
	case errors.As(err, &syntax):
		return badUsage("flag_unknown", "command", command, "flag", syntax.GetSpecifiedFlag())
	}
	return err
}

// noArgs, one and exactly count arguments in our own words and exit code.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return badUsage("no_command", "command", cmd.CommandPath(), "name", args[0])
	}
	return badUsage("no_arguments", "command", cmd.CommandPath(), "name", args[0])
}

// exactly wants n arguments; what names the sentence that says which.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return badUsage("wants_"+what, "command", cmd.CommandPath())
		}
		return nil
	}
}

// hostPort checks an address to listen on.
func hostPort(address string) (host string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" || strings.Trim(port, "0123456789") != "" || len(port) > 5 {
		return "", badUsage("listen", "value", address)
	}
	return host, nil
}

// loopback checks an address that must not be reached from elsewhere. "" is
// the one that the profile remembers.
func loopback(address string) error {
	if address == "" {
		return nil
	}
	host, err := hostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return badUsage("listen_beyond", "value", address)
	}
	return nil
}

// mayBePublic checks what is asked of a door beyond this machine.
func mayBePublic(address string, p profile.Public) error {
	if (p.CertFile == "") != (p.KeyFile == "") {
		return badUsage("tls_pair")
	}
	if address == "" {
		return nil
	}
	host, err := hostPort(address)
	if err == nil && host != "" && host != "localhost" && net.ParseIP(host) == nil {
		err = badUsage("listen_name", "value", address)
	}
	return err
}

// changed gives a flag's value only where it was given.
func changed[T any](f *pflag.FlagSet, name string, v T) *T {
	if !f.Changed(name) {
		return nil
	}
	return &v
}
