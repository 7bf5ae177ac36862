"""The command line: its forms and values, and how a chat uses them."""

import os
import time
import unittest
from unittest import mock

from tests.helpers import LLAMA2, ModelCase, ours, run_main, run_process, write_model

POINT_NINE = 0.89999997615814208984375  # as a C float


class CommandLineTest(ModelCase):
    def settings(self, *argv):
        """Return what main passes to generate: temperature, topp, seed, steps, prompt."""
        with mock.patch("llama2.generate") as generate:
            self.assertEqual(run_main(argv)[::2], (None, ""), argv)
        _, _, sampler, prompt, steps = generate.call_args[0]
        return (sampler.temperature, sampler.topp, sampler.rng_state, steps,
                os.fsencode(prompt) if isinstance(prompt, str) else prompt)

    def test_values_can_be_positional_with_options_before_between_or_after_them(self):
        ck = self.checkpoint
        for argv in (
            [ck, "-t", "0.5", "-p", "0.25", "-s", "3", "-n", "20", "-i", "a b"],
            [ck, "0.5", "20", "a b", "--topp=0.25", "--seed=3"],
            ["--seed=3", "-p", "0.25", ck, "0.5", "20", "a b"],
            ["-s", "3", "-p", "0.25", "--", ck, "0.5", "20", "a b"],
            [ck, "0.5", "-s", "3", "20", "-p", "0.25", "--", "a b"],
            [ck, "--temperature=0.5", "--steps=20", "--prompt=a b", "-p", "0.25", "-s", "3"],
            [ck, "-t", "0.5", "20", "a b", "-p", "0.25", "-s", "3"],  # a place already taken
            [ck, "0.5", "-n", "20", "a b", "-p", "0.25", "-s", "3"],
            [ck, "-n", "20", "0.5", "-p", "0.25", "-i", "a b", "-s", "3"],
            [ck, "--temperature", "0.5", "20", "--prompt", "a b", "-p", ".25", "-s", "3"],
        ):
            self.assertEqual(self.settings(*argv), (0.5, 0.25, 3, 20, b"a b"), argv)

    def test_a_prompt_can_begin_with_a_dash_and_need_not_be_utf_8(self):
        for argv, prompt in (
            (["-i", "-x"], b"-x"), (["-i", "-t"], b"-t"), (["-i", "--"], b"--"),
            (["-i", "--seed=1"], b"--seed=1"), (["--prompt", "-x"], b"-x"),
            (["--prompt=-x"], b"-x"), (["--prompt=--"], b"--"), (["--prompt="], b""),
            (["--prompt=a=b"], b"a=b"), (["1", "9", "--", "-x"], b"-x"),
            (["1", "9", "--", "--"], b"--"), (["1", "9", "--", "-h"], b"-h"),
            (["-i", b"a\xff"], b"a\xff"),
        ):
            self.assertEqual(self.settings(self.checkpoint, *argv)[4], prompt, argv)

    @unittest.skipIf(os.name == "nt", "a surrogate can be written as bytes there")
    def test_a_lone_surrogate_is_one_clear_line(self):
        for argv in ["0", "9", "\ud800"], ["-i", "\ud800"], ["-m", "chat", "-y", "\ud800"]:
            self.assertRefused("ud800", run_main([self.checkpoint, *argv]))

    def test_defaults_and_limits_are_those_of_run_c(self):
        chat = write_model("chat", self.folder)  # 700 positions
        before = int(time.time())
        temperature, topp, seed, steps, prompt = self.settings(chat)
        self.assertEqual((temperature, topp, steps), (1.0, POINT_NINE, 256))
        self.assertIn(prompt, (None, b""))
        self.assertTrue(before <= seed <= time.time())
        self.assertTrue(before <= self.settings(chat, "-s", "0")[2] <= time.time())
        self.assertEqual(self.settings(chat, "-n", "-1")[3], 700)
        for i, option, values in (
            (0, "-t", {"-3": 0.0, "1e-50": 0.0, "0.9": POINT_NINE, "7": 7.0}),
            # rounded before it is compared
            (1, "-p", {"1.1": POINT_NINE, "-0.1": POINT_NINE, "0": 0.0, "1": 1.0,
                       "1.00000001": 1.0, "-1e-50": 0.0}),
            # an int, in 64 bits
            (2, "-s", {"7": 7, "+7": 7, "007": 7, "-1": 2**64 - 1, "2147483647": 2**31 - 1,
                       "2147483648": 2**64 - 2**31, "4294967297": 1}),
            (3, "-n", {"0": 40, "41": 40, "-7": 40, "40": 40, "39": 39, "1": 1}),
        ):
            for text, value in values.items():
                self.assertEqual(self.settings(self.checkpoint, option, text)[i], value, text)
        self.assertEqual(self.settings(self.checkpoint)[3], 40)

    def test_bad_usage_is_refused_with_status_2_and_a_reason(self):
        cases = [
            (["-t"], "'-t'"), (["--seed"], "'-s'"), (["-q", "1"], "'-q'"), (["-x"], "'-x'"),
            (["--sing=1"], "'--sing'"), (["-s=1"], "'-s=1'"), (["-m", "sing"], "'sing'"),
            (["0.8", "9", "a", "surplus"], "'surplus'"),
            (["warm"], "temperature.*'warm'"), ([""], "temperature.*''"),
            (["0.8", "many"], "steps.*'many'"),
            (["Once upon a time"], "'Once upon a time'.*fourth value.*-i"),
            (["0.8", "Once upon a time"], "'Once upon a time'.*fourth value.*-i"),
        ]
        for argv in ["-n5"], ["-n5", "6"], ["0", "-n5"], ["-s", "1", "-n5"]:
            cases.append((argv, "unknown option '-n5'"))
        for option, long, kind, values in (
            ("-t", "--temperature", "number", ["warm", "nan", "", "1_0", "1,5", "0.8x", "--"]),
            ("-p", "--topp", "number", ["x", "nan", "", "0.9.", "1_0"]),
            ("-n", "--steps", "whole number", ["1.5", "1_0", "", "ten", "1e3", "--", "0x10"]),
            ("-s", "--seed", "whole number", ["x", "7x", "", "--", "1_0", "1.0"]),
        ):
            for value in values:
                for argv in [option, value], [long, value], [f"{long}={value}"]:
                    cases.append((argv, f"{option}, {long}.*{value!r} is not a {kind}"))
        for argv, message in cases:
            self.assertRefused(message, run_main([self.checkpoint, *argv]), 2)
        status, out, err = run_main([])
        self.assertEqual((status, out), (2, b""))
        self.assertIn("checkpoint", err)

    def test_help_goes_to_stdout(self):
        for argv in ["-h"], ["--help"], [self.checkpoint, "0.8", "--help"]:
            status, out, err = run_main(argv)
            self.assertEqual((status, err), (None, ""))
            for option in ("-t -p -s -n -i -z -m -y --temperature --topp --seed --steps --prompt "
                           "--tokenizer --mode --system-prompt").split():
                self.assertIn(option, out.decode())

    def test_a_process_prints_and_ends_like_main(self):
        story = [self.checkpoint, "0", "9", "a"]
        thread = "import threading, llama2; threading.Thread(target=llama2.main).start()"
        for command, argv in (
            ([LLAMA2], story), (["-m", "llama2"], story), (["-c", thread], story),
            ([LLAMA2], [self.checkpoint, "-t", "warm"]), ([LLAMA2], ["none.bin"]),
        ):
            status, out, err = run_main(argv)
            ended = run_process(*command, *argv)
            self.assertEqual(ended[:2], (status or 0, out))
            if status: self.assertEqual(ended[2], err)

    def test_a_chat_gets_both_prompts(self):
        with mock.patch("llama2.chat") as chat:
            ours([self.checkpoint, "-m", "chat", "-y", "-x", "9", "9"])
            ours([self.checkpoint, "--mode=chat", "--system-prompt", "é", "-i", "a"])
        first, second = [call[0][3:] for call in chat.call_args_list]
        self.assertEqual(first, (None, first[1], 9))
        self.assertIn(first[1], ("-x", b"-x"))
        self.assertIn(second[:2], (("a", "é"), (b"a", "é".encode())))

    def test_an_empty_prompt_is_a_valid_prompt_in_a_chat(self):
        out = ours([self.checkpoint, "-m", "chat", "-y", "", "-i", "", "-s", "1"])
        self.assertTrue(out.startswith(b"Assistant: "), out)

    def test_eos_ends_the_turn_and_bos_removes_a_space_anywhere_in_a_chat(self):
        # run.c by hand: EOS (2) at position 1, in the prompt, hands over, the rest of the prompt
        # is not run; the space (259) after BOS is not printed, the O (300) after EOS is
        with mock.patch("llama2.encode", side_effect=[[1, 2, 300], [1, 300]]) as encode:
            with mock.patch("llama2.sample", side_effect=[300, 300, 300, 1, 259, 2, 300]):
                argv = [self.checkpoint, "-m", "chat", "-y", "", "-i", "a", "-n", "7"]
                out = ours(argv, b"b\nc\n")
        self.assertEqual([call[0][1] for call in encode.call_args_list],
                         [b"[INST] a [/INST]", b"[INST] b [/INST]"])
        self.assertEqual(out, b"Assistant: User: Assistant: \n<s>\n\nO\n")
