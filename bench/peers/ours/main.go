// Ours does the work that bench/peers measures with Descent, on command. It
// reads a line and answers with one, like peer.py:
//
//	machine          JSON: what the processor is
//	case JSON        ready, or error TEXT: the work to do from now on
//	run N W          nanoseconds of N calls, after W calls that are not timed
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/descent-go/descent/bench"
	"github.com/descent-go/descent/optim"
)

// A work is a case as the driver writes it.
type work struct {
	Work    string `json:"work"` // update, train or product
	Threads int    `json:"threads"`

	Rule   string `json:"rule"`
	Params int    `json:"params"`

	Model string `json:"model"` // a spec of package nn
	Batch int    `json:"batch"`

	M      int  `json:"m"`
	N      int  `json:"n"`
	K      int  `json:"k"`
	TransA bool `json:"trans_a"`
	TransB bool `json:"trans_b"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ours:", err)
		os.Exit(1)
	}
}

// serve answers lines until there are no more.
func serve(in io.Reader, out io.Writer) error {
	var job bench.Job
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		command, rest, _ := strings.Cut(lines.Text(), " ")
		answer, err := "", error(nil)
		switch command {
		case "machine":
			text, failed := json.Marshal(bench.ThisMachine())
			answer, err = string(text), failed
		case "case":
			runtime.GC() // the memory of the last case
			job, err = begin(rest)
			answer = "ready"
		case "run":
			answer, err = run(job, rest)
		default:
			err = fmt.Errorf("%q is none of machine, case and run", command)
		}
		if err != nil {
			answer = "error " + strings.Join(strings.Fields(err.Error()), " ")
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

// begin makes the job of a case.
func begin(text string) (bench.Job, error) {
	var w work
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return nil, err
	}
	if w.Threads < 1 {
		return nil, fmt.Errorf("%d threads, want at least 1", w.Threads)
	}
	runtime.GOMAXPROCS(w.Threads)
	switch w.Work {
	case "update":
		rule, err := optim.Parse(w.Rule)
		if err != nil {
			return nil, err
		}
		return bench.Update[float32](rule, 1, w.Params, true)
	case "train":
		return bench.Train(w.Model, w.Batch)
	case "product":
		return bench.Multiply(bench.Product{M: w.M, N: w.N, K: w.K, TransA: w.TransA, TransB: w.TransB}), nil
	}
	return nil, fmt.Errorf("no work %q", w.Work)
}

// run times calls of the job.
func run(job bench.Job, counts string) (string, error) {
	var calls, warm int
	if _, err := fmt.Sscan(counts, &calls, &warm); err != nil {
		return "", fmt.Errorf("run %q, want two counts: %w", counts, err)
	}
	if job == nil {
		return "", fmt.Errorf("run before a case is ready")
	}
	if _, err := bench.Time(job, warm); err != nil {
		return "", err
	}
	took, err := bench.Time(job, calls)
	return fmt.Sprint(took.Nanoseconds()), err
}
