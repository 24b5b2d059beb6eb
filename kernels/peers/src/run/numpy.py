"""One case in numpy: python -c SCRIPT OP DTYPE SIDES.

Prints its version, reads the inputs as raw bytes, then answers each line of a number with the ns that as many iterations
took, and the line `result` with the raw bytes of what an iteration writes, in the order of this project's buffers.
"""

import sys
import time

import numpy

op, dtype, sides = sys.argv[1:4]
dtype = numpy.float32 if dtype == "f32" else numpy.float64
sides = tuple(int(side) for side in sides.split("x"))

print(numpy.__version__, flush=True)


def read(shape, dtype=dtype):
    array = numpy.empty(shape, dtype)
    sys.stdin.buffer.readinto(array.reshape(-1).view(numpy.uint8))
    return array


def element_wise():
    a, b = read(sides), read(sides)
    out = numpy.zeros(sides, dtype)
    return lambda: numpy.add(a, b, out=out), [out]


def product():
    m, k, n = sides
    a, b = read((m, k)), read((k, n))
    out = numpy.zeros((m, n), dtype)
    return lambda: numpy.matmul(a, b, out=out), [out]


def gather():
    rows, count = sides
    set_, labels = read((rows, 784)), read(rows, numpy.int64)
    # What take wants: it would convert any other type at each call.
    index = read(rows, numpy.uint32).astype(numpy.intp)
    place = numpy.zeros(1, numpy.uint64)
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

    return step, [place, batch, batch_labels]


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
    return steps[op], [out]


kinds = {"add": element_wise, "matmul": product, "gather": gather}
step, results = kinds.get(op, normalise)()
for line in sys.stdin.buffer:
    if line.strip() == b"result":
        for result in results:
            sys.stdout.buffer.write(result.tobytes())
        sys.stdout.buffer.flush()
        continue
    iterations = range(int(line))
    start = time.perf_counter_ns()
    for _ in iterations:
        step()
    print(time.perf_counter_ns() - start, flush=True)
