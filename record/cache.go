package record

import (
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	indexFile = "index.sqlite"
	// indexVersion is that of the table and of what a summary holds.
	indexVersion = 1
)

// A cache keeps rows in an SQLite file:
//
//	sqlite3 runs/index.sqlite "SELECT name, summary ->> '$.metrics.test_accuracy' FROM runs"
//
// None of its failures is one of the index: what it cannot give is read again.
type cache struct {
	path string
	db   *sql.DB
}

// openCache opens a file, makes it anew when it cannot be used, and returns nil
// when that does not work either.
func openCache(path string) *cache {
	c := &cache{path: path}
	for range 2 {
		err := c.open()
		if err == nil {
			return c
		}
		if busy(err) || removeCache(path) != nil {
			return nil
		}
	}
	return nil
}

func (c *cache) open() (err error) {
	if c.db, err = sql.Open("sqlite", source(c.path)); err != nil {
		return err
	}
	c.db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			_ = c.db.Close()
		}
	}()
	var version, tables int
	if err := c.db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := c.db.QueryRow("SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if version == indexVersion {
		_, err := c.db.Exec("SELECT name, stamp, summary, sum FROM runs LIMIT 0")
		return err
	}
	if tables > 0 {
		return fmt.Errorf("version %d, want %d", version, indexVersion)
	}
	_, err = c.db.Exec(fmt.Sprintf(`BEGIN IMMEDIATE;
		CREATE TABLE IF NOT EXISTS runs (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, summary TEXT NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
		PRAGMA user_version = %d;
		COMMIT`, indexVersion))
	return err
}

// source returns the address of a file. Processes wait for one another for up to
// two seconds. A write that a crash of the machine loses is read from the folders.
func source(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	options := url.Values{"_pragma": {"busy_timeout(2000)", "journal_mode(WAL)", "synchronous(NORMAL)"}}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String()
}

// removeCache removes the files of a cache.
func removeCache(path string) error {
	for _, end := range []string{"-wal", "-shm", "-journal", ""} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// busy reports whether an error is another process's use of the file.
func busy(err error) bool {
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	const sqliteBusy, sqliteLocked = 5, 6
	return ok && (coded.Code()&0xff == sqliteBusy || coded.Code()&0xff == sqliteLocked)
}

func (c *cache) close() error { return c.db.Close() }

// rows returns what the cache holds, as far as it can be read.
func (c *cache) rows() map[string]row {
	found := map[string]row{}
	if err := c.read(found); err != nil && !busy(err) {
		c.renew()
	}
	return found
}

func (c *cache) read(found map[string]row) error {
	rows, err := c.db.Query("SELECT name, stamp, summary, sum FROM runs")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.name, &r.stamp, &r.summary, &r.sum); err != nil {
			return err
		}
		found[r.name] = r
	}
	return rows.Err()
}

// update writes fresh rows and removes those of folders that are gone.
func (c *cache) update(fresh []row, gone map[string]row) {
	if err := c.write(fresh, gone); err != nil && !busy(err) {
		c.renew()
	}
}

func (c *cache) write(fresh []row, gone map[string]row) error {
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	insert, err := tx.Prepare("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, r := range fresh {
		if _, err := insert.Exec(r.name, r.stamp, r.summary, r.sum); err != nil {
			return err
		}
	}
	for name := range gone {
		if _, err := tx.Exec("DELETE FROM runs WHERE name = ?", name); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// renew removes a damaged file, for the next process to make anew.
func (c *cache) renew() {
	_ = c.db.Close() // damaged
	_ = removeCache(c.path)
	if err := c.open(); err != nil {
		_ = c.db.Close()
	}
}

// checksum tells a row that was damaged from one that was not.
func checksum(fields ...string) int64 {
	return int64(crc32.ChecksumIEEE([]byte(strings.Join(fields, "\x00"))))
}
