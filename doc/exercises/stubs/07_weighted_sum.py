"""7. weighted_sum: what one head takes from each position                   run.c 306-319

softmax has turned the scores into weights. Now head h adds up its values at all positions t up to
and including pos, each multiplied by its weight s.att[h][t]. The sum goes into the head's part of
s.xb.

    s.att[h]            (seq_len,) floats; the first pos + 1 are weights
    s.value_cache[l][t] (kv_dim,) floats: the values of all key/value heads at position t in layer l
    s.xb                (dim,) floats; overwrite the head_size floats from h * head_size on; the
                        others belong to other heads

Each group of kv_mul query heads shares a key/value head, as in exercise 6. memset(xb, 0, ...) sets
the head's part of s.xb to 0. A slice is a copy: enough for reading, but not for writing.

For example, take one head of size 2, s.xb = [7.0, 7.0], s.att[0] = [0.25, 0.75, 9.0], the values
[4.0, 0.0] and [0.0, 8.0] at positions 0 and 1, and pos = 1. Then s.xb becomes [0.25 * 4, 0.75 * 8]
= [1.0, 6.0].
"""


def weighted_sum(s, l, h, pos, head_size, kv_mul):
    raise NotImplementedError
