"""Writes the models with branches and loops that OnnxControlFlowTests runs, into the folder control-flow beside this script.

    /usr/bin/python3 make_control_flow_models.py        (Debian: python3-onnx)

Only the models are kept; the answers that are expected are ONNX Runtime's, which the tests ask.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
FOLDER = pathlib.Path(__file__).parent / "control-flow"


def value(name, kind=FLOAT, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def weights(name, *shape, seed=1):
    values = np.sin(np.arange(np.prod(shape)) * 1.3 + seed).astype(np.float32).reshape(shape)
    return numpy_helper.from_array(values, name)


def number(name, amount, dtype=np.float32):
    return numpy_helper.from_array(np.array(amount, dtype), name)


def save(name, nodes, inputs, outputs, initializers=(), opset=17):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="CnnNative tests")
    model.ir_version = 8 if opset > 8 else 3
    onnx.checker.check_model(model)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


def branch(name, nodes, outputs, initializers=()):
    return helper.make_graph(nodes, name, [], outputs, list(initializers))


def nested_if():
    """Two branches in a branch, which read values of both graphs around them; one hides a name of the outer graph."""
    inner_then = branch("inner_then", [helper.make_node("Add", ["conv", "local"], ["a"])], [value("a")])
    inner_else = branch(
        "inner_else", [helper.make_node("Mul", ["conv", "half"], ["shared"])], [value("shared")], [number("half", 0.5)])
    outer_then = branch(
        "outer_then",
        [helper.make_node("Relu", ["conv"], ["local"]),
         helper.make_node("If", ["second"], ["b"], then_branch=inner_then, else_branch=inner_else)],
        [value("b")])
    outer_else = branch("outer_else", [helper.make_node("Neg", ["conv"], ["c"])], [value("c")])
    save(
        "nested_if",
        [helper.make_node("Conv", ["x", "w"], ["conv"]),
         helper.make_node("If", ["first"], ["branched"], then_branch=outer_then, else_branch=outer_else),
         helper.make_node("Add", ["branched", "conv"], ["y"])],
        [value("x", FLOAT, [1, 2, 5, 5]), value("first", BOOL, []), value("second", BOOL, [])],
        [value("y", FLOAT, [1, 3, 3, 3])], [weights("w", 3, 2, 3, 3)])


def loop_body(name, nodes, states, scans, initializers=()):
    return helper.make_graph(
        nodes, name, [value("i", INT64, []), value("go", BOOL, [])] + [value(s) for s, _ in states],
        [value("go_on", BOOL, [])] + [value(s) for _, s in states] + [value(s) for s in scans], list(initializers))


def counted_loop():
    """As many rounds as an input says; each adds outer weights to a state and gives the state out."""
    body = loop_body(
        "body",
        [helper.make_node("Identity", ["go"], ["go_on"]),
         helper.make_node("Cast", ["i"], ["number"], to=FLOAT),
         helper.make_node("Mul", ["w", "number"], ["scaled"]),
         helper.make_node("Add", ["s", "scaled"], ["t"]),
         helper.make_node("Sigmoid", ["t"], ["each"])],
        [("s", "t")], ["each"])
    save(
        "counted_loop",
        [helper.make_node("Loop", ["rounds", "", "x"], ["last", "all"], body=body)],
        [value("x", FLOAT, [2, 3]), value("rounds", INT64, [])],
        [value("last", FLOAT, [2, 3]), value("all", FLOAT, [None, 2, 3])], [weights("w", 2, 3)])


def loop_that_stops():
    """Ends when its counter says so, before the limit; a branch inside chooses by whether the counter is even."""
    even = branch("even", [helper.make_node("Add", ["s", "x"], ["e"])], [value("e")])
    odd = branch("odd", [helper.make_node("Mul", ["s", "factor"], ["o"])], [value("o")], [number("factor", 0.75)])
    body = loop_body(
        "body",
        [helper.make_node("Less", ["i", "last_round"], ["go_on"]),
         helper.make_node("Mod", ["i", "two"], ["rest"]),
         helper.make_node("Equal", ["rest", "zero"], ["is_even"]),
         helper.make_node("If", ["is_even"], ["t"], then_branch=even, else_branch=odd)],
        [("s", "t")], [], [number("last_round", 4, np.int64), number("two", 2, np.int64), number("zero", 0, np.int64)])
    save(
        "loop_that_stops",
        [helper.make_node("Loop", ["limit", "yes", "x"], ["y"], body=body)],
        [value("x", FLOAT, [3])], [value("y", FLOAT, [3])], [number("limit", 100, np.int64), number("yes", True, np.bool_)])


def loops_in_loops():
    """A recurrent stack of convolutions: three rounds of two, the inner ones with weights of the outermost graph."""
    inner = loop_body(
        "inner",
        [helper.make_node("Identity", ["go"], ["go_on"]),
         helper.make_node("Conv", ["s", "w"], ["c"], pads=[1, 1, 1, 1]),
         helper.make_node("Add", ["c", "base"], ["d"]),
         helper.make_node("Tanh", ["d"], ["t"])],
        [("s", "t")], [])
    outer_nodes = [
        helper.make_node("Identity", ["outer_go"], ["outer_go_on"]),
        helper.make_node("Mul", ["outer_s", "shrink"], ["base"]),
        helper.make_node("Loop", ["two", "", "outer_s"], ["outer_t"], body=inner),
        helper.make_node("GlobalAveragePool", ["outer_t"], ["mean"])]
    outer = helper.make_graph(
        outer_nodes, "outer",
        [value("outer_i", INT64, []), value("outer_go", BOOL, []), value("outer_s")],
        [value("outer_go_on", BOOL, []), value("outer_t"), value("mean")],
        [number("shrink", 0.25), number("two", 2, np.int64)])
    save(
        "loops_in_loops",
        [helper.make_node("Loop", ["three", "", "x"], ["y", "means"], body=outer)],
        [value("x", FLOAT, [1, 3, 4, 4])], [value("y", FLOAT, [1, 3, 4, 4]), value("means", FLOAT, [3, 1, 3, 1, 1])],
        [weights("w", 3, 3, 3, 3), number("three", 3, np.int64)])


def loop_without_rounds():
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Exp", ["s"], ["t"]),
         helper.make_node("Neg", ["t"], ["each"])],
        "body", [value("i", INT64, []), value("go", BOOL, []), value("s", FLOAT, [2, 3])],
        [value("go_on", BOOL, []), value("t", FLOAT, [2, 3]), value("each", FLOAT, [2, 3])])
    save(
        "loop_without_rounds",
        [helper.make_node("Loop", ["none", "", "x"], ["last", "all"], body=body),
         helper.make_node("Concat", ["all", "more"], ["y"], axis=0)],
        [value("x", FLOAT, [2, 3]), value("more", FLOAT, [1, 2, 3])],
        [value("last", FLOAT, [2, 3]), value("y", FLOAT, [None, 2, 3])], [number("none", 0, np.int64)])


def scan_body(nodes, inputs, outputs, initializers=()):
    return helper.make_graph(
        nodes, "body", [value(n, FLOAT, s) for n, s in inputs], [value(n, FLOAT, s) for n, s in outputs], list(initializers))


def scans():
    """A sum that is carried along two sequences; one runs backwards and lies in the second dimension, the results likewise."""
    body = scan_body(
        [helper.make_node("Add", ["sum", "a"], ["with_a"]), helper.make_node("Mul", ["b", "w"], ["weighted"]),
         helper.make_node("Add", ["with_a", "weighted"], ["next"]), helper.make_node("Relu", ["next"], ["each"]),
         helper.make_node("ReduceMean", ["next"], ["mean"], keepdims=0)],
        [("sum", [3]), ("a", [3]), ("b", [3])], [("next", [3]), ("each", [3]), ("mean", [])])
    save(
        "scan",
        [helper.make_node(
            "Scan", ["start", "a", "b"], ["last", "each", "means"], num_scan_inputs=2, scan_input_axes=[0, 1],
            scan_input_directions=[0, 1], scan_output_axes=[-1, 0], scan_output_directions=[1, 0], body=body)],
        [value("start", FLOAT, [3]), value("a", FLOAT, [4, 3]), value("b", FLOAT, [3, 4])],
        [value("last", FLOAT, [3]), value("each", FLOAT, [3, 4]), value("means", FLOAT, [4])], [weights("w", 3)])


def old_scan():
    """The first form of Scan, with a batch before each sequence."""
    body = scan_body(
        [helper.make_node("Add", ["sum", "a"], ["next"]), helper.make_node("Sigmoid", ["next"], ["each"])],
        [("sum", [3]), ("a", [3])], [("next", [3]), ("each", [3])])
    save(
        "old_scan",
        [helper.make_node("Scan", ["", "start", "a"], ["last", "each"], num_scan_inputs=1, body=body)],
        [value("start", FLOAT, [2, 3]), value("a", FLOAT, [2, 4, 3])],
        [value("last", FLOAT, [2, 3]), value("each", FLOAT, [2, 4, 3])], opset=8)


def loop_by_data():
    """Doubles a picture's features until their sum is large: the number of rounds depends on the picture."""
    body = loop_body(
        "body",
        [helper.make_node("Add", ["s", "s"], ["t"]), helper.make_node("ReduceSum", ["t"], ["sum"], keepdims=0),
         helper.make_node("Less", ["sum", "enough"], ["go_on"])],
        [("s", "t")], [], [number("enough", 100.0)])
    save(
        "loop_by_data",
        [helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node("Abs", ["c"], ["a"]),
         helper.make_node("Loop", ["limit", "yes", "a"], ["y"], body=body)],
        [value("x", FLOAT, [1, 2, 4, 4])], [value("y", FLOAT, [1, 3, 2, 2])],
        [weights("w", 3, 2, 3, 3), number("limit", 50, np.int64), number("yes", True, np.bool_)])


for make in (nested_if, counted_loop, loop_that_stops, loops_in_loops, loop_without_rounds, scans, old_scan, loop_by_data):
    make()
