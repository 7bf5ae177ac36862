"""llama2.py with a faster matmul: same command line, about ten times the speed on CPython.

    python doc/openmp.py checkpoint [temperature] [steps] [prompt] [options]

In run.c, matmul's loop has a line for OpenMP (run.c 221). It says that the rows of W do not depend
on each other, so they can be computed in parallel, which run.c leaves to threads. This program
computes several rows at once without threads: on CPython as parts of one long integer, on PyPy in
eight variables. Only matmul and the form of its matrices differ from llama2.py.

Here is the idea of the long integers, in decimal digits. W has the rows (2, 4), (3, 0) and (1, 1),
and x is (3, 5). Write each column of W as one integer, with three digits for each row:

    column 0   002 003 001    times 3   006 009 003
    column 1   004 000 001    times 5   020 000 005
                                  sum   026 009 008   so W x = (26, 9, 8)

Two products and a sum do the work of six multiply-adds. The result is right as long as no sum needs
more than three digits. The code below uses 64 bits for each row, and the first row comes last.
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

# Nanoseconds per multiply-add, for rows of 288 numbers:
#                        CPython 3.9   3.11   3.12   3.13   PyPy 7.3.11
# val += row[j] * x[j]            80     51     41     45     1.2
# sum(map(mul, row, x))           30     25     34     34     1.7
# columns as long integers       3.8    3.7    3.9    3.9     3.6
# eight rows at once                                          0.62

# ----------------------------------------------------------------------------
# CPython: each column of W is one long integer
#
# Multiplying a long integer by a small one is a loop in C inside CPython: a multiply-add per row.
#
# The method needs integers, so each row of W is divided by its Euclidean length and multiplied by
# 2**32, x is divided by its length and multiplied by 2**30.9, and all numbers are rounded. (Fewer
# bits for x, because CPython stores an integer below 2**30 as one digit: the product is one loop.)
#
# Why do 64 bits hold every sum? By the Cauchy-Schwarz inequality, the absolute value of a row's
# product with x is at most the product of their lengths: 2**32 * 2**30.9 = 2**62.9. Rounding moves
# each of n numbers by at most 1/2, and so makes a vector longer by at most sqrt(n) / 2. Even with
# n = 10**15, the product stays below 2**63, which a signed 64-bit integer can hold. A negative sum
# borrows 1 from the row to its left: one part in 2**62.9 of the largest sum, too little to matter.

MAGIC = 1.5 * 2.0**20  # a float of this size has steps of 2**-32: MAGIC + v rounds v to such a step


def to_integer(floats):
    """Return the bits of all floats as one integer, 64 bits each."""
    return int.from_bytes(array("d", floats).tobytes(), sys.byteorder)


def to_columns(rows):
    """Return what matmul_by_columns needs for W, a list of rows: their lengths, and the columns."""
    lengths = [math.hypot(*row) or 1.0 for row in rows]
    zeros = to_integer([MAGIC] * len(rows))
    columns = []
    for column in zip(*rows):
        floats = [v / length + MAGIC for v, length in zip(column, lengths)]
        columns.append(to_integer(floats) - zeros)  # v / length * 2**32 for each row
    return lengths, columns


def matmul_by_columns(xout, x, w, n, d):
    """xout = W x, all rows at once."""
    lengths, columns = w
    unit = math.hypot(*x) / 2.0**30.9
    if unit < sys.float_info.min:  # x is zero, or too close to zero to divide by
        xout[:] = [0.0] * d
        return
    total = sum(map(mul, columns, [round(v / unit) for v in x]))
    sums = array("q", total.to_bytes(8 * d, sys.byteorder, signed=True))
    unit /= 2.0**32
    xout[:] = [unit * length * v for length, v in zip(lengths, sums)]


# ----------------------------------------------------------------------------
# PyPy: eight rows at once
#
# PyPy compiles loops to machine code. In llama2.py's loop, each addition waits for the previous
# one; eight separate sums do not wait for each other. Each sum adds its products in llama2.py's
# order, so the results agree to the last bit. The weights are in one array, in the order of use.


def to_eights(rows):
    """Return what matmul_by_eights needs for W: each group of eight rows, column by column."""
    weights = array("f")
    zeros = array("f", bytes(4 * len(rows[0])))
    rows = rows + [zeros] * (-len(rows) % 8)
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
    del xout[d:]  # drop the rows of zeros that fill up the last eight


# ----------------------------------------------------------------------------
# llama2.py with one of the two methods

pypy = sys.implementation.name == "pypy"
prepare = to_eights if pypy else to_columns
fast_matmul = matmul_by_eights if pypy else matmul_by_columns


def matmul(xout, x, w, n, d):
    """xout = W x; w: a prepared W, or a list of rows as in llama2.matmul. run.c 217-229"""
    (literal_matmul if isinstance(w, list) else fast_matmul)(xout, x, w, n, d)


def build_transformer(checkpoint_path):
    """llama2.build_transformer with all matrices prepared. run.c 164-169"""
    begin = time.monotonic()
    transformer = literal_build_transformer(checkpoint_path)
    w = transformer.weights
    stacks = [w.wq, w.wk, w.wv, w.wo, w.w1, w.w2, w.w3, [w.wcls]]
    norms = w.rms_att_weight + w.rms_ffn_weight + [w.rms_final_weight]
    rows = chain(norms, w.token_embedding_table, *chain(*stacks))
    if not all(math.isfinite(sum(row)) for row in rows):
        return transformer  # damaged (it contains inf or nan): literal_matmul computes everything
    done, shown = 0, False
    total = sum(map(len, chain(*stacks)))
    for stack in stacks:
        for l, matrix in enumerate(stack):
            stack[l] = prepare(matrix)
            done += len(matrix)
            shown = time.monotonic() - begin > 2.0 and sys.stderr and sys.stderr.isatty()
            if shown: print(f"\rloading: {done / total:4.0%}", end="", file=sys.stderr, flush=True)
    (w.wcls,) = stacks[-1]
    if shown: print("\r             \r", end="", file=sys.stderr, flush=True)
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
