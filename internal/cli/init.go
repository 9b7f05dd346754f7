package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/experiment"
)

func newInit(a *app) *cobra.Command {
	var force, schema bool
	cmd := &cobra.Command{
		Use:     "init [FILE]",
		GroupID: "do",
		Short:   "Write an experiment file to begin with",
		Long: `Init writes an experiment for descent train: a YAML file with every setting, what it
means and what it usually is. FILE is experiment.yaml if it is left out, and - is
standard output. A file that is there is left alone without --force.

With --schema it writes the JSON Schema of such files, by which editors check and
complete them; then FILE is standard output if it is left out.`,
		Example: `  descent init
  descent init digits.yaml --force
  descent init --schema experiment.schema.json`,
		Args: positional(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			e := experiment.DefaultOf(a.own)
			r := &initReport{File: "experiment.yaml", program: a.program, schema: schema, content: e.Template()}
			if schema {
				r.File, r.content = "-", e.Schema()
			}
			r.content = []byte(a.speak(string(r.content)))
			if len(args) > 0 {
				r.File = args[0]
			}
			if r.File == "-" {
				_, err := a.out.Write(r.content)
				return err
			}
			if err := r.write(force); err != nil {
				return err
			}
			return a.show(cmd, r, nil)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	cmd.Flags().BoolVar(&schema, "schema", false, "write the JSON Schema of experiment files")
	return cmd
}

// An initReport tells which file was written.
type initReport struct {
	File    string `json:"file"`
	program string
	schema  bool
	content []byte
}

func (r *initReport) write(force bool) error {
	if _, err := os.Lstat(r.File); err == nil && !force {
		return fmt.Errorf("%s is there already, want another name, or --force to write over it", r.File)
	}
	return writeFile(r.File, r.content)
}

func (r *initReport) text(p *page) {
	p.line("Wrote %s.", r.File)
	if !r.schema && !p.quiet {
		p.line("Edit it, then run: %s train %s", r.program, r.File)
	}
}
