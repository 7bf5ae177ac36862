"""11. random_u32 and random_f32: random numbers from a seed                 run.c 680-689

xorshift* uses three shifts and a multiplication to turn 64 bits into numbers that look random. The
same state always gives the same numbers, so the same seed gives the same story. random_u32 returns
32 bits, an int below 2**32; random_f32 returns a float from 0.0 to just below 1.0, made from 24 of
those bits.

    sampler.rng_state   a 64-bit int, *state in C; each call stores a new one there

C's unsigned long long drops all bits beyond 64. Python's ints have no limit, so drop those bits
with & 0xFFFFFFFFFFFFFFFF, right after << 25 and again after the multiplication. (unsigned int keeps
the lower 32 bits; after >> 32 there are no others.)

For example, with rng_state = 1: 1 >> 12 is 0 and 1 << 25 is 33554432, so the state becomes
33554433. It has no bits above the lowest 27, so >> 27 changes nothing. Multiply it by
0x2545F4914F6CDD1D, keep the lower 64 bits, and take the upper 32 of those: random_u32 returns
1206177355. From the same state, random_f32 returns (1206177355 >> 8) / 16777216 = 0.28083503.
"""


def random_u32(sampler):
    raise NotImplementedError


def random_f32(sampler):
    raise NotImplementedError
