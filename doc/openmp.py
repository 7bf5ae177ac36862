"""llama2.py with a faster matmul: the same command line, and some ten times the speed on CPython.

    python doc/openmp.py checkpoint [temperature] [steps] [prompt] [options]

run.c's matmul has a line for OpenMP, run.c 221, which says that the rows of W do not depend on each
other, so that several can be computed at once. run.c does that with threads. Here one thread does
it: on CPython a long integer holds a number for each row, on PyPy eight variables do. Only matmul
and what it reads differ from llama2.py.

The trick on CPython in decimal digits, with three rows and two columns. x = (3, 5), and the rows
of W are (2, 4), (3, 0) and (1, 1). A column becomes one integer, with three digits for each row:

    column 0   002 003 001   times 3   006 009 003
    column 1   004 000 001   times 5   020 000 005
                             sum       026 009 008   and W x = (26, 9, 8)

Python needs two products and one sum here, where a loop needs six of each. It works as long as no
sum needs more than three digits. Below, a row has 64 bits instead, with its first row last.
"""

import math
import os
import sys
import time
from array import array
from itertools import chain
from operator import mul

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import llama2

literal_build_transformer, literal_matmul = llama2.build_transformer, llama2.matmul

# ns for a multiply-add, rows of 288:
#                        CPython 3.9   3.11   3.12   3.13   PyPy 7.3.11
# val += row[j] * x[j]            80     51     41     45     1.2
# sum(map(mul, row, x))           30     25     34     34     1.7
# columns as long integers       3.8    3.7    3.9    3.7     3.6
# eight rows at once                                          0.62

# ----------------------------------------------------------------------------
# CPython: a column of W is one long integer
#
# Its product with a small integer is a multiply-add for each row, in a loop of C inside CPython.
#
# The numbers must be integers. W is divided by the length of its longest row, as a vector, and x by
# its own length; then W is multiplied by 2**32, x by 2**30.9, and both are rounded. The numbers
# in x nearly always stay below 2**30, the limit up to which CPython's loop needs only one round.
#
# Why do 64 bits, with a sign, hold every sum? Cauchy and Schwarz: the product of two vectors is at
# most the product of their lengths, here 2**32 * 2**30.9 = 2**62.9. Rounding changes each of the n
# numbers by at most 1/2, so a vector's length by at most sqrt(n) / 2: the product grows by less
# than 2**0.1 for every n below 10**16. So each sum is below 2**63. If the sum to its right in the
# long integer is negative, it borrows 1: too little to matter, as it is 1 of some 2**60.

MAGIC = 1.5 * 2.0**20  # the last of a float's 52 bits counts 2**-32 here: MAGIC + v rounds v to it


def to_integer(floats):
    """The bits of all floats, 64 for each, as one integer."""
    return int.from_bytes(array("d", floats).tobytes(), sys.byteorder)


def to_columns(rows):
    """W, a list of rows, as matmul_by_columns takes it: a unit, and its columns in that unit."""
    unit = max(math.hypot(*row) for row in rows) or 1.0
    # the bits of MAGIC + v are those of MAGIC plus the integer v * 2**32
    zeros = to_integer([MAGIC] * len(rows))
    columns = zip(*rows)
    return unit, [to_integer([v / unit + MAGIC for v in column]) - zeros for column in columns]


def matmul_by_columns(xout, x, w, n, d):
    """xout = W x, all rows at once."""
    unit, columns = w
    x_unit = math.hypot(*x) / 2.0**30.9
    if x_unit < sys.float_info.min:  # x is zero, or too near to it for a division
        xout[:] = [0.0] * d
        return
    total = sum(map(mul, columns, [round(v / x_unit) for v in x]))
    sums = array("q", total.to_bytes(8 * d, sys.byteorder, signed=True))
    unit *= x_unit / 2.0**32
    xout[:] = [unit * v for v in sums]


# ----------------------------------------------------------------------------
# PyPy: eight rows at once
#
# PyPy compiles loops to machine code. In llama2.py's loop each sum must wait for the one before it;
# eight independent sums keep the processor busy. The eight weights that are needed at a time are
# neighbours in one array, so that they come from memory together.


def to_eights(rows):
    """W as matmul_by_eights takes it: for each eight rows, the weights column by column."""
    weights = array("f")
    zeros = [array("f", [0.0]) * len(rows[0])] * (-len(rows) % 8)
    rows = rows + zeros
    for i in range(0, len(rows), 8):
        for column in zip(*rows[i : i + 8]):
            weights.extend(column)
    return weights


def matmul_by_eights(xout, x, w, n, d):
    """xout = W x, eight rows at once."""
    j = 0
    for i in range(0, d, 8):
        v0 = v1 = v2 = v3 = v4 = v5 = v6 = v7 = 0.0
        for x_j in x:
            v0 += w[j] * x_j
            v1 += w[j + 1] * x_j
            v2 += w[j + 2] * x_j
            v3 += w[j + 3] * x_j
            v4 += w[j + 4] * x_j
            v5 += w[j + 5] * x_j
            v6 += w[j + 6] * x_j
            v7 += w[j + 7] * x_j
            j += 8
        xout[i : i + 8] = [v0, v1, v2, v3, v4, v5, v6, v7]
    del xout[d:]  # the last eight may be more than are left


# ----------------------------------------------------------------------------
# llama2.py with one of the two

if sys.implementation.name == "pypy":
    prepare, fast_matmul = to_eights, matmul_by_eights
else:
    prepare, fast_matmul = to_columns, matmul_by_columns


def matmul(xout, x, w, n, d):
    """xout = W x; w: what prepare has made of W, or W itself, a list of rows. run.c 217-229"""
    (literal_matmul if isinstance(w, list) else fast_matmul)(xout, x, w, n, d)


def build_transformer(checkpoint_path):
    """llama2.build_transformer, then prepare each matrix for matmul. run.c 164-169"""
    begin = time.monotonic()
    transformer = literal_build_transformer(checkpoint_path)
    w = transformer.weights
    stacks = [w.wq, w.wk, w.wv, w.wo, w.w1, w.w2, w.w3, [w.wcls]]
    rows = chain(w.token_embedding_table, w.rms_att_weight, w.rms_ffn_weight, [w.rms_final_weight],
                 *chain(*stacks))  # fmt: skip
    if not all(math.isfinite(sum(row)) for row in rows):
        return transformer  # damaged: leave infinities and nan to literal_matmul
    done, waiting = 0, False
    total = sum(len(matrix) * len(matrix[0]) for matrix in chain(*stacks))
    for stack in stacks:
        for l, matrix in enumerate(stack):
            stack[l] = prepare(matrix)
            done += len(matrix) * len(matrix[0])
            waiting = time.monotonic() - begin > 2.0 and sys.stderr and sys.stderr.isatty()
            if waiting:
                print(f"\rloading: {done / total:4.0%}", end="", file=sys.stderr, flush=True)
    (w.wcls,) = stacks[-1]
    if waiting:
        print("\r             \r", end="", file=sys.stderr, flush=True)
    return transformer


def main(argv=None):
    """llama2.main with matmul and build_transformer replaced while it runs."""
    llama2.build_transformer, llama2.matmul = build_transformer, matmul
    try:
        return llama2.main(argv)
    finally:
        llama2.build_transformer, llama2.matmul = literal_build_transformer, literal_matmul


if __name__ == "__main__":
    sys.exit(main())
