package stats_test

import (
	"fmt"

	"github.com/descent-go/descent/lab/internal/stats"
)

func Example() {
	v, err := stats.Judge([][]float64{
		{0.084, 0.087, 0.081, 0.088, 0.083, 0.085, 0.079, 0.086, 0.090, 0.084}, // adam
		{0.103, 0.108, 0.099, 0.104, 0.101, 0.107, 0.097, 0.102, 0.113, 0.105}, // nadam
		{0.097, 0.085, 0.101, 0.090, 0.082, 0.095, 0.083, 0.085, 0.094, 0.081}, // radam
	}, stats.DefaultJudge())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("best", v.Best, "winner", v.Winner)
	for i, d := range v.Differences {
		fmt.Printf("%d: %.2f times, %.2f to %.2f, clear %v\n", i, d.Estimate, d.Low, d.High, d.Clear)
	}
	fmt.Println("seeds that would settle it:", v.Seeds)
	// Output:
	// best 0 winner false
	// 0: 1.00 times, 1.00 to 1.00, clear false
	// 1: 1.23 times, 1.20 to 1.25, clear true
	// 2: 1.04 times, 0.98 to 1.14, clear false
	// seeds that would settle it: 38
}
