"""11. random_u32 and random_f32: random numbers from a seed                 run.c 680-689

xorshift* turns 64 bits into numbers that look like noise, with three shifts. The same state always
gives the same numbers, which is why a seed gives the same story again. random_u32 returns 32 bits,
an int below 2**32; random_f32 a float from 0.0 to just below 1.0, made of 24 of them.

    sampler.rng_state   an int of 64 bits, where C has *state; each call leaves a new one there

C's unsigned long long drops all bits beyond 64. Python's ints have no limit: & 0xFFFFFFFFFFFFFFFF
drops them. (unsigned int keeps the lower 32 bits; after >> 32 there are no others.)

For example rng_state = 1: 1 >> 12 is 0, 1 << 25 is 33554432, so the state becomes 33554433; it has
no bits above the lower 27, so >> 27 changes nothing. Times 0x2545F4914F6CDD1D, the lower 64 bits of
that, the upper 32 of these: random_u32 returns 1206177355. random_f32 from the same state returns
(1206177355 >> 8) / 16777216 = 0.28083527.
"""


def random_u32(sampler):
    raise NotImplementedError


def random_f32(sampler):
    raise NotImplementedError
