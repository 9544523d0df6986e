package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"bandeja/internal/profile"
)

func (a *app) doctor() *cobra.Command {
	var fix, diagnostics bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look the profile over, and say what is wrong and what to do",
		Long: `Look the profile over: its folder and who may read it, both files from end to end,
the indexes, the counts, backups, room on the disk, and of each account its key,
whether the platform answers, the clock and how far the copy is. Each platform is
asked one thing. Exit code 1 where something is wrong.

It changes nothing and needs no lock, also while Bandeja is open. With --fix it
does what is safe: makes the files yours alone, removes what a stop has left,
makes a damaged index anew, brings a damaged file back, writes a backup where
there is none; and then looks again.

With --diagnostics it prints a text for whoever helps you: the same, with the
version and the last errors, without any name, number, text, key or folder.`,
		Example: "  bandeja doctor\n  bandeja doctor --fix\n  bandeja doctor --diagnostics > diagnostics.txt",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			switch {
			case diagnostics && fix:
				return badUsage("fix_and_diagnostics")
			case diagnostics:
				return a.diagnose(ctx)
			}
			return a.examine(ctx, fix)
		},
	}
	cmd.Flags().BoolVar(&fix, "fix", false, "do what is safe to do about it")
	cmd.Flags().BoolVar(&diagnostics, "diagnostics", false, "print a text without anything personal, to be sent to whoever helps")
	return cmd
}

// examined is a look over a profile, as JSON.
type examined struct {
	OK       bool             `json:"ok"`
	Findings []findingLine    `json:"findings"`
	Repaired []profile.Repair `json:"repaired"`
}

type findingLine struct {
	Check   string `json:"check"`
	State   string `json:"state"`
	Account string `json:"account,omitempty"`
	Text    string `json:"text"`
	Do      string `json:"do,omitempty"`
}

func (a *app) examine(ctx context.Context, fix bool) error {
	out := examined{Findings: []findingLine{}, Repaired: []profile.Repair{}}
	if fix {
		done, err := profile.RepairProfile(ctx, a.options("doctor"))
		out.Repaired = append(out.Repaired, done.Done...)
		for _, r := range done.Done {
			a.say(a.words.T(repairKeys[r.What], "count", r.Count))
		}
		if err != nil {
			a.say(a.words.T("cli.doctor.not_fixed") + " " + a.sentence(err))
		}
	}
	found := profile.Examine(ctx, profile.ExamineOptions{Dir: a.dir, Version: a.Build.Version})
	if err := ctx.Err(); err != nil {
		return err
	}
	out.OK = profile.Sound(found)
	wrong := 0
	for _, f := range found {
		line := findingLine{f.Check, f.State, f.Account, f.Text(a.words), f.Advice(a.words)}
		out.Findings = append(out.Findings, line)
		if f.State == profile.FindingBad {
			wrong++
		}
	}
	if err := a.printExamined(&out, wrong); err != nil {
		return err
	}
	if !out.OK {
		return &outcome{exitFailed}
	}
	return nil
}

// repairKeys are the sentences of what was done.
var repairKeys = map[string]string{
	profile.RepairPermissions: "cli.doctor.did_permissions", profile.RepairLeftovers: "cli.doctor.did_leftovers", profile.RepairOwner: "cli.doctor.did_owner",
	profile.RepairIndex: "cli.doctor.did_index", profile.RepairPeople: "cli.doctor.did_people", profile.RepairWAL: "cli.doctor.did_wal", profile.RepairBackup: "cli.doctor.did_backup",
}

// findingMarks stand before a finding.
var findingMarks = map[string]string{profile.FindingOK: "✓", profile.FindingNote: "·", profile.FindingBad: "✗", profile.FindingSkipped: "–"}

func (a *app) printExamined(out *examined, wrong int) error {
	if a.json {
		return a.print(out)
	}
	for _, f := range out.Findings {
		if a.quiet && f.State != profile.FindingBad {
			continue
		}
		if err := a.tell(findingMarks[f.State] + " " + f.Text); err != nil {
			return err
		}
		if f.Do == "" {
			continue
		}
		if err := a.tell("    " + f.Do); err != nil {
			return err
		}
	}
	if wrong == 0 {
		a.say(a.words.T("cli.doctor.sound"))
	} else {
		a.say(a.words.T("cli.doctor.unsound", "count", wrong))
	}
	return nil
}

// diagnose prints what whoever helps needs, and nothing that is anybody's.
func (a *app) diagnose(ctx context.Context) error {
	text := profile.Diagnostics(ctx, profile.ExamineOptions{Dir: a.dir, Version: a.Build.Version + " " + a.Build.Commit})
	if a.json {
		return a.print(map[string]string{"diagnostics": text})
	}
	for line := range strings.Lines(text) {
		if err := a.tell(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}
