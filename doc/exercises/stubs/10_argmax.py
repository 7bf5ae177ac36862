"""10. sample_argmax: take the most likely token                             run.c 590-601

The simplest way to choose the next token is to return the index of the largest number.

    probabilities   n floats (or more; only the first n count)
    returns         an int

For example, [0.1, 0.7, 0.2] with n = 3 returns 1. If several numbers are equally large, the first
one wins: [0.25, 0.5, 0.5, 0.25] with n = 4 returns 1.
"""


def sample_argmax(probabilities, n):
    raise NotImplementedError
