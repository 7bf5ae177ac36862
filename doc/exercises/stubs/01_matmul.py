"""1. matmul: a matrix times a vector                                        run.c 217-229

A Llama spends nearly all of its time here. xout[i] is the dot product of row i of the matrix and
the vector: multiply them element by element and add up the products.

    w      d rows of n floats: w[i][j], where C has w[i * n + j]
    x      n floats
    xout   d floats; overwrite them, whatever they held before: xout[i] = ...

For example, with x = [1.0, 10.0], w = [[1.0, 2.0], [3.0, 4.0]], n = 2 and d = 2, xout becomes
[1 * 1 + 2 * 10, 3 * 1 + 4 * 10] = [21.0, 43.0].

The #pragma line distributes the rows over several processors; leave it out.
"""


def matmul(xout, x, w, n, d):
    raise NotImplementedError
