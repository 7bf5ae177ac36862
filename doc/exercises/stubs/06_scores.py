"""6. scores: how well each key matches the query of one head                run.c 285-301

Head h compares its query with its key at each position t up to and including pos: multiply them
element by element, add up the products, and divide the sum by the square root of head_size. The
result is s.att[h][t].

    s.q               (dim,) floats; head h's part is the head_size floats from h * head_size on
    s.key_cache[l][t] (kv_dim,) floats: the keys of all key/value heads at position t in layer l
    s.att[h]          (seq_len,) floats; overwrite the first pos + 1

Each group of kv_mul query heads shares a key/value head: the first kv_mul query heads share the
first, and so on. C does all this with pointers: s->q + h * head_size is where the head's query
starts. In Python, add the offset to the index, or take a slice.

For example, take one head of size 4, s.q = [1.0, 2.0, 3.0, 4.0], the keys [1.0, 0.0, 0.0, 1.0] and
[0.0, 2.0, 0.0, 0.0] at positions 0 and 1, and pos = 1. Then s.att[0] starts with [(1 + 4) / 2,
4 / 2] = [2.5, 2.0], and the rest of it does not change.
"""

import math


def scores(s, l, h, pos, head_size, kv_mul):
    raise NotImplementedError
