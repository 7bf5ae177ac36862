r"""15. decode: from an id back to bytes                                      run.c 418-429

A token decodes to its piece, with two exceptions. The first word of a text, right after BOS (id 1),
has no space before it. A piece that is spelled like <0x0A> is the single byte 0x0A.

    t.vocab         (vocab_size,) bytes objects: t.vocab[token] is the piece
    t.byte_pieces   (256,) bytes objects of one byte each: t.byte_pieces[10] is b"\n". C stores two
                    bytes for each, hence its * 2
    returns         bytes

For example, if t.vocab[279] is b" hello", then decode(t, 1, 279) is b"hello" and
decode(t, 272, 279) is b" hello". If t.vocab[68] is b"<0x41>", then decode(t, 272, 68) is b"A".

sscanf(piece, "<0x%02hhX>", &byte_val) reads two hexadecimal digits, as int(piece[3:5], 16) does;
you may assume that every piece that starts with b"<0x" has them.
"""


def decode(t, prev_token, token):
    raise NotImplementedError
