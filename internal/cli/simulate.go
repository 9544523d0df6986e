package cli

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"bandeja/internal/providers/simulator"
)

func (a *app) simulate() *cobra.Command {
	o := simulator.Options{Seed: demoSeed}
	var listen, faults string
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Serve the two platforms' APIs over a made-up office",
		Long: "Serve the two platforms' APIs over a made-up office, for trying and testing.\n\nThe office stands still unless --live is given. " +
			"With --faults it goes wrong as a file of JSON says: docs/faults.md tells what it may say.",
		Example: "  bandeja simulate --json\n  bandeja simulate --seed 3 --conversations 500 --listen 127.0.0.1:8700\n  bandeja simulate --faults twenty-percent.json",
		Args:    noArgs,

		Annotations: withoutProfile(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Conversations < 0 || o.Messages < 0 || o.Longest < 0 {
				return badUsage("office_size")
			}
			if _, err := hostPort(listen); err != nil {
				return err
			}
			wrong, err := readFaults(faults)
			if err != nil {
				return err
			}
			ctx, stop := untilStopped(cmd.Context())
			defer stop()
			o.Now = time.Now()
			office, err := openOffice(o, listen)
			if err != nil {
				return err
			}
			defer office.close()
			if err := office.SetFaults(wrong); err != nil {
				return fmt.Errorf("set the faults: %w", err)
			}
			waspy, platica := office.base+simulator.WaspyPath, office.base+simulator.PlaticaPath
			if a.json {
				err = a.print(map[string]string{"waspy": waspy, "platica": platica, "waspy_key": office.WaspyKey(), "platica_key": office.PlaticaKey()})
			} else {
				_, err = fmt.Fprintf(a.Stdout, "Waspy    %s\n         %s\nPlática  %s\n         %s\n", waspy, office.WaspyKey(), platica, office.PlaticaKey())
			}
			if err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:0", "address and port; :0 takes any port")
	f.Uint64Var(&o.Seed, "seed", demoSeed, "another office, and other faults of chance")
	f.IntVar(&o.Conversations, "conversations", 0, "conversations at each platform (default: a small office)")
	f.IntVar(&o.Messages, "messages", 0, "messages at each platform in all")
	f.IntVar(&o.Longest, "longest", 0, "messages of the longest conversation at each platform")
	f.BoolVar(&o.Live, "live", false, "let things happen: new messages, replies, changes of status")
	f.BoolVar(&o.NoRateLimit, "no-rate-limit", false, "answer without limit, for measuring")
	f.StringVar(&faults, "faults", "", "a JSON file of what is to go wrong (docs/faults.md)")
	return cmd
}

// readFaults reads a file of faults; none for no name.
func readFaults(file string) (simulator.Faults, error) {
	if file == "" {
		return simulator.Faults{}, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return simulator.Faults{}, badUsage("faults_unread", "file", file, "reason", errors.Unwrap(err).Error())
	}
	f, err := simulator.ReadFaults(data)
	var wrong *simulator.FaultsError
	if errors.As(err, &wrong) {
		return f, badUsage("faults_wrong", "file", file, "field", wrong.Field, "reason", wrong.Why)
	}
	return f, err
}
