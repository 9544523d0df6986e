package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/profile"
	"bandeja/internal/server"
)

func (a *app) backup() *cobra.Command {
	var args profile.BackupArgs
	var stdin bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Save the profile in one file, checked after it is written",
		Long: `Save what no platform can give again in one file: accounts, notes, drafts, saved
views, what waits to be sent, the history of changes, and whom to keep out. With
--with-cache the copy of conversations and messages too, else it is copied anew
after a restore.

The keys of the accounts are not in it: they stay in the keychain or in keys.json,
and are given again after a restore, with: bandeja account key NAME.

It can be made while Bandeja is open. With --passphrase-stdin it can be read with
that passphrase alone (the first line of stdin, or asked for twice on a terminal).
Whoever loses it loses the backup. Without, whoever has the file reads everything.`,
		Example: "  bandeja backup bandeja-2026-11-22.bandeja\n  bandeja backup --with-cache --passphrase-stdin office.bandeja < passphrase.txt",
		Args:    exactly(1, "file"),
		RunE: func(cmd *cobra.Command, files []string) (err error) {
			args.To, args.Version, args.Told = files[0], a.Build.Version, a.steps()
			if stdin {
				if args.Passphrase, err = a.passphrase(true); err != nil {
					return err
				}
			}
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			saved, err := profile.SaveBackup(ctx, a.dir, args)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(saved)
			}
			a.say(a.words.T("cli.backup.saved", "file", saved.Path, "size", server.SizeText(saved.Bytes)))
			if !saved.Protected {
				a.say(a.words.T("cli.backup.open"))
			}
			a.say(a.words.T("cli.backup.no_keys"))
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&args.WithCache, "with-cache", false, "with the copy of conversations and messages")
	f.BoolVar(&stdin, "passphrase-stdin", false, "protect it with a passphrase, read from stdin")
	f.BoolVar(&args.Force, "force", false, "in the place of a file that is there")
	return cmd
}

func (a *app) restore() *cobra.Command {
	var args profile.RestoreArgs
	var stdin bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Bring a profile back out of a backup",
		Long: `Bring a profile back out of a file that bandeja backup made, on this computer or
another. All of the file is checked before anything is touched, and a stop at any
point leaves the old profile or the new one.

A profile that has accounts is only replaced with --force. What was there is put
aside whole, in a folder of the profile that the command names; nothing of it is
deleted. Changes that waited to be sent when the backup was made may have been
sent since: they wait for you, in bandeja outbox. Whom the replaced profile has
forgotten stays forgotten, and tokens that it has ended stay ended.

The keys of the accounts are not in a backup. They are asked for anew, with:
bandeja account key NAME; except where a profile with the same accounts, at the
same addresses, is replaced.`,
		Example: "  bandeja restore bandeja-2026-11-22.bandeja\n  bandeja restore --force --passphrase-stdin office.bandeja < passphrase.txt",
		Args:    exactly(1, "file"),
		RunE: func(cmd *cobra.Command, files []string) error {
			args.From, args.Passphrase, args.Told = files[0], a.savedPassphrase(stdin), a.steps()
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			r, err := profile.RestoreBackup(ctx, a.options("restore"), args)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(r)
			}
			a.sayRestored(&r)
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&stdin, "passphrase-stdin", false, "read its passphrase from stdin")
	f.BoolVar(&args.Force, "force", false, "over a profile that is not empty: that is put aside")
	return cmd
}

func (a *app) sayRestored(r *profile.RestoredBackup) {
	a.say(a.words.T("cli.restore.done", "from", r.MadeAt.Local().Format("2006-01-02 15:04"), "accounts", len(r.Accounts)))
	if r.Aside != "" {
		a.say(a.words.T("cli.restore.aside", "dir", r.Aside))
	}
	if !r.WithCache && len(r.Accounts) > 0 {
		a.say(a.words.T("cli.restore.copied_anew"))
	}
	if r.Doubtful > 0 {
		a.say(a.words.T("cli.restore.doubtful", "count", r.Doubtful))
	}
	if r.Tokens > 0 {
		a.say(a.words.T("cli.restore.tokens", "count", r.Tokens))
	}
	if len(r.NeedKeys) > 0 {
		a.say(a.words.T("cli.restore.keys", "accounts", strings.Join(r.NeedKeys, ", "), "first", r.NeedKeys[0]))
	}
}

// steps tells a person how far a long step is, once a second.
func (a *app) steps() func(step string, done, total int64) {
	names := map[string]string{profile.StepCopying: "cli.backup.copying", profile.StepPacking: "cli.backup.packing", profile.StepChecking: "cli.backup.checking"}
	shown := time.Now()
	return func(step string, done, total int64) {
		if total > 0 && time.Since(shown) > time.Second {
			shown = time.Now()
			a.say(bar(min(done, total), total) + a.words.T(names[step]))
		}
	}
}
