"""5. rope: rotate the query and the key by their position                   run.c 264-279

Attention compares a query with keys. To make the result depend on how far apart two tokens are,
RoPE treats each pair of neighbours (vec[i], vec[i + 1]) in the query and the key as a point and
rotates it around (0, 0) by an angle: the position times a frequency. The frequency is 1 for the
first pair of a head and decreases from pair to pair: 1 / 10000 ** (i % head_size / head_size). Each
head starts at 1 again.

    s.q   dim floats, overwritten: head_size floats for each head, one head after another
    s.k   kv_dim floats, which may be fewer than dim, also one head after another; overwritten

For example, with s.q = [1.0, 0.0, 1.0, 0.0], s.k = [0.0, 2.0, 0.0, 2.0], pos = 1 and dim = kv_dim =
head_size = 4, the first pair is rotated by 1 radian and the second by 0.01, so s.q becomes [cos 1,
sin 1, cos 0.01, sin 0.01] = [0.5403, 0.8415, 0.99995, 0.0100] and s.k becomes [-2 sin 1, 2 cos 1,
-2 sin 0.01, 2 cos 0.01] = [-1.6829, 1.0806, -0.0200, 1.9999].

C's powf(a, b) is a ** b in Python.
"""

import math


def rope(s, pos, dim, kv_dim, head_size):
    raise NotImplementedError
