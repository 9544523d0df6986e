package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bandeja/internal/words"
)

// Commands is the tree of all commands, for what is made of it: documents, the
// manual page, the completions. Their texts are in English, and words.Help says
// them in another language. Running one of them is not what it is for.
func Commands() *cobra.Command { return (&app{}).command() }

// Topic is what is said of one command in one language.
type Topic struct {
	Path     string   // bandeja account add
	Usage    string   // with what it takes
	Short    string   // one line
	Text     string   // all of it, in paragraphs of lines
	Examples []string // command lines
	Topics   []Topic  // the commands below it
	Flags    []Flag   // its own
	Global   []Flag   // those of every command
}

// Flag is what is said of one flag.
type Flag struct {
	Name    string // --limit, or -h, --help
	Value   string // what stands behind it: "", or a word for its kind
	Text    string
	Default string // "" where it is nothing
}

// TopicOf says in a language, by words.Help, what cmd is, and the commands below
// it that are for people, in the order of the alphabet.
func TopicOf(cmd *cobra.Command, say func(text string) string) Topic {
	cmd.InitDefaultHelpFlag()
	t := Topic{Path: cmd.CommandPath(), Usage: strings.TrimSpace(strings.TrimSuffix(cmd.CommandPath(), cmd.Name()) + say(cmd.Use)),
		Short: say(cmd.Short), Text: say(cmd.Long)}
	if cmd.Long == "" {
		t.Text = t.Short
	}
	if cmd.Example != "" {
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			t.Examples = append(t.Examples, strings.TrimSpace(line))
		}
	}
	t.Flags, t.Global = flagsOf(cmd.LocalFlags(), say), flagsOf(cmd.InheritedFlags(), say)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			t.Topics = append(t.Topics, TopicOf(sub, say))
		}
	}
	return t
}

func flagsOf(set *pflag.FlagSet, say func(string) string) (flags []Flag) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		out := Flag{Name: "--" + f.Name, Text: say(f.Usage)}
		if f.Name == "help" {
			out.Text = say("say this")
		}
		if f.Shorthand != "" {
			out.Name = "-" + f.Shorthand + ", " + out.Name
		}
		switch kind := f.Value.Type(); kind {
		case "bool":
		case "int", "uint64", "float64":
			out.Value = say("number")
		case "duration":
			out.Value = say("time")
		default:
			out.Value = say("text")
		}
		switch f.DefValue {
		case "", "false", "0", "0s", "[]":
		default:
			out.Default = f.DefValue
		}
		flags = append(flags, out)
	})
	return flags
}

// help prints what a command is, in the language of the run.
func (a *app) help(cmd *cobra.Command, _ []string) {
	say := words.Help(a.language())
	fmt.Fprint(cmd.OutOrStdout(), TopicOf(cmd, say).page(say))
}

// page is the topic as a terminal shows it.
func (t Topic) page(say func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s:\n  %s\n", t.Text, say("Usage"), t.Usage)
	if len(t.Topics) > 0 {
		fmt.Fprintf(&b, "  %s %s\n", t.Path, say("COMMAND"))
	}
	if len(t.Examples) > 0 {
		fmt.Fprintf(&b, "\n%s:\n  %s\n", say("Examples"), strings.Join(t.Examples, "\n  "))
	}
	if len(t.Topics) > 0 {
		fmt.Fprintf(&b, "\n%s:\n", say("Commands"))
		var rows [][2]string
		for _, sub := range t.Topics {
			rows = append(rows, [2]string{strings.TrimPrefix(sub.Path, t.Path+" "), sub.Short})
		}
		columns(&b, rows)
	}
	for _, group := range []struct {
		title string
		flags []Flag
	}{{"Flags", t.Flags}, {"Flags of every command", t.Global}} {
		if len(group.flags) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n", say(group.title))
		var rows [][2]string
		for _, f := range group.flags {
			text := f.Text
			if f.Default != "" {
				text += " (" + say("default") + ": " + f.Default + ")"
			}
			name := strings.TrimSpace(f.Name + " " + f.Value)
			if !strings.HasPrefix(name, "-h") {
				name = "    " + name
			}
			rows = append(rows, [2]string{name, text})
		}
		columns(&b, rows)
	}
	if len(t.Topics) > 0 {
		fmt.Fprintf(&b, "\n%s: %s %s --help\n", say("More about a command"), t.Path, say("COMMAND"))
	}
	return b.String()
}

// columns writes pairs side by side.
func columns(b *strings.Builder, rows [][2]string) {
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r[0]))
	}
	for _, r := range rows {
		fmt.Fprintf(b, "  %s%s   %s\n", r[0], strings.Repeat(" ", width-utf8.RuneCountInString(r[0])), r[1])
	}
}
