"""13. sample_topp: draw from the nucleus                                    run.c 624-665

Top-p leaves out the long tail of unlikely tokens: it sorts the probabilities, takes the largest
until their sum exceeds topp, and draws from these, as sample_mult does, with a coin that is scaled
to their sum.

    probabilities   n floats that sum to 1, up to rounding
    topp            a float between 0.0 and 1.0, and neither of them
    probindex       a list to work in, where C has an array of structs: put (probability, index)
                    tuples there. It may still hold those of the call before
    coin            a float, at least 0.0 and below 1.0
    returns         an int, the index of the probability that was drawn

For example [0.125, 0.5, 0.375], n = 3, topp = 0.8: the cutoff is (1 - 0.8) / 2 = 0.1, all three
reach it. Sorted: 0.5 (index 1), 0.375 (2), 0.125 (0). 0.5 does not exceed 0.8, but 0.5 + 0.375 =
0.875 does: these two are the nucleus. coin = 0.9 is scaled to 0.9 * 0.875 = 0.7875, which is past
the first 0.5: returns 2.
"""


def sample_topp(probabilities, n, topp, probindex, coin):
    raise NotImplementedError
