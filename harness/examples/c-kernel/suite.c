/* What is measured: the kernel on one size. */

#include <bench.h>

enum { LEN = 1 << 16 };

float sum_of_squares(const float *x, size_t len);

/* `iterations` sums of the input, each written to the output: `volatile` keeps the compiler from leaving any out. */
static int32_t run(struct BenchCall *call) {
    const float *x = call->buffers[0].data;
    volatile float *sum = call->buffers[1].data;
    for (uint64_t i = 0; i < call->iterations; ++i) {
        *sum = sum_of_squares(x, LEN);
    }
    return BENCH_OK;
}

/* What one iteration should leave in the output, in double. */
static int32_t reference(struct BenchCall *call) {
    const float *x = call->buffers[0].data;
    double sum = 0;
    for (size_t i = 0; i < LEN; ++i) {
        sum += (double)x[i] * x[i];
    }
    call->expected[1][0] = sum;
    return BENCH_OK;
}

static const struct BenchBuffer buffers[] = {
    {.name = BENCH_TEXT("x"),
     .dtype = BENCH_DTYPE_F32,
     .role = BENCH_ROLE_INPUT,
     .fill = BENCH_FILL_UNIFORM,
     .rank = 1,
     .shape = {LEN},
     .low = -1,
     .high = 1},
    {.name = BENCH_TEXT("sum"),
     .dtype = BENCH_DTYPE_F32,
     .role = BENCH_ROLE_OUTPUT,
     .fill = BENCH_FILL_ZEROS,
     .rank = 1,
     .shape = {1}},
};

static const struct BenchBenchmark benchmarks[] = {
    {.name = BENCH_TEXT("squares"),
     .description = BENCH_TEXT("sum of 65536 squares, f32"),
     .dtype = BENCH_DTYPE_F32,
     .rank = 1,
     .shape = {LEN},
     .buffers = buffers,
     .buffers_len = 2,
     .work = {.flops = 2 * LEN, .bytes_read = 4 * LEN, .bytes_written = 4, .items = LEN, .item = BENCH_TEXT("elements")},
     .tolerance = 1e-4, /* of float, summed in another order than the reference */
     .run = run,
     .reference = reference},
};

static const struct BenchSuite suites[] = {
    {.name = BENCH_TEXT("c-kernel"),
     .description = BENCH_TEXT("Sums of squares"),
     .benchmarks = benchmarks,
     .benchmarks_len = sizeof benchmarks / sizeof *benchmarks},
};

const struct BenchLibrary *bench_library(void) {
    static const struct BenchLibrary library = {
        .version = BENCH_VERSION,
        .benchmark_size = sizeof(struct BenchBenchmark),
        .build = BENCH_TEXT("{\"compiler\": \"" __VERSION__ "\"}"),
        .suites = suites,
        .suites_len = 1,
    };
    return &library;
}
