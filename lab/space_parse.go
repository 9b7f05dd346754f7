package lab

import "errors"

func ParseSpace(specs []string) (*Space, error)                      { return nil, errors.New("") }
func (s *Space) Check() error                                        { return errors.New("") }
func (s *Space) Dim() int                                            { return len(s.Params) }
func (s *Space) At(u []float64) Configuration                        { return nil }
func (s *Space) Settings(c Configuration) (Settings, error)          { return nil, errors.New("") }
func NewSampler(name string, s *Space, seed uint64) (Sampler, error) { return nil, errors.New("") }
