package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"bandeja/internal/cache"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Say what this program is made of",
		Example: "  bandeja version --json",
		Args:    noArgs,

		Annotations: withoutProfile(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			sqlite, err := cache.SQLiteVersion(cmd.Context())
			if err != nil {
				return err
			}
			v := map[string]string{"version": a.Build.Version, "commit": a.Build.Commit, "go": runtime.Version(), "sqlite": sqlite, "wails": a.Build.Wails,
				"platform": runtime.GOOS + "/" + runtime.GOARCH}
			if a.json {
				return a.print(v)
			}
			wails := v["wails"]
			if wails == "" {
				wails = "none (browser build)"
			}
			_, err = fmt.Fprintf(a.Stdout, "bandeja %s (%s)\n%s %s\nSQLite %s\nWails %s\n", v["version"], v["commit"], v["go"], v["platform"], v["sqlite"], wails)
			return err
		},
	}
}
