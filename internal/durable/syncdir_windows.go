package durable

import "os"

// syncDir only looks whether the folder is there: Windows has no way to sync
// one, and NTFS logs renames in order.
func syncDir(name string) error {
	_, err := os.Stat(name)
	return err
}
