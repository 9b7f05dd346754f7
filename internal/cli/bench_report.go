package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/descent-go/descent/bench"
)

// machineText describes the machine in a line.
func (r *benchReport) machineText() string {
	m := r.Machine
	return fmt.Sprintf("%s, %s, %s, %s, %s/%s", m.CPU, plural(int64(m.Cores), "core"), m.SIMD, m.Go, m.OS, m.Arch)
}

func threadsText(n int) string { return plural(int64(n), "thread") }

// sizeText writes a number of parameters: 2, 1e3, 1.6e4.
func sizeText(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return strings.Replace(strconv.FormatFloat(float64(n), 'e', -1, 64), "e+0", "e", 1)
}

// digits3 writes a time or a rate for people.
func digits3(v float64) string { return strconv.FormatFloat(v, 'f', max(0, 3-wholeDigits(v)), 64) }

// wholeDigits returns how many digits stand before the point.
func wholeDigits(v float64) int {
	n := 0
	for ; v >= 1; v /= 10 {
		n++
	}
	return n
}

func (r *benchReport) text(p *page) {
	p.heading("%s", r.machineText())
	r.ruleText(p)
	if p.quiet {
		return
	}
	if len(r.Bandwidth) > 0 {
		var rows [][]string
		for _, v := range r.Bandwidth {
			rows = append(rows, []string{bytesText(v.Bytes), strconv.Itoa(v.Threads), digits3(v.GBs)})
		}
		p.blank()
		p.table([]column{numbers("memory"), numbers("threads"), numbers("GB/s read and written")}, rows)
	}
	if len(r.Plain) > 0 {
		var rows [][]string
		for _, v := range r.Plain {
			rows = append(rows, []string{sizeText(v.Params), digits3(v.NS), brief(v.Ratio)})
		}
		p.blank()
		p.table([]column{numbers("AdamW, parameters"), numbers("ns a step"), numbers("times as fast as a plain loop")}, rows)
	}
	if len(r.Tensors) > 0 {
		var rows [][]string
		for _, v := range r.Tensors {
			where := "one behind the other"
			if !v.Flat {
				where = "apart"
			}
			rows = append(rows, []string{
				fmt.Sprintf("%d of %d", v.Tensors, v.Size), strconv.Itoa(v.Threads), digits3(v.NS / 1e3), brief(v.Ratio), strconv.Itoa(v.Allocs), where,
			})
		}
		p.blank()
		p.table([]column{
			numbers("AdamW, tensors"), numbers("threads"), numbers("µs a step"), numbers("times one tensor's"), numbers("allocations"), words("in memory"),
		}, rows)
	}
	r.networkText(p)
	for _, note := range r.Notes {
		p.blank()
		p.wrap("Note: ", note)
	}
}

// ruleText writes a table of the rules, sizes beside one another.
func (r *benchReport) ruleText(p *page) {
	if len(r.Rules) == 0 {
		return
	}
	columns := []column{words("rule"), numbers("threads")}
	for _, n := range r.sizes() {
		columns = append(columns, numbers(sizeText(n)))
	}
	columns = append(columns, numbers("allocations"))
	allocs := 0
	var rows [][]string
	row := map[string]int{}
	for _, v := range r.Rules {
		key := fmt.Sprint(r.rowName(v), v.Threads)
		i, ok := row[key]
		if !ok {
			i = len(rows)
			row[key] = i
			rows = append(rows, append([]string{r.rowName(v), strconv.Itoa(v.Threads)}, make([]string, len(r.sizes())+1)...))
			allocs = 0
		}
		for j, n := range r.sizes() {
			if n == v.Params {
				rows[i][2+j] = fmt.Sprintf("%s %3.0f%%", digits3(v.NS), 100*v.Share)
			}
		}
		allocs = max(allocs, v.Allocs)
		rows[i][len(columns)-1] = strconv.Itoa(allocs)
	}
	p.blank()
	p.table(columns, rows)
	if !p.quiet {
		p.blank()
		p.line("ns per parameter, and share of the stream limit, by number of parameters.")
	}
}

// networkText writes the tables of products and training.
func (r *benchReport) networkText(p *page) {
	if len(r.GEMM) > 0 {
		var rows [][]string
		for _, v := range r.GEMM {
			rows = append(rows, []string{productText(v), strconv.Itoa(v.Threads), digits3(v.GFLOPS), strconv.Itoa(v.Allocs)})
		}
		p.blank()
		p.table([]column{words("product, float32"), numbers("threads"), numbers("GFLOP/s"), numbers("allocations")}, rows)
	}
	if len(r.Train) > 0 {
		var rows [][]string
		for _, v := range r.Train {
			rows = append(rows, []string{
				v.Model, strconv.Itoa(v.Batch), strconv.Itoa(v.Threads), digits3(v.NS / 1e3), grouped(int64(v.Rate)), strconv.Itoa(v.Allocs),
			})
		}
		p.blank()
		p.table([]column{
			words("training with Adam"), numbers("batch"), numbers("threads"), numbers("µs a step"), numbers("examples/s"), numbers("allocations"),
		}, rows)
	}
}

// productText writes a product as m×k · k×n, with ᵀ at what is stored transposed.
func productText(v bench.Product) string {
	a, b := fmt.Sprintf("%d×%d", v.M, v.K), fmt.Sprintf("%d×%d", v.K, v.N)
	if v.TransA {
		a = fmt.Sprintf("(%d×%d)ᵀ", v.K, v.M)
	}
	if v.TransB {
		b = fmt.Sprintf("(%d×%d)ᵀ", v.N, v.K)
	}
	return a + " · " + b
}
