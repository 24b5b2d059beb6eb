// oneDNN behind the functions that src/candidates/shims.rs looks for: primitives made when a shape first comes, as its users keep
// them, and weights that are only read packed then, as an inference would.
#include <array>
#include <exception>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;

namespace {

// An operation on one shape: what runs, one after the other, each with its arguments. A memory is bound to the buffer that it had when
// it was made.
struct Made {
  std::array<long, 4> shape;
  std::array<const void *, 2> buffers;
  std::vector<std::pair<primitive, Arguments>> steps;
};

engine &cpu() {
  static engine cpu(engine::kind::cpu, 0);
  return cpu;
}

stream &queue() {
  static stream queue(cpu());
  return queue;
}

memory::desc matrix(long rows, long columns, Tag tag = Tag::ab) { return {{rows, columns}, memory::data_type::f32, tag}; }
memory::desc vector(long len) { return {{len}, memory::data_type::f32, Tag::a}; }

memory bound(const memory::desc &what, const float *buffer) { return {what, cpu(), const_cast<float *>(buffer)}; }

memory packed(memory plain, const memory::desc &wanted) {
  if (wanted == plain.get_desc()) return plain;
  memory packed(wanted, cpu());
  reorder(plain, packed).execute(queue(), plain, packed);
  queue().wait();
  return packed;
}

void linear_forward(Made &made, const float *const *read, float *const *written) {
  const long batch = made.shape[0], inputs = made.shape[1], outputs = made.shape[2];
  const inner_product_forward::primitive_desc layer(cpu(), prop_kind::forward_inference, matrix(batch, inputs),
                                                    matrix(outputs, inputs, Tag::any), vector(outputs), matrix(batch, outputs));
  made.steps.push_back({inner_product_forward(layer),
                        {{DNNL_ARG_SRC, bound(matrix(batch, inputs), read[0])},
                         {DNNL_ARG_WEIGHTS, packed(bound(matrix(outputs, inputs), read[1]), layer.weights_desc())},
                         {DNNL_ARG_BIAS, bound(vector(outputs), read[2])},
                         {DNNL_ARG_DST, bound(matrix(batch, outputs), written[0])}}});
}

void linear_backward(Made &made, const float *const *read, float *const *written) {
  const long batch = made.shape[0], inputs = made.shape[1], outputs = made.shape[2];
  const auto x = matrix(batch, inputs), weights = matrix(outputs, inputs), dy = matrix(batch, outputs);
  const inner_product_forward::primitive_desc layer(cpu(), prop_kind::forward_training, x, matrix(outputs, inputs, Tag::any),
                                                    vector(outputs), dy);
  const inner_product_backward_data::primitive_desc by_x(cpu(), x, matrix(outputs, inputs, Tag::any), dy, layer);
  const inner_product_backward_weights::primitive_desc by_weights(cpu(), x, weights, vector(outputs), dy, layer);
  made.steps.push_back({inner_product_backward_data(by_x),
                        {{DNNL_ARG_DIFF_DST, bound(dy, read[2])},
                         {DNNL_ARG_WEIGHTS, packed(bound(weights, read[1]), by_x.weights_desc())},
                         {DNNL_ARG_DIFF_SRC, bound(x, written[0])}}});
  made.steps.push_back({inner_product_backward_weights(by_weights),
                        {{DNNL_ARG_SRC, bound(x, read[0])},
                         {DNNL_ARG_DIFF_DST, bound(dy, read[2])},
                         {DNNL_ARG_DIFF_WEIGHTS, bound(weights, written[1])},
                         {DNNL_ARG_DIFF_BIAS, bound(vector(outputs), written[2])}}});
}

template <algorithm ACTIVATION>
void activation(Made &made, const float *const *read, float *const *written) {
  const auto x = matrix(made.shape[0], made.shape[1]);
  const eltwise_forward::primitive_desc activation(cpu(), prop_kind::forward_inference, ACTIVATION, x, x, 0.f, 0.f);
  made.steps.push_back({eltwise_forward(activation), {{DNNL_ARG_SRC, bound(x, read[0])}, {DNNL_ARG_DST, bound(x, written[0])}}});
}

// Makes what is to run, if it was made for another shape or other buffers, and runs it.
template <void MAKE(Made &, const float *const *, float *const *)>
int run(const long *shape, const float *const *read, float *const *written) {
  static Made made;
  try {
    const Made wanted{{shape[0], shape[1], shape[2], shape[3]}, {read[0], written[0]}, {}};
    if (made.shape != wanted.shape || made.buffers != wanted.buffers) {
      made = wanted;
      MAKE(made, read, written);
    }
    for (auto &[primitive, arguments] : made.steps) primitive.execute(queue(), arguments);
    queue().wait();
    return 0;
  } catch (const std::exception &) {
    return 1;
  }
}

}  // namespace

extern "C" {
#define RUN(NAME, MAKE) \
  int NAME(const long *shape, const float *const *read, float *const *written) { return run<MAKE>(shape, read, written); }

RUN(peer_linear_forward, linear_forward)
RUN(peer_linear_backward, linear_backward)
RUN(peer_relu, activation<algorithm::eltwise_relu>)
RUN(peer_sigmoid, activation<algorithm::eltwise_logistic>)
RUN(peer_tanh, activation<algorithm::eltwise_tanh>)
}
