package profile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrSharedFolder: the profile's folder is on another machine, or is carried to
// other machines by a program. SQLite's files are damaged there sooner or
// later (sqlite.org/howtocorrupt.html): their locks do not reach over a
// network, and a copy is taken in the middle of a write.
var ErrSharedFolder = errors.New("the profile's folder is shared with other machines")

// refuseShared keeps a profile on this machine's own disk.
func refuseShared(dir string) error {
	path, err := realPath(dir)
	if err != nil {
		return err
	}
	if by := carriedBy(path); by != "" {
		return fmt.Errorf("%w: %s belongs to %s", ErrSharedFolder, dir, by)
	}
	if by := remote(fileSystem(path)); by != "" {
		return fmt.Errorf("%w: %s is on a network (%s)", ErrSharedFolder, dir, by)
	}
	return nil
}

// realPath follows links as far as the path exists.
func realPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	rest := ""
	for at := dir; ; at = filepath.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest), nil
		}
		if at == filepath.Dir(at) {
			return dir, nil
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

// carriers are the folders that a program copies to other machines: by the
// whole name, or by its beginning where an account's name follows.
var carriers = []struct {
	by, name, prefix string
}{
	{"OneDrive", "OneDrive", "OneDrive - "},
	{"Dropbox", "Dropbox", "Dropbox ("},
	{"Google Drive", "Google Drive", ""},
	{"Google Drive", "GoogleDrive", "GoogleDrive-"},
	{"Google Drive", "My Drive", ""},
	{"Google Drive", "Mi unidad", ""},
	{"iCloud", "iCloud Drive", ""},
	{"iCloud", "iCloudDrive", ""},
	{"iCloud", "com~apple~CloudDocs", ""},
	{"iCloud", "Mobile Documents", ""},
	{"a cloud drive", "CloudStorage", ""},
	{"Nextcloud", "Nextcloud", ""},
	{"MEGA", "MEGAsync", ""},
}

// carriedBy names the program that carries a folder to other machines, "" for
// none that is known; a path that begins with two strokes is a share's.
func carriedBy(path string) string {
	if strings.HasPrefix(path, `\\`) && !strings.HasPrefix(path, `\\?\`) && !strings.HasPrefix(path, `\\.\`) {
		return "a network share"
	}
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		for _, c := range carriers {
			if part == c.name || c.prefix != "" && strings.HasPrefix(part, c.prefix) {
				return c.by
			}
		}
	}
	return ""
}

// mount is what a folder is on, as the system says: the kind of file system,
// and where it is mounted.
type mount struct{ kind, at string }

// remoteKinds are file systems on another machine.
var remoteKinds = []string{"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "smbfs2", "ncpfs", "afs", "afpfs", "coda", "ceph", "9p", "webdav", "davfs",
	"fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.smbnetfs", "fuse.glusterfs", "fuse.curlftpfs", "fuse.google-drive-ocamlfuse", "fuse.onedriver"}

// remote is the kind of a file system on another machine, "" for one of this
// machine or one that is not known. The root is this machine's own, whatever
// it is made of: a sandbox's comes by 9p.
func remote(m mount) string {
	if m.at != "/" && slices.Contains(remoteKinds, m.kind) {
		return m.kind
	}
	return ""
}

// mountOf finds the mount of a path in the text of /proc/self/mountinfo: the
// last one of those that hold it the deepest.
func mountOf(mountinfo, path string) (m mount) {
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(line, " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !ok || len(left) < 5 || len(right) < 1 {
			continue
		}
		at := unescape.Replace(left[4])
		if (path == at || strings.HasPrefix(path, strings.TrimSuffix(at, "/")+"/")) && len(at) >= len(m.at) {
			m = mount{right[0], at}
		}
	}
	return m
}

// unescape takes back how mountinfo writes a blank in a path.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// fileSystem is what a path is on; nothing where the system does not say so
// this way.
func fileSystem(path string) mount {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return mount{}
	}
	return mountOf(string(b), path)
}
