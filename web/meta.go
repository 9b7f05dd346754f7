package web

import "net/http"

func (s *Server) metaRoutes() []route {
	return []route{{pattern: "GET /api/meta", handle: s.getMeta}}
}

func (s *Server) getMeta(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, map[string]string{"version": s.Version, "program": s.Program})
}
