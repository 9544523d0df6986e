package profile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestCarriedBy(t *testing.T) {
	for path, want := range map[string]string{
		"/home/ana/.local/share/bandeja":                                  "",
		"/home/ana/Dropbox/bandeja":                                       "Dropbox",
		"/home/ana/Dropbox (Oficina)/bandeja":                             "Dropbox",
		"/home/ana/src/dropbox-client/testdata":                           "",
		`C:\Users\Ana\AppData\Local\Bandeja`:                              "",
		`C:\Users\Ana\OneDrive\Bandeja`:                                   "OneDrive",
		`C:\Users\Ana\OneDrive - Ferretería Sur\Bandeja`:                  "OneDrive",
		`C:\Users\Ana\iCloudDrive\Bandeja`:                                "iCloud",
		`G:\Mi unidad\Bandeja`:                                            "Google Drive",
		`\\servidor\oficina\bandeja`:                                      "a network share",
		`\\?\C:\Users\Ana\AppData\Local\Bandeja`:                          "",
		"/Users/ana/Library/Application Support/Bandeja":                  "",
		"/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/Bandeja": "iCloud",
		"/Users/ana/Library/CloudStorage/GoogleDrive-ana@example.org/x":   "a cloud drive",
		"/home/ana/GoogleDrive/bandeja":                                   "Google Drive",
		"/home/ana/Nextcloud/bandeja":                                     "Nextcloud",
	} {
		if got := carriedBy(path); got != want {
			t.Errorf("%s belongs to %q, want %q", path, got, want)
		}
	}
}

const mountinfo = `21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 21 0:40 / /srv/oficina rw - nfs4 nas:/oficina rw,vers=4.2
31 21 0:41 / /mnt/compartida\040grande rw - cifs //nas/grande rw
32 21 0:42 / /home/ana/remoto rw - fuse.sshfs ana@example.org: rw
33 21 0:43 / /home/ana/disco rw - fuseblk /dev/sdb1 rw
34 30 8:2 / /srv/oficina/local rw - ext4 /dev/sdb2 rw
35 21 0:44 / /mnt/c rw - 9p C:\134 rw
a line of no use
`

func TestRemote(t *testing.T) {
	for path, want := range map[string]string{
		"/":                          "",
		"/home/ana/.local/share":     "",
		"/srv/oficina":               "nfs4",
		"/srv/oficina/bandeja":       "nfs4",
		"/srv/oficinas/bandeja":      "",
		"/srv/oficina/local/bandeja": "",
		"/mnt/compartida grande/x":   "cifs",
		"/home/ana/remoto/bandeja":   "fuse.sshfs",
		"/home/ana/disco/bandeja":    "",
		"/mnt/c/Users/Ana/bandeja":   "9p",
	} {
		if got := remote(mountOf(mountinfo, path)); got != want {
			t.Errorf("%s is on %q, want %q", path, got, want)
		}
	}
	if got := remote(mountOf("1 0 0:1 / / rw - 9p root rw\n", "/home/x")); got != "" {
		t.Errorf("a sandbox's root counts as %q", got)
	}
}

// A profile in such a folder is not begun, nor one that a link leads there.
func TestRefuseShared(t *testing.T) {
	home := t.TempDir()
	shared := filepath.Join(home, "Dropbox")
	if err := os.Mkdir(shared, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(shared, filepath.Join(home, "link")); err != nil {
		t.Skip(err)
	}
	for _, dir := range []string{filepath.Join(shared, "bandeja"), filepath.Join(home, "link", "a", "b")} {
		if _, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrSharedFolder) {
			t.Errorf("%s: %v", dir, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was made: %v", dir, err)
		}
	}
}
