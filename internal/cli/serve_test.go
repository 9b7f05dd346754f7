package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The page is where the command says, and the end of the command is its success.
func TestServe(t *testing.T) {
	for _, program := range []string{"descent", "spiral"} {
		t.Run(program, func(t *testing.T) {
			t.Chdir(t.TempDir())
			read, write := io.Pipe()
			var diag written
			a := &app{program: program, in: strings.NewReader(""), out: write, diag: &diag}
			if program != "descent" {
				a.own = ownApp(t, "mlp:4", nil, nil).own
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			code := make(chan int, 1)
			go func() { code <- a.execute(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--json"}) }()
			line, err := bufio.NewReader(read).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			var r serveReport
			if err := json.Unmarshal([]byte(line), &r); err != nil || !strings.HasPrefix(r.URL, "http://"+r.Address+"/?token=") {
				t.Fatalf("%s: %v", line, err)
			}
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			client := &http.Client{Jar: jar, Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
			res, err := client.Get(r.URL)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res, err = client.Get("http://" + r.Address + "/api/meta"); err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var meta struct{ Program string }
			if err := json.NewDecoder(res.Body).Decode(&meta); err != nil || meta.Program != program {
				t.Errorf("%+v %v", meta, err)
			}
			if _, err := os.Stat(filepath.Join("runs", ".serve", "key")); err != nil {
				t.Error(err)
			}
			diag.mu.Lock()
			told := diag.b.String()
			diag.mu.Unlock()
			if !strings.Contains(told, "For another one: http://"+r.Address+"/?token=") {
				t.Errorf("no address for the next browser: %q", told)
			}
			cancel()
			select {
			case c := <-code:
				if c != exitOK {
					t.Errorf("exit code %d", c)
				}
			case <-time.After(8 * time.Second):
				t.Error("the server does not end")
			}
		})
	}
}

func TestServeErrors(t *testing.T) {
	folder(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--addr", address}, exitFailure, "--addr " + address + ": the port is taken, perhaps by another descent serve: want another one, or 0 for any"},
		{[]string{"--addr", "0.0.0.0:0"}, exitUsage, "--addr 0.0.0.0:0: other machines can reach it, so it takes TLS: want --tls-cert and --tls-key, or 127.0.0.1:0"},
		{[]string{"--addr", ":8421"}, exitUsage, "want --tls-cert and --tls-key, or 127.0.0.1:8421"},
		{[]string{"--addr", "8421"}, exitUsage, "--addr 8421: want host:port, such as 127.0.0.1:8421"},
		{[]string{"--addr", "127.0.0.1:99999"}, exitUsage, `the port is "99999", want 0 to 65535`},
		{[]string{"--jobs", "0"}, exitUsage, "--jobs 0: want at least 1"},
		{[]string{"--host", "http://lab"}, exitUsage, `--host http://lab: want a name or name:port`},
		{[]string{"--tls-cert", "a.pem"}, exitUsage, "--tls-cert and --tls-key: one is missing"},
		{[]string{"--tls-cert", "a.pem", "--tls-key", "b.pem"}, exitFailure, "--tls-cert a.pem, --tls-key b.pem: open a.pem"},
		{[]string{"now"}, exitUsage, `unexpected argument "now"`},
	} {
		o := command(t, "", append([]string{"serve"}, c.args...)...)
		if o.code != c.code || !strings.Contains(o.stderr, c.want) || o.stdout != "" {
			t.Errorf("%v: exit code %d, %s%s", c.args, o.code, o.stdout, o.stderr)
		}
	}
}
