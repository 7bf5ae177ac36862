"""17. merge and encode: byte pair encoding                         run.c 452-465, 536-568

merge joins two neighbours to one token, over and over, always the two whose joined piece has the
best score, until no two neighbours form a token.

    t.vocab, t.vocab_scores   the piece (bytes) and the score of each id
    tokens                    a list of ids, to be changed in place
    str_lookup(piece, t.sorted_vocab) is the id of a piece, or -1

For example tokens = [262, 263], b"l" and b"o": b"lo" is token 275, so tokens becomes [275]. In
"una" (scores: "un" -10, "na" -13), "un" is merged, and then "una" is not a token: "un", "a" remain.

encode puts it all together: the dict that str_lookup needs, the characters of text, the merges,
then EOS (2) if eos is true.

    t.sorted_vocab   an empty dict at first; then fill it with {piece: id, ...} (C sorts)
    text             bytes, or a str, which c_string(text) turns into bytes
    returns          a list of ids
"""

from parts import c_string, characters, str_lookup


def merge(t, tokens):
    raise NotImplementedError


def encode(t, text, bos, eos):
    raise NotImplementedError
