package train

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/optim"
)

// checkDivisors says what is wrong with the divisors for parameters.
func checkDivisors[F optim.Float](d *Diagnostics, params []optim.Param[F]) error {
	if d == nil {
		return nil
	}
	if !(d.L2 >= 0) || math.IsInf(d.L2, 1) {
		return fmt.Errorf("train: Options.Diagnose.L2 = %v, want [0, +Inf)", d.L2)
	}
	named := 0
	for _, p := range params {
		divisors, ok := d.Divisors[p.Name]
		if !ok {
			continue
		}
		named++
		if len(divisors) != len(p.Data) {
			return fmt.Errorf("train: Options.Diagnose.Divisors[%q] has %d elements, want %d", p.Name, len(divisors), len(p.Data))
		}
		for i, v := range divisors {
			if !(v >= 0) || math.IsInf(v, 1) {
				return fmt.Errorf("train: Options.Diagnose.Divisors[%q][%d] = %v, want [0, +Inf)", p.Name, i, v)
			}
		}
	}
	if named < len(d.Divisors) {
		return fmt.Errorf("train: Options.Diagnose.Divisors names %d parameters, of which the model has %d", len(d.Divisors), named)
	}
	return nil
}

// scales prepares for a Hessian between divisors.
func (d *diagnoser[F]) scales() {
	if len(d.o.Divisors) == 0 && d.o.L2 == 0 {
		return
	}
	d.w = flat(d.params)
	d.scale = make([]float64, len(d.w))
	at := 0
	for _, p := range d.params {
		scale := d.scale[at : at+len(p.Data)]
		at += len(p.Data)
		for j := range scale {
			scale[j] = 1
		}
		for j, v := range d.o.Divisors[p.Name] {
			if scale[j] = 0; v > 0 {
				scale[j] = 1 / math.Sqrt(v)
			}
		}
	}
}

// omit sets to zero what belongs to parameters that are not trained.
func (d *diagnoser[F]) omit(v []F) {
	at := 0
	for i, p := range d.params {
		if d.fixed[i] {
			clear(v[at : at+len(p.Data)])
		}
		at += len(p.Data)
	}
}

// confine sets to zero what does not belong to the Hessian.
func (d *diagnoser[F]) confine(v []F) {
	d.omit(v)
	for j, s := range d.scale {
		if s == 0 {
			v[j] = 0
		}
	}
}

// times sets dst to the product of the Hessian, between the divisors if there are
// any, and a vector of length 1.
func (d *diagnoser[F]) times(dst, v []F) error {
	if d.scale == nil {
		return d.product(dst, v)
	}
	for j, s := range d.scale {
		d.w[j] = F(s * float64(v[j]))
	}
	length := normalise(d.w)
	if err := d.product(dst, d.w); err != nil {
		return err
	}
	for j, s := range d.scale {
		dst[j] = F(s * float64(length*(float64(dst[j])+float64(d.o.L2*float64(d.w[j])))))
	}
	return nil
}

// product sets dst to the product of the Hessian and a vector of length 1, by a
// central difference of gradients about where the step's was taken. The reach is
// a power of two, so that dividing by it rounds nothing.
func (d *diagnoser[F]) product(dst, v []F) error {
	for _, side := range []struct {
		dst   []F
		reach float64
	}{{dst, d.reach}, {d.minus, -d.reach}} {
		at := 0
		for i, p := range d.params {
			base, v := d.base[at:at+len(p.Data)], v[at:at+len(p.Data)]
			at += len(p.Data)
			if d.fixed[i] {
				copy(p.Data, base)
				continue
			}
			for j, b := range base {
				p.Data[j] = F(float64(b) + float64(side.reach*float64(v[j])))
			}
		}
		clear(side.dst)
		if _, err := d.again.gradient(side.dst, 1); err != nil {
			return err
		}
	}
	for j, m := range d.minus {
		dst[j] = F((float64(dst[j]) - float64(m)) / (2 * d.reach))
	}
	return nil
}
