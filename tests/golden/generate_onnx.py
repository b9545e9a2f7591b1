#!/usr/bin/env python3
"""Writes onnx-*.golden: the ONNX project's own cases for convolution, transposed convolution and pooling, which nobody here wrote.

They come from the node tests of Debian's python3-onnx 1.12 (onnx.backend.test.case.node; Apache License 2.0, the ONNX Project
Contributors): the arrays are kept as they are, the attributes are put into PyTorch's terms. Padding that PyTorch's layers cannot express
(other before than behind) is put around the input where that means the same. The format is that of generate.py.

Run: /usr/bin/python3 tests/golden/generate_onnx.py
"""
import os

import numpy as np

# onnx 1.12 still uses names that NumPy 1.24 has dropped.
np.float, np.int, np.bool, np.object = float, int, bool, object

from onnx import helper  # noqa: E402
from onnx.backend.test.case.node import collect_testcases  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
OPS = ("Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxUnpool")


class Untranslated(Exception):
    pass


def pads_of(attributes, dims, shape, kernel, stride, dilation):
    """Padding before and after each axis."""
    auto = attributes.get("auto_pad", b"NOTSET").decode()
    if auto == "VALID":
        return [0] * dims, [0] * dims
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        before, after = [], []
        for i in range(dims):
            out = -(-shape[i] // stride[i])
            total = max(0, (out - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 - shape[i])
            small = total // 2
            before.append(small if auto == "SAME_UPPER" else total - small)
            after.append(total - before[-1])
        return before, after
    pads = attributes.get("pads", [0] * 2 * dims)
    return list(pads[:dims]), list(pads[dims:])


def even_pads(x, before, after, value, most):
    """What PyTorch takes as padding stays padding; other padding is put around the input."""
    if before == after and all(b <= m for b, m in zip(before, most)):
        return x, before
    around = [(0, 0), (0, 0)] + list(zip(before, after))
    return np.pad(x, around, constant_values=value).astype(np.float32), [0] * len(before)


def window(attributes, x, kernel):
    dims = x.ndim - 2
    stride = list(attributes.get("strides", [1] * dims))
    dilation = list(attributes.get("dilations", [1] * dims))
    before, after = pads_of(attributes, dims, x.shape[2:], kernel, stride, dilation)
    return dims, stride, dilation, before, after


def convolution(attributes, inputs):
    x, w = inputs[:2]
    kernel = list(w.shape[2:])
    dims, stride, dilation, before, after = window(attributes, x, kernel)
    x, padding = even_pads(x, before, after, 0, before)
    groups = attributes.get("group", 1)
    params = dict(in_channels=x.shape[1], out_channels=w.shape[0], kernel_size=kernel, stride=stride, padding=padding, dilation=dilation,
                  groups=groups, bias=len(inputs) > 2)
    return f"Conv{dims}d", params, dict(input=x, weight=w, **({"bias": inputs[2]} if len(inputs) > 2 else {}))


def transposed(attributes, inputs, output):
    x, w = inputs[:2]
    kernel = list(w.shape[2:])
    dims, stride, dilation, before, after = window(attributes, x, kernel)
    full = [(n - 1) * s + d * (k - 1) + 1 for n, s, d, k in zip(x.shape[2:], stride, dilation, kernel)]
    extra = list(attributes.get("output_padding", [0] * dims))
    if "output_shape" in attributes or attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
        # The total is given by the output; it is split in halves.
        total = [f + e - o for f, e, o in zip(full, extra, output.shape[2:])]
        before = [max(t, 0) // 2 for t in total]
        after = [t - b for t, b in zip(total, before)]
        if attributes.get("auto_pad") == b"SAME_LOWER":
            before, after = after, before
    for i in range(dims):
        extra[i] += before[i] - after[i]
        if extra[i] < 0 or (extra[i] >= stride[i] and extra[i] >= dilation[i]):
            raise Untranslated("uneven cuts")
    groups = attributes.get("group", 1)
    params = dict(in_channels=x.shape[1], out_channels=w.shape[1] * groups, kernel_size=kernel, stride=stride, padding=before,
                  output_padding=extra, groups=groups, bias=len(inputs) > 2, dilation=dilation)
    return f"ConvTranspose{dims}d", params, dict(input=x, weight=w, **({"bias": inputs[2]} if len(inputs) > 2 else {}))


def pool(op, attributes, inputs):
    x = inputs[0]
    if attributes.get("storage_order", 0) != 0:
        raise Untranslated("column-major indices")
    kernel = list(attributes["kernel_shape"])
    dims, stride, dilation, before, after = window(attributes, x, kernel)
    maximum = op == "MaxPool"
    half = [k // 2 for k in kernel]
    if (before != after or any(b > h for b, h in zip(before, half))) and not maximum and not attributes.get("count_include_pad", 0):
        raise Untranslated("padding that PyTorch does not take, and not counted")
    x, padding = even_pads(x, before, after, -np.inf if maximum else 0, half)
    params = dict(kernel_size=kernel, stride=stride, padding=padding, ceil_mode=bool(attributes.get("ceil_mode", 0)))
    if maximum:
        params["dilation"] = dilation
    else:
        params["count_include_pad"] = bool(attributes.get("count_include_pad", 0))
    return f"{'Max' if maximum else 'Avg'}Pool{dims}d", params, dict(input=x)


def unpool(attributes, inputs, output):
    x, indices = inputs[:2]
    dims = x.ndim - 2
    plane = int(np.prod(output.shape[2:]))
    params = dict(kernel_size=list(attributes["kernel_shape"]), stride=list(attributes.get("strides", [1] * dims)))
    usual = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], params["stride"], params["kernel_size"])]
    if list(output.shape[2:]) != usual:
        # PyTorch's indices count in the output that is asked for, these in the usual one.
        raise Untranslated("indices of another shape")
    return f"MaxUnpool{dims}d", params, dict(input=x, indices=(indices % plane).astype(np.int64))


def translate(node, inputs, outputs):
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    op = node.op_type
    if inputs[0].dtype != np.float32:
        raise Untranslated("not float32")
    if op == "Conv":
        return convolution(attributes, inputs)
    if op == "ConvTranspose":
        return transposed(attributes, inputs, outputs[0])
    if op == "MaxUnpool":
        return unpool(attributes, inputs, outputs[0])
    if op.startswith("Global"):
        dims = inputs[0].ndim - 2
        return f"Adaptive{'Max' if 'Max' in op else 'Avg'}Pool{dims}d", dict(output_size=1), dict(input=inputs[0])
    return pool(op, attributes, inputs)


def write_array(file, name, array):
    kind, dtype = ("i", "<i8") if array.dtype.kind == "i" else ("f", "<f4")
    file.write(f"{kind} {name} {array.ndim}{''.join(f' {s}' for s in array.shape)}\n".encode())
    file.write(np.ascontiguousarray(array).astype(dtype).tobytes() + b"\n")


def plain(value):
    return tuple(int(v) for v in value) if isinstance(value, list) else value


def write_case(file, case, node):
    inputs, outputs = case.data_sets[0]
    name, params, arrays = translate(node, list(inputs), list(outputs))
    file.write(f"case ONNX {case.name}\nop {name}\n".encode())
    for key, value in params.items():
        file.write(f"set {key} {plain(value)!r}\n".encode())
    for key, value in arrays.items():
        write_array(file, key, value)
    write_array(file, "output", outputs[0])
    if node.op_type == "MaxPool" and len(outputs) > 1:
        plane = int(np.prod(inputs[0].shape[2:]))
        write_array(file, "indices_out", outputs[1] % plane)
    file.write(b"end\n")


def main():
    written = 0
    np.random.seed(0)
    cases = collect_testcases(None)
    for op in OPS:
        with open(os.path.join(HERE, f"onnx-{op.lower()}.golden"), "wb") as file:
            for case in cases:
                node = case.model.graph.node[0]
                if len(case.model.graph.node) != 1 or node.op_type != op or case.name.endswith("_expanded"):
                    continue
                try:
                    write_case(file, case, node)
                except Untranslated as why:
                    print(f"left out: {case.name}: {why}")
                    continue
                written += 1
    print(f"{written} cases")


main()
