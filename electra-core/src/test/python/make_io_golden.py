"""Writes the safetensors golden files of the io tests with the Hugging Face library.

Usage: python make_io_golden.py ../resources/io   (needs torch and safetensors)
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

out = Path(sys.argv[1])
special = torch.tensor(
    [0.0, -0.0, 1.0, -2.5, 0.1, 65504.0, 6.1035e-05, 5.9605e-08, -3.0e-06, float("inf"), float("-inf")]
)
save_file(
    {
        "single": special.reshape(11, 1),
        "half": special.to(torch.float16),
        "bfloat": special.to(torch.bfloat16),
        "double": special.to(torch.float64),
        "half_widened": special.to(torch.float16).to(torch.float32),
        "bfloat_widened": special.to(torch.bfloat16).to(torch.float32),
        "long": torch.tensor([[1, -2, 2**62], [3, 4, 5]], dtype=torch.int64),
        "int": torch.tensor([7, -8], dtype=torch.int32),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(42.5),
        "empty": torch.zeros(3, 0),
    },
    out / "types.safetensors",
    {"format": "pt", "made_by": "safetensors"},
)
