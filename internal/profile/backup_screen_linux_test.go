package profile_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bandeja/internal/profile"
	"bandeja/internal/server"
)

// A backup for which there is no room says so, and nothing of it is left.
func TestBackupFullDisk(t *testing.T) {
	disk := smallDisk(t, "64k")
	v := openOffice(t, 150)
	o := options(t.TempDir())
	o.Native = &server.Native{SaveAs: func(name string) (string, error) { return filepath.Join(disk, name), nil }}
	in, err := profile.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, in)
	if _, err := in.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	add(t, in, v.waspy())
	syncAll(t, in)
	c := session(t, in)
	res, err := c.Post(in.Origin()+"/api/backups/save", "application/json", strings.NewReader(`{"with_cache":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusInsufficientStorage || !strings.Contains(string(body), "No hay lugar en el disco para el respaldo") {
		t.Errorf("%d %s %v", res.StatusCode, body, err)
	}
	if all, err := os.ReadDir(disk); err != nil || len(all) > 0 {
		t.Errorf("left: %v %v", all, err)
	}
}
