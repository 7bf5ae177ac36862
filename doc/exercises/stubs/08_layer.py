"""8. layer: attention, then the feed-forward network                run.c 233-242, 251-354

This is the body of forward's loop over the layers, for (... l ...). It calls the functions that you
have written: rope for lines 264-279, scores for 285-301, softmax for 304, weighted_sum for 306-319
and swiglu for 337-345. The input is s.x, and each of the two blocks adds its result to s.x.

    matmul(xout, x, w, n, d)   rmsnorm(o, x, weight, size)   softmax(x, size)
    rope(s, pos, dim, kv_dim, head_size)                     swiglu(s, hidden_dim)
    scores(s, l, h, pos, head_size, kv_mul)                  weighted_sum: the same arguments

    p = transformer.config    p.dim, p.n_heads, p.n_kv_heads, p.hidden_dim, ...
    w = transformer.weights   w.rms_att_weight[l] is layer l's part, w.wq[l] its matrix, ...
    s = transformer.state     s.x, s.xb, s.xb2, s.q (dim,), s.hb, s.hb2 (hidden_dim,), s.att,
                              s.key_cache[l][pos], s.value_cache[l][pos] (kv_dim,)

You need the short names of lines 233-242 here too; C's / between ints is // in Python. Lines 256
and 257 make s->k and s->v point into the caches. s.k = s.key_cache[l][pos] does the same, because
assigning a list in Python does not copy it.

There is no small example: the expected numbers come from run.c, for a model with dim 16, 4 heads
and 2 key/value heads.
"""

from parts import matmul, rmsnorm, rope, scores, softmax, swiglu, weighted_sum


def layer(transformer, l, pos):
    raise NotImplementedError
