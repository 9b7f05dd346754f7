//go:build !windows

package durable

import (
	"errors"
	"os"
	"syscall"
)

// syncDir syncs a folder. File systems that cannot (some of those that are
// mounted over a network) say so; there is nothing more to be had from them.
func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
