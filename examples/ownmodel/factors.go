package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// A factors model predicts the rating of an item by a user as
//
//	mean + user's bias + item's bias + user's taste · item's features
//
// (Koren, Bell & Volinsky, "Matrix Factorization Techniques for Recommender
// Systems", IEEE Computer 42(8), 2009). The loss is the mean squared error;
// regularisation is the optimizer's weight decay.
//
// An example has two features, the numbers of user and item, and one target.
type factors struct {
	users, items, rank int
	params             []optim.Param[float64]

	mean, userBias, itemBias, taste, feature optim.Param[float64]
}

func newFactors(users, items, rank int) (*factors, error) {
	if users < 1 || items < 1 || rank < 1 {
		return nil, fmt.Errorf("ownmodel: %d users, %d items, rank %d: want at least 1 of each", users, items, rank)
	}
	m := &factors{users: users, items: items, rank: rank}
	add := func(p *optim.Param[float64], name string, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		*p = optim.Param[float64]{Name: name, Shape: shape, Data: make([]float64, n), Grad: make([]float64, n)}
		m.params = append(m.params, *p)
	}
	add(&m.mean, "mean", 1)
	add(&m.userBias, "user.bias", users)
	add(&m.itemBias, "item.bias", items)
	add(&m.taste, "user.taste", users, rank)
	add(&m.feature, "item.features", items, rank)
	return m, nil
}

// Spec names the model in reports and run records.
func (m *factors) Spec() string {
	return fmt.Sprintf("factors:users=%d,items=%d,rank=%d", m.users, m.items, m.rank)
}

// Params returns the parameters, whose Data the optimizer updates in place.
func (m *factors) Params() []optim.Param[float64] { return m.params }

// Init begins with the middle of the scale for everyone, and small random tastes:
// were they all zero, so would be their gradient.
func (m *factors) Init(seed uint64) {
	for _, p := range m.params {
		clear(p.Data)
	}
	m.mean.Data[0] = 3
	r := rand.New(rand.NewPCG(seed, 0))
	for _, p := range []optim.Param[float64]{m.taste, m.feature} {
		for i := range p.Data {
			p.Data[i] = 0.2 * (r.Float64() - 0.5)
		}
	}
}

// Loss returns the mean squared error over a batch, and writes its gradient.
// Most users and items are in none of the batch's ratings; theirs is zero.
func (m *factors) Loss(b *data.Batch) (float64, error) {
	for _, p := range m.params {
		clear(p.Grad)
	}
	sum := 0.0
	for i := range b.N {
		u, v, err := m.pair(b, i)
		if err != nil {
			return 0, err
		}
		miss := m.predict(u, v) - float64(b.Target[i])
		sum += float64(miss * miss)
		g := 2 * miss / float64(b.N)
		m.mean.Grad[0] += g
		m.userBias.Grad[u] += g
		m.itemBias.Grad[v] += g
		for k := range m.rank {
			pu, qv := u*m.rank+k, v*m.rank+k
			m.taste.Grad[pu] += float64(g * m.feature.Data[qv])
			m.feature.Grad[qv] += float64(g * m.taste.Data[pu])
		}
	}
	return sum / float64(b.N), nil
}

// Evaluate returns the mean squared error over a batch. Nothing is classified.
func (m *factors) Evaluate(b *data.Batch) (loss float64, correct int, err error) {
	sum := 0.0
	for i := range b.N {
		u, v, err := m.pair(b, i)
		if err != nil {
			return 0, 0, err
		}
		miss := m.predict(u, v) - float64(b.Target[i])
		sum += float64(miss * miss)
	}
	return sum / float64(b.N), 0, nil
}

// predict returns the rating of item v by user u. Products that are added are
// rounded first, by a conversion, as otherwise some processors would fuse them
// with the sum and come to other bits.
func (m *factors) predict(u, v int) float64 {
	y := m.mean.Data[0] + m.userBias.Data[u] + m.itemBias.Data[v]
	for k := range m.rank {
		y += float64(m.taste.Data[u*m.rank+k] * m.feature.Data[v*m.rank+k])
	}
	return y
}

// pair returns the user and the item of an example.
func (m *factors) pair(b *data.Batch, i int) (user, item int, err error) {
	user, item = int(b.X[2*i]), int(b.X[2*i+1])
	if user < 0 || user >= m.users || item < 0 || item >= m.items {
		return 0, 0, fmt.Errorf("ownmodel: a rating of item %d by user %d, want items below %d and users below %d", item, user, m.items, m.users)
	}
	return user, item, nil
}
