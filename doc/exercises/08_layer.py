"""8. layer: attention, then the feed-forward network                run.c 233-242, 251-354

One pass through forward's loop over the layers, the body of for (... l ...), with the parts that
you have written: rope for 264-279, scores for 285-301, softmax for 304, weighted_sum for 306-319,
swiglu for 337-345. s.x comes in, and each of the two blocks adds its result to it.

    p = transformer.config    p.dim, p.n_heads, p.n_kv_heads, p.hidden_dim, ...
    w = transformer.weights   w.rms_att_weight[l] is layer l's part, w.wq[l] its matrix, ...
    s = transformer.state     s.x, s.xb, s.xb2, s.q (dim,), s.hb, s.hb2 (hidden_dim,), s.att,
                              s.key_cache[l][pos], s.value_cache[l][pos] (kv_dim,)

You need the short names of lines 233-242 here too; / between ints is // in Python. Lines 256 and
257 make s->k and s->v point into the caches. s.k = s.key_cache[l][pos] does the same, because
Python does not copy a list.

There is no small example: the numbers come from run.c, for a model of 16 numbers in 4 heads with 2
key/value heads.
"""

from parts import matmul, rmsnorm, rope, scores, softmax, swiglu, weighted_sum


def layer(transformer, l, pos):
    raise NotImplementedError
