"""The command line in a real process: its two forms, its outputs, and how it refuses bad input."""

import contextlib
import io
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import llama2
from tests.compare_with_run import ours
from tests.random_model import random_checkpoint, random_tokenizer, write_model

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def default_sigint():
    """Heed SIGINT, which tests that a shell runs in the background would pass on as ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class CommandLineCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.checkpoint = write_model("gqa", folder.name)  # 331 tokens, 40 positions

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def run_script(self, *args, **options):
        command = [sys.executable, os.path.join(ROOT, "llama2.py"), *args]
        options = dict(stdin=subprocess.DEVNULL, cwd=self.folder, timeout=60, **options)
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


class UsageTest(CommandLineCase):
    def test_values_by_their_place_and_by_their_flags_are_the_same_run(self):
        flags = self.run_script(self.checkpoint, "-t", "0.8", "-n", "20", "-i", "ab", "-s", "3")
        places = self.run_script(self.checkpoint, "0.8", "20", "ab", "--seed=3")
        mixed = self.run_script(self.checkpoint, "--seed", "3", "0.8", "-n", "20", "--prompt=ab")
        self.assertEqual(flags.returncode, 0)
        self.assertTrue(flags.stdout.startswith(b"ab"))
        self.assertEqual(flags.stdout, places.stdout)
        self.assertEqual(flags.stdout, mixed.stdout)

    def test_the_default_is_256_steps(self):
        argv = [write_model("chat", self.folder), "-t", "0", "-i", "Hi"]  # 700 positions
        self.assertEqual(ours(argv), ours(argv + ["-n", "256"]))
        self.assertNotEqual(ours(argv), ours(argv + ["-n", "255"]))

    def test_stderr_carries_the_speed_alone(self):
        run = self.run_script(self.checkpoint, "0", "20")
        self.assertRegex(run.stderr, rb"\Aachieved tok/s: [0-9.]+\r?\n\Z")

    def test_a_value_given_both_ways_is_an_error(self):
        for extra in (["0.5", "-t", "0.5"], ["0.5", "9", "-n", "9"], ["0", "9", "a", "-i", "a"]):
            run = self.run_script(self.checkpoint, *extra)
            self.assertEqual(run.returncode, 2, extra)
            self.assertIn(b"is given twice", run.stderr)
            self.assertEqual(run.stdout, b"")

    def test_a_prompt_may_begin_with_a_dash(self):
        run = self.run_script(self.checkpoint, "-t", "0", "-n", "9", "-i", "-t")
        self.assertTrue(run.stdout.startswith(b"-t"), run)

    def test_bad_usage_exits_with_2(self):
        for args, message in (
            ([], b"checkpoint"),
            (["-t"], b"expected one argument"),
            (["-t", "nan"], b"'nan' is not a number"),
            (["-t", "warm"], b"'warm' is not a number"),
            (["-n", "1.5"], b"invalid int value"),
            (["-m", "sing"], b"unknown mode: sing"),
            (["-q", "1"], b"unrecognized arguments"),
        ):
            run = self.run_script(*([self.checkpoint] if args else []), *args)
            self.assertEqual((run.returncode, run.stdout), (2, b""), args)
            self.assertIn(message, run.stderr)
            self.assertNotIn(b"Traceback", run.stderr)

    def test_limits_are_those_of_run_c(self):
        base = [self.checkpoint, "-s", "5", "-i", "a"]
        greedy = ours(base + ["-t", "0"])
        self.assertEqual(ours(base + ["-t", "-3"]), greedy)
        self.assertEqual(ours(base + ["-t", "1e-50"]), greedy)  # 0 as a C float
        sampled = ours(base + ["-t", "1", "-p", "0.9"])
        self.assertEqual(ours(base + ["-p", "1.1"]), sampled)
        self.assertEqual(ours(base + ["-p", "-0.1"]), sampled)
        self.assertEqual(ours(base), sampled)
        self.assertEqual(ours(base + ["-n", "0"]), ours(base + ["-n", "40"]))
        self.assertEqual(ours(base + ["-n", "-7"]), ours(base + ["-n", "41"]))

    def test_seeds_are_read_as_atoi_reads_them(self):
        for text, value in (
            ("7", 7), ("7x", 7), (" +7", 7), ("x", 0), ("", 0), ("-1", -1), ("4294967297", 1),
            ("2147483648", -(2**31)), ("9" * 30, -1), ("-" + "9" * 30, 0),
        ):  # fmt: skip
            self.assertEqual(llama2.atoi(text), value, text)

    def test_numbers_are_rounded_to_c_floats(self):
        self.assertEqual(llama2.atof("0.9"), 0.89999997615814208984375)
        self.assertEqual(llama2.atof("1e-50"), 0.0)
        self.assertEqual(llama2.atof("inf"), float("inf"))

    def test_help_is_printed(self):
        run = self.run_script("--help")
        self.assertEqual(run.returncode, 0)
        self.assertIn(b"--temperature", run.stdout)


class TokenizerPathTest(CommandLineCase):
    def test_the_tokenizer_is_found_beside_the_checkpoint_or_here(self):
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = os.path.join(folder, "a", "model.bin")
            os.mkdir(os.path.join(folder, "a"))
            os.mkdir(os.path.join(folder, "b"))
            random_checkpoint(checkpoint, 8, 8, 1, 2, 1, 300, 16)
            # each is preferred to those before it; a wrong one would be refused
            for path in ("b/tokenizer.bin", "a/tokenizer.bin", "a/model.tokenizer.bin"):
                random_tokenizer(os.path.join(folder, path), 300)
                llama2_py = os.path.join(ROOT, "llama2.py")
                command = [sys.executable, llama2_py, "../a/model.bin", "0", "3"]
                run = subprocess.run(command, cwd=os.path.join(folder, "b"), stdout=-1, stderr=-1)
                self.assertEqual(run.returncode, 0, run.stderr)
                random_tokenizer(os.path.join(folder, path), 301)


class OutputTest(CommandLineCase):
    def test_a_text_stream_gets_the_same_text(self):
        argv = [self.checkpoint, "0.8", "30", "é日 ab", "-s", "4"]
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            self.assertIsNone(llama2.main(argv))
        self.assertEqual(out.getvalue(), ours(argv).decode("utf-8", "replace"))

    def test_python_m_llama2_runs_it(self):
        args = [self.checkpoint, "0", "9", "a"]
        run = subprocess.run(
            [sys.executable, "-m", "llama2", *args], cwd=ROOT, stdout=-1, stderr=-1, timeout=60
        )
        self.assertEqual(run.stdout, self.run_script(*args).stdout)

    @unittest.skipIf(os.name == "nt", "POSIX signals")
    def test_ctrl_c_ends_the_line_with_status_130(self):
        command = [sys.executable, os.path.join(ROOT, "llama2.py"), self.checkpoint, "-m", "chat"]
        process = subprocess.Popen(
            command, stdin=-1, stdout=-1, stderr=-1, preexec_fn=default_sigint
        )
        self.assertEqual(process.stdout.read(6), b"Enter ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertTrue(out.endswith(b"\n"))
        self.assertEqual(err, b"")

    @unittest.skipIf(os.name == "nt", "POSIX pipes")
    def test_a_closed_pipe_ends_it_silently(self):
        read, write = os.pipe()
        os.close(read)
        command = [sys.executable, os.path.join(ROOT, "llama2.py"), self.checkpoint, "0", "9"]
        run = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=60)
        os.close(write)
        self.assertEqual((run.returncode, run.stderr), (141, b""))

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_a_full_disk_is_one_clear_line(self):
        with open("/dev/full", "wb") as full:
            command = [sys.executable, os.path.join(ROOT, "llama2.py"), self.checkpoint, "0", "9"]
            run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr.count(b"\n"), 1, run.stderr)

    def test_end_of_input_ends_a_chat(self):
        run = self.run_script(self.checkpoint, "-m", "chat")
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertEqual(run.stdout, b"Enter system prompt (optional): \n")

    def test_a_line_of_chat_ends_at_a_zero_as_a_c_string_does(self):
        argv = [self.checkpoint, "-m", "chat", "-y", "", "-s", "1"]
        self.assertEqual(ours(argv, b"ab\0cd\n"), ours(argv, b"ab\n"))

    def test_time_in_ms_counts_milliseconds(self):
        before = time.time()
        milliseconds = llama2.time_in_ms()
        self.assertTrue(before - 1.0 <= milliseconds / 1000 <= time.time() + 1.0)

    def test_a_long_line_of_chat_is_read_whole(self):
        argv = [self.checkpoint, "-m", "chat", "-y", ""]
        long = ours(argv, b"a" * 2000 + b"\n")
        self.assertTrue(long.startswith(b"User: Assistant: "))
        self.assertEqual(long.count(b"User: "), 1)


class BadInputTest(CommandLineCase):
    def assertRefused(self, message, *args):
        run = self.run_script(*args)
        self.assertEqual(run.stdout, b"")
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertRegex(run.stderr.decode(), r"\Allama2: [^\n]*" + message + r"[^\n]*\r?\n\Z")

    def with_header(self, name, *header):
        with open(self.checkpoint, "rb") as file:
            content = file.read()
        return self.path(name, struct.pack("<7i", *header) + content[28:])

    def test_checkpoints_that_cannot_be_read(self):
        with open(self.checkpoint, "rb") as file:
            good = file.read()
        for message, path in (
            ("does not exist", self.path("none.bin")),
            ("is a folder", self.folder),
            ("has 0 bytes, too few", self.path("empty.bin", b"")),
            ("has 27 bytes, too few", self.path("short.bin", good[:27])),
            ("it is cut short", self.path("cut.bin", good[:-1])),
            ("it is too long", self.path("long.bin", good + b"\0")),
            ("of version 1, .*export.py --version 0", self.path("v1.bin", b"24ka\1\0\0\0" + good)),
            ("of version 2, .*export.py --version 0", self.path("v2.bin", b"24ka\2\0\0\0" + good)),
            ("is a GGUF file", self.path("gguf.bin", b"GGUF" + good)),
            ("is a zip file", self.path("zip.bin", b"PK\3\4" + good)),
            ("does not exist", ""),
        ):
            with self.subTest(message):
                self.assertRefused(message, path)

    def test_headers_that_make_no_sense(self):
        good = [24, 40, 2, 6, 2, 331, 40]
        names = "dim hidden_dim n_layers n_heads n_kv_heads vocab_size seq_len".split()
        for i, name in enumerate(names):
            for value in (0, -5, 2**31 - 1, -(2**31)):
                header = good[:i] + [value] + good[i + 1 :]
                with self.subTest(name, value=value):
                    self.assertRefused("", self.with_header("header.bin", *header))
        for header, message in (
            ([24, 40, 2, 5, 2, 331, 40], "do not divide"),
            ([24, 40, 2, 6, 4, 331, 40], "do not divide"),
            ([24, 40, 2, 8, 2, 331, 40], "do not divide"),  # heads of 3
            ([24, 40, 2, 6, 2, 1, 40], "no BOS"),
            ([0, 40, 2, 6, 2, 331, 40], "dim = 0"),
        ):
            with self.subTest(header=header):
                self.assertRefused(message, self.with_header("header.bin", *header))

    @unittest.skipUnless(hasattr(os, "mkfifo"), "needs named pipes")
    def test_a_named_pipe_does_not_hang(self):
        path = self.path("pipe.bin")
        os.mkfifo(path)
        self.assertRefused("is not a regular file", path)
        self.assertRefused("is not a regular file", self.checkpoint, "-z", path)

    def test_tokenizers_that_cannot_be_read(self):
        with open(self.path("gqa.tokenizer.bin"), "rb") as file:
            good = file.read()
        token = struct.pack("<fi", 0.0, 5) + b"<unk>"
        self.assertEqual(good[4:17], token)
        for message, path in (
            ("does not exist", self.path("none.tok")),
            ("is a folder", self.folder),
            ("too short", self.path("empty.tok", b"")),
            ("cut short", self.path("cut.tok", good[:-1])),
            ("holds 1 tokens, but the checkpoint has 331.*-z", self.path("one.tok", good[:17])),
            ("more than the 331 tokens.*-z", self.path("long.tok", good + token)),
            ("length -1", self.path("minus.tok", good[:8] + struct.pack("<i", -1) + good[12:])),
            ("length 0", self.path("zero.tok", good[:8] + struct.pack("<i", 0) + good[12:])),
            ("ends inside token 0", self.path("big.tok", good[:8] + b"\xff" * 3 + good[11:])),
        ):
            with self.subTest(message):
                self.assertRefused(message, self.checkpoint, "-z", path)

    def test_no_tokenizer_at_all_says_how_to_name_one(self):
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = os.path.join(folder, "alone.bin")
            random_checkpoint(checkpoint, 8, 8, 1, 2, 1, 300, 16)
            self.assertRefused("no tokenizer for .*alone.bin: name it with -z", checkpoint)


if __name__ == "__main__":
    unittest.main()
