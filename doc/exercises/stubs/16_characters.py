"""16. characters: the ids of a text before any merges                       run.c 467-534

This is the first part of encode. BOS (1) comes first if bos is true, then the token for a space
unless the text is empty, then a token for each character. In UTF-8, a character is one or more
bytes: a byte whose upper two bits are not 10, then up to three whose upper two bits are 10. A
character that is not in the vocabulary becomes its bytes, whose ids are byte + 3.

    text      bytes: text[c] is an int, text[c : c + 1] is bytes. It may be invalid UTF-8, so do not
              decode it: stray bytes get ids too, as in C
    bos       True or False
    returns   a list of ids

    t.sorted_vocab is already filled (lines 457-465); str_lookup(piece, t.sorted_vocab) returns the
    id of a piece (bytes), or -1. C also passes the size of the vocabulary; Python does not need it.

For example, with text = b"he", bos = True and a vocabulary that has b" " (259), b"h" (260) and b"e"
(261), the ids are [1, 259, 260, 261]. A letter such as ü, which is the two bytes 0xc3 and 0xbc in
UTF-8, becomes [0xc3 + 3, 0xbc + 3] = [198, 191] if the vocabulary does not have it.
"""

from parts import str_lookup


def characters(t, text, bos):
    raise NotImplementedError
