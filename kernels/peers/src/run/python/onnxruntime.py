"""ONNX Runtime: a model of one node, its weights known beforehand, on bound inputs and outputs."""

import onnx
import onnxruntime
from onnx import helper, numpy_helper


def session(node, shapes, weights=()):
    kind = onnx.TensorProto.FLOAT
    names = [*node.input[:1], *node.output]
    infos = [
        helper.make_tensor_value_info(name, kind, shape) for name, shape in zip(names, shapes)
    ]
    known = [numpy_helper.from_array(array, name) for name, array in weights]
    graph = helper.make_graph([node], "graph", infos[:1], infos[1:], known)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def bound(made, x, out):
    binding = made.io_binding()
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in (x, out)]
    binding.bind_ortvalue_input("x", values[0])
    binding.bind_ortvalue_output("y", values[1])

    return lambda: made.run_with_iobinding(binding), lambda: [values[1].numpy()]


def linear_forward():
    batch, inputs, outputs = sides
    x, weights, bias = read((batch, inputs)), read((outputs, inputs)), read(outputs)
    node = helper.make_node("Gemm", ["x", "weights", "bias"], ["y"], transB=1)
    shapes = [(batch, inputs), (batch, outputs)]
    made = session(node, shapes, [("weights", weights), ("bias", bias)])
    return bound(made, x, numpy.zeros((batch, outputs), dtype))


def activation():
    x = read(sides)
    node = helper.make_node(op.capitalize(), ["x"], ["y"])
    return bound(session(node, [sides, sides]), x, numpy.zeros(sides, dtype))


serve(
    onnxruntime.__version__,
    {
        "linear-forward": linear_forward,
        "relu": activation,
        "sigmoid": activation,
        "tanh": activation,
    },
)
