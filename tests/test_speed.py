"""doc/openmp.py prints the same bytes as run.c and llama2.py; speed_table.py is right."""

import contextlib
import io
import itertools
import math
import os
import random
import re
import signal
import struct
import sys
import time
import types
import unittest
from array import array
from fractions import Fraction

import llama2
import openmp
from make import speed_table
from tests.helpers import (
    LONG, MODELS, ROOT, ModelCase, ours, read, recorded, recorded_models, run_main, run_process,
    started, write, write_model,
)

SWISS = os.path.join(ROOT, "data", "swiss.bin")


class MatmulTest(unittest.TestCase):
    """Both methods, whichever one this Python uses."""

    def products(self, rows, x):
        """Return W x by long integers, which must be exact up to the rounding of W and x."""
        xout = [math.nan] * len(rows)
        openmp.matmul_by_columns(xout, x, openmp.to_columns(rows), len(x), len(rows))
        # a number of W is off by 2**-33 of its row's length, one of x by 2**-31.9 of x's
        off = 1.001 * math.sqrt(len(x)) * (2.0**-33 + 2.0**-31.9) * math.hypot(*x)
        for row, got in zip(rows, xout):
            exact = sum(Fraction(a) * Fraction(b) for a, b in zip(row, x))
            self.assertLessEqual(abs(Fraction(got) - exact), off * math.hypot(*row))
        return xout

    def test_long_integers_are_as_exact_as_the_comment_says(self):
        rng = random.Random(1)
        for d, n, scale in (1, 1, 1.0), (3, 5, 1e-40), (8, 31, 1e30), (50, 172, 0.02):
            rows = [array("f", [rng.gauss(0.0, scale) for _ in range(n)]) for _ in range(d)]
            self.products(rows, [rng.gauss(0.0, 1 / scale) for _ in range(n)])

    def test_no_sum_overflows_where_cauchy_schwarz_allows_the_largest(self):
        for n in 1, 2, 3, 100, 4000:
            for x in [1.0] * n, [-1.0] * n, [float(j) for j in range(1, n + 1)]:
                row = array("f", x)
                other = array("f", [-v for v in x])
                length = sum(v * v for v in x)
                for rows in [row], [row, other, row], [other, other, row, row, other]:
                    for got, w in zip(self.products(rows, x), rows):
                        self.assertAlmostEqual(got / length, 1.0 if w is row else -1.0, places=5)

    def test_zeros_stay_zero(self):
        rows = [array("f", [1.0, -2.0])] * 3
        self.assertEqual(self.products(rows, [0.0, 0.0]), [0.0] * 3)
        xout = [math.nan] * 3
        openmp.matmul_by_columns(xout, [1e-320, -1e-320], openmp.to_columns(rows), 2, 3)
        self.assertEqual(xout, [0.0] * 3)
        self.assertEqual(self.products([array("f", [0.0, 0.0])] * 3, [1.0, 2.0]), [0.0] * 3)
        self.assertEqual(self.products([rows[0], array("f", [0.0, 0.0])], [2.0, 1.0]), [0.0] * 2)

    def test_the_example_in_decimal_digits_is_right(self):
        lines = re.findall(r"(?:\d{3} ){3}.*", openmp.__doc__)
        numbers = [[int(n.replace(" ", "")) for n in re.findall(r"\d{3} \d{3} \d{3}", line)]
                   for line in lines]  # fmt: skip
        self.assertEqual(numbers[0][0] * 3, numbers[0][1])
        self.assertEqual(numbers[1][0] * 5, numbers[1][1])
        self.assertEqual([numbers[0][1] + numbers[1][1]], numbers[2])
        self.assertIn("W x = (26, 9, 8)", lines[2])
        rows = [array("f", row) for row in ([2.0, 4.0], [3.0, 0.0], [1.0, 1.0])]
        self.assertEqual([round(v, 6) for v in self.products(rows, [3.0, 5.0])], [26.0, 9.0, 8.0])

    def test_eight_rows_at_once_are_llama2_py_s_sums_to_the_last_bit(self):
        rng = random.Random(2)
        for d in 1, 7, 8, 9, 24:
            rows = [array("f", [rng.gauss(0.0, 1.0) for _ in range(33)]) for _ in range(d)]
            x = [rng.gauss(0.0, 1.0) for _ in range(33)]
            expected, got = [0.0] * d, [0.0] * d
            llama2.matmul(expected, x, rows, 33, d)
            openmp.matmul_by_eights(got, x, openmp.to_eights(rows), 33, d)
            self.assertEqual(got, expected)


class OpenmpTest(ModelCase):
    def test_it_prints_the_bytes_of_run_c_one_model_after_the_other(self):
        literal = llama2.build_transformer, llama2.matmul
        paths = recorded_models(self.addCleanup)
        short = [run for run in recorded("run.json")["generate"] if not run.get("long")]
        for expected in short if LONG else short[::4]:
            prompt = expected["prompt"].encode("latin-1")
            argv = [paths[expected["model"]], *expected["options"], "-i", prompt]
            with self.subTest(argv=argv):
                got = ours(argv, program=openmp)
                self.assertEqual(got, expected["stdout"].encode("latin-1"))
        self.assertEqual(run_main(["--what"], program=openmp)[:2], (2, b""))
        self.assertEqual((llama2.build_transformer, llama2.matmul), literal)  # for other importers

    def test_logits_of_swiss_are_within_5e_7_of_llama2_py_s(self):
        literal, fast = llama2.build_transformer(SWISS), openmp.build_transformer(SWISS)
        self.assertNotIsInstance(fast.weights.wcls, list)
        for pos, token in enumerate([1, 403, 407, 261, 378, 444, 300, 350, 290, 410]):
            expected = list(llama2.forward(literal, token, pos))
            try:
                llama2.matmul = openmp.matmul
                got = llama2.forward(fast, token, pos)
            finally:
                llama2.matmul = openmp.literal_matmul
            self.assertLess(max(abs(a - b) for a, b in zip(got, expected)), 5e-7)

    def test_a_damaged_model_prints_what_llama2_py_prints(self):
        dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len, _ = MODELS["unshared"]
        kv_dim = dim // n_heads * n_kv_heads
        layer = dim, dim * dim, kv_dim * dim, kv_dim * dim, dim * dim, dim, *[dim * hidden_dim] * 3
        parts = [vocab_size * dim, *[n_layers * size for size in layer], dim]
        parts += [seq_len * dim // n_heads, vocab_size * dim]  # RoPE's tables, not used; wcls
        checkpoint = write_model("unshared", self.folder)
        content = read(checkpoint, mode="rb")
        self.assertEqual(len(content), 28 + 4 * sum(parts))
        options = ["-z", checkpoint[:-4] + ".tokenizer.bin", "-n", "9", "-s", "1"]

        def check(content, temperature):
            argv = [write(self.path("damaged.bin"), content), *options, "-t", temperature]
            self.assertEqual(ours(argv, program=openmp), ours(argv))

        for value in (math.inf, -math.inf, math.nan, 0.0) if LONG else (math.nan, 0.0):
            number = struct.pack("<f", value)
            start = 28
            for i, size in enumerate(parts):
                with self.subTest(part=i, value=value):
                    at = start + 4 * (dim + 1)  # in BOS's row of the first part
                    if size > dim:
                        check(content[:at] + number + content[at + 4 :], "0")
                    check(content[:start] + number * size + content[start + 4 * size :], "1")
                start += 4 * size
            check(content[:28] + number * sum(parts), "1")

    def test_progress_is_shown_on_a_terminal_if_loading_takes_more_than_two_seconds(self):
        def loading(stderr, seconds):
            """Return what loading writes if each look at the clock is this many seconds later."""
            openmp.time = types.SimpleNamespace(monotonic=itertools.count(0, seconds).__next__)
            try:
                with contextlib.redirect_stderr(stderr):
                    openmp.build_transformer(self.checkpoint)
            finally:
                openmp.time = time
            return stderr.getvalue()

        terminal = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})
        shown = loading(terminal(), 3).split("\r")
        self.assertEqual(shown[0], "")
        parts = [int(part.strip("loading: %")) for part in shown[1:-2]]
        self.assertEqual(len(parts), 2 * 7 + 1)
        self.assertEqual(parts, sorted(parts))
        self.assertEqual(parts[-1], 100)
        self.assertEqual(shown[-2:], [" " * len(shown[-3]), ""])  # it is erased
        self.assertEqual(loading(io.StringIO(), 3), "")
        self.assertEqual(loading(terminal(), 0.1), "")

    def test_as_a_program_it_ends_like_llama2_py(self):
        status, out, err = run_process("doc/openmp.py", self.checkpoint, "0", "9")
        self.assertEqual(status, 0)
        self.assertRegex(err, r"\Aachieved tok/s: [0-9.inf]+\n\Z")
        self.assertNotEqual(out, b"")
        for arguments, status, problem in (
            ([SWISS, "-z", "LICENSE"], 1, "'LICENSE'"),
            (["nothing.bin"], 1, "'nothing.bin'"),
            ([SWISS, "--what", "1"], 2, "'--what'"),
        ):
            self.assertRefused(problem, run_process("doc/openmp.py", *arguments), status)

    @unittest.skipIf(os.name == "nt", "POSIX signals")
    def test_ctrl_c_ends_the_line_and_a_closed_pipe_ends_it_silently(self):
        def ctrl_c(process):
            process.send_signal(signal.SIGINT)

        def close_output(process):
            process.stdout.close()

        for end, status in (ctrl_c, 130), (close_output, 141):
            with started("doc/openmp.py", SWISS, "--seed=1", "-n", "0") as process:
                process.stdout.read(1)  # the story has begun
                end(process)
                if not process.stdout.closed:
                    self.assertEqual(process.stdout.read()[-1:], b"\n")
                self.assertEqual(process.stderr.read(), b"")
                self.assertEqual(process.wait(), status)


class SpeedTableTest(ModelCase):
    def table(self, *options):
        return run_process("doc/make/speed_table.py", self.checkpoint, *options, "--rounds=1")

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_a_peer_gets_the_checkpoint_and_the_steps_and_its_speed_is_shown(self):
        program = "import sys; print(sys.argv[1][-4:], 'achieved tok/s:', float(sys.argv[2]) / 2)"
        peer = f'other="{sys.executable}" -c "{program}" {{checkpoint}} {{steps}}'
        status, out, err = self.table("--steps=5", "--peer", peer)
        self.assertEqual((status, err), (0, ""))
        header, ours, other = out.decode().splitlines()
        self.assertEqual(other.split()[:4], ["other", "2.50", "2.50", "2.50"])
        least, median, most, ratio, of_the_loop = map(float, ours.split()[1:6])
        self.assertTrue(0 < least <= median <= most)
        self.assertEqual(ratio, 1.0)
        self.assertGreater(of_the_loop, 0.0)

    def test_multiply_adds_per_token_by_hand(self):
        p = llama2.Config(*speed_table.SHAPES["15M"])
        matrices = 6 * (4 * 288**2 + 3 * 288 * 768) + 32000 * 288
        self.assertEqual(matrices, 15_187_968)
        # a query's product with a key, and a weight's with a value: 2 * 288 at each position
        self.assertEqual(speed_table.multiply_adds(p, 1), matrices + 6 * 2 * 288)
        self.assertEqual(speed_table.multiply_adds(p, 3), matrices + 6 * 2 * 288 * (1 + 2 + 3) / 3)

    def test_a_failed_measurement_is_one_clear_line(self):
        problem = "speed_table.py: the model has 40 positions, fewer than 41\n"
        self.assertEqual(self.table("--steps=41"), (1, b"", problem))
        for program, message in (
            ("print('fast')", "other prints no speed"),
            ("print('tok/s: ...')", "other prints no speed"),
            ("import sys; sys.exit('one\\ntwo')", "other failed with status 1. two"),
        ):
            with self.assertRaisesRegex(ValueError, message):
                speed_table.measure("other", [sys.executable, "-c", program])
        with self.assertRaisesRegex(ValueError, "nothing does not run: "):
            speed_table.measure("nothing", ["nothing"])


if __name__ == "__main__":
    unittest.main()
