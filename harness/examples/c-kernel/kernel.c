/* A kernel. */

#include <stddef.h>

/* Partial sums that don't wait for each other: eight vectors of SSE2. */
enum { LANES = 32 };

/* The sum of the squares of `len` numbers at `x`. */
float sum_of_squares(const float *x, size_t len) {
    float sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= len; i += LANES) {
        for (size_t lane = 0; lane < LANES; ++lane) {
            sums[lane] += x[i + lane] * x[i + lane];
        }
    }
    float sum = 0;
    for (size_t lane = 0; lane < LANES; ++lane) {
        sum += sums[lane];
    }
    for (; i < len; ++i) {
        sum += x[i] * x[i];
    }
    return sum;
}
