"""llama2.py does what ./run did when recorded/run.json was made (see recorded/README.md)."""

import hashlib
import os
import unittest

import llama2
from tests.helpers import (
    CHECKPOINTS, LONG, needs_checkpoints, ours, read, recorded, recorded_models,
)
from tokenizer import build_tokenizer, encode


class RecordedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recorded = recorded("run.json")
        cls.paths = recorded_models(cls.addClassCleanup)

    def test_the_models_are_those_that_were_recorded(self):
        for file_name, sha256 in self.recorded["sha256"].items():
            path = os.path.join(os.path.dirname(self.paths[file_name.split(".")[0]]), file_name)
            self.assertEqual(hashlib.sha256(read(path, mode="rb")).hexdigest(), sha256, file_name)

    def test_generate_and_chat_print_the_bytes_of_run_c(self):
        generate, chat = self.recorded["generate"], self.recorded["chat"]
        runs = [run for run in generate if not run.get("long")] + chat  # others have the long ones
        swiss = [run for run in runs if run["model"] == "swiss"]
        for run in runs if LONG else [run for run in runs if run not in swiss[1:-1]]:
            argv = [self.paths[run["model"]], *run["options"]]
            if "prompt" in run: argv += ["-i", run["prompt"].encode("latin-1")]
            with self.subTest(argv=argv):
                got = ours(argv, run.get("input", "").encode())
                self.assertEqual(got, run["stdout"].encode("latin-1"))
        self.assertGreaterEqual(min(run["stdout"].count("Assistant: ") for run in chat), 2)

    @needs_checkpoints
    def test_stories260k_tells_the_story_that_llama2_c_s_own_test_expects(self):
        expected = b"""\
Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One \
day, she saw a big, red ball. She wanted to play with it, but it was too high.
Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. She said, \
"I want to play with your ball, but I can't find it."
Lily was sad and didn't know what to do. She said, "I'm sorry, Lily. I didn't know what to do."
Lily didn't want to help her mom, so she
"""
        argv = [self.paths["stories260K"], "-z", os.path.join(CHECKPOINTS, "tok512.bin"), "-t", "0"]
        got = ours(argv + ["-n", "200" if LONG else "40"])
        self.assertEqual(got, expected if LONG else expected.partition(b"ed ball")[0] + b"\n")

    def test_logits_are_within_1e_4_of_run_c(self):
        for run in recorded("bits.json")["bits"]:
            if run["model"] in self.paths:
                transformer = llama2.build_transformer(self.paths[run["model"]])
                for pos, (token, expected) in enumerate(zip(run["tokens"], run["positions"])):
                    got = llama2.forward(transformer, token, pos)
                    expected = [float.fromhex(v) for v in expected["logits"].split()]
                    self.assertEqual(len(got), len(expected))
                    for a, b in zip(got, expected):
                        self.assertAlmostEqual(a, b, delta=1e-4, msg=run["model"])

    def test_ids_are_those_of_run_c(self):
        for name in {run["model"] for run in self.recorded["ids"]}:
            size = llama2.read_checkpoint(self.paths[name])[0].vocab_size
            tokenizer = build_tokenizer(self.paths[name][:-4] + ".tokenizer.bin", size)
            for run in [run for run in self.recorded["ids"] if run["model"] == name]:
                text = run["text"].encode("latin-1")
                with self.subTest(model=name, text=text):
                    self.assertEqual(encode(tokenizer, text, True, True), run["ids"])
