"""11. random_u32 and random_f32: random numbers from a seed                 run.c 680-689

xorshift* makes 64 bits look like noise with three shifts: what comes out is always the same for
the same state, which is why a seed tells the same story. random_u32 returns 32 bits, an int below
2**32, random_f32 a float from 0.0 to just below 1.0, made of 24 of them.

    sampler.rng_state   an int of 64 bits, where C has *state; each call leaves a new one there

C's unsigned long long drops all bits beyond 64. Python's ints have no end: & 0xFFFFFFFFFFFFFFFF
does the dropping. (unsigned int takes the lower 32 bits; of what is left here, that is all.)

For example rng_state = 1: 1 >> 12 is 0, 1 << 25 is 33554432, so the state becomes 33554433; the 27
lower bits of that are all there is, and >> 27 adds nothing. Times 0x2545F4914F6CDD1D, the lower 64
bits of it, the upper 32 of these: random_u32 returns 1206177355. random_f32 from the same state
returns (1206177355 >> 8) / 16777216 = 0.28083527.
"""


def random_u32(sampler):
    raise NotImplementedError


def random_f32(sampler):
    raise NotImplementedError
