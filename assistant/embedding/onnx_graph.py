"""Builds the bundled network as a quantized ONNX graph: word table in 4 bits, products in 8.

One text per run: takes token ids of shape (1, n), returns a unit vector of shape (1, hidden). The
operators of the domain ``com.microsoft`` are onnxruntime's own.

Weights are quantized to seven bits and a sign, one scale per output: with a full eight bits, the
16-bit sums of processors without VNNI instructions overflow. Activations are quantized to eight
bits with one scale for all tokens, so where tokens differ much in size each is first divided by its
largest value: the begin and end tokens reach values 20 times those of words, and would leave the
words four bits (cosine to the exact network 0.996; with the division 0.999).
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from assistant.embedding.bundled_model import BLOCK, CONTEXT, VECTOR, Blocks, BundledModel

INPUT = "ids"

CONTEXT_LAYER = 8
"""Counted from 0, the layer whose states best set a word beside its translation: later ones say
more of the whole text, earlier ones more of the spelling."""

_RUNTIME = "com.microsoft"
_OPSET = 21
_IR_VERSION = 10
_LARGEST_WEIGHT = 63


def build_graph(model: BundledModel) -> onnx.ModelProto:
    """The whole network, from token ids to the vector of the text, and those of its tokens."""
    graph = _Graph()
    shape = model.shape
    states = _embed(graph, model)
    for layer in range(shape.layers):
        states = _attend(graph, model, f"l{layer}", states)
        states = _think(graph, model, f"l{layer}", states)
        if layer == CONTEXT_LAYER:
            graph.add("Identity", [states], CONTEXT)
    mean = graph.add("ReduceMean", [states, graph.constant("tokens", np.array([1]))], keepdims=0)
    graph.add("LpNormalization", [mean], VECTOR, axis=-1, p=2)
    inputs = [helper.make_tensor_value_info(INPUT, TensorProto.INT64, [1, "tokens"])]
    outputs = [
        helper.make_tensor_value_info(VECTOR, TensorProto.FLOAT, [1, shape.hidden]),
        helper.make_tensor_value_info(CONTEXT, TensorProto.FLOAT, [1, "tokens", shape.hidden]),
    ]
    return helper.make_model(
        helper.make_graph(graph.nodes, "embedder", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)],
        ir_version=_IR_VERSION,
    )


class _Graph:
    """Collects nodes and constants in order."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(
        self, kind: str, inputs: list[str], output: str = "", domain: str = "", **options: object
    ) -> str:
        output = output or f"{len(self.nodes)}.{kind}"
        node = helper.make_node(kind, inputs, [output], output, domain=domain, **options)
        self.nodes.append(node)
        return output


def _embed(graph: _Graph, model: BundledModel) -> str:
    shape = model.shape
    table = model.matrix("emb.word", shape.hidden)
    graph.constants.append(_four_bits("words", table))
    words = graph.add(
        "GatherBlockQuantized",
        ["words", INPUT, graph.constant("word_scales", table.scales)],
        domain=_RUNTIME,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    # All tokens are of type 0, so its vector is folded into the position vectors.
    places = model.vector("emb.pos").reshape(shape.positions, shape.hidden)
    places = places + model.vector("emb.type")[: shape.hidden]
    first = graph.constant("first", np.array([0]))
    length = graph.add("Shape", [INPUT], start=1)
    place = graph.add("Slice", [graph.constant("places", places), first, length, first])
    return _norm(graph, model, "emb.ln", graph.add("Add", [words, place]))


def _four_bits(name: str, blocks: Blocks) -> onnx.TensorProto:
    """The blocks' integers as an INT4 tensor: two per byte, the first in the low nibble."""
    signed = blocks.nibbles ^ 8  # minus 8, in 4-bit two's complement
    packed = signed[:, 0::2] | signed[:, 1::2] << 4
    return helper.make_tensor(
        name, TensorProto.INT4, blocks.nibbles.shape, packed.tobytes(), raw=True
    )


def _attend(graph: _Graph, model: BundledModel, layer: str, states: str) -> str:
    names = [f"{layer}.{part}" for part in "qkv"]
    joined = _product(graph, model, names, states)
    parts = [f"{name}.part" for name in names]
    graph.nodes.append(helper.make_node("Split", [joined], parts, axis=2, num_outputs=len(parts)))
    heads = model.shape.heads
    seen = graph.add("MultiHeadAttention", parts, domain=_RUNTIME, num_heads=heads)
    change = _product(graph, model, [f"{layer}.ao"], seen)
    return _norm(graph, model, f"{layer}.aln", graph.add("Add", [change, states]))


def _think(graph: _Graph, model: BundledModel, layer: str, states: str) -> str:
    inner = _product(graph, model, [f"{layer}.fi"], states, by_token=True)
    inner = graph.add("Gelu", [inner], domain=_RUNTIME)
    change = _product(graph, model, [f"{layer}.fo"], inner, by_token=True)
    return _norm(graph, model, f"{layer}.oln", graph.add("Add", [change, states]))


def _norm(graph: _Graph, model: BundledModel, name: str, states: str) -> str:
    scale = graph.constant(f"{name}.w", model.vector(f"{name}.w"))
    shift = graph.constant(f"{name}.b", model.vector(f"{name}.b"))
    epsilon = model.shape.epsilon
    return graph.add("LayerNormalization", [states, scale, shift], axis=-1, epsilon=epsilon)


def _product(
    graph: _Graph, model: BundledModel, names: list[str], states: str, *, by_token: bool = False
) -> str:
    """``states @ weights.T + bias`` for the named weights side by side.

    ``by_token`` scales each token by its largest value before, and back after.
    """
    bias_values = np.concatenate([model.vector(f"{name}.b") for name in names])
    columns = model.shape.inner if names[0].endswith(".fo") else model.shape.hidden
    weights = np.concatenate([model.matrix(f"{name}.w", columns).dense() for name in names])
    scales = np.abs(weights).max(axis=1) / _LARGEST_WEIGHT
    rounded = np.rint(weights / scales[:, None]).astype(np.int8)
    name = names[0]
    constants = [
        graph.constant(f"{name}.w", rounded.T),
        graph.constant(f"{name}.scales", scales),
        graph.constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
    ]
    bias = graph.constant(f"{name}.b", bias_values)
    if not by_token:
        inputs = [states, *constants, bias]
        return graph.add("DynamicQuantizeMatMul", inputs, domain=_RUNTIME)
    axis = graph.constant(f"{name}.axis", np.array([-1]))
    largest = graph.add("ReduceMax", [graph.add("Abs", [states]), axis], keepdims=1)
    even = graph.add("Div", [states, largest])
    product = graph.add("DynamicQuantizeMatMul", [even, *constants], domain=_RUNTIME)
    return graph.add("Add", [graph.add("Mul", [product, largest]), bias])
