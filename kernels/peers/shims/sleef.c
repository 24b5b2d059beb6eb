// SLEEF's vectors of AVX-512, within one unit in the last place, behind the functions that src/candidates/shims.rs looks for. It has
// no sigmoid: that is made of its exponential.
#include <immintrin.h>
#include <sleef.h>

static __m512 sigmoid(__m512 x) {
  const __m512 one = _mm512_set1_ps(1);
  const __m512 power = Sleef_expf16_u10avx512f(_mm512_sub_ps(_mm512_setzero_ps(), x));
  return _mm512_div_ps(one, _mm512_add_ps(one, power));
}

static __m512 tanh16(__m512 x) { return Sleef_tanhf16_u10avx512f(x); }

#define ACTIVATION(NAME, FUNCTION)                                                    \
  int NAME(const long *shape, const float *const *read, float *const *written) {      \
    const long len = shape[0] * shape[1];                                             \
    for (long i = 0; i < len; i += 16) {                                              \
      const __mmask16 left = len - i < 16 ? (1 << (len - i)) - 1 : 0xffff;            \
      const __m512 x = _mm512_maskz_loadu_ps(left, read[0] + i);                      \
      _mm512_mask_storeu_ps(written[0] + i, left, FUNCTION(x));                       \
    }                                                                                 \
    return 0;                                                                         \
  }

ACTIVATION(peer_sigmoid, sigmoid)
ACTIVATION(peer_tanh, tanh16)
