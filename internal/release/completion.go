package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// completion writes what a shell needs to complete commands and flags: it asks
// the program itself.
func completion(w io.Writer, root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(w, true)
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	}
	return fmt.Errorf("no completions for %q: bash, zsh or fish", shell)
}
