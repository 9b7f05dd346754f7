module github.com/descent-go/descent/internal/gemmgen

go 1.26.0
