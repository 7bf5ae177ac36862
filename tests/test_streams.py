"""When text is printed, what is read, and what failing streams and signals do to a run."""

import contextlib
import io
import os
import signal
import time
import unittest
from unittest import mock

import llama2
from tests.helpers import LLAMA2, ModelCase, ours, run_main, run_process, run_python, started
from tokenizer import printf, safe_printf

FULL = "/dev/full"


class StreamsTest(ModelCase):
    def test_each_token_is_printed_before_the_next_is_computed(self):
        argv = [self.checkpoint, "0.8", "12", "abcd", "-s", "4"]
        forward = llama2.forward
        expected = [ours([*argv[:2], str(steps), *argv[3:]]) for steps in range(1, 12)]
        for kind in io.BytesIO, io.StringIO:
            class Flushed(kind):
                def flush(self): self.flushed = self.getvalue()

            stream, seen = Flushed(), []
            stream.flush()

            def look(transformer, token, pos):
                seen.append(stream.flushed)
                return forward(transformer, token, pos)

            with mock.patch("llama2.forward", look):
                run_main(argv, out=stream if kind is io.StringIO else io.TextIOWrapper(stream))
            seen = [text.encode() if kind is io.StringIO else text for text in seen]
            self.assertEqual(seen[0], b"")
            self.assertEqual([text + b"\n" for text in seen[1:]], expected)

    def test_streams_of_text_get_the_same_text(self):
        for argv, input in (
            (["0.8", "30", "é日 ab", "-s", "4"], ""),
            (["-m", "chat", "-y", "", "-s", "1"], "é \n"),
        ):
            argv = [self.checkpoint, *argv]
            status, out, _ = run_main(argv, input, out=io.StringIO())
            expected = ours(argv, input.encode()).decode("utf-8", "replace")
            self.assertEqual((status, out), (None, expected))

    def test_half_a_character_waits_for_the_other_half_or_the_end_of_the_run(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            for byte in "ü日😀".encode():
                printf(bytes([byte]))
            safe_printf(b"a\xc3")
            printf(b"\n")  # like the end of a run
            safe_printf("bü".encode())
        self.assertEqual(out.getvalue(), "ü日😀a\N{REPLACEMENT CHARACTER}\nbü")

    def test_half_a_character_of_an_interrupted_run_does_not_appear_in_the_next(self):
        argv = [self.checkpoint, "0", "3", "ab"]
        out = io.StringIO()  # one stream for both runs, as in a notebook

        def half(transformer, token, pos):
            printf("ü".encode()[:1])
            raise MemoryError

        with mock.patch("llama2.forward", half):
            status, broken, _ = run_main(argv, out=out)
        self.assertEqual(status, 1)
        self.assertEqual(run_main(argv, out=out)[1], broken + ours(argv).decode())

    def test_the_output_of_print_comes_first(self):
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as out:
            print("one", end=" ")
            safe_printf(b"two")
            print(" three", end="", flush=True)
        self.assertEqual(out.buffer.getvalue(), b"one two three")

    def test_stderr_has_only_the_speed(self):
        # the clock starts after the first position, whose token is not counted; the position
        # that ends in BOS (1) is. No speed is printed for one token
        forward = llama2.forward
        for milliseconds, steps, drawn, speed in (
            (200, "11", [300] * 11, "achieved tok/s: 5.000000\n"),
            (200, "11", [300, 300, 1], "achieved tok/s: 5.000000\n"),
            (1, "2", [300] * 2, "achieved tok/s: 1000.000000\n"),
            (0, "9", [300] * 9, "achieved tok/s: inf\n"),
            (200, "1", [300], ""),
        ):
            clock = [5000]

            def slow(*args):
                clock[0] += milliseconds
                return forward(*args)

            with mock.patch("llama2.forward", slow), mock.patch("llama2.sample", side_effect=drawn):
                with mock.patch("llama2.time_in_ms", lambda: clock[0]):
                    status, _, err = run_main([self.checkpoint, "0", steps])
            self.assertEqual((status, err), (None, speed))

    def test_time_in_ms_counts_milliseconds(self):
        self.assertAlmostEqual(llama2.time_in_ms() / 1000, time.time(), delta=1.0)

    def test_a_line_of_chat_is_read_without_its_newline_and_up_to_a_zero(self):
        for data, line in (
            (b" a  b \nc\n", b" a  b "), (b"a\r\n", b"a\r"), (b"\n", b""), (b"a", b"a"),
            (b"ab\0cd\n", b"ab"), (b"\xff\n", b"\xff"), (b"a" * 2000 + b"\n", b"a" * 2000),
        ):
            with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data))):
                with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
                    self.assertEqual(llama2.read_stdin(b"User: "), line)

    def test_end_of_input_ends_a_chat(self):
        for options, out in (
            ([], rb"Enter system prompt \(optional\): (User: )?\n"),
            (["-y", ""], rb"User: \n"),
        ):
            status, got, err = run_main([self.checkpoint, "-m", "chat", *options])
            self.assertEqual((status, err), (None, ""))
            self.assertRegex(got, rb"\A" + out + rb"\Z")

    def test_a_call_with_arguments_leaves_ctrl_c_to_the_caller(self):
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        ours([self.checkpoint, "0", "1"])
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)


@unittest.skipIf(os.name == "nt", "POSIX files and signals")
class SystemTest(ModelCase):
    def test_closed_input_is_the_end_of_input(self):
        argv = [self.checkpoint, "-m", "chat"]
        got = run_process(LLAMA2, *argv, stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual(got, (0, ours(argv), ""))

    def test_a_closed_pipe_or_a_full_disk_at_standard_output_gives_no_traceback(self):
        for argv in [self.checkpoint, "0", "9"], ["-h"]:
            read, write = os.pipe()
            os.close(read)
            run = run_python(LLAMA2, *argv, stdout=write)
            os.close(write)
            self.assertEqual((run.returncode, run.stderr), (141, b""))
            if os.path.exists(FULL):
                with open(FULL, "wb") as full:
                    run = run_python(LLAMA2, *argv, stdout=full)
                self.assertRefused("", (run.returncode, b"", run.stderr.decode()))

    def test_a_closed_or_full_standard_error_changes_nothing(self):
        spoilers = [lambda: os.close(2), lambda: os.dup2(os.open(FULL, os.O_WRONLY), 2)]
        for spoil in spoilers if os.path.exists(FULL) else spoilers[:1]:
            for argv in [self.checkpoint, "0", "9", "ab"], ["none.bin"], []:
                status, out, _ = run_main(argv)
                run = run_python(LLAMA2, *argv, preexec_fn=spoil)
                self.assertEqual((run.returncode, run.stdout), (status or 0, out))

    def test_ctrl_c_ends_the_line_with_status_130_even_of_a_closed_pipe(self):
        for closed in False, True:
            with started(LLAMA2, self.checkpoint, "-m", "chat") as process:
                self.assertEqual(process.stdout.read(6), b"Enter ")
                if closed: process.stdout.close()
                process.send_signal(signal.SIGINT)
                self.assertEqual((process.wait(), process.stderr.read()), (130, b""))
                if not closed: self.assertEqual(process.stdout.read()[-1:], b"\n")

    def test_ctrl_c_at_other_times(self):
        kill = "os.kill(os.getpid(), 2)"
        argv = [self.checkpoint, "-n", "9", "-t", "0"]
        for code, options, status, out in (
            # while the arguments are read
            (f"llama2.atoi = lambda *args: {kill}", [], 130, b"\n"),
            # twice: before the chat asks, and before the line is ended
            ("printf = llama2.printf\n"
             f"llama2.printf = lambda *text: [{kill}, printf(*text)]", ["-m", "chat"], 130, b"\n"),
            # ignored, as with nohup and a shell's &
            ("atoi = llama2.atoi; signal.signal(2, signal.SIG_IGN)\n"
             f"llama2.atoi = lambda *args: [{kill}, atoi(*args)][1]", [], 0, ours(argv)),
        ):
            code = f"import os, signal, sys, llama2\n{code}\nsys.exit(llama2.main())"
            with self.subTest(code), started("-c", code, *argv, *options) as process:
                got, err = process.communicate()
                self.assertEqual((process.returncode, got), (status, out), err)
                if status: self.assertEqual(err, b"")
