"""14. sample: temperature, then one of three ways to draw                   run.c 691-714

A high temperature makes the probabilities more equal, and a low one makes them sharper. At 0,
sample always takes the most likely token.

    sampler   sampler.vocab_size, .temperature, .topp, .probindex
    logits    (vocab_size,) floats; unless the temperature is 0, divide them by it and turn them
              into probabilities, both in place
    returns   an int, the id of the next token

    random_f32(sampler) draws the coin and changes sampler.rng_state
    sample_argmax(probabilities, n), sample_mult(probabilities, n, coin), softmax(x, size)
    sample_topp(probabilities, n, topp, probindex, coin)

For example, take logits = [1.0, 4.0, 2.0, 3.0] and temperature 2. Dividing gives [0.5, 2.0, 1.0,
1.5], and softmax turns these into [0.1015, 0.4551, 0.1674, 0.2760]. rng_state = 3 gives the coin
0.8425; with topp = 1.0, it falls in the last segment, so sample returns 3.
"""

from parts import random_f32, sample_argmax, sample_mult, sample_topp, softmax


def sample(sampler, logits):
    raise NotImplementedError
