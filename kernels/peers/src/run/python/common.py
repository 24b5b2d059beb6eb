"""What every library shares: python -c SCRIPT OP DTYPE SIDES.

The script imports its library and passes `operations` to `serve`: for each operation a function that reads the buffers which an iteration reads
and returns two functions: one iteration, and the arrays that it writes, in the order of this project's buffers.
That answers each line of a number with the ns that as many iterations took, and the line `result` with the raw bytes of those arrays.
"""

import sys
import time

import numpy

op, dtype, sides = sys.argv[1:4]
dtype = numpy.float32 if dtype == "f32" else numpy.float64
sides = tuple(int(side) for side in sides.split("x"))


def read(shape, dtype=dtype):
    array = numpy.empty(shape, dtype)
    sys.stdin.buffer.readinto(array.reshape(-1).view(numpy.uint8))
    return array


def serve(version, operations):
    # Only now: the import went well.
    print(version, flush=True)
    step, results = operations[op]()
    for line in sys.stdin.buffer:
        if line.strip() == b"result":
            for result in results():
                sys.stdout.buffer.write(numpy.ascontiguousarray(result).tobytes())
            sys.stdout.buffer.flush()
            continue
        iterations = range(int(line))
        start = time.perf_counter_ns()
        for _ in iterations:
            step()
        print(time.perf_counter_ns() - start, flush=True)
