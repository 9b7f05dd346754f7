package metrics

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Loopback is the host that Serve listens on when it is given none.
const Loopback = "127.0.0.1"

// Serve answers GET /metrics at an address until the context ends. An address
// without a host, such as ":9090", is that of this machine alone; "0.0.0.0:9090"
// lets others in too. Port 0 takes a free one. It returns the address that it
// listens on, and does not wait.
func (m *Metrics) Serve(ctx context.Context, addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("metrics: address %q, want host:port or :port", addr)
	}
	if host == "" {
		host = Loopback
	}
	network := "tcp"
	if ip := net.ParseIP(host); ip.To4() != nil {
		network = "tcp4" // 0.0.0.0 is not every address of IPv6 as well
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, network, net.JoinHostPort(host, port))
	if err != nil {
		return "", fmt.Errorf("metrics: %w", err)
	}
	server := &http.Server{
		Handler:           m.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 14,
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }() // until it is closed
	return listener.Addr().String(), nil
}

// Handler answers GET /metrics.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: 4,
		Timeout:             8 * time.Second,
	}))
	return mux
}
