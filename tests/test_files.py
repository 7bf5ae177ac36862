"""Damaged, wrong and changing files are refused with one clear line, and right ones are found."""

import os
import random
import struct
import sys
import unittest
from unittest import mock

import llama2
from tests.helpers import (
    LLAMA2, LONG, ModelCase, random_checkpoint, random_tokenizer, read, run_main, run_process,
    write, write_model, write_tokenizer,
)


def damage(rng, data, header):
    """Return data with bytes changed, cut or inserted, or with other numbers in its header."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(rng.choice([header, len(data)]) or 1)
        number = rng.choice([0, 1, -1, 2, 3, 7, 2**31 - 1, -(2**31), rng.getrandbits(31)])
        small = [rng.randrange(-2, 40) for _ in range(header // 4)]
        at, cut, new = rng.choice([
            (at, 1, bytes([rng.randrange(256)])),
            (at, rng.choice([1, 4, 1000]), b""),
            (at, 0, bytes(rng.randrange(256) for _ in range(rng.choice([1, 4, 100])))),
            (at // 4 * 4, 4, struct.pack("<i", number)),
            (0, header, struct.pack(f"<{header // 4}i", *small)),
        ])
        data[at : at + cut] = new
    return bytes(data)


class FilesTest(ModelCase):
    def test_checkpoints_that_cannot_be_read(self):
        good = read(self.checkpoint, mode="rb")
        for message, content in (
            ("cut short", b""), ("cut short", good[:27]), ("cut short", good[:-1]),
            ("too long", good + b"\0"),
            (r"version 1\b.*export.py --version 0", b"24ka\1\0\0\0" + good),
            (r"version 2\b.*export.py --version 0", b"24ka\2\0\0\0" + good),
            ("GGUF.*export.py --version 0", b"GGUF" + good),
            ("zip.*export.py --version 0", b"PK\3\4" + good),
        ):
            path = write(self.path("bad.bin"), content)
            self.assertRefused(f"'{path}'.*{message}", run_main([path]))
        for message, path in (
            ("does not exist", self.path("none.bin")), ("does not exist", ""),
            ("is a folder", self.folder),
        ):
            self.assertRefused(f"'{path}' {message}", run_main([path]))
            if path: self.assertRefused(message, run_main([self.checkpoint, "-z", path]))

    def test_headers_that_make_no_sense(self):
        good = [24, 40, 2, 6, 2, 331, 40]
        headers = [
            ("divide", [24, 40, 2, 5, 2, 331, 40]),
            ("divide", [24, 40, 2, 6, 4, 331, 40]),
            ("divide", [24, 40, 2, 8, 2, 331, 40]),  # heads of 3
            ("divide", [26, 40, 2, 6, 2, 331, 40]),  # 26 / 6, though 26 // 6 is even
            (r"dim\W+0\b", [0, 40, 2, 6, 2, 331, 40]),
            (r"vocab_size\W+1\b", [24, 40, 2, 6, 2, 1, 40]),  # no BOS
        ]
        for i in range(7):
            for value in 0, -5, 2**31 - 1, -(2**31):
                headers.append(("", good[:i] + [value] + good[i + 1 :]))
        content = read(self.checkpoint, mode="rb")[28:]
        for message, header in headers:
            with self.subTest(header=header):
                path = write(self.path("header.bin"), struct.pack("<7i", *header) + content)
                self.assertRefused(message, run_main([path]))

    def test_tokenizers_that_cannot_be_read(self):
        good = read(self.path("gqa.tokenizer.bin"), mode="rb")
        token = struct.pack("<fi", 0.0, 5) + b"<unk>"
        self.assertEqual(good[4:17], token)
        pieces = b"<unk>", b"\n<s>\n", b"\n</s>\n"
        old = b"".join(struct.pack("<i", len(piece)) + piece for piece in pieces)
        for message, content in (
            ("cut short", b""), ("cut short", good[:3]), ("cut short", good[:-1]),
            ("cut short", good[: 17 + 3]), ("cut short", good[: 17 + 4 + 3]),
            ("cut short", good[: 17 + 8]),
            ("holds 1 tokens.* 331 .*-z", good[:17]),
            ("more than the 331 tokens.*-z", good + token),
            ("more than the 331 tokens.*-z", good + b"\0"),
            ("length -1", good[:8] + struct.pack("<i", -1) + good[12:]),
            ("length 0", good[:8] + struct.pack("<i", 0) + good[12:]),
            ("July 2023", old),
            ("length 16777215", good[:8] + b"\xff" * 3 + good[11:]),
        ):
            path = write(self.path("bad.tok"), content)
            with self.subTest(message, content=content[:30]):
                refused = run_main([self.checkpoint, "-z", path])
                self.assertRefused(f"'{path}'.*{message}", refused)

    def test_each_damaged_file_runs_or_is_refused_with_one_line(self):
        rng = random.Random(1)
        paths = checkpoint, tokenizer = self.path("model.bin"), self.path("model.tokenizer.bin")
        random_checkpoint(checkpoint, 8, 8, 1, 2, 1, 270, 8)
        random_tokenizer(tokenizer, 270)
        good = {path: read(path, mode="rb") for path in paths}
        runs, refused = 3000 if LONG else 300, 0
        for run in range(runs):
            path = rng.choice(paths)
            write(path, damage(rng, good[path], 28 if path == checkpoint else 12))
            ended = run_main([checkpoint, rng.choice(["0", "1"]), "8", "a bé", "-s", "1"])
            write(path, good[path])
            with self.subTest(run=run, path=os.path.basename(path)):
                if ended[0] is not None:
                    refused += 1
                    self.assertRefused("", ended)
        self.assertTrue(0 < refused < runs)  # flipped weights and scores still run

    def test_the_tokenizer_is_found_beside_the_checkpoint_or_here(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.mkdir(self.path("a"))
        os.mkdir(self.path("b"))
        os.chdir(self.path("b"))
        random_checkpoint("../a/model.bin", 8, 8, 1, 2, 1, 300, 16)
        argv = ["../a/model.bin", "0", "3"]
        self.assertRefused("no tokenizer for .*model.bin.* name one with -z", run_main(argv))
        # each one is preferred to the previous ones; a wrong one would be refused
        for path in "b/tokenizer.bin", "a/tokenizer.bin", "a/model.tokenizer.bin":
            random_tokenizer(self.path(path), 300)
            self.assertEqual(run_main(argv)[0], None)
            random_tokenizer(self.path(path), 301)

    def test_a_vocabulary_without_a_space_is_reported_when_a_space_is_needed(self):
        content = read(self.path("gqa.tokenizer.bin"), mode="rb")
        self.assertEqual(content.count(b"\1\0\0\0 "), 1)
        path = write(self.path("no_space.bin"), content.replace(b"\1\0\0\0 ", b"\1\0\0\0\t"))
        self.assertRefused("space", run_main([self.checkpoint, "-z", path, "-i", "a"]))
        self.assertEqual(run_main([self.checkpoint, "-z", path, "-n", "2"])[0], None)

    def test_a_vocabulary_without_bytes_works_until_one_is_needed(self):
        path = self.path("letters.bin")
        random_checkpoint(path, 8, 8, 1, 2, 1, 30, 40)
        pieces = [b"<unk>", b"<s>", b"</s>", b" "] + [bytes([c]) for c in range(97, 123)]
        write_tokenizer(self.path("letters.tokenizer.bin"), [(0.0, piece) for piece in pieces])
        status, out, err = run_main([path, "0", "9", "abc"])
        self.assertEqual((status, out[:3]), (None, b"abc"), err)
        # B, 66, would be token 69 of 30
        self.assertRefused("byte", run_main([path, "0", "9", "aBc"]))

    def test_a_line_break_in_a_name_or_a_value_stays_one_line(self):
        for status, *argv in (
            (1, "a\nb"), (1, self.checkpoint, "-z", "a\nb"), (2, self.checkpoint, "-m", "a\nb"),
            (2, self.checkpoint, "0", "1", "", "a\nb"), (2, self.checkpoint, "-t", "a\nb"),
            (2, self.checkpoint, "--a\nb=1"), (2, self.checkpoint, "--a\nb"),
        ):
            self.assertRefused(r"a\\nb", run_main(argv), status)

    def test_too_little_memory_while_generating_is_one_line(self):
        with mock.patch("llama2.forward", side_effect=MemoryError):
            self.assertRefused("not enough memory", run_main([self.checkpoint, "0", "9"]))

    def test_a_bug_of_ours_is_not_reported_as_a_bad_file(self):
        for name, fault in (
            ("llama2.forward", ValueError), ("llama2.forward", ZeroDivisionError),
            ("llama2.memory_map_weights", ValueError), ("tokenizer.c_string", ValueError),
        ):
            with mock.patch(name, side_effect=fault("ours")):
                with self.assertRaisesRegex(fault, "^ours$"):
                    run_main([self.checkpoint, "0", "9"])


@unittest.skipIf(os.name == "nt", "POSIX files")
class SystemTest(ModelCase):
    def test_a_named_pipe_does_not_hang(self):
        path = self.path("pipe.bin")
        os.mkfifo(path)
        for argv in [path], [self.checkpoint, "-z", path]:
            self.assertRefused("is not a regular file", run_process(LLAMA2, *argv))

    def test_a_checkpoint_that_becomes_shorter_while_it_is_read_is_named(self):
        os.mkdir(self.path("cut"))
        read = llama2.memory_map_weights
        # gqa loses more than RoPE's two tables, which may be missing
        for name, cut in ("gqa", 671), ("gqa", 3670), ("unshared", 1), ("unshared", 3000):
            path = write_model(name, self.path("cut"))

            def cut_and_read(p, file, shared_weights):
                os.truncate(path, os.path.getsize(path) - cut)
                return read(p, file, shared_weights)

            with mock.patch("llama2.memory_map_weights", cut_and_read):
                self.assertRefused(f"{path!r}.*cut short", run_main([path, "0", "9"]))

    @unittest.skipUnless(os.path.exists("/proc/self/mem"), "needs /proc")
    def test_a_file_that_cannot_be_read_is_named(self):
        self.assertRefused("'/proc/self/mem' cannot be read", run_main(["/proc/self/mem"]))

    @unittest.skipUnless(sys.platform == "linux" and sys.implementation.name == "cpython",
                         "needs a limit on memory that is kept")
    def test_too_little_memory_is_one_line_that_says_what_was_requested(self):
        import resource

        shape = 512, 1, 1, 256, 256, 2, 40000  # 5 MB, and a kv cache of over 300 MB
        path = write(self.path("deep.bin"), struct.pack("<7i", *shape))
        os.truncate(path, llama2.checkpoint_size(llama2.Config(*shape), True))
        limit = (120_000_000, 120_000_000)
        refused = run_process(
            LLAMA2, path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit))
        self.assertRefused("not enough memory.*n_heads=256.*seq_len=40000", refused)
