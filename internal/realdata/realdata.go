// Package realdata finds the real data sets that tests use and the repository
// does not hold.
package realdata

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of a file or folder of real data, looked for in the
// folder that DESCENT_DATA names or, without it, in ../shared/data beside the
// repository. Where it is missing the test is skipped, and says how to get the
// data; under CI (the environment variable CI is set) it fails.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	path, err := find(elem...)
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return path
}

func find(elem ...string) (string, error) {
	root := os.Getenv("DESCENT_DATA")
	if root == "" {
		repository, err := repository()
		if err != nil {
			return "", err
		}
		root = filepath.Join(repository, "..", "shared", "data")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w: this test reads real data. Set DESCENT_DATA to a folder with mnist10k/t10k-images-idx3-ubyte.gz and "+
			"t10k-labels-idx1-ubyte.gz (the MNIST database) and optdigits/optdigits.tra and optdigits.tes "+
			"(UCI, Optical Recognition of Handwritten Digits), or put it at ../shared/data beside the repository", err)
	}
	return path, nil
}

// repository returns the folder of go.mod, above the one that the test runs in.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working folder")
		}
		dir = up
	}
}
