"""Damaged checkpoints and tokenizers either run or are refused with one line and status 1.
"""

import os
import random
import struct
import tempfile
import unittest

from tests.helpers import LONG, random_checkpoint, random_tokenizer, run_main

RUNS = 3000 if LONG else 300


def damage(rng, data, header):
    """data with bytes flipped, cut, inserted, or with another header."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(rng.choice([header, len(data)]) or 1) if data else 0
        kind = rng.randrange(5)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at : at + rng.choice([1, 4, 1000])]
        elif kind == 2:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.choice([1, 4, 100])))
        elif kind == 3:
            number = rng.choice([0, 1, -1, 2, 3, 7, 2**31 - 1, -(2**31), rng.getrandbits(31)])
            data[at // 4 * 4 : at // 4 * 4 + 4] = struct.pack("<i", number)
        elif kind == 4:
            numbers = [rng.randrange(-2, 40) for _ in range(header // 4)]
            data[:header] = struct.pack(f"<{len(numbers)}i", *numbers)
    return bytes(data)


class FuzzTest(unittest.TestCase):
    def test_each_damaged_file_runs_or_is_refused_with_one_line(self):
        rng = random.Random(1)
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = os.path.join(folder, "model.bin")
            tokenizer = os.path.join(folder, "model.tokenizer.bin")
            random_checkpoint(checkpoint, 8, 8, 1, 2, 1, 270, 8)
            random_tokenizer(tokenizer, 270)
            good = {}
            for path in checkpoint, tokenizer:
                with open(path, "rb") as file:
                    good[path] = file.read()
            refused = 0
            for run in range(RUNS):
                path = rng.choice([checkpoint, tokenizer])
                bad = damage(rng, good[path], 28 if path == checkpoint else 12)
                with open(path, "wb") as file:
                    file.write(bad)
                argv = [checkpoint, rng.choice(["0", "1"]), "8", "a bé", "-s", "1"]
                with self.subTest(run=run, path=os.path.basename(path)):
                    status, out, err = run_main(argv)
                    if status is not None:
                        refused += 1
                        self.assertEqual((status, out, err.count("\n")), (1, b"", 1))
                        self.assertTrue(err.startswith("llama2: "))
                with open(path, "wb") as file:
                    file.write(good[path])
            # flipped weights and scores still run
            self.assertTrue(0 < refused < RUNS)
