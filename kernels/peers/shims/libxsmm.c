// libxsmm behind the functions that src/candidates/shims.rs looks for: kernels compiled when they are first asked for, as its
// users keep them. Column-major, so C' = B' A'. Made for small products: large ones are refused.
#include <libxsmm.h>

#define PRODUCT(NAME, T, FUNCTION, DISPATCH)                                                        \
  int NAME(int m, int k, int n, const T *a, const T *b, T *c) {                                     \
    static FUNCTION kernel;                                                                         \
    static int shape[3];                                                                            \
    if ((double)m * k * n > 256.0 * 256.0 * 256.0) return 1;                                        \
    if (!kernel || shape[0] != m || shape[1] != k || shape[2] != n) {                               \
      const T alpha = 1, beta = 0;                                                                  \
      kernel = DISPATCH(n, m, k, NULL, NULL, NULL, &alpha, &beta, NULL, NULL);                      \
      shape[0] = m, shape[1] = k, shape[2] = n;                                                     \
    }                                                                                               \
    if (!kernel) return 2;                                                                          \
    kernel(b, a, c);                                                                                \
    return 0;                                                                                       \
  }

PRODUCT(peer_sgemm, float, libxsmm_smmfunction, libxsmm_smmdispatch)
PRODUCT(peer_dgemm, double, libxsmm_dmmfunction, libxsmm_dmmdispatch)
