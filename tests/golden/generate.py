#!/usr/bin/env python3
"""Writes the golden cases: what PyTorch and torchvision answer, one file for each operation.

Run with Debian's Python (python3-torch 1.13, python3-torchvision): /usr/bin/python3 tests/golden/generate.py
PyTorch is not needed to run the tests. The cases are drawn from a fixed seed, so that a second run gives the same files.

A file is a row of cases. A case is lines of text, each array's line followed by its little-endian bytes and a newline:

    case nn.Conv2d(1, 1, kernel_size=3)     as Python writes it, for the reader
    op Conv2d
    set kernel_size 3                       a parameter and its value, as Python writes it
    f input 4 1 1 5 5                       float32 array: name, rank, sizes
    i indices 1 4                           int64 array
    f output 4 1 1 3 3   or   refused
    end
"""
import os
import random

import numpy as np
import torch
import torchvision

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)


class Writer:
    def __init__(self):
        self.files = {}
        self.count = self.refused = 0

    def add(self, group, op, params, arrays, output=None, extra=(), module="nn"):
        text = ", ".join(f"{k}={v!r}" for k, v in params.items())
        out = self.files.setdefault(group, [])
        out.append(f"case {module}.{op}({text})\nop {op}\n".encode())
        for key, value in params.items():
            out.append(f"set {key} {value!r}\n".encode())
        for key, value in extra:
            out.append(f"{key} {value}\n".encode())
        for name, array in arrays.items():
            self.array(out, name, array)
        if output is None:
            out.append(b"refused\n")
            self.refused += 1
        else:
            self.array(out, "output", output)
        out.append(b"end\n")
        self.count += 1

    @staticmethod
    def array(out, name, array):
        array = np.ascontiguousarray(array)
        kind, dtype = ("i", "<i8") if array.dtype.kind == "i" else ("f", "<f4")
        out.append(f"{kind} {name} {array.ndim}{''.join(f' {s}' for s in array.shape)}\n".encode())
        out.append(array.astype(dtype).tobytes() + b"\n")

    def save(self):
        for group, parts in sorted(self.files.items()):
            with open(os.path.join(HERE, group + ".golden"), "wb") as file:
                file.write(b"".join(parts))
        print(f"{self.count} cases, {self.refused} of them refusals, in {len(self.files)} files")


W = Writer()


def seed(text):
    number = sum((i + 1) * b for i, b in enumerate(text.encode()))
    torch.manual_seed(number)
    return random.Random(number)


def numpy(tensor):
    return tensor.detach().numpy()


def layer_case(group, op, params, shape, finite=True, factory=None):
    """A layer of torch.nn: weights drawn, run on a random normal input; or refused."""
    x = torch.randn(*shape) if finite is True else finite
    arrays = {"input": numpy(x)}
    try:
        layer = (factory or getattr(torch.nn, op))(**params)
        layer.eval()
        if hasattr(layer, "initialize_parameters"):
            layer(x)
        with torch.no_grad():
            for name, parameter in list(layer.named_parameters()):
                fan_in = parameter[0].numel() if parameter.ndim > 1 else 1
                if "Transpose" in op and parameter.ndim > 1:
                    fan_in = parameter.numel() // parameter.shape[1]
                parameter.normal_().mul_(fan_in ** -0.5)
            for name, buffer in layer.named_buffers():
                if name == "running_mean":
                    buffer.normal_()
                if name == "running_var":
                    buffer.uniform_(0.5, 2)
        circular = params.get("padding_mode") == "circular" and op.startswith(("Conv", "LazyConv")) and "Transpose" not in op
        unbatched = circular and x.ndim == int(op[-2]) + 1
        y = layer(x[None])[0] if unbatched else layer(x)  # 1.13 wrongly refuses unbatched circular padding
        for name, value in layer.state_dict().items():
            if name in ("weight", "bias", "running_mean", "running_var"):
                arrays[name] = numpy(value)
        if isinstance(y, tuple):
            y, indices = y
            arrays["indices_out"] = numpy(indices)
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError):
        y = None
        arrays = {"input": arrays["input"]}
    W.add(group, op, params, arrays, None if y is None else numpy(y))


def spread(r, low, high, dims):
    """A number for all axes, or one for each."""
    if r.random() < 0.4:
        return r.randint(low, high)
    return tuple(r.randint(low, high) for _ in range(dims))


def sizes(r, dims, low, high):
    return tuple(r.randint(low, high) for _ in range(dims))


def convolutions():
    for dims, count in ((1, 45), (2, 70), (3, 30)):
        op = f"Conv{dims}d"
        r = seed(op)
        for n in range(count):
            groups = r.choice([1, 1, 1, 2, 3])
            cin, cout = groups * r.randint(1, 2), groups * r.randint(1, 2)
            if r.random() < 0.06:
                cin += 1
            params = {"in_channels": cin, "out_channels": cout, "kernel_size": spread(r, 1, 4 if dims < 3 else 3, dims)}
            if r.random() < 0.6:
                params["stride"] = spread(r, 1, 3, dims)
            if r.random() < 0.75:
                params["padding"] = r.choice([spread(r, 0, 2, dims), spread(r, 1, 3, dims), "same", "valid"])
                if params["padding"] == "same" and r.random() < 0.8:
                    params.pop("stride", None)
            if r.random() < 0.4:
                params["dilation"] = spread(r, 1, 3, dims)
            if groups > 1:
                params["groups"] = groups
            if r.random() < 0.3:
                params["bias"] = False
            if r.random() < 0.5:
                params["padding_mode"] = r.choice(["zeros", "reflect", "replicate", "circular"])
            channels = cin + (1 if r.random() < 0.05 else 0)
            batch = r.choice([(), (1,), (2,), (2,), (0,)]) if r.random() < 0.9 else (1, 1, 1)
            layer_case(op.lower(), op, params, batch + (channels,) + sizes(r, dims, 1 if r.random() < 0.3 else 4, 8 if dims < 3 else 5))
        lazy = {"out_channels": 4, "kernel_size": 2, "groups": 2}
        layer_case(op.lower(), "Lazy" + op, lazy, (2, 6) + (5,) * dims)
        layer_case(op.lower(), "Lazy" + op, lazy, (2, 5) + (5,) * dims)
        # Depthwise with a multiplier, pointwise, an even kernel with 'same', 1 x 1 inputs, stride over size, kernel over input.
        for params, shape in (
            ({"in_channels": 3, "out_channels": 6, "kernel_size": 3, "groups": 3, "padding": 1}, (1, 3) + (4,) * dims),
            ({"in_channels": 4, "out_channels": 2, "kernel_size": 1}, (2, 4) + (3,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 4, "padding": "same", "dilation": 3}, (1, 1) + (5,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 2, "padding": "same", "padding_mode": "reflect"}, (1,) + (4,) * dims),
            ({"in_channels": 1, "out_channels": 2, "kernel_size": 1, "stride": 7}, (1, 1) + (1,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 5}, (1, 1) + (4,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": 9, "dilation": 9}, (1, 1) + (2,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": "same", "stride": 2}, (1, 1) + (5,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 1, "padding": 4, "padding_mode": "reflect"}, (1, 1) + (4,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 1, "padding": 4, "padding_mode": "circular"}, (1, 1) + (4,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 1, "padding": 5, "padding_mode": "circular"}, (1, 1) + (4,) * dims),
        ):
            layer_case(op.lower(), op, params, shape)


def transposed():
    for dims, count in ((1, 35), (2, 50), (3, 22)):
        op = f"ConvTranspose{dims}d"
        r = seed(op)
        for n in range(count):
            groups = r.choice([1, 1, 2, 3])
            cin, cout = groups * r.randint(1, 2), groups * r.randint(1, 2)
            params = {"in_channels": cin, "out_channels": cout, "kernel_size": spread(r, 1, 4 if dims < 3 else 3, dims)}
            if r.random() < 0.7:
                params["stride"] = spread(r, 1, 3, dims)
            if r.random() < 0.6:
                params["padding"] = spread(r, 0, 2, dims)
            if r.random() < 0.4:
                params["output_padding"] = spread(r, 0, 2, dims)
            if r.random() < 0.4:
                params["dilation"] = spread(r, 1, 3, dims)
            if groups > 1:
                params["groups"] = groups
            if r.random() < 0.3:
                params["bias"] = False
            channels = cin + (1 if r.random() < 0.04 else 0)
            layer_case(op.lower(), op, params, r.choice([(), (1,), (2,), (0,)]) + (channels,) + sizes(r, dims, 1, 5 if dims < 3 else 3))
        for params, shape in (
            ({"in_channels": 2, "out_channels": 4, "kernel_size": 2, "stride": 4}, (1, 2) + (3,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, (1, 1) + (4,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "output_padding": 1}, (1, 1) + (4,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": 4}, (1, 1) + (3,) * dims),
            ({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding_mode": "reflect"}, (1, 1) + (3,) * dims),
            ({"in_channels": 3, "out_channels": 2, "kernel_size": 3, "groups": 2}, (1, 3) + (3,) * dims),
        ):
            layer_case(op.lower(), op, params, shape)
        layer_case(op.lower(), "Lazy" + op, {"out_channels": 4, "kernel_size": 2, "groups": 2, "stride": 2}, (2, 6) + (3,) * dims)


def deformable():
    r = seed("deform")
    for n in range(36):
        groups, offset_groups = r.choice([1, 1, 2]), r.choice([1, 1, 2])
        cin, cout = 2 * r.randint(1, 2), 2 * r.randint(1, 2)
        k = sizes(r, 2, 1, 3)
        params = {"in_channels": cin, "out_channels": cout, "kernel_size": k}
        stride, padding, dilation = sizes(r, 2, 1, 2), sizes(r, 2, 0, 2), sizes(r, 2, 1, 2)
        if r.random() < 0.7:
            params["stride"] = stride
        if r.random() < 0.7:
            params["padding"] = padding
        if r.random() < 0.4:
            params["dilation"] = dilation
        if groups > 1:
            params["groups"] = groups
        if r.random() < 0.3:
            params["bias"] = False
        batch = r.choice([1, 2])
        x = torch.randn(batch, cin, *sizes(r, 2, 3, 7))
        try:
            layer = torchvision.ops.DeformConv2d(**params)
            layer.weight.data.normal_().mul_(layer.weight[0].numel() ** -0.5)
            if layer.bias is not None:
                layer.bias.data.normal_()
            plain = torch.nn.Conv2d(cin, 1, k, stride=params.get("stride", 1), padding=params.get("padding", 0), dilation=params.get("dilation", 1))
            out = plain(x).shape[2:]
            offset = torch.randn(batch, 2 * offset_groups * k[0] * k[1], *out) * r.choice([0.5, 2])
            if n % 5 == 0:
                offset = offset.round()
            mask = torch.rand(batch, offset_groups * k[0] * k[1], *out) if r.random() < 0.5 else None
            y = layer(x, offset, mask)
        except RuntimeError:
            W.add("deform", "DeformConv2d", params, {"input": numpy(x)}, module="torchvision.ops")
            continue
        arrays = {"input": numpy(x), "weight": numpy(layer.weight), "offset": numpy(offset)}
        if layer.bias is not None:
            arrays["bias"] = numpy(layer.bias)
        if mask is not None:
            arrays["mask"] = numpy(mask)
        W.add("deform", "DeformConv2d", params, arrays, numpy(y), extra=[("offset_groups", offset_groups)], module="torchvision.ops")


def unfold_fold():
    r = seed("unfold")
    for n in range(24):
        params = {"kernel_size": spread(r, 1, 3, 2)}
        for name, low, high in (("dilation", 1, 2), ("padding", 0, 2), ("stride", 1, 3)):
            if r.random() < 0.6:
                params[name] = spread(r, low, high, 2)
        layer_case("unfold", "Unfold", params, r.choice([(), (1,), (2,), (0,)]) + (r.randint(1, 2),) + sizes(r, 2, 2, 6))
    for n in range(26):
        params = {"output_size": sizes(r, 2, 3, 6), "kernel_size": spread(r, 1, 3, 2)}
        for name, low, high in (("dilation", 1, 2), ("padding", 0, 2), ("stride", 1, 3)):
            if r.random() < 0.6:
                params[name] = spread(r, low, high, 2)
        channels = r.randint(1, 2)
        try:
            columns = torch.nn.Unfold(**{k: v for k, v in params.items() if k != "output_size"})(torch.zeros(1, channels, *params["output_size"])).shape[1:]
        except RuntimeError:
            columns = (channels, 3)
        if r.random() < 0.15:
            columns = (columns[0], columns[1] + 1)
        if r.random() < 0.1:
            columns = (columns[0] + 1, columns[1])
        layer_case("fold", "Fold", params, r.choice([(), (1,), (2,)]) + tuple(columns))


def pools():
    for dims in (1, 2, 3):
        for op in (f"MaxPool{dims}d", f"AvgPool{dims}d"):
            r = seed(op)
            for n in range(24 if dims == 2 else 14):
                params = {"kernel_size": spread(r, 1, 3, dims)}
                if r.random() < 0.6:
                    params["stride"] = spread(r, 1, 3, dims)
                if r.random() < 0.5:
                    params["padding"] = spread(r, 0, 1, dims)
                if r.random() < 0.5:
                    params["ceil_mode"] = True
                if op.startswith("Max"):
                    if r.random() < 0.4:
                        params["dilation"] = spread(r, 1, 2, dims)
                    if r.random() < 0.5:
                        params["return_indices"] = True
                else:
                    if r.random() < 0.5:
                        params["count_include_pad"] = False
                    if dims > 1 and r.random() < 0.3:
                        params["divisor_override"] = r.choice([1, 3, 7])
                x = torch.randn(*(r.choice([(), (1,), (2,)]) + (r.randint(1, 2),) + sizes(r, dims, 2, 7 if dims < 3 else 4)))
                if n == 0:
                    x.flatten()[0] = float("nan")
                layer_case(op.lower()[:7], op, params, x.shape, finite=x)
        if dims == 3:  # refused although the padding would make room
            layer_case("avgpool", "AvgPool3d", {"kernel_size": (2,) * 3, "padding": (1,) * 3}, (1, 4, 1, 4))
        for op in (f"AdaptiveMaxPool{dims}d", f"AdaptiveAvgPool{dims}d"):
            r = seed(op)
            for n in range(8):
                size = r.randint(1, 5) if r.random() < 0.4 else tuple(r.choice([None, 1, 2, 3, 5]) for _ in range(dims))
                if dims == 1 and isinstance(size, tuple):
                    size = size[0] or 3
                layer_case("adaptive", op, {"output_size": size}, r.choice([(), (1,), (2,)]) + (2,) + sizes(r, dims, 3, 7 if dims < 3 else 4))


def empty_outputs():
    """PyTorch mostly refuses an output of no cells, but not here."""
    layer_case("maxpool", "MaxPool1d", {"kernel_size": 3}, (1, 2))
    layer_case("maxpool", "MaxPool1d", {"kernel_size": 3, "return_indices": True}, (1, 2))
    layer_case("maxpool", "MaxPool1d", {"kernel_size": 3, "stride": 1, "dilation": 2, "ceil_mode": True}, (2, 1, 4))
    layer_case("maxpool", "MaxPool1d", {"kernel_size": 3, "stride": 1}, (2, 1, 1))
    layer_case("pad", "ConstantPad1d", {"padding": -1, "value": 1}, (1, 2))
    layer_case("pad", "ZeroPad2d", {"padding": (-1, -1, 0, -1)}, (2, 3, 2))
    layer_case("pad", "ZeroPad2d", {"padding": (1, 1, -1, -1)}, (1, 2, 2, 2))
    layer_case("pad", "ZeroPad2d", {"padding": (-2, -1, 0, 0)}, (1, 2, 2, 2))


def unpool():
    for dims in (1, 2, 3):
        r = seed(f"unpool{dims}")
        for n in range(6):
            kernel, stride, padding = r.randint(1, 3), r.randint(1, 3), 0
            if kernel > 1 and r.random() < 0.4:
                padding = 1
            x = torch.randn(*(r.choice([(), (2,)]) + (2,) + sizes(r, dims, 4, 6)))
            pool = getattr(torch.nn, f"MaxPool{dims}d")(kernel, stride, padding, return_indices=True)
            params = {"kernel_size": kernel, "stride": stride, "padding": padding}
            try:
                y, indices = pool(x)
                size = tuple(x.shape[-dims:]) if r.random() < 0.5 else None
                arrays = {"input": numpy(y), "indices": numpy(indices)}
                z = getattr(torch.nn, f"MaxUnpool{dims}d")(kernel, stride, padding)(y, indices, output_size=size)
            except (RuntimeError, ValueError):
                z = None
            if size is not None:
                params["output_size"] = size
            W.add("unpool", f"MaxUnpool{dims}d", params, arrays, None if z is None else numpy(z))


def upsample():
    r = seed("upsample")
    modes = {3: ["nearest", "linear"], 4: ["nearest", "bilinear"], 5: ["nearest", "trilinear"]}
    for n in range(64):
        rank = r.choice([3, 4, 4, 5])
        params = {}
        if r.random() < 0.5:
            params["size"] = spread(r, 1, 9 if rank < 5 else 5, rank - 2)
        else:
            scales = [2, 3, 0.5, 1.5, 0.7, 2.3, 1.0]
            params["scale_factor"] = r.choice(scales) if r.random() < 0.5 else tuple(r.choice(scales) for _ in range(rank - 2))
        params["mode"] = r.choice(modes[rank]) if r.random() < 0.95 else "bilinear"
        if params["mode"] != "nearest" and r.random() < 0.6:
            params["align_corners"] = r.random() < 0.6
        if "scale_factor" in params and r.random() < 0.2:
            params["recompute_scale_factor"] = True
        layer_case("upsample", "Upsample", params, (r.randint(1, 2), 2) + sizes(r, rank - 2, 1, 7 if rank < 5 else 4))
    for mode, rank in (("nearest", 4), ("bilinear", 4), ("linear", 3), ("nearest", 5), ("trilinear", 5)):
        for scale in (1.2, 1.99, 2.4):
            layer_case("upsample", "Upsample", {"scale_factor": scale, "mode": mode}, (1, 1) + (3, 4, 2)[: rank - 2])
    for params in ({"scale_factor": 2}, {"size": (5, 3)}, {}, {"size": 4, "scale_factor": 2}, {"scale_factor": 0.1}):
        for op in ("UpsamplingNearest2d", "UpsamplingBilinear2d"):
            layer_case("upsample", op, params, (1, 2, 3, 4))
    layer_case("upsample", "Upsample", {"scale_factor": 2, "mode": "nearest", "align_corners": False}, (1, 1, 3, 3))
    layer_case("upsample", "Upsample", {"scale_factor": 2, "mode": "bilinear"}, (1, 3, 3))
    layer_case("upsample", "Upsample", {"scale_factor": (2, 2), "mode": "linear"}, (1, 1, 4))
    layer_case("upsample", "Upsample", {"scale_factor": (2, 2, 2), "mode": "nearest"}, (1, 1, 4, 3))


def pads():
    r = seed("pads")
    ops = ["ZeroPad2d"] + [f"{kind}Pad{d}d" for kind in ("Constant", "Reflection", "Replication") for d in (1, 2, 3)]
    for op in ops:
        dims = int(op[-2])
        for n in range(6):
            low = -1 if op.startswith(("Zero", "Constant")) and r.random() < 0.4 else 0
            params = {"padding": r.randint(0, 2) if r.random() < 0.3 else sizes(r, 2 * dims, low, 3)}
            if op.startswith("Constant"):
                params["value"] = r.choice([0.5, -2, 7])
            layer_case("pad", op, params, r.choice([(), (1,), (2,)]) + (2,) + sizes(r, dims, 2, 5 if dims < 3 else 4))


def pointwise():
    r = seed("pointwise")
    for op, params in (("ReLU", {}), ("LeakyReLU", {}), ("LeakyReLU", {"negative_slope": 0.3}), ("Tanh", {}), ("Sigmoid", {}), ("Identity", {})):
        for shape in ((2, 3, 4, 4), (5,), (2, 2, 2, 3, 2)):
            layer_case("pointwise", op, params, shape)
    x = torch.tensor([[float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 1e-40, 100.0, -100.0]])
    for op in ("ReLU", "LeakyReLU", "Tanh", "Sigmoid"):
        layer_case("pointwise", op, {}, x.shape, finite=x)
    for params, shape in (({"dim": 1}, (2, 5, 3)), ({"dim": -1}, (2, 5)), ({"dim": 0}, (4,)), ({}, (2, 3)), ({}, (2, 3, 4)), ({"dim": 4}, (2, 3))):
        layer_case("pointwise", "Softmax", params, shape)
    layer_case("pointwise", "Softmax2d", {}, (2, 4, 3, 3))
    layer_case("pointwise", "Softmax2d", {}, (4, 3, 3))
    layer_case("pointwise", "Softmax2d", {}, (4, 3))
    for dims in (1, 2, 3):
        for params in ({"num_features": 3}, {"num_features": 3, "eps": 0.1}, {"num_features": 3, "affine": False}):
            layer_case("pointwise", f"BatchNorm{dims}d", params, (2, 3) + (3,) * dims)
        layer_case("pointwise", f"BatchNorm{dims}d", {"num_features": 4}, (2, 3) + (3,) * dims)
        layer_case("pointwise", f"BatchNorm{dims}d", {"num_features": 3}, (3,) + (3,) * (dims + 2))
    layer_case("pointwise", "BatchNorm1d", {"num_features": 3}, (4, 3))
    for params, shape in (
        ({"in_features": 5, "out_features": 3}, (2, 5)),
        ({"in_features": 5, "out_features": 3, "bias": False}, (5,)),
        ({"in_features": 5, "out_features": 3}, (2, 4, 5)),
        ({"in_features": 5, "out_features": 3}, (2, 4)),
    ):
        layer_case("pointwise", "Linear", params, shape)
    for params, shape in (({}, (2, 3, 4)), ({"start_dim": 0}, (2, 3, 4)), ({"start_dim": 1, "end_dim": 2}, (2, 3, 4, 2)), ({"start_dim": 2, "end_dim": 1}, (2, 3, 4)), ({"start_dim": 5}, (2, 3))):
        layer_case("pointwise", "Flatten", params, shape)
    for dims, shape in (((0, 2, 1), (2, 3, 4)), ((-1, 0, 1), (2, 3, 4)), ((0, 0, 1), (2, 3, 4)), ((0, 1), (2, 3, 4)), ((3, 1, 2, 0), (2, 3, 2, 4))):
        x = torch.randn(*shape)
        try:
            y = numpy(torchvision.ops.Permute(list(dims))(x))
        except RuntimeError:
            y = None
        W.add("pointwise", "Permute", {"dims": dims}, {"input": numpy(x)}, y, module="torchvision.ops")
    for dim, shapes in ((1, [(2, 3, 4), (2, 2, 4)]), (-1, [(2, 3), (2, 1), (2, 4)]), (0, [(2, 3), (2, 4)])):
        xs = [torch.randn(*s) for s in shapes]
        try:
            y = numpy(torch.cat(xs, dim))
        except RuntimeError:
            y = None
        W.add("pointwise", "Cat", {"dim": dim}, {"input" if i == 0 else f"input{i}": numpy(x) for i, x in enumerate(xs)}, y)
    xs = [torch.randn(2, 3, 2) for _ in range(3)]
    W.add("pointwise", "Add", {}, {"input" if i == 0 else f"input{i}": numpy(x) for i, x in enumerate(xs)}, numpy(sum(xs)))


def curves():
    seed("curves")
    edges = torch.tensor([[float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 1e-40, 100.0, -100.0, 3.0, -3.0, 6.0]])
    for op in ("SiLU", "ReLU6", "Hardsigmoid", "Hardswish"):
        layer_case("curve", op, {}, (2, 3, 4, 4))
        layer_case("curve", op, {}, edges.shape, finite=edges)
        layer_case("curve", op, {}, (4, 8), finite=torch.linspace(-8, 8, 32).reshape(4, 8))
    for op, shape in (("Dropout", (4, 5)), ("Dropout2d", (2, 3, 4, 4)), ("Dropout3d", (2, 3, 2, 2, 2))):
        layer_case("curve", op, {"p": 0.25}, shape)
    for p in (0, 1, 1.5, -0.5):
        layer_case("curve", "Dropout", {"p": p}, (4,))


def shuffles():
    seed("shuffles")
    for groups, shape in ((2, (2, 6, 3)), (3, (1, 6, 2, 3)), (2, (2, 4, 2, 3, 2)), (1, (1, 3, 2, 2)), (4, (1, 6, 2, 2)), (2, (4, 3))):
        layer_case("shuffle", "ChannelShuffle", {"groups": groups}, shape)
    for factor, shape in ((2, (2, 8, 2, 3)), (3, (9, 1, 2)), (1, (2, 3, 3)), (2, (1, 6, 2, 2))):
        layer_case("shuffle", "PixelShuffle", {"upscale_factor": factor}, shape)
    for factor, shape in ((2, (2, 2, 4, 6)), (3, (1, 3, 6)), (2, (1, 1, 4, 5)), (2, (4, 6))):
        layer_case("shuffle", "PixelUnshuffle", {"downscale_factor": factor}, shape)


def main():
    convolutions()
    transposed()
    deformable()
    unfold_fold()
    pools()
    unpool()
    upsample()
    pads()
    empty_outputs()
    pointwise()
    curves()
    shuffles()
    W.save()


main()
