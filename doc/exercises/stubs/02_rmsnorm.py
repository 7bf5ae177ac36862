"""2. rmsnorm: scale a vector to a standard size                             run.c 182-195

A vector can grow as it passes through the blocks of the network. The norm divides it by the square
root of the mean of its squares, so that this mean becomes 1, and then multiplies each number by its
own trained weight. The 1e-5 under the root prevents division by zero if the vector is all zeros.

    x, weight   size floats each
    o           size floats, overwritten; it may be x itself (as at the end of forward)

For example, with x = [3.0, -3.0], weight = [1.0, 2.0] and size = 2, the mean of the squares is 9
and its root is 3, so o becomes [1.0, -2.0] (with the 1e-5, 0.9999994 and -1.9999989).
"""

import math


def rmsnorm(o, x, weight, size):
    raise NotImplementedError
