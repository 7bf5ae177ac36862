"""13. sample_topp: draw from the nucleus                                    run.c 624-665

Top-p sampling leaves out the long tail of unlikely tokens. It sorts the probabilities, takes the
largest ones (the nucleus) until their sum exceeds topp, and draws from those as sample_mult does,
with the coin scaled to their sum.

    probabilities   n floats that sum to 1, up to rounding
    topp            a float above 0.0 and below 1.0
    probindex       a scratch list (in C, an array of structs): put (probability, index)
                    tuples there. It may still hold those from the last call
    coin            a float, at least 0.0 and below 1.0
    returns         an int, the index of the probability that was drawn

For example, with [0.125, 0.5, 0.375], n = 3 and topp = 0.8, the cutoff is (1 - 0.8) / 2 = 0.1, and
all three reach it. Sorted, they are 0.5 (index 1), 0.375 (2), 0.125 (0). 0.5 does not exceed 0.8,
but 0.5 + 0.375 = 0.875 does, so these two are the nucleus. coin = 0.9 is scaled to 0.9 * 0.875 =
0.7875, which is past the first 0.5, so the function returns 2.
"""


def sample_topp(probabilities, n, topp, probindex, coin):
    raise NotImplementedError
