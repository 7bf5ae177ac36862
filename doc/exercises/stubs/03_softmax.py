"""3. softmax: turn scores into probabilities                                run.c 197-215

Each score x[i] becomes e to the power of x[i], divided by the sum of all these powers. The results
are positive and sum to 1.0, and the largest score gets the largest probability. Subtracting the
largest score from every score first does not change the result, but it keeps the powers small.
C's expf is math.exp in Python.

    x      a list of at least size floats; overwrite the first size of them in place

For example, with x = [0.0, 0.0, 1.0, 5.0] and size = 3, the powers (after subtracting 1) are
0.3679, 0.3679 and 1, their sum is 1.7358, and x becomes [0.2119, 0.2119, 0.5761, 5.0]. The 5.0 does
not change, because it is not among the first 3.
"""

import math


def softmax(x, size):
    raise NotImplementedError
