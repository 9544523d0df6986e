package cache

import "context"

// A person's pause of an account outlives the program and the cache.
const settingHeld = "held."

// Held reports whether a person has paused an account.
func (l *Local) Held(ctx context.Context, account string) (bool, error) {
	v, err := l.Setting(ctx, settingHeld+account)
	return v != "", err
}

// SaveHeld keeps a person's pause of an account, or its end.
func (l *Local) SaveHeld(ctx context.Context, account string, held bool) error {
	v := ""
	if held {
		v = "1"
	}
	return l.SaveSetting(ctx, settingHeld+account, v)
}
