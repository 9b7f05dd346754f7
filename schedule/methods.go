package schedule

// What every schedule has besides At. JSON carries the kind under "schedule";
// see [Unmarshal].

// Validate names the first field out of its domain, its value and the domain.
func (s Constant) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Constant) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Constant) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Hold) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Hold) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Hold) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Step) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Step) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Step) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s MultiStep) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s MultiStep) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *MultiStep) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Exponential) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Exponential) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Exponential) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Linear) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Linear) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Linear) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Polynomial) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Polynomial) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Polynomial) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Cosine) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Cosine) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Cosine) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s SGDR) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s SGDR) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *SGDR) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s OneCycle) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s OneCycle) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *OneCycle) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s OneCycleMomentum) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s OneCycleMomentum) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *OneCycleMomentum) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Cyclic) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Cyclic) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Cyclic) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s CyclicMomentum) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s CyclicMomentum) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *CyclicMomentum) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s InverseSqrt) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s InverseSqrt) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *InverseSqrt) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s WSD) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s WSD) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *WSD) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Warmup) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Warmup) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Warmup) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Join) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Join) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Join) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Times) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Times) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Times) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }

// Validate names the first field out of its domain, its value and the domain.
func (s Scale) Validate() error { return validate(s) }

// MarshalJSON writes the schedule as [Marshal] does.
func (s Scale) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads a schedule of this kind as [Unmarshal] does.
func (s *Scale) UnmarshalJSON(b []byte) error { return unmarshalTo(b, s) }
