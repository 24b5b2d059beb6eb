"""PyTorch: with out= where it has that, and its fused optimisers."""

import torch

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def tensor(shape):
    return torch.from_numpy(read(shape))


def linear_forward():
    batch, inputs, outputs = sides
    x, weights, bias = tensor((batch, inputs)), tensor((outputs, inputs)), tensor(outputs)
    y = torch.zeros(batch, outputs)
    turned = weights.t()
    return lambda: torch.addmm(bias, x, turned, out=y), lambda: [y]


def linear_backward():
    batch, inputs, outputs = sides
    x, weights, dy = tensor((batch, inputs)), tensor((outputs, inputs)), tensor((batch, outputs))
    dx, dweights, dbias = torch.zeros_like(x), torch.zeros_like(weights), torch.zeros(outputs)
    turned = dy.t()

    def step():
        torch.mm(dy, weights, out=dx)
        torch.mm(turned, x, out=dweights)
        torch.sum(dy, 0, out=dbias)

    return step, lambda: [dx, dweights, dbias]


def activation():
    x = tensor(sides)
    out = torch.zeros(sides)
    steps = {
        "relu": lambda: torch.clamp_min(x, 0, out=out),
        "sigmoid": lambda: torch.sigmoid(x, out=out),
        "tanh": lambda: torch.tanh(x, out=out),
    }
    return steps[op], lambda: [out]


def parameters():
    params = torch.nn.Parameter(tensor(sides))
    params.grad = tensor(sides)
    return params


def sgd():
    params = parameters()
    optimizer = torch.optim.SGD([params], lr=1e-3, fused=True)
    return optimizer.step, lambda: [params.data]


def momentum():
    params = parameters()
    velocity = tensor(sides)
    optimizer = torch.optim.SGD([params], lr=1e-3, momentum=0.9, fused=True)
    optimizer.state[params] = {"momentum_buffer": velocity}
    return optimizer.step, lambda: [params.data, velocity]


def adam():
    params = parameters()
    first, second = tensor(sides), tensor(sides)
    counter = torch.tensor(float(read(1, numpy.uint64)[0]))
    optimizer = torch.optim.Adam([params], lr=1e-3, fused=True)
    optimizer.state[params] = {"step": counter, "exp_avg": first, "exp_avg_sq": second}
    steps = lambda: counter.numpy().astype(numpy.uint64)
    return optimizer.step, lambda: [params.data, first, second, steps()]


serve(
    torch.__version__,
    {
        "linear-forward": linear_forward,
        "linear-backward": linear_backward,
        "relu": activation,
        "sigmoid": activation,
        "tanh": activation,
        "sgd": sgd,
        "momentum": momentum,
        "adam": adam,
    },
)
