"""llama2.py in C's floats: every number has the same bits as run.c's.

    python doc/float32.py checkpoint [temperature] [steps] [prompt] [options]

A Python float is C's double, with 53 binary digits; C's float has 24. This program runs llama2.py's
own lines on numbers that round every result to 24 digits, and takes exp, pow, sin and cos from C's
library. Only the same operations in the same order give the same bits.

Computing in double and then rounding to float gives the same result as C's float operation. A
product of two floats has at most 48 digits, so a double holds it exactly. A sum, a quotient or a
square root is rounded twice. But a double has more than twice the digits (53 >= 2 * 24 + 2), so the
first rounding never reaches the midpoint between two floats, where the second could go wrong.

The bits are those of run.c built by gcc -O3 for x86-64. -Ofast and -march=native may give others.
"""

import importlib.util
import math
import os
import sys
import types
from array import array

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "llama2.py")
spec = importlib.util.spec_from_file_location("llama2_float32", PATH)
llama2 = importlib.util.module_from_spec(spec)  # a copy: the module itself does not change
spec.loader.exec_module(llama2)
cell = array("f", [0.0])


class float32(float):
    """A C float: the result of + - * / with a float32 is rounded to another float32."""
    __slots__ = ()

    def __new__(cls, v):
        cell[0] = v
        return float.__new__(cls, cell[0])

    def __neg__(self): return float32(-float(self))
    def __rpow__(self, other): return functions["pow"](other, self)


def rounded(operation):
    def method(a, b):
        if type(b) is not float32: b = float32(b)
        return float32(operation(a, b))
    return method


for name in "add radd sub rsub mul rmul truediv rtruediv".split():
    setattr(float32, f"__{name}__", rounded(getattr(float, f"__{name}__")))

NAMES = "exp", "sqrt", "sin", "cos", "pow"
try:  # C's library: glibc, musl, libSystem (macOS) or ucrtbase (Windows)
    import ctypes
    libm = ctypes.CDLL("ucrtbase" if os.name == "nt" else None)
    functions = {name: getattr(libm, f"{name}f") for name in NAMES}
    for name, f in functions.items():
        f.restype, f.argtypes = ctypes.c_float, [ctypes.c_float] * (2 if name == "pow" else 1)
except (ImportError, OSError, AttributeError) as error:
    functions = {name: getattr(math, name) for name in NAMES}
    llama2.eprint(f"float32: C's library cannot be loaded ({error}): the last bit may differ")
functions = {name: lambda *x, f=f: float32(f(*x)) for name, f in functions.items()}


class Table(list):
    """The embedding table. forward's numbers come from its rows, which hold float32s."""
    def __getitem__(self, token): return [float32(v) for v in list.__getitem__(self, token)]


def memory_map_weights(*arguments, original=llama2.memory_map_weights):
    w = original(*arguments)
    w.token_embedding_table = Table(w.token_embedding_table)
    return w


llama2.memory_map_weights = memory_map_weights
llama2.math = types.SimpleNamespace(inf=math.inf, **functions)
llama2.float = llama2.c_float = lambda v: float32(float(v))  # C's cast
if __name__ == "__main__": sys.exit(llama2.main())
