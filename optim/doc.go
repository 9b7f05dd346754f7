// Package optim holds update rules for gradient descent and the optimizer that
// applies them: parameters in groups, clipping, averages, saved state.
//
//	params := model.Params()
//	opt, err := optim.New(params, optim.All(optim.NewAdamW()))
//	for … {
//		… // compute the loss and every params[i].Grad
//		err = opt.Step(1e-3)
//	}
//
// A rule is a struct of hyper-parameters, NewAdamW its defaults. Every
// hyper-parameter is a field that means what it says: zero is zero. One scalar
// function per rule is its only definition; the loops that run, the registry
// and the formulas are generated from it.
package optim

//go:generate go run -C ../internal/rulegen . -dir ../../optim
