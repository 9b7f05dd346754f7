package cli

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/export"
	"github.com/descent-go/descent/internal/durable"
)

func newRunsExport(a *app, where *runsFlag) *cobra.Command {
	var table, format, file string
	cmd := &cobra.Command{
		Use:   "export RUN...",
		Short: "Write the events of runs as a table: CSV, TSV, JSON lines or Parquet",
		Long: `Export writes one kind of event, one to a row, for spreadsheets, pandas or DuckDB.
Every table begins with the columns run and time, so that several runs fit in one.
It goes to standard output unless --to names a file.`,
		Example: `  descent runs export latest > steps.csv
  descent runs export 20261122-0315 20261122-0317 --to steps.parquet
  descent runs export latest --table evaluations --format jsonl`,
		Args:              runArgs(1),
		ValidArgsFunction: where.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			t, f := export.Table(table), export.Format(format)
			if file != "" && format == "" {
				var err error
				if f, err = export.FormatOf(file); err != nil {
					return badFlag("to", file, err)
				}
			} else if format == "" {
				f = export.CSV
			}
			var runs []export.Run
			for _, arg := range args {
				run, err := where.find(arg)
				if err != nil {
					return err
				}
				runs = append(runs, export.Run{Name: run.ID, Events: run.Events})
			}
			switch {
			case file != "":
				err := durable.WriteFile(durable.OS, file, func(w io.Writer) error { return export.Write(w, t, f, runs...) })
				if err != nil {
					return err
				}
				return a.print(&exportReport{File: file, Table: table, Format: string(f), Runs: len(runs)})
			case f == export.Parquet && a.terminal(a.out):
				return badFlag("format", format, errors.New("a terminal cannot show it, want --to FILE"))
			}
			return export.Write(a.out, t, f, runs...)
		},
	}
	cmd.Flags().StringVar(&table, "table", string(export.Steps), "`kind` of event: "+joined(export.Tables()))
	cmd.Flags().StringVar(&format, "format", "", "`format`: "+joined(export.Formats())+" (default: as the file's name ends, or csv)")
	cmd.Flags().StringVar(&file, "to", "", "`file` to write")
	return cmd
}

// An exportReport tells which file was written.
type exportReport struct {
	File   string `json:"file"`
	Table  string `json:"table"`
	Format string `json:"format"`
	Runs   int    `json:"runs"`
}

func (r *exportReport) text(p *page) { p.line("Wrote %s.", r.File) }
