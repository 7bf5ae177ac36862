"""17. merge and encode: byte pair encoding                         run.c 452-465, 536-568

merge repeatedly joins two neighbouring tokens into one. It always takes the pair whose joined piece
has the best score, and stops when no pair of neighbours forms a token.

    t.vocab, t.vocab_scores   the piece (bytes) and the score of each id
    tokens                    a list of ids, changed in place
    str_lookup(piece, t.sorted_vocab) returns the id of a piece, or -1

For example, with tokens = [262, 263], which are b"l" and b"o": b"lo" is token 275, so tokens
becomes [275]. In "una" (scores: "un" -10, "na" -13), "un" is merged first. "una" is not a token, so
"un" and "a" remain.

encode puts it all together: the dict that str_lookup needs, the characters of text, the merges,
then EOS (2) if eos is true.

    t.sorted_vocab   None at first; make it the dict {piece: id, ...} (C sorts instead)
    text             bytes, or a str, which c_string(text) turns into bytes
    returns          a list of ids

    characters(t, text, bos) returns the ids before any merges
"""

from parts import c_string, characters, str_lookup


def merge(t, tokens):
    raise NotImplementedError


def encode(t, text, bos, eos):
    raise NotImplementedError
