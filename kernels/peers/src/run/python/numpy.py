"""numpy, with out= everywhere."""


def element_wise():
    a, b = read(sides), read(sides)
    out = numpy.zeros(sides, dtype)
    return lambda: numpy.add(a, b, out=out), lambda: [out]


def product():
    m, k, n = sides
    a, b = read((m, k)), read((k, n))
    out = numpy.zeros((m, n), dtype)
    return lambda: numpy.matmul(a, b, out=out), lambda: [out]


def gather():
    rows, count = sides
    set_, labels = read((rows, 784)), read(rows, numpy.int64)
    # What take wants: it would convert any other type at each call.
    index = read(rows, numpy.uint32).astype(numpy.intp)
    place = read(1, numpy.uint64)
    batch, batch_labels = numpy.zeros((count, 784), dtype), numpy.zeros(count, numpy.int64)
    batches = rows // count
    at = 0

    def step():
        nonlocal at
        chosen = index[at * count : (at + 1) * count]
        at = (at + 1) % batches
        # With mode "raise" it would write to a copy of out first.
        numpy.take(set_, chosen, axis=0, out=batch, mode="clip")
        numpy.take(labels, chosen, out=batch_labels, mode="clip")
        place[0] = at

    return step, lambda: [place, batch, batch_labels]


def normalise():
    mean, std = numpy.float32(0.1307), numpy.float32(0.3081)
    x = read(sides, numpy.uint8 if op == "normalise-bytes" else dtype)
    out = numpy.zeros(sides, dtype)

    def given():
        numpy.subtract(x, mean, out=out)
        numpy.divide(out, std, out=out)

    def computed():
        numpy.subtract(x, x.mean(), out=out)
        numpy.divide(out, x.std(), out=out)

    def from_bytes():
        numpy.multiply(x, scale, out=out)
        numpy.add(out, shift, out=out)

    # Folded by hand, as one who cares does: two passes instead of three.
    scale = numpy.float32(1 / (255 * float(std)))
    shift = numpy.float32(-float(mean) / float(std))
    steps = {"normalise": given, "normalise-computed": computed, "normalise-bytes": from_bytes}
    return steps[op], lambda: [out]


def linear_forward():
    batch, inputs, outputs = sides
    x, weights, bias = read((batch, inputs)), read((outputs, inputs)), read(outputs)
    y = numpy.zeros((batch, outputs), dtype)

    def step():
        numpy.matmul(x, weights.T, out=y)
        numpy.add(y, bias, out=y)

    return step, lambda: [y]


def linear_backward():
    batch, inputs, outputs = sides
    x, weights, dy = read((batch, inputs)), read((outputs, inputs)), read((batch, outputs))
    dx, dweights, dbias = numpy.zeros_like(x), numpy.zeros_like(weights), numpy.zeros(outputs, dtype)

    def step():
        numpy.matmul(dy, weights, out=dx)
        numpy.matmul(dy.T, x, out=dweights)
        numpy.sum(dy, axis=0, out=dbias)

    return step, lambda: [dx, dweights, dbias]


def activation():
    x = read(sides)
    out = numpy.zeros(sides, dtype)

    def sigmoid():
        numpy.negative(x, out=out)
        numpy.exp(out, out=out)
        numpy.add(out, one, out=out)
        numpy.reciprocal(out, out=out)

    zero, one = numpy.float32(0), numpy.float32(1)
    steps = {
        "relu": lambda: numpy.maximum(x, zero, out=out),
        "sigmoid": sigmoid,
        "tanh": lambda: numpy.tanh(x, out=out),
    }
    return steps[op], lambda: [out]


def sgd():
    params, grads = read(sides), read(sides)
    change, rate = numpy.zeros(sides, dtype), numpy.float32(1e-3)

    def step():
        numpy.multiply(grads, rate, out=change)
        numpy.subtract(params, change, out=params)

    return step, lambda: [params]


def momentum():
    params, grads, velocity = read(sides), read(sides), read(sides)
    change, rate, factor = numpy.zeros(sides, dtype), numpy.float32(1e-3), numpy.float32(0.9)

    def step():
        numpy.multiply(velocity, factor, out=velocity)
        numpy.add(velocity, grads, out=velocity)
        numpy.multiply(velocity, rate, out=change)
        numpy.subtract(params, change, out=params)

    return step, lambda: [params, velocity]


def adam():
    params, grads, first, second = read(sides), read(sides), read(sides), read(sides)
    steps = read(1, numpy.uint64)
    change, root = numpy.zeros(sides, dtype), numpy.zeros(sides, dtype)
    f32 = numpy.float32

    def step():
        steps[0] += 1
        count = int(steps[0])
        numpy.multiply(first, f32(0.9), out=first)
        numpy.multiply(grads, f32(0.1), out=change)
        numpy.add(first, change, out=first)
        numpy.multiply(second, f32(0.999), out=second)
        numpy.multiply(grads, grads, out=change)
        numpy.multiply(change, f32(0.001), out=change)
        numpy.add(second, change, out=second)
        numpy.sqrt(second, out=root)
        numpy.multiply(root, f32((1 - 0.999**count) ** -0.5), out=root)
        numpy.add(root, f32(1e-8), out=root)
        numpy.multiply(first, f32(1e-3 / (1 - 0.9**count)), out=change)
        numpy.divide(change, root, out=change)
        numpy.subtract(params, change, out=params)

    return step, lambda: [params, first, second, steps]


serve(
    numpy.__version__,
    {
        "add": element_wise,
        "matmul": product,
        "gather": gather,
        "normalise": normalise,
        "normalise-computed": normalise,
        "normalise-bytes": normalise,
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
