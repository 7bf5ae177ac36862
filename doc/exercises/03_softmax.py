"""3. softmax: scores become probabilities                                   run.c 197-215

Each score x[i] becomes e to the power of x[i], divided by the sum of all of these: positive
numbers that are 1.0 together, the largest for the largest score. Taking the largest score away
from all of them first changes nothing in the result, but keeps the powers small.

    x      a list of size floats or more; the first size of them are overwritten, in place

For example x = [0.0, 0.0, 1.0, 5.0], size = 3: the powers (of x minus 1) are 0.3679, 0.3679 and 1,
their sum is 1.7358, and x becomes [0.2119, 0.2119, 0.5761, 5.0]. The 5.0 is none of the first 3.
"""

import math


def softmax(x, size):
    raise NotImplementedError
