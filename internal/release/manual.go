package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manual writes bandeja(1): every command and flag that is shown, one page.
func manual(w io.Writer, root *cobra.Command, version string, at time.Time) error {
	m := &page{}
	m.line(`.TH BANDEJA 1 "%s" "Bandeja %s" "User Commands"`, at.Format("2006-01-02"), version)
	m.line(".nh\n.ad l") // names of commands and flags are never broken
	m.line(".SH NAME")
	m.line(`bandeja \- %s`, roff(root.Short))
	m.line(".SH SYNOPSIS")
	m.line(`.B bandeja`)
	m.line(`[\fIcommand\fR] [\fIflags\fR]`)
	m.line(".SH DESCRIPTION")
	m.text(root.Long)
	m.line(".SH OPTIONS")
	m.flags(root.LocalNonPersistentFlags())
	m.line(".SS For every command")
	m.flags(root.PersistentFlags())
	m.line(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nhelp about a command")
	m.line(".SH COMMANDS")
	for _, cmd := range root.Commands() {
		m.command(cmd)
	}
	m.line(".SH EXAMPLES")
	m.example(root.Example)
	m.line(`.SH "EXIT STATUS"`)
	for _, each := range exits {
		m.line(".TP\n.B %s\n%s", each.code, roff(each.means))
	}
	m.line(".SH ENVIRONMENT")
	for _, each := range environment {
		m.line(".TP\n.B %s\n%s", each[0], roff(each[1]))
	}
	m.line(".SH FILES")
	for _, each := range files {
		m.line(".TP\n.I %s\n%s", roff(each[0]), roff(each[1]))
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

// exits are the codes that the command line promises.
var exits = []struct{ code, means string }{
	{"0", "done"},
	{"1", "failed"},
	{"2", "wrong usage, or an account or a conversation that is not known"},
	{"3", "incomplete: run it again to go on (network, rate limit, a platform that fails)"},
	{"4", "the platform refused the key, or the key may not do this"},
	{"5", "another process has the profile and could not be asked"},
}

var environment = [][2]string{
	{"BANDEJA_PROFILE", "the profile's folder, as --profile"},
	{"BANDEJA_LANG", "es-AR, es-MX or en, as --lang"},
	{"BANDEJA_KEY_STORE", "where keys of new accounts are kept, keyring or file, as --key-store"},
	{"WEBKIT_DISABLE_DMABUF_RENDERER", "read by the window's engine; Bandeja sets it to 1 with --safe-graphics and where NVIDIA's driver is loaded, unless it is set already"},
}

var files = [][2]string{
	{"~/.local/share/bandeja", "the profile: cache.db (a copy of the platforms, which can be fetched again), local.db (what only this machine has), keys.json where keys are kept in a file, backups, logs. Removing the package leaves it."},
}

// page is a manual page while it is written.
type page struct{ b strings.Builder }

func (m *page) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

// text writes paragraphs.
func (m *page) text(s string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(s), "\n\n") {
		if i > 0 {
			m.line(".PP")
		}
		m.line("%s", roff(strings.ReplaceAll(paragraph, "\n", " ")))
	}
}

// command writes a command and those under it.
func (m *page) command(cmd *cobra.Command) {
	if cmd.Hidden || !cmd.IsAvailableCommand() {
		return
	}
	if cmd.Runnable() {
		use := strings.TrimSuffix(cmd.UseLine(), " [flags]")
		m.line(`.SS "%s"`, strings.ReplaceAll(roff(strings.TrimPrefix(use, "bandeja ")), `"`, `\(dq`))
		m.text(cmd.Short + ".")
		if cmd.Long != "" {
			m.line(".PP")
			m.text(cmd.Long)
		}
		m.flags(cmd.LocalNonPersistentFlags())
		if cmd.Example != "" {
			m.line(".PP\nFor example:\n.PP")
			m.example(cmd.Example)
		}
	}
	for _, under := range cmd.Commands() {
		m.command(under)
	}
}

func (m *page) flags(set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		m.line(".TP")
		switch name {
		case "":
			m.line(`\fB%s\fR`, roff("--"+f.Name))
		default:
			m.line(`\fB%s\fR \fI%s\fR`, roff("--"+f.Name), roff(name))
		}
		m.line("%s", roff(usage))
	})
}

func (m *page) example(s string) {
	m.line(".nf\n.RS")
	for _, each := range strings.Split(s, "\n") {
		m.line("%s", roff(strings.TrimSpace(each)))
	}
	m.line(".RE\n.fi")
}

// roff is s as a line of text: nothing in it is a request or an escape, and a
// hyphen is the one that is typed.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
