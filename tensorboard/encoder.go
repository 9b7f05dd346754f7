package tensorboard

import (
	"encoding/binary"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of tensorflow.Event, SessionLog, Summary, SummaryMetadata and
// TensorProto.
const (
	eventWallTime    = 1
	eventStep        = 2
	eventFileVersion = 3
	eventSummary     = 5
	eventSessionLog  = 7

	sessionStatus = 1
	sessionStart  = 1

	summaryValue  = 1
	valueTag      = 1
	valueTensor   = 8
	valueMetadata = 9

	metadataPlugin = 1
	metadataClass  = 4
	pluginName     = 1
	pluginContent  = 2

	tensorType    = 1
	tensorShape   = 2
	tensorContent = 4
	tensorFloat   = 5
	tensorString  = 8
	shapeDim      = 2
	dimSize       = 1

	typeFloat  = 1
	typeDouble = 2
	typeString = 7
)

// A class says how TensorBoard keeps a series.
type class uint64

const (
	classScalar class = 1
	classTensor class = 2
)

// seconds is a wall time as events have it.
func seconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(float64(t.Nanosecond())/1e9)
}

func appendVarint(dst []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, field, protowire.VarintType), v)
}

func appendDouble(dst []byte, field protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(dst, field, protowire.Fixed64Type), math.Float64bits(v))
}

func appendBytes[T string | []byte](dst []byte, field protowire.Number, v T) []byte {
	dst = protowire.AppendTag(dst, field, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(len(v)))
	return append(dst, v...)
}

// appendVersion appends the event that begins every file.
func appendVersion(dst []byte, now time.Time) []byte {
	return appendBytes(appendDouble(dst, eventWallTime, seconds(now)), eventFileVersion, "brain.Event:2")
}

// appendStart appends the event from which a session writes: TensorBoard drops
// what earlier sessions of the run wrote at this step and later ones.
func appendStart(dst []byte, step int64, now time.Time) []byte {
	dst = appendDouble(dst, eventWallTime, seconds(now))
	dst = appendVarint(dst, eventStep, uint64(step))
	return appendBytes(dst, eventSessionLog, appendVarint(nil, sessionStatus, sessionStart))
}

// An encoder collects the values of one event.
type encoder struct {
	known                    map[string]bool // tags whose metadata the file has
	summary                  []byte          // values collected
	value, tensor, meta, out []byte          // memory to write in
}

// event returns the values collected as an event, valid until the next one, or
// nil when there are none.
func (c *encoder) event(step int64, now time.Time) []byte {
	if len(c.summary) == 0 {
		return nil
	}
	c.out = appendDouble(c.out[:0], eventWallTime, seconds(now))
	c.out = appendVarint(c.out, eventStep, uint64(step))
	c.out = appendBytes(c.out, eventSummary, c.summary)
	c.summary = c.summary[:0]
	return c.out
}

// scalar adds a number: a tensor without dimensions. It is of float32, since
// TensorBoard's fast loader leaves scalars of float64 out.
func (c *encoder) scalar(tag string, v float64) {
	if v != v {
		v = math.NaN() // one for all
	}
	t := appendVarint(c.tensor[:0], tensorType, typeFloat)
	t = appendBytes(t, tensorShape, "")
	t = protowire.AppendTag(t, tensorFloat, protowire.BytesType)
	t = protowire.AppendVarint(t, 4)
	c.tensor = binary.LittleEndian.AppendUint32(t, math.Float32bits(float32(v)))
	c.add(tag, "scalars", nil, classScalar)
}

// text adds a string.
func (c *encoder) text(tag, text string) {
	t := appendVarint(c.tensor[:0], tensorType, typeString)
	t = appendBytes(t, tensorShape, "")
	c.tensor = appendBytes(t, tensorString, text)
	c.add(tag, "text", nil, classTensor)
}

// histogram adds buckets, of three numbers each: left and right edge, count.
func (c *encoder) histogram(tag string, buckets [][3]float64) {
	t := appendVarint(c.tensor[:0], tensorType, typeDouble)
	t = appendShape(t, len(buckets), 3)
	t = protowire.AppendTag(t, tensorContent, protowire.BytesType)
	t = protowire.AppendVarint(t, uint64(len(buckets)*3*8))
	for _, b := range buckets {
		for _, v := range b {
			t = binary.LittleEndian.AppendUint64(t, math.Float64bits(v))
		}
	}
	c.tensor = t
	c.add(tag, "histograms", nil, classTensor)
}

// note adds a series that has nothing but the metadata of a plugin.
func (c *encoder) note(tag, plugin string, content []byte) {
	c.tensor = appendShape(appendVarint(c.tensor[:0], tensorType, typeFloat), 0)
	c.add(tag, plugin, content, classTensor)
}

func appendShape(dst []byte, dims ...int) []byte {
	var shape []byte
	for _, n := range dims {
		shape = appendBytes(shape, shapeDim, appendVarint(nil, dimSize, uint64(n)))
	}
	return appendBytes(dst, tensorShape, shape)
}

// add adds the tensor with its metadata, which the first value of a tag has.
func (c *encoder) add(tag, plugin string, content []byte, kind class) {
	c.value = appendBytes(c.value[:0], valueTag, tag)
	c.value = appendBytes(c.value, valueTensor, c.tensor)
	if !c.known[tag] {
		c.known[tag] = true
		m := appendBytes(nil, pluginName, plugin)
		if len(content) > 0 {
			m = appendBytes(m, pluginContent, content)
		}
		c.meta = appendVarint(appendBytes(c.meta[:0], metadataPlugin, m), metadataClass, uint64(kind))
		c.value = appendBytes(c.value, valueMetadata, c.meta)
	}
	c.summary = appendBytes(c.summary, summaryValue, c.value)
}
