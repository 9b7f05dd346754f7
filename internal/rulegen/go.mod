module github.com/descent-go/descent/internal/rulegen

go 1.26.0
