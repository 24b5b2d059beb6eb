/* What a suite of benchmarks and a harness say to each other, for suites in C and C++.
 *
 * A shared object exports one function, `bench_library`. It returns a library that lives as long as the object is loaded,
 * or null. Texts are UTF-8, not terminated. Every function takes one call, returns BENCH_OK or another number, and then may
 * leave a message; none may throw.
 *
 * Generated from harness/abi/src by `UPDATE_HEADER=1 cargo test -p abi --test header`: edit the Rust types instead.
 */

#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

// A text from a literal, for initialisers.
#define BENCH_TEXT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

struct BenchLibrary;

#ifdef __cplusplus
extern "C" {
#endif
// What a shared object of benchmarks defines.
#ifdef __GNUC__
__attribute__((visibility("default")))
#endif
const struct BenchLibrary *bench_library(void);
#ifdef __cplusplus
}
#endif

// The version of this ABI; a harness refuses any other.
#define BENCH_VERSION 1

// The most dimensions that a buffer or a benchmark has.
#define BENCH_MAX_RANK 4

// What a function returns when it did its work.
#define BENCH_OK 0

// What a function returns when it failed and left a message.
#define BENCH_FAILED 1

// The type of an element.
enum BenchDtype {
  BENCH_DTYPE_F32 = 0,
  BENCH_DTYPE_F64 = 1,
  BENCH_DTYPE_F16 = 2,
  BENCH_DTYPE_BF16 = 3,
  BENCH_DTYPE_I32 = 4,
  BENCH_DTYPE_I64 = 5,
  BENCH_DTYPE_U8 = 6,
  BENCH_DTYPE_U32 = 7,
  BENCH_DTYPE_U64 = 8,
};

// Who reads and who writes a buffer.
enum BenchRole {
  // Read by an iteration.
  BENCH_ROLE_INPUT = 0,
  // Written whole by an iteration, whatever it held.
  BENCH_ROLE_OUTPUT = 1,
  // Read and written: an iteration's result depends on the one before.
  BENCH_ROLE_IN_OUT = 2,
};

// How a buffer is filled from the seed.
enum BenchFill {
  // All zeros.
  BENCH_FILL_ZEROS = 0,
  // Uniform from the buffer's `low` (included) to its `high` (excluded); integers are rounded down.
  BENCH_FILL_UNIFORM = 1,
  // By the benchmark's `fill`.
  BENCH_FILL_CUSTOM = 2,
};

// `len` bytes of UTF-8 at `data`.
struct BenchText {
  // The first byte; may be dangling where `len` is 0.
  const uint8_t *data;
  // Bytes.
  size_t len;
};

// A declared buffer.
struct BenchBuffer {
  // Unique in its benchmark.
  struct BenchText name;
  // A `BenchDtype` as a number.
  uint32_t dtype;
  // A `BenchRole` as a number.
  uint32_t role;
  // A `BenchFill` as a number.
  uint32_t fill;
  // Dimensions in `shape`.
  uint32_t rank;
  // Elements along each dimension.
  size_t shape[BENCH_MAX_RANK];
  // The lower end of a uniform fill.
  double low;
  // The upper end of a uniform fill.
  double high;
};

// The work of one iteration.
struct BenchWork {
  // Floating-point operations.
  uint64_t flops;
  // Bytes read.
  uint64_t bytes_read;
  // Bytes written.
  uint64_t bytes_written;
  // Items.
  uint64_t items;
  // What an item is, in the plural.
  struct BenchText item;
};

// The memory behind a buffer.
struct BenchSlice {
  // The first byte, aligned for the element type.
  void *data;
  // Bytes.
  size_t bytes;
};

// The arguments of every function; what a function does not need is null or 0.
struct BenchCall {
  // The benchmark, or null for a suite's function.
  const struct BenchBenchmark *benchmark;
  // The suite.
  const struct BenchSuite *suite;
  // What `setup` made.
  void *state;
  // The seed of the run.
  uint64_t seed;
  // How many iterations to run.
  uint64_t iterations;
  // The memory of each declared buffer, in order.
  const struct BenchSlice *buffers;
  // Buffers.
  size_t buffers_len;
  // For `reference`: for each buffer room for its elements, or null where it is an input.
  double *const *expected;
  // For `open`: the CPUs of the pool, one worker each.
  const uint32_t *cpus;
  // CPUs.
  size_t cpus_len;
  // Room for a message.
  uint8_t *message;
  // Bytes of room.
  size_t message_capacity;
  // Bytes of message written.
  size_t message_len;
};

// A function of a suite or benchmark, or null.
typedef int32_t (*BenchFunction)(struct BenchCall*);

// One measured operation on one input.
struct BenchBenchmark {
  // Unique in its library.
  struct BenchText name;
  // One sentence.
  struct BenchText description;
  // Which implementation runs on this CPU, for instance `avx2`; may be empty.
  struct BenchText implementation;
  // A `BenchDtype` as a number: the type of element that the operation is about.
  uint32_t dtype;
  // Dimensions in `shape`.
  uint32_t rank;
  // The dimensions of the problem.
  size_t shape[BENCH_MAX_RANK];
  // Not 0: uses the suite's pool.
  uint32_t parallel;
  // The first buffer.
  const struct BenchBuffer *buffers;
  // Buffers.
  size_t buffers_len;
  // The work of one iteration.
  struct BenchWork work;
  // The largest error of an element, as a share of the largest magnitude in its expected buffer.
  double tolerance;
  // Iterations after which in-out buffers are filled anew, outside the clock; 0 is never.
  uint64_t refill_after;
  // The benchmark's own.
  const void *user;
  // Makes `BenchCall::state` from `BenchCall::seed`.
  BenchFunction setup;
  // Fills the buffers whose fill is `BENCH_FILL_CUSTOM`.
  BenchFunction fill;
  // Runs `BenchCall::iterations` iterations.
  BenchFunction run;
  // Writes what one iteration leaves in each output and in-out buffer to `BenchCall::expected`, and leaves the buffers alone.
  BenchFunction reference;
  // Ends `BenchCall::state`.
  BenchFunction teardown;
};

// A named group of benchmarks.
struct BenchSuite {
  // Unique in its library.
  struct BenchText name;
  // One sentence.
  struct BenchText description;
  // Not 0: left out unless it is asked for by name.
  uint32_t hidden;
  // The first benchmark.
  const struct BenchBenchmark *benchmarks;
  // Benchmarks.
  size_t benchmarks_len;
  // The suite's own.
  const void *user;
  // Builds the pool on `BenchCall::cpus` and pins it; called before the main thread is pinned.
  BenchFunction open;
  // Puts the pool's workers to sleep.
  BenchFunction park;
  // Ends the pool.
  BenchFunction close;
};

// All that a shared object offers.
struct BenchLibrary {
  // `BENCH_VERSION`.
  uint32_t version;
  // The size of a `BenchBenchmark` in bytes, as a second check that both sides mean the same layout.
  uint32_t benchmark_size;
  // Build information, one JSON object.
  struct BenchText build;
  // The first suite.
  const struct BenchSuite *suites;
  // Suites.
  size_t suites_len;
};

#endif  /* BENCH_H */
