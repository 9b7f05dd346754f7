package cli

import (
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/record"
)

// runsEnv names the environment variable with the folder of all runs.
const runsEnv = "DESCENT_RUNS"

// A runsFlag is where runs are kept.
type runsFlag struct {
	dir   string
	flags *pflag.FlagSet
}

func (f *runsFlag) flag(flags *pflag.FlagSet) {
	f.flags = flags
	flags.StringVar(&f.dir, "runs", "runs", "`folder` of all runs; without the flag that of $"+runsEnv+", if it is set")
}

// root returns the folder of all runs.
func (f *runsFlag) root() string {
	if dir := os.Getenv(runsEnv); dir != "" && !f.flags.Changed("runs") {
		return dir
	}
	return f.dir
}

// find opens the run that an argument names.
func (f *runsFlag) find(arg string) (*record.Run, error) {
	dir, err := record.Find(f.root(), arg)
	if err != nil {
		return nil, &usageError{err}
	}
	return record.Open(dir)
}

// hint returns what a command needs beside the ID to find the run again.
func (f *runsFlag) hint() string {
	if f.flags.Changed("runs") {
		return " --runs " + shell.Word(f.dir)
	}
	return ""
}

// complete offers IDs to the shell's completion.
func (f *runsFlag) complete(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	ids := []string{record.Latest}
	if x, err := record.OpenIndex(f.root()); err == nil {
		defer x.Close()
		if all, err := x.List(record.Query{}); err == nil {
			for _, s := range all {
				ids = append(ids, s.ID)
			}
		}
	}
	return ids, cobra.ShellCompDirectiveDefault
}

// runArgs is a check of arguments that name runs: at least n.
func runArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("%s: want %s: an ID, the beginning of one, latest or a folder (%s runs lists them)", cmd.CommandPath(), plural(int64(n), "run"), cmd.Root().Name())
		}
		return nil
	}
}

// visible returns text from a file as a line that cannot move the cursor: what
// is not printable is escaped.
func visible(text string) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if unicode.IsPrint(r) && !(r == utf8.RuneError && n == 1) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteToASCII(text[i : i+n])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += n
	}
	return b.String()
}
