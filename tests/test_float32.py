"""doc/float32.py computes the same bits as run.c did when recorded/bits.json was made."""

import math
import os
import sys
import unittest

import float32
import llama2
from tests.helpers import (
    CHECKPOINTS, LONG, MODELS, long_on_pypy, needs_checkpoints, ours, recorded, recorded_models,
    run_python,
)

F = float32.float32
BITS = recorded("bits.json")


def numbers(text):
    return [float.fromhex(v) for v in text.split()]


def c_library(name):
    """Return the recorded results of a function of C's library, and those of the one here."""
    x = numbers(BITS["functions"][name]["x"])
    base = [10000.0] if name == "pow" else []
    here = [float(float32.functions[name](*base, v)) for v in x]
    return numbers(BITS["functions"][name]["y"]), here


OTHER = [f"{name}f" for name in BITS["functions"] if len(set(map(tuple, c_library(name)))) > 1]
SAME_LIBRARY = unittest.skipIf(OTHER, f"glibc 2.36 on x86-64 has other bits: {', '.join(OTHER)}")


class NumberTest(unittest.TestCase):
    def test_each_operation_gives_a_float32_of_24_digits(self):
        # 2**24 + 1 and 1 + 2**-24 need 25 digits: halfway, so to the even neighbour
        for got, expected in (
            (F(2.0**24) + 1, 2.0**24), (1.0 + F(2.0**24), 2.0**24), (F(2.0**24) + 3, 2.0**24 + 4),
            (F(2.0**24) - F(-1), 2.0**24), (1 - F(2.0**-25), 1.0), (F(3e38) * 2, math.inf),
            (F(4097) * F(4097), 16785408.0),  # 4097 ** 2 is 16785409
            (F(1) / 3, 11184811 / 2**25), (1 / F(3), 11184811 / 2**25),
            (2.0 ** F(0.5), 11863283 / 2**23),
            (-F(0.1), -13421773 / 2**27), (F(1e-45), 2.0**-149),
            # in doubles, 1e-5 + 2**-41 is above the midpoint of two floats; with 1e-5f it is below
            (F(0) + 1e-5, 10995116 / 2**40),
        ):
            self.assertIs(type(got), F)
            self.assertEqual(got, expected)

    def test_c_functions_are_within_one_unit_in_the_last_place_of_run_c(self):
        for name in BITS["functions"]:
            for expected, got in zip(*c_library(name)):
                ulp = 2.0 ** (math.frexp(expected)[1] - 24)
                self.assertLessEqual(abs(got - expected), ulp, name)

    def test_the_module_that_others_import_does_not_change(self):
        self.assertIs(llama2.math, math)
        self.assertIsNot(float32.llama2, llama2)
        x = [0.0, 1.0]
        llama2.softmax(x, 2)
        self.assertIs(type(x[1]), float)
        self.assertAlmostEqual(x[1], 0.731058578630004879, delta=1e-15)  # 1 / (1 + 1 / e)

    def test_without_c_s_library_it_runs_and_says_so(self):
        code = "import sys, ctypes; ctypes.CDLL = lambda name: object()\n" \
               "sys.path.insert(0, 'doc'); import float32\n" \
               "print(float32.functions['exp'](1.0).hex())"
        run = run_python("-c", code)
        self.assertIn(b"the last bit may differ", run.stderr)
        self.assertEqual(run.stdout.strip(), b"0x1.5bf0a80000000p+1")  # e to 24 digits


@SAME_LIBRARY
class BitsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paths = recorded_models(cls.addClassCleanup)

    def test_everything_that_forward_computes_has_the_bits_of_run_c(self):
        for run in BITS["bits"]:
            if run["model"] not in self.paths:
                continue  # stories260K is not here
            t = float32.llama2.build_transformer(self.paths[run["model"]])
            s = t.state
            few = None if LONG or run["model"] == "gqa" else 1
            for pos, (token, expected) in enumerate(zip(run["tokens"], run["positions"][:few])):
                float32.llama2.forward(t, token, pos)
                got = {
                    "x": s.x, "xb": s.xb, "q": s.q,
                    "key": [v for rows in s.key_cache for v in rows[pos]],
                    "value": [v for rows in s.value_cache for v in rows[pos]],
                    "att": [v for head in s.att for v in head[: pos + 1]],
                    "logits": s.logits,
                }
                self.assertEqual(list(got), list(expected))
                for name, values in got.items():
                    # for ==, 0.0 and -0.0 are the same; as text, they differ
                    texts = [float(v).hex() for v in values]
                    wanted = [v.hex() for v in numbers(expected[name])]
                    self.assertEqual(texts, wanted, f"{run['model']}: {name} at {pos}")

    def test_recorded_runs_of_small_models_print_the_bytes_of_run_c(self):
        runs = [run for run in recorded("run.json")["generate"] if run["model"] in MODELS]
        pypy = sys.implementation.name == "pypy"  # CPython takes half a minute for all
        for run in runs if LONG and pypy else runs[5::26]:
            argv = [self.paths[run["model"]], *run["options"]]
            argv += ["-i", run["prompt"].encode("latin-1")]
            got = ours(argv, program=float32.llama2)
            self.assertEqual(got, run["stdout"].encode("latin-1"), argv)

    @long_on_pypy
    def test_draws_from_flat_distributions_are_those_of_run_c(self):
        for run in BITS["draws"]:
            sampler = float32.llama2.build_sampler(run["n"], 1.0, run["topp"], 1)
            zeros = [F(0.0)] * run["n"]
            ids = [float32.llama2.sample(sampler, zeros[:]) for _ in run["ids"]]
            self.assertEqual(ids, run["ids"])

    @needs_checkpoints
    @long_on_pypy
    def test_stories_that_differ_in_doubles_are_those_of_run_c(self):
        paths = [self.paths["stories260K"], "-z", os.path.join(CHECKPOINTS, "tok512.bin")]
        runs = [run for run in recorded("run.json")["generate"] if run["model"] == "stories260K"]
        self.assertEqual(len(runs), 3)
        for run in runs:
            expected = run["stdout"].encode("latin-1")
            self.assertEqual(ours(paths + run["options"], program=float32.llama2), expected)
            self.assertNotEqual(ours(paths + run["options"]), expected)
