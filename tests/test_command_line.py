"""The command line: its forms and values, what comes out when, and how bad input is refused."""

import contextlib
import io
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest
from unittest import mock

import llama2
from tests.helpers import (
    LLAMA2, ours, random_checkpoint, random_tokenizer, run_main, run_python, started, write_model,
)


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


class UsageTest(CommandLineCase):
    def settings(self, *argv):
        """What main gives to generate: temperature, topp, seed, steps, prompt."""
        with mock.patch("llama2.generate") as generate:
            self.assertEqual(run_main(argv)[::2], (None, ""), argv)
        _, _, sampler, prompt, steps = generate.call_args[0]
        return (sampler.temperature, sampler.topp, sampler.rng_state, steps,
                os.fsencode(prompt) if isinstance(prompt, str) else prompt)

    def test_values_may_stand_by_their_place_and_options_before_between_and_behind(self):
        expected = 0.5, 0.25, 3, 20, b"a b"
        ck = self.checkpoint
        for argv in (
            [ck, "-t", "0.5", "-p", "0.25", "-s", "3", "-n", "20", "-i", "a b"],
            [ck, "0.5", "20", "a b", "-p", "0.25", "-s", "3"],
            [ck, "0.5", "20", "a b", "--topp=0.25", "--seed=3"],
            ["--seed=3", "-p", "0.25", ck, "0.5", "20", "a b"],
            ["--seed", "3", ck, "0.5", "--topp", "0.25", "20", "a b"],
            ["-s", "3", "-p", "0.25", "--", ck, "0.5", "20", "a b"],
            [ck, "0.5", "-s", "3", "20", "-p", "0.25", "--", "a b"],
            [ck, "--temperature=0.5", "--steps=20", "--prompt=a b", "-p", "0.25", "-s", "3"],
            [ck, "-t", "0.5", "20", "a b", "-p", "0.25", "-s", "3"],  # a place that is filled
            [ck, "0.5", "-n", "20", "a b", "-p", "0.25", "-s", "3"],
            [ck, "-n", "20", "0.5", "-p", "0.25", "-i", "a b", "-s", "3"],
            [ck, "--temperature", "0.5", "--steps", "20", "--prompt", "a b", "-p", ".25", "-s", "3"],
        ):
            self.assertEqual(self.settings(*argv), expected, argv)

    def test_a_value_may_begin_with_a_dash(self):
        ck = self.checkpoint
        for argv, prompt in (
            ([ck, "-i", "-x"], b"-x"),
            ([ck, "-i", "-t"], b"-t"),
            ([ck, "-i", "--"], b"--"),
            ([ck, "-i", "--seed=1"], b"--seed=1"),
            ([ck, "--prompt", "-x"], b"-x"),
            ([ck, "--prompt=-x"], b"-x"),
            ([ck, "--prompt=--"], b"--"),
            ([ck, "--prompt="], b""),
            ([ck, "--prompt=a=b"], b"a=b"),
            ([ck, "1", "9", "--", "-x"], b"-x"),
            ([ck, "1", "9", "--", "--"], b"--"),
            ([ck, "1", "9", "--", "-h"], b"-h"),
        ):
            self.assertEqual(self.settings(*argv)[4], prompt, argv)
        self.assertEqual(self.settings(ck, "-n", "-1")[3], 40)

    def test_a_prompt_need_not_be_utf_8(self):
        self.assertEqual(self.settings(self.checkpoint, "-i", b"a\xff")[4], b"a\xff")

    @unittest.skipUnless(shutil.which("localedef"), "needs localedef")
    def test_a_prompt_is_the_bytes_that_the_shell_gave_in_any_locale(self):
        command = ["localedef", "-i", "en_US", "-f", "ISO-8859-1", self.path("latin1")]
        subprocess.run(command, stderr=subprocess.DEVNULL)
        env = {**os.environ, "LOCPATH": self.folder, "LC_ALL": "latin1", "PYTHONUTF8": "0"}
        encoding = "import sys; print(sys.getfilesystemencoding())"
        if b"8859-1" not in run_python("-c", encoding, env=env).stdout:
            self.skipTest("needs what localedef makes locales of")
        for argv in ["-i", "Zürich".encode()], ["0", "8", "Zürich".encode()]:
            run = run_python(LLAMA2, self.checkpoint, *argv, env=env)
            self.assertEqual(run.stdout[:7], "Zürich".encode(), run.stderr)

    @unittest.skipIf(os.name == "nt", "a surrogate can be written as bytes there")
    def test_a_lone_surrogate_is_one_clear_line(self):
        for argv in ["0", "9", "\ud800"], ["-i", "\ud800"], ["-m", "chat", "-y", "\ud800"]:
            status, out, err = run_main([self.checkpoint, *argv])
            self.assertEqual((status, out), (1, b""))
            self.assertRegex(err, r"\Allama2: [^\n]*ud800[^\n]*\n\Z")

    def test_defaults_and_limits_are_those_of_run_c(self):
        point_nine = 0.89999997615814208984375  # as a C float
        ck = self.checkpoint
        before = int(time.time())
        temperature, topp, seed, steps, prompt = self.settings(ck)
        self.assertEqual((temperature, topp, steps), (1.0, point_nine, 40))
        self.assertIn(prompt, (None, b""))
        self.assertTrue(before <= seed <= time.time())
        self.assertTrue(before <= self.settings(ck, "-s", "0")[2] <= time.time())
        for text, temperature in (("-3", 0.0), ("1e-50", 0.0), ("0.9", point_nine), ("7", 7.0)):
            self.assertEqual(self.settings(ck, "-t", text)[0], temperature)
        for text, topp in (("1.1", point_nine), ("-0.1", point_nine), ("0", 0.0), ("1", 1.0),
                           ("1.00000001", 1.0), ("-1e-50", 0.0)):  # rounded first
            self.assertEqual(self.settings(ck, "-p", text)[1], topp)
        for text, steps in (("0", 40), ("41", 40), ("-7", 40), ("40", 40), ("39", 39), ("1", 1)):
            self.assertEqual(self.settings(ck, "-n", text)[3], steps)
        chat = write_model("chat", self.folder)  # 700 positions
        self.assertEqual(self.settings(chat)[3], 256)
        self.assertEqual(self.settings(chat, "-n", "-1")[3], 700)

    def test_a_seed_is_a_c_int_in_64_bits(self):
        for text, seed in (
            ("7", 7), ("+7", 7), ("007", 7), ("-1", 2**64 - 1), ("2147483647", 2**31 - 1),
            ("2147483648", 2**64 - 2**31), ("4294967297", 1),
        ):
            self.assertEqual(self.settings(self.checkpoint, "-s", text)[2], seed, text)

    def test_a_call_with_arguments_leaves_ctrl_c_to_the_caller(self):
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        ours([self.checkpoint, "0", "1"])
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_chat_gets_both_prompts(self):
        with mock.patch("llama2.chat") as chat:
            ours([self.checkpoint, "-m", "chat", "-y", "-x", "9", "9"])
            ours([self.checkpoint, "--mode=chat", "--system-prompt", "é", "-i", "a"])
        first, second = [call[0][3:] for call in chat.call_args_list]
        self.assertEqual(first, (None, first[1], 9))
        self.assertIn(first[1], ("-x", b"-x"))
        self.assertIn(second[:2], (("a", "é"), (b"a", "é".encode())))

    def assertUsage(self, argv, *named):
        status, out, err = run_main(argv)
        self.assertEqual((status, out), (2, b""), argv)
        for name in named:
            self.assertIn(name, err)

    def test_what_is_no_number_is_refused_with_the_option_and_the_value(self):
        for option, long, values in (
            ("-t", "--temperature", ["warm", "nan", "", "1_0", "1,5", "0.8x", "--"]),
            ("-p", "--topp", ["x", "nan", "", "0.9.", "1_0"]),
            ("-n", "--steps", ["1.5", "1_0", "", "ten", "1e3", "--", "0x10"]),
            ("-s", "--seed", ["x", "7x", "", "--", "1_0", "1.0"]),
        ):
            for value in values:
                self.assertUsage([self.checkpoint, option, value], option, repr(value))
                self.assertUsage([self.checkpoint, long, value], long, repr(value))
                self.assertUsage([self.checkpoint, f"{long}={value}"], long, repr(value))
        self.assertUsage([self.checkpoint, "warm"], "temperature", "'warm'")
        self.assertUsage([self.checkpoint, ""], "temperature", "''")
        self.assertUsage([self.checkpoint, "0.8", "many"], "steps", "'many'")

    def test_other_bad_usage_is_refused(self):
        ck = self.checkpoint
        self.assertUsage([], "checkpoint")
        for argv, named in (
            (["-t"], "-t"), (["--seed"], "-s"), (["-q", "1"], "-q"), (["--sing=1"], "--sing"),
            (["-m", "sing"], "sing"), (["0.8", "9", "a", "surplus"], "surplus"), (["-x"], "-x"),
            (["-s=1"], "-s=1"),
        ):
            self.assertUsage([ck, *argv], named)
        for argv in ["-n5"], ["-n5", "6"], ["0", "-n5"], ["-s", "1", "-n5"]:
            self.assertUsage([ck, *argv], "unknown option '-n5'")

    def test_a_prompt_in_the_place_of_the_temperature_is_told_where_it_belongs(self):
        for argv in ["Once upon a time"], ["0.8", "Once upon a time"]:
            self.assertUsage([self.checkpoint, *argv], "'Once upon a time'", "fourth value", "-i")

    def test_main_returns_its_status_to_a_notebook(self):
        for argv, status in ([], 2), (["-h"], None), ([self.checkpoint, "-q", "1"], 2):
            with contextlib.redirect_stdout(io.StringIO()):
                with contextlib.redirect_stderr(io.StringIO()):
                    self.assertEqual(llama2.main(argv), status)

    def test_main_runs_in_a_thread_that_is_not_the_first(self):
        code = "import threading, llama2; t = threading.Thread(target=llama2.main); t.start()"
        run = run_python("-c", code, self.checkpoint, "0", "9", "ab")
        self.assertEqual(run.stdout, ours([self.checkpoint, "0", "9", "ab"]), run.stderr)

    def test_bad_usage_is_no_traceback_in_a_process_of_its_own(self):
        run = run_python(LLAMA2, self.checkpoint, "-t", "warm")
        self.assertEqual((run.returncode, run.stdout), (2, b""))
        self.assertIn(b"'warm'", run.stderr)
        self.assertNotIn(b"Traceback", run.stderr)

    def test_help_goes_to_stdout(self):
        for argv in (["-h"], ["--help"], [self.checkpoint, "0.8", "--help"]):
            status, out, err = run_main(argv)
            self.assertEqual((status or 0, err), (0, ""))
            for option in "-t -p -s -n -i -z -m -y".split():
                self.assertIn(option, out.decode())
            for option in "temperature topp seed steps prompt tokenizer mode system-prompt".split():
                self.assertIn("--" + option, out.decode())

    def test_python_m_llama2_and_the_script_run_it(self):
        argv = [self.checkpoint, "0", "9", "a"]
        for command in ([LLAMA2], ["-m", "llama2"]):
            run = run_python(*command, *argv)
            self.assertEqual((run.returncode, run.stdout), (0, ours(argv)))


class TokenizerPathTest(CommandLineCase):
    def test_the_tokenizer_is_found_beside_the_checkpoint_or_here(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "a"))
            os.mkdir(os.path.join(folder, "b"))
            random_checkpoint(os.path.join(folder, "a", "model.bin"), 8, 8, 1, 2, 1, 300, 16)
            # each is preferred to those before it; a wrong one would be refused
            for path in ("b/tokenizer.bin", "a/tokenizer.bin", "a/model.tokenizer.bin"):
                random_tokenizer(os.path.join(folder, path), 300)
                run = run_python(LLAMA2, "../a/model.bin", "0", "3", cwd=os.path.join(folder, "b"))
                self.assertEqual(run.returncode, 0, run.stderr)
                random_tokenizer(os.path.join(folder, path), 301)


class Flushed(io.StringIO):
    """A text stream that knows what has been flushed."""

    flushed = ""

    def flush(self):
        self.flushed = self.getvalue()


class OutputTest(CommandLineCase):
    def test_each_token_is_out_before_the_next_is_computed(self):
        argv = [self.checkpoint, "0.8", "12", "abcd", "-s", "4"]
        forward = llama2.forward
        stream, raw = Flushed(), io.BytesIO()
        # a buffered byte stream, whose bytes reach raw when it is flushed
        for out, reached in (
            (io.TextIOWrapper(io.BufferedWriter(raw)), lambda: raw.getvalue()),
            (stream, lambda: stream.flushed.encode()),
        ):
            seen = []

            def look(transformer, token, pos):
                seen.append(reached())
                return forward(transformer, token, pos)

            with mock.patch("llama2.forward", look), contextlib.redirect_stdout(out):
                with contextlib.redirect_stderr(io.StringIO()):
                    llama2.main(argv)
            whole = reached()
            self.assertTrue(whole.startswith(b"abcd") and whole.endswith(b"\n"), whole)
            self.assertEqual(len(seen), 12)
            self.assertEqual(seen[0], b"")
            for steps in range(1, 12):
                argv[2] = str(steps)
                with contextlib.redirect_stderr(io.StringIO()):
                    self.assertEqual(seen[steps] + b"\n", ours(argv))
            argv[2] = "12"

    def test_a_text_stream_gets_the_same_text(self):
        argv = [self.checkpoint, "0.8", "30", "é日 ab", "-s", "4"]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            with contextlib.redirect_stderr(io.StringIO()):
                self.assertIsNone(llama2.main(argv))
        self.assertEqual(out.getvalue(), ours(argv).decode("utf-8", "replace"))

    def test_stderr_carries_the_speed_alone(self):
        # 11 positions of 200 milliseconds; the clock starts behind the first
        clock = [5000]
        forward = llama2.forward

        def slow(*args):
            clock[0] += 200
            return forward(*args)

        with mock.patch("llama2.forward", slow), mock.patch("llama2.time_in_ms", lambda: clock[0]):
            _, _, err = run_main([self.checkpoint, "0", "11", "abcdefghijklmnopqrstuvwxyz"])
        self.assertEqual(err, "achieved tok/s: 5.000000\n")

    def test_the_speed_counts_the_position_that_ends_in_bos(self):
        # run.c counts each position it has run but the first: here the second and the third
        with mock.patch("llama2.sample", side_effect=[300, 300, 1]):
            with mock.patch("llama2.time_in_ms", side_effect=[1000, 2000]):
                _, _, err = run_main([self.checkpoint, "0", "11"])
        self.assertEqual(err, "achieved tok/s: 2.000000\n")

    def test_no_speed_is_told_of_one_token_and_no_time_is_infinite_speed(self):
        self.assertEqual(run_main([self.checkpoint, "0", "1"])[2], "")
        with mock.patch("llama2.time_in_ms", side_effect=[1000, 1001]):
            err = run_main([self.checkpoint, "0", "2"])[2]
        self.assertEqual(err, "achieved tok/s: 1000.000000\n")
        with mock.patch("llama2.time_in_ms", return_value=1000):
            status, _, err = run_main([self.checkpoint, "0", "9"])
        self.assertIsNone(status)
        self.assertRegex(err, "achieved tok/s: inf")

    def test_time_in_ms_counts_milliseconds(self):
        before = time.time()
        milliseconds = llama2.time_in_ms()
        self.assertTrue(before - 1.0 <= milliseconds / 1000 <= time.time() + 1.0)

    def test_a_line_of_chat_is_read_without_its_end_and_up_to_a_zero(self):
        for data, line in (
            (b" a  b \nc\n", b" a  b "), (b"a\r\n", b"a\r"), (b"\n", b""), (b"a", b"a"),
            (b"ab\0cd\n", b"ab"), (b"\xff\n", b"\xff"), (b"a" * 2000 + b"\n", b"a" * 2000),
        ):
            with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data))):
                with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
                    self.assertEqual(llama2.read_stdin(b"User: "), line)

    def test_a_chat_reads_str_from_a_stream_of_text(self):
        argv = [self.checkpoint, "-m", "chat", "-y", "", "-s", "1"]
        with mock.patch("sys.stdin", io.StringIO("é \n")):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                self.assertIsNone(llama2.main(argv))
        self.assertEqual(out.getvalue(), ours(argv, "é \n".encode()).decode("utf-8", "replace"))

    def test_an_empty_prompt_is_a_prompt(self):
        status, out, _ = run_main([self.checkpoint, "-m", "chat", "-y", "", "-i", "", "-s", "1"])
        self.assertIsNone(status)
        self.assertTrue(out.startswith(b"Assistant: "), out)

    def test_eos_hands_over_and_bos_takes_the_space_wherever_they_stand_in_a_chat(self):
        # run.c by hand: EOS (2) at position 1, in the prompt, hands over, the rest of the prompt
        # is not run; the space (259) behind BOS is not printed, the O (300) behind EOS is
        with mock.patch("llama2.encode", side_effect=[[1, 2, 300], [1, 300]]) as encode:
            with mock.patch("llama2.sample", side_effect=[300, 300, 300, 1, 259, 2, 300]):
                argv = [self.checkpoint, "-m", "chat", "-y", "", "-i", "a", "-n", "7"]
                _, out, _ = run_main(argv, b"b\nc\n")
        self.assertEqual([call[0][1] for call in encode.call_args_list],
                         [b"[INST] a [/INST]", b"[INST] b [/INST]"])
        self.assertEqual(out, b"Assistant: User: Assistant: \n<s>\n\nO\n")

    def test_end_of_input_ends_a_chat(self):
        for options, out in (
            ([], rb"Enter system prompt \(optional\): (User: )?\n"),
            (["-y", ""], rb"User: \n"),
        ):
            status, got, err = run_main([self.checkpoint, "-m", "chat", *options])
            self.assertEqual((status, err), (None, ""))
            self.assertRegex(got, rb"\A" + out + rb"\Z")

    def test_a_fault_of_ours_while_generating_shows_as_one(self):
        for fault in ValueError, ZeroDivisionError:
            with mock.patch("llama2.forward", side_effect=fault("ours")):
                with self.assertRaises(fault):
                    run_main([self.checkpoint, "0", "9"])

    def test_a_fault_of_ours_while_a_file_is_open_is_not_called_a_short_file(self):
        for function in "llama2.memory_map_weights", "tokenizer.c_string":
            with mock.patch(function, side_effect=ValueError("ours")):
                with self.assertRaisesRegex(ValueError, "^ours$"):
                    run_main([self.checkpoint, "0", "9"])

    def test_too_little_memory_while_generating_is_one_line(self):
        with mock.patch("llama2.forward", side_effect=MemoryError):
            status, _, err = run_main([self.checkpoint, "0", "9"])
        self.assertEqual((status, err), (1, "llama2: not enough memory\n"))

    @unittest.skipIf(os.name == "nt", "POSIX signals")
    def test_ctrl_c_ends_the_line_with_status_130(self):
        with started(LLAMA2, self.checkpoint, "-m", "chat") as process:
            self.assertEqual(process.stdout.read(6), b"Enter ")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertTrue(out.endswith(b"\n"))
        self.assertEqual(err, b"")

    @unittest.skipIf(os.name == "nt", "POSIX pipes")
    def test_a_closed_pipe_ends_it_silently(self):
        read, write = os.pipe()
        os.close(read)
        run = run_python(LLAMA2, self.checkpoint, "0", "9", stdout=write)
        os.close(write)
        self.assertEqual((run.returncode, run.stderr), (141, b""))

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_a_full_disk_is_one_clear_line(self):
        with open("/dev/full", "wb") as full:
            run = run_python(LLAMA2, self.checkpoint, "0", "9", stdout=full)
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr.count(b"\n"), 1, run.stderr)


class BadInputTest(CommandLineCase):
    def assertRefused(self, message, *argv):
        status, out, err = run_main(argv)
        self.assertEqual((status, out), (1, b""), err)
        self.assertRegex(err, r"\Allama2: [^\n]*" + message + r"[^\n]*\n\Z")

    def with_header(self, *header):
        with open(self.checkpoint, "rb") as file:
            content = file.read()
        return self.path("header.bin", struct.pack("<7i", *header) + content[28:])

    def test_checkpoints_that_cannot_be_read(self):
        with open(self.checkpoint, "rb") as file:
            good = file.read()
        for message, path in (
            ("does not exist", self.path("none.bin")),
            ("is a folder", self.folder),
            ("cut short", self.path("empty.bin", b"")),
            ("cut short", self.path("short.bin", good[:27])),
            ("cut short", self.path("cut.bin", good[:-1])),
            ("too long", self.path("long.bin", good + b"\0")),
            (r"version 1\b.*export.py --version 0", self.path("v1.bin", b"24ka\1\0\0\0" + good)),
            (r"version 2\b.*export.py --version 0", self.path("v2.bin", b"24ka\2\0\0\0" + good)),
            ("GGUF.*export.py --version 0", self.path("gguf.bin", b"GGUF" + good)),
            ("zip.*export.py --version 0", self.path("zip.bin", b"PK\3\4" + good)),
            ("does not exist", ""),
        ):
            with self.subTest(message):
                self.assertRefused(message, path)

    def test_a_refusal_is_one_line_and_status_1_in_a_process_of_its_own(self):
        run = run_python(LLAMA2, self.path("none.bin"))
        self.assertEqual((run.returncode, run.stdout), (1, b""))
        self.assertRegex(run.stderr, rb"\Allama2: [^\n]* does not exist[^\n]*\n\Z")

    def test_headers_that_make_no_sense(self):
        good = [24, 40, 2, 6, 2, 331, 40]
        names = "dim hidden_dim n_layers n_heads n_kv_heads vocab_size seq_len".split()
        for i, name in enumerate(names):
            for value in (0, -5, 2**31 - 1, -(2**31)):
                header = good[:i] + [value] + good[i + 1 :]
                with self.subTest(name, value=value):
                    self.assertRefused("", self.with_header(*header))
        for header, message in (
            ([24, 40, 2, 5, 2, 331, 40], "divide"),
            ([24, 40, 2, 6, 4, 331, 40], "divide"),
            ([24, 40, 2, 8, 2, 331, 40], "divide"),  # heads of 3
            ([26, 40, 2, 6, 2, 331, 40], "divide"),  # 26 / 6, though 26 // 6 is even
            ([0, 40, 2, 6, 2, 331, 40], r"dim\W+0\b"),
        ):
            with self.subTest(header=header):
                self.assertRefused(message, self.with_header(*header))

    def test_a_vocabulary_without_bos_is_refused(self):
        path = self.path("1.bin")
        random_checkpoint(path, 8, 8, 1, 2, 1, 1, 16)
        self.assertRefused(r"vocab_size\W+1\b", path)

    @unittest.skipUnless(hasattr(os, "mkfifo"), "needs named pipes")
    def test_a_named_pipe_does_not_hang(self):
        path = self.path("pipe.bin")
        os.mkfifo(path)
        for argv in [path], [self.checkpoint, "-z", path]:
            run = run_python(LLAMA2, *argv)
            self.assertEqual((run.returncode, run.stdout), (1, b""))
            self.assertIn(b"is not a regular file", run.stderr)

    def test_tokenizers_that_cannot_be_read(self):
        with open(self.path("gqa.tokenizer.bin"), "rb") as file:
            good = file.read()
        token = struct.pack("<fi", 0.0, 5) + b"<unk>"
        self.assertEqual(good[4:17], token)
        pieces = b"<unk>", b"\n<s>\n", b"\n</s>\n"
        old = b"".join(struct.pack("<i", len(piece)) + piece for piece in pieces)
        for message, path in (
            ("does not exist", self.path("none.tok")),
            ("is a folder", self.folder),
            ("cut short", self.path("empty.tok", b"")),
            ("cut short", self.path("three.tok", good[:3])),
            ("cut short", self.path("cut.tok", good[:-1])),
            ("cut short", self.path("score.tok", good[: 17 + 3])),
            ("cut short", self.path("length.tok", good[: 17 + 4 + 3])),
            ("cut short", self.path("bytes.tok", good[: 17 + 8])),
            ("holds 1 tokens.* 331 .*-z", self.path("one.tok", good[:17])),
            ("more than the 331 tokens.*-z", self.path("long.tok", good + token)),
            ("more than the 331 tokens.*-z", self.path("more.tok", good + b"\0")),
            ("length -1", self.path("minus.tok", good[:8] + struct.pack("<i", -1) + good[12:])),
            ("length 0", self.path("zero.tok", good[:8] + struct.pack("<i", 0) + good[12:])),
            ("July 2023", self.path("old.tok", old)),
            ("length 16777215", self.path("big.tok", good[:8] + b"\xff" * 3 + good[11:])),
        ):
            with self.subTest(message, path=path):
                self.assertRefused(message, self.checkpoint, "-z", path)

    def test_no_tokenizer_at_all_says_how_to_name_one(self):
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = os.path.join(folder, "alone.bin")
            random_checkpoint(checkpoint, 8, 8, 1, 2, 1, 300, 16)
            self.assertRefused("no tokenizer for .*alone.bin.* name one with -z", checkpoint)


if __name__ == "__main__":
    unittest.main()
