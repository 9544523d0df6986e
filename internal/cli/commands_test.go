package cli_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bandeja/internal/cli"
	"bandeja/internal/words"
)

var update = flag.Bool("update", false, "write docs/en/commands.md and docs/es/commands.md anew")

// TestHelpSpeaksSpanish: every text of the commands' help has its Spanish in
// internal/words/manual.json, and nothing else stands there.
func TestHelpSpeaksSpanish(t *testing.T) {
	spanish, err := words.Manual()
	if err != nil {
		t.Fatalf("internal/words/manual.json: %v", err)
	}
	said := map[string]bool{}
	say := func(text string) {
		if text != "" {
			said[text] = true
		}
	}
	for _, text := range []string{"Usage", "COMMAND", "Examples", "Commands", "Flags", "Flags of every command", "default", "More about a command",
		"say this", "number", "text", "time", "Every command", "means"} {
		say(text)
	}
	every(cli.Commands(), func(cmd *cobra.Command) {
		say(cmd.Short)
		say(cmd.Long)
		if strings.Contains(cmd.Use, " ") {
			say(cmd.Use)
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { say(f.Usage) })
		cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { say(f.Usage) })
	})
	for text := range said {
		if strings.TrimSpace(spanish[text]) == "" {
			t.Errorf("internal/words/manual.json has no Spanish for the help text %q", text)
		}
	}
	for text := range spanish {
		if !said[text] {
			t.Errorf("internal/words/manual.json has %q, which no command says", text)
		}
	}
}

func every(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			every(sub, f)
		}
	}
}

// TestCommandsDocument: docs/en/commands.md and docs/es/commands.md are what
// the program says of itself. After a change of a command:
//
//	go test ./internal/cli -run TestCommandsDocument -update
func TestCommandsDocument(t *testing.T) {
	for lang, folder := range map[string]string{words.English: "en", words.Argentina: "es"} {
		path := filepath.Join("../../docs", folder, "commands.md")
		want := commandsDocument(lang)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("docs/%s/commands.md is not what the program says: go test ./internal/cli -run TestCommandsDocument -update", folder)
		}
	}
}

func commandsDocument(lang string) string {
	say := words.Help(lang)
	top := cli.TopicOf(cli.Commands(), say)
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", say("Every command"), paragraphs(top.Short))
	flagTable(&b, say("Flags of every command"), cli.TopicOf(commandNamed(cli.Commands(), "version"), say).Global, say)
	var write func(cli.Topic)
	write = func(t cli.Topic) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```text\n%s\n```\n", t.Path, paragraphs(t.Text), t.Usage)
		if len(t.Examples) > 0 {
			fmt.Fprintf(&b, "\n```sh\n%s\n```\n", strings.Join(t.Examples, "\n"))
		}
		flagTable(&b, say("Flags"), own(t), say)
		for _, sub := range t.Topics {
			write(sub)
		}
	}
	write(top)
	return b.String()
}

// own are the flags of one command alone.
func own(t cli.Topic) (flags []cli.Flag) {
	global := map[string]bool{"-h, --help": true}
	for _, f := range cli.TopicOf(commandNamed(cli.Commands(), "version"), words.Help(words.English)).Global {
		global[f.Name] = true
	}
	for _, f := range t.Flags {
		if !global[f.Name] {
			flags = append(flags, f)
		}
	}
	return flags
}

func commandNamed(root *cobra.Command, name string) *cobra.Command {
	cmd, _, err := root.Find([]string{name})
	if err != nil {
		panic(err)
	}
	return cmd
}

// paragraphs is the text of a terminal as Markdown: nothing in it is markup.
func paragraphs(text string) string {
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`, "[", `\[`).Replace(text)
}

func flagTable(b *strings.Builder, title string, flags []cli.Flag, say func(string) string) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s | %s |\n|---|---|\n", title, say("means"))
	for _, f := range flags {
		text := paragraphs(strings.ReplaceAll(f.Text, "|", `\|`))
		if f.Default != "" {
			text += " (" + say("default") + ": `" + f.Default + "`)"
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.TrimSpace(f.Name+" "+f.Value), text)
	}
}
