package profile

import (
	"context"
	"strconv"
	"time"

	"bandeja/internal/inbox"
)

// Looking after the files (SYNC §5).
const (
	careEvery  = time.Hour
	checkEvery = 7 * 24 * time.Hour
	// checkRest leaves a start to what a person waits for.
	checkRest = 2 * time.Second

	settingChecked  = "files_checked"   // when both were last looked through whole
	settingCheckDue = "files_check_due" // after an unclean end, until a check has ended
)

// followCare backs local.db up daily, looks the files through quickly after an
// unclean end, and whole every week when nobody looks. What a check finds it
// tells to the file's Watch.
func (in *Inbox) followCare(ctx context.Context) {
	unclean := in.cache.Unclean() || in.local.Unclean()
	if unclean {
		in.remember(ctx, settingCheckDue, "1")
	} else if v, err := in.local.Setting(ctx, settingCheckDue); err == nil {
		unclean = v != ""
	}
	wait(ctx, checkRest)
	if unclean && in.check(ctx, false) {
		in.remember(ctx, settingCheckDue, "")
	}
	for ctx.Err() == nil {
		in.backUp(ctx)
		if in.wholeCheckDue(ctx, time.Now()) && in.check(ctx, true) {
			in.remember(ctx, settingChecked, strconv.FormatInt(inbox.Millis(time.Now()), 10))
		}
		wait(ctx, careEvery)
	}
}

func (in *Inbox) remember(ctx context.Context, key, value string) {
	if err := in.local.SaveSetting(ctx, key, value); err != nil && ctx.Err() == nil {
		in.log.Error("setting not saved", "key", key, "err", err)
	}
}

// check reports whether both files were looked through, whatever was found.
func (in *Inbox) check(ctx context.Context, whole bool) (done bool) {
	began := time.Now()
	for _, file := range []struct {
		name  string
		check func(context.Context, bool) error
	}{{localFile, in.local.Check}, {cacheFile, in.cache.Check}} {
		if err := file.check(ctx, whole); err != nil {
			if ctx.Err() != nil {
				return false
			}
			in.log.Error("a check found something", "file", file.name, "err", err)
		}
	}
	in.log.Info("files checked", "whole", whole, "took", time.Since(began).Round(time.Millisecond))
	return true
}

// wholeCheckDue reports whether a week has gone since the last one, and nobody
// looks. A profile's week begins with it.
func (in *Inbox) wholeCheckDue(ctx context.Context, now time.Time) bool {
	v, err := in.local.Setting(ctx, settingChecked)
	if err != nil {
		return false
	}
	ms, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		in.remember(ctx, settingChecked, strconv.FormatInt(inbox.Millis(now), 10))
		return false
	}
	return now.Sub(inbox.FromMillis(ms)).Abs() > checkEvery && len(in.onScreen()) == 0
}

func (in *Inbox) backUp(ctx context.Context) {
	folder, now := pathOf(in.o.Dir, backupsDir), time.Now()
	due, err := in.local.BackupDue(folder, now)
	if err == nil && due {
		_, err = in.local.BackUp(ctx, folder, now)
	}
	if err != nil && ctx.Err() == nil {
		in.log.Error("local.db not backed up", "err", err)
	}
}
