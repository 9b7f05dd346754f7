package nn_test

import (
	"fmt"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
)

// A perceptron learns exclusive or by plain gradient descent.
func Example() {
	b := &data.Batch{
		N: 4, Dim: 2,
		X:     []float32{0, 0, 0, 1, 1, 0, 1, 1},
		Label: []int32{0, 1, 1, 0},
	}
	net, err := nn.Parse("mlp:8,act=tanh", 2, 2, nn.Classify)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 500 {
		if _, err := net.Loss(b); err != nil {
			fmt.Println(err)
			return
		}
		for _, p := range net.Params() {
			for i, g := range p.Grad {
				p.Data[i] -= 0.5 * g
			}
		}
	}
	loss, correct, err := net.Evaluate(b)
	fmt.Printf("loss below 0.01: %v, %d of %d right, error %v\n", loss < 0.01, correct, b.N, err)
	// Output: loss below 0.01: true, 4 of 4 right, error <nil>
}

func ExampleNet_Summary() {
	net, err := nn.Parse("mlp:128,64,act=gelu,init=glorot", 784, 10, nn.Classify)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(net.Summary())
	// Output:
	// mlp:128,64,act=gelu,init=glorot, classification
	// layer                in          out   parameters
	// dense1              784          128       100480
	// gelu1               128          128            0
	// dense2              128           64         8256
	// gelu2                64           64            0
	// dense3               64           10          650
	// total               784           10       109386
}

func ExampleParseShape() {
	net, err := nn.ParseShape("conv:8x3,bn,pool:2,conv:16x3:stride=2,dropout:0.25,dense:64", []int{32, 32, 3}, 10, nn.Classify)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(net.Summary())
	fmt.Println(net.Params()[0].Name, net.Params()[0].Shape)
	// Output:
	// conv:8x3,bn,pool:2,conv:16x3:stride=2,dropout:0.25,dense:64, classification
	// layer                in          out   parameters
	// channels1       32×32×3      3×32×32            0
	// conv1           3×32×32      8×32×32          224
	// bn1             8×32×32      8×32×32           16
	// pool1           8×32×32      8×16×16            0
	// relu1           8×16×16      8×16×16            0
	// conv2           8×16×16       16×8×8         1168
	// relu2            16×8×8       16×8×8            0
	// dropout1         16×8×8       16×8×8            0
	// flatten1         16×8×8         1024            0
	// dense1             1024           64        65600
	// relu3                64           64            0
	// dense2               64           10          650
	// total           32×32×3           10        67658
	// conv1.weight [8 3 3 3]
}

func ExampleParse_unknown() {
	_, err := nn.Parse("resnet", 784, 10, nn.Classify)
	fmt.Println(err)
	// Output:
	// nn: unknown model "resnet"; there are
	// softmax                               softmax regression: one dense layer
	// linear                                linear regression: one dense layer
	// mlp:WIDTH[,WIDTH…][,act=A][,init=I]   perceptron with these hidden layers
	// cnn[,act=A][,init=I]                  conv:8x3,pool:2,conv:16x3,pool:2 for images
	// LAYER[,LAYER…][,act=A][,init=I]       any chain of layers before the dense layer of the outputs:
	//     dense:WIDTH                         fully connected, then the activation
	//     conv:CHANNELSxSIZE                  convolution, then the activation
	//         [:stride=1][:pad=(SIZE-1)/2]
	//     pool:SIZE[:stride=SIZE]             the largest of each window
	//     avgpool:SIZE[:stride=SIZE]          the mean of each window
	//     bn                                  batch normalisation, before the activation that is due
	//     dropout:RATE                        dropout
	//     flatten                             an image as a row of features; dense does it by itself
	//                                       A: relu (default), tanh, gelu
	//                                       I: he (default for relu, gelu), glorot (default for tanh)
}

func ExampleNet_Predict() {
	net, err := nn.Parse("softmax", 2, 3, nn.Classify)
	if err != nil {
		fmt.Println(err)
		return
	}
	values, _ := net.Flat()
	copy(values, []float32{
		1, 0, -1, // weights of the first feature
		0, 2, 0, // and of the second
		0, 0, 0, // biases
	})
	out := make([]float32, 3)
	if err := net.Predict(&data.Batch{N: 1, Dim: 2, X: []float32{1, 0.5}}, out); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", out)
	// Output: [0.468 0.468 0.063]
}
