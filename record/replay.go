package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/descent-go/descent/train"
)

// longest is the number of bytes that a line of a log may have, its end included.
const longest = 32 << 20

// Replay calls event with what a log holds, one event after the other, and the
// seconds since the run began. As with a train.Sink, an event is valid during
// the call. An error of event ends the replay and is returned.
//
// A last line that is torn, as a crash leaves it, is left out, and so are events
// that this version does not know. Any other line that cannot be read is an
// error with the log's name and the line's number, as is one of more than 32 MiB.
func Replay(name string, log io.Reader, event func(at float64, e train.Event) error) error {
	r := bufio.NewReaderSize(log, 64<<10)
	var step train.Step
	var broken error // of the line before: no error if that is the last
	for n := 1; ; n++ {
		line, err := readLine(r)
		if err == io.EOF {
			return nil
		}
		if broken != nil {
			return broken
		}
		if err != nil {
			return fmt.Errorf("record: %s:%d: %w", name, n, err)
		}
		at, e, err := parseEvent(line, &step)
		switch {
		case errors.Is(err, ErrUnknownEvent):
		case err != nil:
			broken = fmt.Errorf("record: %s:%d: %w, want an event", name, n, err)
		default:
			if err := event(at, e); err != nil {
				return err
			}
		}
	}
}

// readLine returns the next line with its end, which the last may lack, and
// io.EOF when there is none. It is valid until the next call.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		long := bytes.Clone(line)
		for err == bufio.ErrBufferFull && len(long) <= longest {
			line, err = r.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	switch {
	case len(line) > longest:
		return nil, fmt.Errorf("a line of more than %d bytes", longest)
	case err == io.EOF && len(line) > 0:
		return line, nil
	}
	return line, err
}
