"""1. matmul: a matrix times a vector                                        run.c 217-229

Nearly all of a Llama's time goes by in here. Row i of the matrix and the vector are multiplied
number by number, and the products are added up: that is xout[i].

    w      d rows of n floats: w[i][j], where C has w[i * n + j]
    x      n floats
    xout   d floats, to be overwritten whatever stands there: xout[i] = ...

For example x = [1.0, 10.0], w = [[1.0, 2.0], [3.0, 4.0]], n = 2, d = 2: xout becomes [1 * 1 + 2 *
10, 3 * 1 + 4 * 10] = [21.0, 43.0].

The line with #pragma shares the rows among processors; leave it out.
"""


def matmul(xout, x, w, n, d):
    raise NotImplementedError
