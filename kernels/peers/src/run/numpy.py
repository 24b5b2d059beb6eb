"""One case in numpy: python -c SCRIPT OP DTYPE SIDES.

Prints its version, reads the inputs as raw bytes, then answers each line of a number with the ns that as many iterations
took, and the line `result` with the raw bytes of the output.
"""

import sys
import time

import numpy

op, dtype, sides = sys.argv[1:4]
dtype = numpy.float32 if dtype == "f32" else numpy.float64
sides = tuple(int(side) for side in sides.split("x"))
shapes = (sides, sides, sides)
function = numpy.add
if op == "matmul":
    m, k, n = sides
    shapes = ((m, k), (k, n), (m, n))
    function = numpy.matmul

print(numpy.__version__, flush=True)


def read(shape):
    array = numpy.empty(shape, dtype)
    sys.stdin.buffer.readinto(array.reshape(-1).view(numpy.uint8))
    return array


a, b = read(shapes[0]), read(shapes[1])
out = numpy.zeros(shapes[2], dtype)
for line in sys.stdin.buffer:
    if line.strip() == b"result":
        sys.stdout.buffer.write(out.tobytes())
        sys.stdout.buffer.flush()
        continue
    iterations = range(int(line))
    start = time.perf_counter_ns()
    for _ in iterations:
        function(a, b, out=out)
    print(time.perf_counter_ns() - start, flush=True)
