"""The tokenizer: what sentencepiece and run.c do, by hand."""

import contextlib
import io
import os
import struct
import sys
import tempfile
import threading
import unittest
from unittest import mock

import llama2
from tests.helpers import run_main, write_model
from tokenizer import build_tokenizer, decode, encode, printf, safe_printf


def write_tokenizer(path, pieces):
    with open(path, "wb") as file:
        file.write(struct.pack("<I", 9))
        for score, piece in pieces:
            file.write(struct.pack("<fi", score, len(piece)) + piece)


SPECIAL = [(0.0, b"<unk>"), (0.0, b"\n<s>\n"), (0.0, b"\n</s>\n")]
BYTES = [(0.0, b"<0x%02X>" % i) for i in range(256)]
# 259: space, 260: a, 261: b, 262: c, then merges with their scores, and a character of two bytes
PIECES = [(-9.0, b" "), (-9.0, b"a"), (-9.0, b"b"), (-9.0, b"c"), (-1.0, b"bc"), (-2.0, b"ab"),
          (-3.0, b" a"), (-4.0, b"abc"), (-1.0, b"aa"), (-9.0, "é".encode())]
# 269 on: scores below those of any real vocabulary, a character of four bytes, two equal tokens
MORE = [(-9.0, b"d"), (-5e9, b"dd"), (-2e10, b"ddd"), (-9.0, "😀".encode()), (-9.0, b"  "),
        (-9.0, b"a")]


class TokenizerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "tokenizer.bin")
        self.t = self.tokenizer(PIECES + MORE)

    def tokenizer(self, pieces):
        write_tokenizer(self.path, SPECIAL + BYTES + pieces)
        return build_tokenizer(self.path, 259 + len(pieces))

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

    def test_a_bad_score_is_merged_too_down_to_minus_10_to_the_10th(self):
        # dd + d is ddd, whose score is below where the search begins
        self.assertEqual(self.ids("ddd"), [259, 270, 269])

    def test_of_two_equal_tokens_the_first_is_taken(self):
        self.assertEqual(self.ids("ca"), [259, 262, 260])

    def test_a_character_that_is_no_token_falls_back_to_its_bytes(self):
        self.assertEqual(self.ids("é"), [259, 268])
        self.assertEqual(self.ids("ü"), [259, 0xC3 + 3, 0xBC + 3])
        self.assertEqual(self.ids("😉"), [259, 0xF0 + 3, 0x9F + 3, 0x98 + 3, 0x89 + 3])

    def test_continuation_bytes_join_what_stands_before_them_up_to_four_bytes(self):
        self.assertEqual(self.ids(b"\x80a"), [259, 0x80 + 3, 260])
        self.assertEqual(self.ids(b"a\xa9"), [259, 0x61 + 3, 0xA9 + 3])
        self.assertEqual(self.ids(b"a\x80\x80\x80b"), [259, 0x64, 0x83, 0x83, 0x83, 261])
        self.assertEqual(self.ids(b"\x80\x80\xc3\xa9"), [259, 0x83, 0x83, 268])
        # 😀 is a token, a fifth byte would not be one with it
        self.assertEqual(self.ids("😀".encode() + b"\x80"), [259, 272, 0x83])
        self.assertEqual(self.ids("😀".encode() + b"\x80\x80a"), [259, 272, 0x83, 0x83, 260])

    def test_a_token_ends_at_a_zero(self):
        self.assertEqual(self.tokenizer([(0.0, b" "), (0.0, b"ab\0cd")]).vocab[260], b"ab")

    def test_a_text_ends_at_a_zero(self):
        self.assertEqual(self.ids(b"b\0b"), [259, 261])

    def test_str_and_bytes_are_the_same(self):
        self.assertEqual(self.ids("é\udcff"), self.ids(b"\xc3\xa9\xff"))

    def test_eight_threads_that_share_a_fresh_tokenizer_get_the_same_ids(self):
        # the first is in the middle of the vocabulary when the other seven encode
        found = []
        threads = [threading.Thread(target=lambda: found.append(self.ids("abc"))) for _ in range(7)]

        class Vocab(list):
            def __getitem__(self, i):
                while i == 100 and threads:
                    thread = threads.pop()
                    thread.start()
                    thread.join()
                return super().__getitem__(i)

        self.t.vocab = Vocab(self.t.vocab)
        found.append(self.ids("abc"))
        self.assertEqual(found, [[265, 263]] * 8)

    def test_one_space_is_dropped_after_bos_and_only_there(self):
        self.assertEqual(decode(self.t, 1, 265), b"a")
        self.assertEqual(decode(self.t, 1, 273), b" ")
        for prev_token in 0, 2, 265:
            self.assertEqual(decode(self.t, prev_token, 265), b" a")

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

    def test_half_a_character_waits_for_the_other_half(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            for byte in "ü日😀".encode():
                printf(bytes([byte]))
        self.assertEqual(out.getvalue(), "ü日😀")

    def test_a_stray_byte_at_the_end_of_one_run_does_not_appear_in_the_next(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            safe_printf(b"a\xc3")
            printf(b"\n")  # as a run ends
        self.assertEqual(out.getvalue(), "a\N{REPLACEMENT CHARACTER}\n")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            safe_printf("bü".encode())
        self.assertEqual(out.getvalue(), "bü")

    def test_half_a_character_of_a_run_that_broke_off_does_not_appear_in_the_next(self):
        argv = [write_model("gqa", os.path.dirname(self.path)), "0", "3", "ab"]
        out = io.StringIO()  # one stream for both runs, as in a notebook

        def half(transformer, token, pos):
            printf("ü".encode()[:1])
            raise MemoryError

        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            with mock.patch("llama2.forward", half):
                self.assertEqual(llama2.main(argv), 1)
            broken = out.getvalue()
            self.assertIsNone(llama2.main(argv))
        self.assertEqual(out.getvalue(), broken + run_main(argv)[1].decode())

    def test_what_print_wrote_comes_first(self):
        out = io.TextIOWrapper(io.BytesIO())
        with contextlib.redirect_stdout(out):
            print("one", end=" ")
            safe_printf(b"two")
            print(" three", end="")
            sys.stdout.flush()
        self.assertEqual(out.buffer.getvalue(), b"one two three")


if __name__ == "__main__":
    unittest.main()
