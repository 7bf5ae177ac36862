"""6. scores: how well the keys fit the query of one head                    run.c 285-301

Head h compares its query with its key of each position t up to pos: multiply them number by number,
add up the products, and divide the sum by the root of head_size. That is s.att[h][t].

    s.q               (dim,) floats; the head's part is head_size floats from h * head_size on
    s.key_cache[l][t] (kv_dim,) floats: the key at position t in layer l, of all key/value heads
    s.att[h]          (seq_len,) floats; overwrite the first pos + 1

kv_mul query heads share one key/value head: the first kv_mul of them share the first one, and so
on. C does all this with pointers: s->q + h * head_size is where the head's query starts. Here add
the offset to the index yourself, or take a slice.

For example, with one head of size 4: s.q = [1.0, 2.0, 3.0, 4.0], the keys at 0 and 1 are [1.0,
0.0, 0.0, 1.0] and [0.0, 2.0, 0.0, 0.0], pos = 1: s.att[0] starts with [(1 + 4) / 2, 4 / 2] = [2.5,
2.0], and the rest does not change.
"""

import math


def scores(s, l, h, pos, head_size, kv_mul):
    raise NotImplementedError
