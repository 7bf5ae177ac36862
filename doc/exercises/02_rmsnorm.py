"""2. rmsnorm: bring a vector to a common size                               run.c 182-195

Between the blocks of the network, a vector may grow. The norm divides it by the root of the mean of
its squares, so that this mean becomes 1, and then multiplies each number by its own trained weight.
The 1e-5 under the root prevents a division by 0 for a vector of zeros.

    x, weight   size floats each
    o           size floats, to be overwritten; it may be x itself (at the end of forward it is)

For example x = [3.0, -3.0], weight = [1.0, 2.0], size = 2: the mean of the squares is 9, its root
is 3, so o becomes [1.0, -2.0] (with the 1e-5: 0.9999994 and -1.9999989).
"""

import math


def rmsnorm(o, x, weight, size):
    raise NotImplementedError
