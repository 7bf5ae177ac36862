"""12. sample_mult: draw by probability                                      run.c 603-614

Imagine the probabilities side by side on a line from 0 to 1. The coin is a point on that line;
return the index of the segment that it falls in.

    probabilities   n floats that sum to 1, up to rounding
    coin            a float, at least 0.0 and below 1.0
    returns         an int from 0 to n - 1, even if rounding leaves the sum below the coin

For example, with [0.5, 0.25, 0.25] and n = 3, the first covers 0 to 0.5, the second 0.5 to 0.75 and
the third 0.75 to 1. coin = 0.6 returns 1, and so does coin = 0.5, because the first ends just
before 0.5.
"""


def sample_mult(probabilities, n, coin):
    raise NotImplementedError
