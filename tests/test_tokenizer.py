"""The tokenizer against what sentencepiece and run.c do, worked out by hand."""

import contextlib
import functools
import io
import os
import unittest

from tests.helpers import CHECKPOINTS, needs_checkpoints, new_folder, write_tokenizer
from tokenizer import build_tokenizer, decode, encode, safe_printf

SPECIAL = [(0.0, b"<unk>"), (0.0, b"\n<s>\n"), (0.0, b"\n</s>\n")]
BYTES = [(0.0, b"<0x%02X>" % i) for i in range(256)]
# 259: space, 260: a, 261: b, 262: c, then merges with their scores, and a character of two bytes
PIECES = [(-9.0, b" "), (-9.0, b"a"), (-9.0, b"b"), (-9.0, b"c"), (-1.0, b"bc"), (-2.0, b"ab"),
          (-3.0, b" a"), (-4.0, b"abc"), (-1.0, b"aa"), (-9.0, "é".encode()),
          # 269 on: scores below those of any real vocabulary, a character of four bytes, two
          # equal tokens, and one with a zero in it
          (-9.0, b"d"), (-5e9, b"dd"), (-2e10, b"ddd"), (-9.0, "😀".encode()), (-9.0, b"  "),
          (-9.0, b"a"), (0.0, b"ab\0cd")]


class TokenizerTest(unittest.TestCase):
    def setUp(self):
        path = os.path.join(new_folder(self.addCleanup), "tokenizer.bin")
        tokens = SPECIAL + BYTES + PIECES
        self.t = build_tokenizer(write_tokenizer(path, tokens), len(tokens))

    def test_encode_by_hand(self):
        for text, ids in (
            ("", []),  # no space
            ("abc", [265, 263]),  # bc has the best score, then " a"; then it is too late for abc
            ("caaa", [259, 262, 267, 260]),  # aa + a and a + aa have the same score: the first
            ("ddd", [259, 270, 269]),  # the score of dd + d is below the start value of the search
            ("ca", [259, 262, 260]),  # of two equal tokens the first
            (b"b\0b", [259, 261]),  # the text ends at a zero
            # a character that is not a token falls back to its bytes
            ("é", [259, 268]),
            ("ü", [259, 0xC3 + 3, 0xBC + 3]),
            ("😉", [259, 0xF0 + 3, 0x9F + 3, 0x98 + 3, 0x89 + 3]),
            ("é\udcff", [259, 268, 0xFF + 3]),
            # continuation bytes join the bytes before them, up to four bytes
            (b"\x80a", [259, 0x80 + 3, 260]),
            (b"a\xa9", [259, 0x61 + 3, 0xA9 + 3]),
            (b"a\x80\x80\x80b", [259, 0x64, 0x83, 0x83, 0x83, 261]),
            (b"\x80\x80\xc3\xa9", [259, 0x83, 0x83, 268]),
            ("😀".encode() + b"\x80", [259, 272, 0x83]),
            ("😀".encode() + b"\x80\x80a", [259, 272, 0x83, 0x83, 260]),
        ):
            self.assertEqual(encode(self.t, text, False, False), ids, text)
        self.assertEqual(encode(self.t, "b", True, True), [1, 259, 261, 2])
        self.assertEqual(encode(self.t, b"", True, True), [1, 2])

    @needs_checkpoints
    def test_the_llama_2_tokenizer_gives_the_ids_that_llama2_c_expects(self):
        t = build_tokenizer(os.path.join(CHECKPOINTS, "tokenizer.bin"), 32000)
        for text, ids in (
            ("", [1]),
            ("I believe the meaning of life is", [1, 306, 4658, 278, 6593, 310, 2834, 338]),
            ("Simply put, the theory of relativity states that ",
             [1, 3439, 17632, 1925, 29892, 278, 6368, 310, 14215, 537, 5922, 393, 29871]),
            ("A brief message congratulating the team on the launch:\n\n        Hi everyone,\n\n"
             "        I just ",
             [1, 319, 11473, 2643, 378, 629, 271, 18099, 278, 3815, 373, 278, 6826, 29901, 13, 13,
              4706, 6324, 14332, 29892, 13, 13, 4706, 306, 925, 29871]),
            ("Translate English to French:\n\n        sea otter => loutre de mer\n        "
             "peppermint => menthe poivrée\n        plush girafe => girafe peluche\n        cheese"
             " =>",
             [1, 4103, 9632, 4223, 304, 5176, 29901, 13, 13, 4706, 7205, 4932, 357, 1149, 301, 449,
              276, 316, 2778, 13, 4706, 1236, 407, 837, 524, 1149, 6042, 354, 772, 440, 29878, 1318,
              13, 4706, 715, 1878, 330, 3055, 1725, 1149, 330, 3055, 1725, 4639, 28754, 13, 4706,
              923, 968, 1149]),
        ):
            self.assertEqual(encode(t, text, True, False), ids)

    def test_threads_that_share_a_fresh_tokenizer_get_the_same_ids(self):
        # seven others encode while the first is in the middle of the vocabulary
        abc = functools.partial(encode, self.t, "abc", False, False)
        others, found = [abc] * 7, []

        class Vocab(list):
            def __getitem__(self, i):
                while i == 100 and others:
                    found.append(others.pop()())
                return super().__getitem__(i)

        self.t.vocab = Vocab(self.t.vocab)
        found.append(abc())
        self.assertEqual(found, [[265, 263]] * 8)

    def test_one_space_is_dropped_after_bos_and_only_there_and_a_token_ends_at_a_zero(self):
        for prev_token, token, piece in (
            (1, 265, b"a"), (1, 273, b" "), (0, 265, b" a"), (2, 265, b" a"), (265, 265, b" a"),
            (0, 275, b"ab"),
        ):
            self.assertEqual(decode(self.t, prev_token, token), piece)

    def test_encode_then_decode_gives_the_text_back(self):
        for text in "", "b", "a cab", "caé  é", "Zürich 안녕하세요 😉\n":
            ids = encode(self.t, text, True, False)
            pieces = [decode(self.t, prev, token) for prev, token in zip(ids, ids[1:])]
            self.assertEqual(b"".join(pieces).decode(), text)

    def test_byte_tokens_are_read_as_sscanf_reads_them(self):
        # what glibc's sscanf(piece, "<0x%02hhX>", &byte) makes of them
        for piece, expected in (
            (b"<0x41>", b"A"), (b"<0x0a>", b"\n"), (b"<0xfF>", b"\xff"), (b"<0x411>", b"A"),
            (b"<0x41", b"A"), (b"<0xg>", b"<0xg>"), (b"<0x>", b"<0x>"), (b"<0X41>", b"<0X41>"),
            (b"x<0x41>", b"x<0x41>"), (b"<0x4>", b"\x04"), (b"<0x0g", b"\0"),
        ):
            self.t.vocab[260] = piece
            self.assertEqual(decode(self.t, 0, 260), expected, piece)

    def test_safe_printf_drops_a_lone_byte_that_is_neither_printable_nor_space(self):
        kept = b"\t\n\v\f\r" + bytes(range(32, 127))
        for piece in b"", b"\x01\xff", *[bytes([byte]) for byte in range(256)]:
            with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as out:
                safe_printf(piece)
            expected = piece if len(piece) != 1 or piece in kept else b""
            self.assertEqual(out.buffer.getvalue(), expected, piece)
