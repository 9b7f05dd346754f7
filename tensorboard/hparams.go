package tensorboard

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/descent-go/descent/train"
)

// The plugin of hyper-parameters keeps everything in the metadata of three
// series. TensorBoard reads the first that a run has of each.
const (
	hparams       = "hparams"
	experimentTag = "_hparams_/experiment"
	startTag      = "_hparams_/session_start_info"
	endTag        = "_hparams_/session_end_info"
)

// Numbers of tensorboard.hparams.HParamsPluginData and of its messages.
const (
	dataExperiment = 2
	dataStart      = 3
	dataEnd        = 4

	startSettings = 1
	startGroup    = 4
	startTime     = 5

	endStatus = 1
	endTime   = 2

	experimentDescription = 1
	experimentCreated     = 3
	experimentSettings    = 4
	experimentMetrics     = 5

	settingName   = 1
	settingDoc    = 3
	settingType   = 4
	settingValues = 5
	settingDiffer = 7
	metricName    = 1
	metricNameTag = 2

	statusSuccess = 1
	statusFailure = 2

	kindString = 1
	kindBool   = 2
	kindNumber = 3
)

// Numbers of google.protobuf.Value and ListValue, and of an entry of a map.
const (
	valueNumber = 2
	valueString = 3
	valueBool   = 4
	listValues  = 1
	entryKey    = 1
	entryValue  = 2
)

// An Experiment says what the table of several runs' hyper-parameters shows.
// TensorBoard needs none: it then shows all settings and all scalars.
type Experiment struct {
	Description string
	Settings    []Setting
	Metrics     []string // tags of scalars, such as "loss/validation"
}

// A Setting is a column of the table.
type Setting struct {
	Name   string // as in Options.Settings
	Doc    string
	Values []any // that runs have; they may be left out, but not all of them
}

// Describe writes an experiment to the folder above those of its runs, in
// place of one that is there. Of the options it uses Clock.
func Describe(dir string, x Experiment, o Options) error {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	now := o.Clock()
	info, err := experimentInfo(x, now)
	if err != nil {
		return err
	}
	c := encoder{known: map[string]bool{}}
	c.note(experimentTag, hparams, info)
	text := appendRecord(nil, appendVersion(nil, now))
	text = appendRecord(text, c.event(0, now))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, prefix+"0000000000.experiment"), text, 0o666); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

func experimentInfo(x Experiment, now time.Time) ([]byte, error) {
	info := appendBytes(nil, experimentDescription, x.Description)
	info = appendDouble(info, experimentCreated, seconds(now))
	for _, s := range x.Settings {
		if len(s.Values) == 0 {
			return nil, fmt.Errorf("tensorboard: setting %q has no values, want one of those that runs have at least", s.Name)
		}
		var kind uint64
		var list []byte
		for i, v := range s.Values {
			text, k, err := appendValue(nil, s.Name, v)
			if err != nil {
				return nil, err
			}
			if i > 0 && k != kind {
				return nil, fmt.Errorf("tensorboard: setting %q has the values %v, want one type", s.Name, s.Values)
			}
			kind, list = k, appendBytes(list, listValues, text)
		}
		column := appendBytes(nil, settingName, s.Name)
		column = appendBytes(column, settingDoc, s.Doc)
		column = appendVarint(column, settingType, kind)
		column = appendBytes(column, settingValues, list)
		if len(s.Values) > 1 {
			column = appendVarint(column, settingDiffer, 1)
		}
		info = appendBytes(info, experimentSettings, column)
	}
	for _, tag := range x.Metrics {
		name := appendBytes(nil, metricNameTag, tag)
		info = appendBytes(info, experimentMetrics, appendBytes(nil, metricName, name))
	}
	return appendBytes(nil, dataExperiment, info), nil
}

// startInfo returns the plugin's data of a run that begins. The settings are
// those that New has checked.
func startInfo(settings map[string]any, group string, now time.Time) []byte {
	info, _ := appendSettings(nil, settings)
	if group != "" {
		info = appendBytes(info, startGroup, group)
	}
	return appendBytes(nil, dataStart, appendDouble(info, startTime, seconds(now)))
}

// endInfo returns the plugin's data of a run that is over.
func endInfo(reason train.Reason, now time.Time) []byte {
	status := uint64(statusSuccess)
	if reason == train.ReasonDiverged || reason == train.ReasonFailed {
		status = statusFailure
	}
	return appendBytes(nil, dataEnd, appendDouble(appendVarint(nil, endStatus, status), endTime, seconds(now)))
}

// appendSettings appends settings in the order of their names.
func appendSettings(dst []byte, settings map[string]any) ([]byte, error) {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		value, _, err := appendValue(nil, name, settings[name])
		if err != nil {
			return nil, err
		}
		entry := appendBytes(appendBytes(nil, entryKey, name), entryValue, value)
		dst = appendBytes(dst, startSettings, entry)
	}
	return dst, nil
}

// exactIntegers is up to where float64 holds every integer.
const exactIntegers = 1 << 53

// appendValue appends a setting's value and returns its kind. Numbers that JSON
// or float64 cannot hold are strings.
func appendValue(dst []byte, name string, value any) ([]byte, uint64, error) {
	text := func(s string) ([]byte, uint64, error) { return appendBytes(dst, valueString, s), kindString, nil }
	number := func(v float64) ([]byte, uint64, error) { return appendDouble(dst, valueNumber, v), kindNumber, nil }
	if s, ok := value.(fmt.Stringer); ok {
		return text(s.String())
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return text(v.String())
	case reflect.Bool:
		b := uint64(0)
		if v.Bool() {
			b = 1
		}
		return appendVarint(dst, valueBool, b), kindBool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := v.Int(); n > exactIntegers || n < -exactIntegers {
			return text(strconv.FormatInt(n, 10))
		}
		return number(float64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := v.Uint(); n > exactIntegers {
			return text(strconv.FormatUint(n, 10))
		}
		return number(float64(v.Uint()))
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); f-f != 0 {
			return text(fmt.Sprint(f))
		}
		return number(v.Float())
	}
	return nil, 0, fmt.Errorf("tensorboard: setting %q is of type %T, want a string, a boolean or a number", name, value)
}
