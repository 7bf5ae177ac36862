"""llama2.py does what ./run did when recorded/run.json was made (see recorded/README.md)."""

import hashlib
import os
import unittest

import llama2
from tests.helpers import MODELS, ROOT, new_folder, ours, recorded, write_model
from tokenizer import build_tokenizer, encode


class RecordedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recorded = recorded("run.json")
        cls.bits = recorded("bits.json")["bits"]
        folder = new_folder(cls.addClassCleanup)
        cls.paths = {name: write_model(name, folder) for name in MODELS}
        cls.paths["swiss"] = os.path.join(ROOT, "data", "swiss.bin")

    def tokenizer_path(self, name):
        return self.paths[name][:-4] + ".tokenizer.bin"

    def test_the_models_are_those_that_were_recorded(self):
        for file_name, sha256 in self.recorded["sha256"].items():
            path = os.path.join(os.path.dirname(self.paths[file_name.split(".")[0]]), file_name)
            with open(path, "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).hexdigest(), sha256, file_name)

    def test_generate_prints_the_bytes_of_run_c(self):
        for run in self.recorded["generate"]:
            if run.get("long"):
                continue  # see test_readme.py and test_float32.py
            prompt = run["prompt"].encode("latin-1")
            argv = [self.paths[run["model"]], *run["options"], "-i", prompt]
            with self.subTest(argv=argv):
                self.assertEqual(ours(argv), run["stdout"].encode("latin-1"))

    def test_chat_prints_the_bytes_of_run_c_in_two_turns_and_more(self):
        for run in self.recorded["chat"]:
            self.assertGreaterEqual(run["stdout"].count("Assistant: "), 2)
            argv = [self.paths[run["model"]], *run["options"]]
            with self.subTest(argv=argv):
                got = ours(argv, run["input"].encode())
                self.assertEqual(got, run["stdout"].encode("latin-1"))

    def test_logits_are_within_1e_4_of_run_c(self):
        for run in self.bits:
            if run["model"] in self.paths:
                transformer = llama2.build_transformer(self.paths[run["model"]])
                for pos, (token, expected) in enumerate(zip(run["tokens"], run["positions"])):
                    got = llama2.forward(transformer, token, pos)
                    expected = [float.fromhex(v) for v in expected["logits"].split()]
                    self.assertEqual(len(got), len(expected))
                    for a, b in zip(got, expected):
                        self.assertAlmostEqual(a, b, delta=1e-4, msg=run["model"])

    def test_ids_are_those_of_run_c(self):
        tokenizers = {}
        for run in self.recorded["ids"]:
            name = run["model"]
            if name not in tokenizers:
                size = llama2.read_checkpoint(self.paths[name])[0].vocab_size
                tokenizers[name] = build_tokenizer(self.tokenizer_path(name), size)
            text = run["text"].encode("latin-1")
            with self.subTest(model=name, text=text):
                self.assertEqual(encode(tokenizers[name], text, True, True), run["ids"])
