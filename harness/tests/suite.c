/* A suite in C, behind the generated header, for `c_suite.rs`: two benchmarks that work, and two that fail. */

#include "bench.h"

#include <stdlib.h>
#include <string.h>

enum { LEN = 1000 };

static int32_t fail(struct BenchCall *call, const char *message) {
    size_t len = strlen(message);
    if (len > call->message_capacity) {
        len = call->message_capacity;
    }
    memcpy(call->message, message, len);
    call->message_len = len;
    return BENCH_FAILED;
}

/* y = a x, where a is the state, or 1 without one. `volatile` keeps each iteration's stores. */
static int32_t scale(struct BenchCall *call) {
    const float *x = (const float *)call->buffers[0].data;
    volatile float *y = (volatile float *)call->buffers[1].data;
    const float a = call->state ? *(const float *)call->state : 1.0f;
    for (uint64_t i = 0; i < call->iterations; ++i) {
        for (size_t j = 0; j < LEN; ++j) {
            y[j] = a * x[j];
        }
    }
    return BENCH_OK;
}

static int32_t scale_wrongly(struct BenchCall *call) {
    int32_t status = scale(call);
    ((float *)call->buffers[1].data)[7] += 0.5f;
    return status;
}

static int32_t refuse(struct BenchCall *call) {
    return fail(call, "it will not");
}

static int32_t scaled(struct BenchCall *call) {
    const float *x = (const float *)call->buffers[0].data;
    const double a = call->state ? *(const float *)call->state : 1.0;
    for (size_t j = 0; j < LEN; ++j) {
        call->expected[1][j] = a * x[j];
    }
    return BENCH_OK;
}

static int32_t setup(struct BenchCall *call) {
    float *a = (float *)malloc(sizeof *a);
    if (!a) {
        return fail(call, "no memory");
    }
    *a = (float)(call->seed % 8 + 2);
    call->state = a;
    return BENCH_OK;
}

static int32_t teardown(struct BenchCall *call) {
    free(call->state);
    call->state = NULL;
    return BENCH_OK;
}

static const struct BenchBuffer BUFFERS[] = {
    {.name = BENCH_TEXT("x"), .dtype = BENCH_DTYPE_F32, .role = BENCH_ROLE_INPUT, .fill = BENCH_FILL_UNIFORM,
     .rank = 1, .shape = {LEN}, .low = -1.0, .high = 1.0},
    {.name = BENCH_TEXT("y"), .dtype = BENCH_DTYPE_F32, .role = BENCH_ROLE_OUTPUT, .fill = BENCH_FILL_ZEROS,
     .rank = 1, .shape = {LEN}, .low = 0.0, .high = 0.0},
};

#define COPY(benchmark)                                                                                      \
    .name = BENCH_TEXT(benchmark), .description = BENCH_TEXT("y = a x, in C"), .implementation = BENCH_TEXT("c"), \
    .dtype = BENCH_DTYPE_F32, .rank = 1, .shape = {LEN}, .buffers = BUFFERS, .buffers_len = 2,               \
    .work = {.flops = LEN, .bytes_read = 4 * LEN, .bytes_written = 4 * LEN, .items = LEN,                    \
             .item = BENCH_TEXT("elements")},                                                                \
    .tolerance = 1e-6, .reference = scaled

static const struct BenchBenchmark BENCHMARKS[] = {
    {COPY("c_copy"), .run = scale},
    {COPY("c_scale"), .run = scale, .setup = setup, .teardown = teardown},
    {COPY("c_wrong"), .run = scale_wrongly},
    {COPY("c_refuses"), .run = refuse},
};

static const struct BenchSuite SUITES[] = {
    {.name = BENCH_TEXT("in-c"), .description = BENCH_TEXT("Benchmarks in C"), .benchmarks = BENCHMARKS,
     .benchmarks_len = sizeof BENCHMARKS / sizeof *BENCHMARKS},
};

static const struct BenchLibrary LIBRARY = {
    .version = BENCH_VERSION,
    .benchmark_size = sizeof(struct BenchBenchmark),
    .build = BENCH_TEXT("{\"language\":\"C\"}"),
    .suites = SUITES,
    .suites_len = 1,
};

const struct BenchLibrary *bench_library(void) {
    return &LIBRARY;
}
