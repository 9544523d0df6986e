package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// longestPassphrase bounds what is read from stdin.
const longestPassphrase = 64 << 10

// passphrase reads one from stdin: its first line, or on a terminal what is
// typed without being shown, and typed again where it is a new one. It is never
// taken from an argument, where every process of the machine could read it.
func (a *app) passphrase(again bool) (string, error) {
	if in, ok := a.Stdin.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return a.promptPassphrase(int(in.Fd()), again)
	}
	line, err := bufio.NewReader(io.LimitReader(a.Stdin, longestPassphrase)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	return usablePassphrase(strings.TrimRight(line, "\r\n"))
}

func usablePassphrase(s string) (string, error) {
	if s == "" {
		return "", badUsage("no_passphrase")
	}
	return s, nil
}

func (a *app) promptPassphrase(terminal int, again bool) (string, error) {
	typed, err := a.prompt(terminal, "cli.passphrase_prompt")
	if err != nil {
		return "", err
	}
	if again && typed != "" {
		second, err := a.prompt(terminal, "cli.passphrase_again")
		if err != nil {
			return "", err
		}
		if second != typed {
			return "", badUsage("passphrases_differ")
		}
	}
	return usablePassphrase(typed)
}

// savedPassphrase reads that of a backup that is there: from stdin where it was
// told to, else from whoever sits before the terminal.
func (a *app) savedPassphrase(stdin bool) func() (string, error) {
	return func() (string, error) {
		in, ok := a.Stdin.(*os.File)
		if !stdin && !(ok && term.IsTerminal(int(in.Fd()))) {
			return "", badUsage("wants_passphrase")
		}
		return a.passphrase(false)
	}
}
