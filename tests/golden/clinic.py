#!/usr/bin/python3
"""Compares the bug clinic (assets/clinic.yaml) with PyTorch: each case raises the error that is printed, to the letter,
and its mended form runs. Needs PyTorch 1.13 and PyYAML."""
import os
import sys

import torch
import yaml
from torch import nn

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "clinic.yaml")


def said_to(code, shape):
    try:
        eval(code, {"nn": nn})(torch.randn(*shape))
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def main():
    wrong = 0
    with open(CASES, encoding="utf-8") as f:
        cases = yaml.safe_load(f)
    for case in cases:
        said, mended = said_to(case["code"], case["input"]), case["mended"]
        after = said_to(mended["operation"], mended["shape"])
        if said != case["pytorch"] or after != "nothing":
            wrong += 1
            print(f"{case['id']}: PyTorch says {said!r}; to the mended code it says {after!r}")
    print(f"{len(cases)} cases, {wrong} of them wrong")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
