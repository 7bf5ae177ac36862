"""16. characters: the ids of a text before any is merged                    run.c 467-534

The first part of encode. BOS (1) comes first, if bos is true; then the token of a space, unless the
text is empty; then a token for each character. In UTF-8 a character is one byte or several: a byte
whose upper two bits are not 10, then up to three whose upper two bits are 10. A character that is
not in the vocabulary becomes its bytes, whose ids are byte + 3.

    text      bytes: text[c] is an int, text[c : c + 1] is bytes. It may be invalid UTF-8, so do not
              decode it: stray bytes get ids too, as in C
    bos       True or False
    returns   a list of ids

    t.sorted_vocab is ready (lines 457-465); str_lookup(piece, t.sorted_vocab) is the id of a piece,
    bytes, or -1. C needs the size of the vocabulary for that, Python does not.

For example text = b"he", bos = True, where the vocabulary has b" " (259), b"h" (260), b"e" (261):
[1, 259, 260, 261]. A letter such as ü, which is the two bytes 0xc3 and 0xbc in UTF-8, becomes
[0xc3 + 3, 0xbc + 3] = [198, 191] if the vocabulary does not have it.
"""

from parts import str_lookup


def characters(t, text, bos):
    raise NotImplementedError
