"""Does the work that bench/peers measures with PyTorch or numpy, on command.

Reads a line and answers with one, like ours/main.go:

    version          what is measured
    case JSON        ready, or error TEXT: the work to do from now on
    run N W          nanoseconds of N calls, after W calls that are not timed

A case names its variant: default, foreach or fused for the optimizers of
PyTorch; torch or numpy for products.
"""

import gc
import json
import sys
import time

import torch


def optimizer(rule, params, variant, lr):
    how = {} if variant == "default" else {variant: True}
    if rule == "adamw":
        return torch.optim.AdamW(params, lr=lr, weight_decay=0.01, **how)
    if rule == "adam":
        return torch.optim.Adam(params, lr=lr, **how)
    if rule == "sgd:momentum=0.9":
        return torch.optim.SGD(params, lr=lr, momentum=0.9, **how)
    raise ValueError(f"no rule {rule!r}")


def update(c):
    """A step of a rule on one tensor whose gradient stays as it is."""
    g = torch.Generator().manual_seed(1)
    p = torch.nn.Parameter(torch.randn(c["params"], generator=g))
    p.grad = torch.randn(c["params"], generator=g)
    return optimizer(c["rule"], [p], c["variant"], 1e-3).step


def network(spec):
    """The network of a spec of package nn, for examples of 28×28 in 10 classes."""
    from torch.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential

    if spec == "cnn":
        return Sequential(
            Conv2d(1, 8, 3, padding=1), ReLU(), MaxPool2d(2),
            Conv2d(8, 16, 3, padding=1), ReLU(), MaxPool2d(2),
            Flatten(), Linear(16 * 7 * 7, 10),
        ), (1, 28, 28)
    kind, _, widths = spec.partition(":")
    if kind != "mlp":
        raise ValueError(f"no network {spec!r}")
    layers, before = [], 784
    for width in map(int, widths.split(",")):
        layers += [Linear(before, width), ReLU()]
        before = width
    return Sequential(*layers, Linear(before, 10)), (784,)


def train(c):
    """A training step on one batch, at a rate so low that the network stays as it was."""
    torch.manual_seed(1)
    net, shape = network(c["model"])
    x = torch.randn(c["batch"], *shape)
    y = torch.randint(10, (c["batch"],))
    loss = torch.nn.CrossEntropyLoss()
    step = optimizer("adam", list(net.parameters()), c["variant"], 1e-7)

    def once():
        step.zero_grad(set_to_none=True)
        loss(net(x), y).backward()
        step.step()

    return once


def product(c):
    """C = AB, a factor that is stored transposed viewed as it is meant."""
    m, n, k = c["m"], c["n"], c["k"]
    a = torch.randn(k, m).t() if c["trans_a"] else torch.randn(m, k)
    b = torch.randn(n, k).t() if c["trans_b"] else torch.randn(k, n)
    out = torch.empty(m, n)
    if c["variant"] == "torch":
        return lambda: torch.mm(a, b, out=out)
    import numpy

    a, b, out = a.numpy(), b.numpy(), out.numpy()
    return lambda: numpy.matmul(a, b, out=out)


def version():
    import numpy

    try:
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        blas = f'{blas["name"]} {blas["version"]}'
    except TypeError:  # numpy before 1.25
        blas = "the system's BLAS"
    return {
        "torch": torch.__version__,
        "numpy": f"{numpy.__version__} with {blas}",
        "capability": torch.backends.cpu.get_cpu_capability() if hasattr(torch.backends, "cpu") else "",
    }


def main():
    job = None
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        try:
            if command == "version":
                answer = json.dumps(version())
            elif command == "case":
                job = None
                gc.collect()  # the memory of the last case
                c = json.loads(rest)
                torch.set_num_threads(c["threads"])
                job = {"update": update, "train": train, "product": product}[c["work"]](c)
                job()
                answer = "ready"
            elif command == "run":
                calls, warm = map(int, rest.split())
                for _ in range(warm):
                    job()
                start = time.perf_counter_ns()
                for _ in range(calls):
                    job()
                answer = str(time.perf_counter_ns() - start)
            else:
                raise ValueError(f"{command!r} is none of version, case and run")
        except Exception as e:  # whatever a version of PyTorch does not know
            answer = "error " + f"{type(e).__name__}: {e}".replace("\n", " ")
        print(answer, flush=True)


if __name__ == "__main__":
    main()
