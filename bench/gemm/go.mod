module github.com/descent-go/descent/nn/peers

go 1.26.0

require github.com/descent-go/descent v0.0.0

require golang.org/x/sys v0.49.0 // indirect

replace github.com/descent-go/descent => ../..
