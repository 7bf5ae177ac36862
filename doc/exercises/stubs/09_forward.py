"""9. forward: from a token to the logits of the next one           run.c 231-249, 356-362

Copy the token's row of the embedding table to s.x, run the layers, which change s.x, and apply the
final norm. The classifier then computes a logit for each token in the vocabulary.

    token   an id; pos is its position
    returns s.logits, (vocab_size,) floats

    p = transformer.config, w = transformer.weights, s = transformer.state as in exercise 8,
    w.token_embedding_table[token] (dim,), w.rms_final_weight (dim,), w.wcls (vocab_size, dim)

    layer(transformer, l, pos), rmsnorm(o, x, weight, size), matmul(xout, x, w, n, d)

memcpy copies numbers. s.x must not become the table's row itself, because the layers would then
change the table.
"""

from parts import layer, matmul, rmsnorm


def forward(transformer, token, pos):
    raise NotImplementedError
