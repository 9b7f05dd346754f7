package lab_test

import (
	"context"
	"fmt"

	"github.com/descent-go/descent/lab"
)

// Gradient descent a little above its edge of stability.
func ExampleShowing_Run() {
	s, err := lab.LookupShowing("edge")
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := s.Run(context.Background(), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(shown.See[1])
	// Output:
	// Only 2 % above, α is 1.04 and every step multiplies the loss by 1.08: after 60 steps it is 1107.
}
