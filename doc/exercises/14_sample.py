"""14. sample: temperature, then one of three ways to draw                   run.c 691-714

A high temperature makes the probabilities more equal, a low one sharpens them, and at 0 only the
likeliest is left.

    sampler   sampler.vocab_size, .temperature, .topp, .probindex; random_f32 uses .rng_state
    logits    (vocab_size,) floats; unless the temperature is 0, divide them by it, in place, and
              turn them into probabilities, in place
    returns   an int, the id of the next token

For example logits = [1.0, 4.0, 2.0, 3.0] at temperature 2: divided, [0.5, 2.0, 1.0, 1.5], by
softmax [0.1015, 0.4551, 0.1674, 0.2760]; rng_state = 3 gives the coin 0.8425; with topp = 1.0 that
falls on the last: returns 3.
"""

from parts import random_f32, sample_argmax, sample_mult, sample_topp, softmax


def sample(sampler, logits):
    raise NotImplementedError
