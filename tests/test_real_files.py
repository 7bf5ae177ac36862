"""The real stories260K and the Llama 2 tokenizer, with what llama2.c's own tests expect of them.

They run where LLAMA2_CHECKPOINTS names a folder with stories260K.bin, tok512.bin and tokenizer.bin.
"""

import os
import unittest

from tests.helpers import ours
from tokenizer import build_tokenizer, encode

FOLDER = os.environ.get("LLAMA2_CHECKPOINTS", "")
WHERE = (
    "set LLAMA2_CHECKPOINTS to a folder with stories260K.bin and tok512.bin"
    " (huggingface.co/karpathy/tinyllamas) and llama2.c's tokenizer.bin"
)


@unittest.skipUnless(FOLDER, WHERE)
class RealFilesTest(unittest.TestCase):
    def test_stories260k_tells_the_story_that_llama2_c_expects(self):
        argv = ["stories260K.bin", "-z", "tok512.bin"]
        argv = [os.path.join(FOLDER, word) if word[0] != "-" else word for word in argv]
        expected = b"""\
Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One \
day, she saw a big, red ball. She wanted to play with it, but it was too high.
Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. She said, \
"I want to play with your ball, but I can't find it."
Lily was sad and didn't know what to do. She said, "I'm sorry, Lily. I didn't know what to do."
Lily didn't want to help her mom, so she
"""
        self.assertEqual(ours(argv + ["-t", "0.0", "-n", "200"]), expected)

    def test_the_llama_2_tokenizer_gives_the_ids_that_llama2_c_expects(self):
        t = build_tokenizer(os.path.join(FOLDER, "tokenizer.bin"), 32000)
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
