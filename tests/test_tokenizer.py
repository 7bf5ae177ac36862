"""The tokenizer: what sentencepiece and run.c do, by hand."""

import contextlib
import io
import os
import struct
import sys
import tempfile
import unittest

from tokenizer import build_tokenizer, decode, encode, safe_printf


def write_tokenizer(path, pieces):
    with open(path, "wb") as file:
        file.write(struct.pack("<I", 9))
        for score, piece in pieces:
            file.write(struct.pack("<fi", score, len(piece)) + piece)


SPECIAL = [(0.0, b"<unk>"), (0.0, b"\n<s>\n"), (0.0, b"\n</s>\n")]
BYTES = [(0.0, b"<0x%02X>" % i) for i in range(256)]
# 259: space, 260: a, 261: b, 262: c, then merges with their scores, and a character of two bytes
PIECES = [(-9.0, b" "), (-9.0, b"a"), (-9.0, b"b"), (-9.0, b"c"), (-1.0, b"bc"), (-2.0, b"ab"),
          (-3.0, b" a"), (-4.0, b"abc"), (-1.0, b"aa"), (-9.0, "é".encode())]  # fmt: skip


class TokenizerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "tokenizer.bin")
        write_tokenizer(self.path, SPECIAL + BYTES + PIECES)
        self.t = build_tokenizer(self.path, 269)

    def ids(self, text):
        return encode(self.t, text, False, False)

    def test_an_empty_text_gets_no_space(self):
        self.assertEqual(self.ids(""), [])
        self.assertEqual(encode(self.t, b"", True, True), [1, 2])

    def test_bos_and_eos_stand_around(self):
        self.assertEqual(encode(self.t, "b", True, True), [1, 259, 261, 2])

    def test_the_best_score_is_merged_first(self):
        # " abc": "bc" has the best score, then " a"; "abc" would come later and cannot any more
        self.assertEqual(self.ids("abc"), [265, 263])

    def test_the_first_of_equal_pairs_is_merged(self):
        # "caaa": aa + a and a + aa have the same score
        self.assertEqual(self.ids("caaa"), [259, 262, 267, 260])

    def test_a_character_that_is_no_token_falls_back_to_its_bytes(self):
        self.assertEqual(self.ids("é"), [259, 268])
        self.assertEqual(self.ids("ü"), [259, 0xC3 + 3, 0xBC + 3])
        self.assertEqual(self.ids("😀"), [259, 0xF0 + 3, 0x9F + 3, 0x98 + 3, 0x80 + 3])

    def test_continuation_bytes_join_what_stands_before_them_up_to_four_bytes(self):
        self.assertEqual(self.ids(b"\x80a"), [259, 0x80 + 3, 260])
        self.assertEqual(self.ids(b"a\xa9"), [259, 0x61 + 3, 0xA9 + 3])
        self.assertEqual(self.ids(b"a\x80\x80\x80b"), [259, 0x64, 0x83, 0x83, 0x83, 261])
        self.assertEqual(self.ids(b"\x80\x80\xc3\xa9"), [259, 0x83, 0x83, 268])

    def test_a_token_ends_at_a_zero(self):
        write_tokenizer(self.path, SPECIAL + [(0.0, b"ab\0cd")])
        self.assertEqual(build_tokenizer(self.path, 4).vocab[3], b"ab")

    def test_a_text_ends_at_a_zero(self):
        self.assertEqual(self.ids(b"b\0b"), [259, 261])

    def test_str_and_bytes_are_the_same(self):
        self.assertEqual(self.ids("é\udcff"), self.ids(b"\xc3\xa9\xff"))

    def test_a_space_is_dropped_after_bos_only(self):
        self.assertEqual(decode(self.t, 1, 265), b"a")
        self.assertEqual(decode(self.t, 2, 265), b" a")

    def test_encode_then_decode_gives_the_text_back(self):
        for text in "", "b", "a cab", "caé  é", "Zürich 안녕하세요 😉\n":
            ids = encode(self.t, text, True, False)
            pieces = [decode(self.t, prev, token) for prev, token in zip(ids, ids[1:])]
            self.assertEqual(b"".join(pieces).decode(), text)

    def test_byte_tokens_are_read_as_sscanf_reads_them(self):
        # what glibc's sscanf(piece, "<0x%02hhX>", &byte) makes of them
        for piece, expected in (
            (b"<0x41>", b"A"), (b"<0x0a>", b"\n"), (b"<0xF>", b"\x0f"), (b"<0x411>", b"A"),
            (b"<0x41", b"A"), (b"<0x 7>", b"\x07"), (b"<0x-1>", b"\xff"), (b"<0x+A>", b"\x0a"),
            (b"<0xg>", b"<0xg>"), (b"<0x>", b"<0x>"), (b"<0X41>", b"<0X41>"),
            (b"x<0x41>", b"x<0x41>"),
        ):  # fmt: skip
            self.t.vocab[260] = piece
            self.assertEqual(decode(self.t, 0, 260), expected, piece)

    def test_safe_printf_drops_a_lone_byte_that_is_neither_printable_nor_space(self):
        for byte in range(256):
            out = io.TextIOWrapper(io.BytesIO())
            with contextlib.redirect_stdout(out):
                safe_printf(bytes([byte]))
            kept = 32 <= byte < 127 or bytes([byte]) in b"\t\n\v\f\r"
            self.assertEqual(out.buffer.getvalue(), bytes([byte]) if kept else b"", byte)

    def test_two_bytes_are_printed_whatever_they_are(self):
        out = io.TextIOWrapper(io.BytesIO())
        with contextlib.redirect_stdout(out):
            safe_printf(b"\x01\xff")
            safe_printf(b"")
        self.assertEqual(out.buffer.getvalue(), b"\x01\xff")

    def test_a_character_in_two_pieces_reaches_a_text_stream_whole(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            safe_printf("aü".encode()[:2])
            safe_printf("aü".encode()[2:] + b"b")
        self.assertEqual(out.getvalue(), "aüb")

    def test_what_print_wrote_comes_first(self):
        out = io.TextIOWrapper(io.BytesIO())
        with contextlib.redirect_stdout(out):
            print("one", end=" ")
            safe_printf(b"two")
            print(" three", end="")
            sys.stdout.flush()
        self.assertEqual(out.buffer.getvalue(), b"one two three")

    def test_a_vocabulary_without_a_byte_or_a_space_is_a_clear_error(self):
        write_tokenizer(self.path, SPECIAL + [(0.0, b" "), (0.0, b"a")])
        with self.assertRaisesRegex(ValueError, "no token for the byte 0x7A"):
            encode(build_tokenizer(self.path, 5), "z", True, False)
        write_tokenizer(self.path, SPECIAL)
        with self.assertRaisesRegex(ValueError, "no token for a space"):
            encode(build_tokenizer(self.path, 3), "z", True, False)


if __name__ == "__main__":
    unittest.main()
