#!/usr/bin/python3
"""Trains the tiny digits network of the lesson `digits` and writes weights.npz beside this file. Needs PyTorch.

The data are the program's own drawn digits (app/arrays/preset.c), shifted, turned, scaled, thinned and with noise: a few
seconds on a CPU. The script prints how many of unseen variations the network gets right."""
import os
import re

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "..", "..", "app", "arrays", "preset.c")
SIDE = 12


def drawn_digits():
    with open(SOURCE, encoding="utf-8") as f:
        table = f.read().split("digits[10]", 1)[1].split("};", 1)[0]
    rows = re.findall(r'"([ #+]{%d})"' % SIDE, table)
    assert len(rows) == 10 * SIDE, len(rows)
    ink = {" ": 0.0, "+": 0.5, "#": 1.0}
    return torch.tensor([[ink[c] for c in row] for row in rows]).reshape(10, 1, SIDE, SIDE)


def variations(digits, count, generator):
    def uniform(low, high):
        return torch.rand(count, generator=generator) * (high - low) + low

    labels = torch.randint(0, 10, (count,), generator=generator)
    angle, scale = uniform(-0.2, 0.2), uniform(0.85, 1.2)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = torch.cos(angle) * scale
    theta[:, 0, 1] = -torch.sin(angle) + uniform(-0.1, 0.1)
    theta[:, 1, 0] = torch.sin(angle)
    theta[:, 1, 1] = torch.cos(angle) * scale
    theta[:, 0, 2] = uniform(-0.22, 0.22)
    theta[:, 1, 2] = uniform(-0.22, 0.22)
    grid = F.affine_grid(theta, (count, 1, SIDE, SIDE), align_corners=False)
    pictures = F.grid_sample(digits[labels], grid, align_corners=False)
    gain = uniform(0.8, 1.3).reshape(-1, 1, 1, 1)
    noise = torch.randn(pictures.shape, generator=generator) * 0.1
    return (pictures * gain + noise).clamp(0, 1), labels


def network():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 10, 3), nn.ReLU(), nn.Flatten(), nn.Linear(90, 10))


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(2)
    digits = drawn_digits()
    net = network()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    for step in range(1500):
        if step == 1000:
            optimizer.param_groups[0]["lr"] = 5e-4
        pictures, labels = variations(digits, 128, generator)
        optimizer.zero_grad()
        F.cross_entropy(net(pictures), labels).backward()
        optimizer.step()
    pictures, labels = variations(digits, 5000, torch.Generator().manual_seed(3))
    with torch.no_grad():
        right = (net(pictures).argmax(1) == labels).float().mean().item()
        clean = (net(digits).argmax(1) == torch.arange(10)).sum().item()
    print(f"{right:.2%} of unseen variations, {clean} of the 10 drawn digits")
    names = {"0": "conv1", "3": "conv2", "6": "fc"}
    arrays = {}
    for key, value in net.state_dict().items():
        layer, tensor = key.split(".")
        arrays[f"{names[layer]}.{tensor}"] = np.round(value.numpy(), 4).astype(np.float32)
    np.savez(os.path.join(HERE, "weights.npz"), **arrays)


if __name__ == "__main__":
    main()
