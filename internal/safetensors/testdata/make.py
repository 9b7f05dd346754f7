"""Writes reference.safetensors with the reference implementation.

Made with Python 3.11, safetensors 0.8.0 and numpy 2.4.6:
    pip install safetensors==0.8.0 numpy==2.4.6 && python make.py
"""

import numpy
from safetensors.numpy import save_file

save_file(
    {
        "weight": numpy.array([[1.5, -2.25, 3e38], [-0.0, 1e-45, numpy.inf]], numpy.float32),
        "Bias": numpy.array([0.1, -1e300, 5e-324], numpy.float64),
        "step": numpy.array(9007199254740993, numpy.int64),
        "count": numpy.array([2**64 - 1], numpy.uint64),
        "nan": numpy.array([0x7FA00001, 0xFFC12345], numpy.uint32).view(numpy.float32),
        "empty": numpy.zeros((0, 4), numpy.float32),
        "mask": numpy.array([True, False, True]),
        "half": numpy.array([1.0, 65504.0], numpy.float16),
        'naïve "name" <&>\n': numpy.array([1], numpy.int8),
    },
    "reference.safetensors",
    metadata={"rule": 'adam <&> "β₁" \\ \t'},
)
