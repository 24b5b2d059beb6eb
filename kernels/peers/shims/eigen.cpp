// Eigen behind the functions that src/candidates/shims.rs looks for.
#include <Eigen/Core>

template <typename T>
static int product(int m, int k, int n, const T *a, const T *b, T *c) {
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<Matrix>(c, m, n).noalias() = Eigen::Map<const Matrix>(a, m, k) * Eigen::Map<const Matrix>(b, k, n);
  return 0;
}

template <typename T>
static int sum(long len, const T *a, const T *b, T *out) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  Eigen::Map<Array>(out, len) = Eigen::Map<const Array>(a, len) + Eigen::Map<const Array>(b, len);
  return 0;
}

extern "C" {
int peer_sgemm(int m, int k, int n, const float *a, const float *b, float *c) { return product(m, k, n, a, b, c); }
int peer_dgemm(int m, int k, int n, const double *a, const double *b, double *c) { return product(m, k, n, a, b, c); }
int peer_sadd(long len, const float *a, const float *b, float *out) { return sum(len, a, b, out); }
int peer_dadd(long len, const double *a, const double *b, double *out) { return sum(len, a, b, out); }
}
