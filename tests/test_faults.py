"""What the system can do to a run: files that change, streams that are closed or full, signals."""

import os
import shutil
import signal
import struct
import sys
import tempfile
import unittest
from unittest import mock

import llama2
from tests.helpers import LLAMA2, ROOT, random_checkpoint, random_tokenizer, run_main
from tests.helpers import run_python, started, write_model

FULL = "/dev/full"


@unittest.skipIf(os.name == "nt", "POSIX files and signals")
class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.checkpoint = write_model("gqa", folder.name)
        cls.good = run_python(LLAMA2, cls.checkpoint, "0", "9", "ab").stdout

    def assertOneLine(self, err, *words):
        text = err if isinstance(err, str) else err.decode()
        self.assertRegex(text, r"\Allama2: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, text)

    def test_a_checkpoint_that_becomes_shorter_while_it_is_read_is_named(self):
        for name in "gqa", "unshared":
            read = llama2.memory_map_weights
            for cut in 1, 30, 3000:
                path = write_model(name, self.folder)

                def cut_and_read(p, file, shared_weights):
                    os.truncate(path, os.path.getsize(path) - cut)
                    return read(p, file, shared_weights)

                if name == "gqa":  # what is missing must not be the two tables that are not read
                    cut += 4 * 40 * 4 + 30
                with self.subTest(name, cut=cut):
                    with mock.patch("llama2.memory_map_weights", cut_and_read):
                        status, out, err = run_main([path, "0", "9"])
                    self.assertEqual((status, out), (1, b""))
                    self.assertOneLine(err, repr(path), "cut short")
        write_model("gqa", self.folder)

    @unittest.skipUnless(os.path.exists("/proc/self/mem"), "needs /proc")
    def test_a_file_whose_reading_fails_is_named(self):
        run = run_python(LLAMA2, "/proc/self/mem")
        self.assertEqual((run.returncode, run.stdout), (1, b""))
        self.assertOneLine(run.stderr, "'/proc/self/mem' cannot be read")

    def test_a_line_break_in_a_name_or_a_value_stays_one_line(self):
        for status, *argv in (
            (1, "a\nb"), (1, self.checkpoint, "-z", "a\nb"), (2, self.checkpoint, "-m", "a\nb"),
            (2, self.checkpoint, "0", "1", "", "a\nb"), (2, self.checkpoint, "-t", "a\nb"),
            (2, self.checkpoint, "--a\nb=1"), (2, self.checkpoint, "--a\nb"),
        ):
            with self.subTest(argv):
                got = run_main(argv)
                self.assertEqual(got[:2], (status, b""))
                self.assertOneLine(got[2], r"a\nb")

    def test_a_vocabulary_without_a_space_is_told_when_a_space_is_needed(self):
        path = os.path.join(self.folder, "no_space.bin")
        with open(self.checkpoint[:-4] + ".tokenizer.bin", "rb") as file:
            content = file.read()
        self.assertEqual(content.count(b"\1\0\0\0 "), 1)
        with open(path, "wb") as file:
            file.write(content.replace(b"\1\0\0\0 ", b"\1\0\0\0\t"))
        status, out, err = run_main([self.checkpoint, "-z", path, "-i", "a"])
        self.assertEqual((status, out), (1, b""))
        self.assertOneLine(err, "space")
        self.assertEqual(run_main([self.checkpoint, "-z", path, "-n", "2"])[0], None)

    def test_a_vocabulary_without_bytes_is_run_until_one_is_needed(self):
        path = os.path.join(self.folder, "letters.bin")
        random_checkpoint(path, 8, 8, 1, 2, 1, 30, 40)
        pieces = [b"<unk>", b"<s>", b"</s>", b" "] + [bytes([c]) for c in range(97, 123)]
        with open(path[:-4] + ".tokenizer.bin", "wb") as file:
            file.write(struct.pack("<I", 5))
            for piece in pieces:
                file.write(struct.pack("<fi", 0.0, len(piece)) + piece)
        status, out, err = run_main([path, "0", "9", "abc"])
        self.assertEqual((status, out[:3]), (None, b"abc"), err)
        status, out, err = run_main([path, "0", "9", "aBc"])  # B, 66, would be token 69 of 30
        self.assertEqual((status, out), (1, b""))
        self.assertOneLine(err, "byte")

    def test_closed_input_is_the_end_of_input(self):
        argv = [LLAMA2, self.checkpoint, "-m", "chat"]
        run = run_python(*argv, stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertEqual(run.stdout, run_python(*argv).stdout)

    def test_closed_standard_error_sends_nothing_to_standard_output(self):
        closed = {"preexec_fn": lambda: os.close(2)}
        run = run_python(LLAMA2, self.checkpoint, "0", "9", "ab", **closed)
        self.assertEqual((run.returncode, run.stdout), (0, self.good))
        for status, argv in (1, ["none.bin"]), (2, ["-q"]), (2, []):
            run = run_python(LLAMA2, *argv, **closed)
            self.assertEqual((run.returncode, run.stdout), (status, b""))

    @unittest.skipUnless(os.path.exists(FULL), "needs /dev/full")
    def test_full_standard_error_changes_nothing(self):
        full = {"preexec_fn": lambda: os.dup2(os.open(FULL, os.O_WRONLY), 2)}
        run = run_python(LLAMA2, self.checkpoint, "0", "9", "ab", **full)
        self.assertEqual((run.returncode, run.stdout), (0, self.good))
        for status, argv in (1, ["none.bin"]), (2, ["-q"]), (2, []):
            self.assertEqual(run_python(LLAMA2, *argv, **full).returncode, status)

    @unittest.skipUnless(os.path.exists(FULL), "needs /dev/full")
    def test_help_into_a_full_disk_or_a_closed_pipe_is_no_traceback(self):
        with open(FULL, "wb") as full:
            run = run_python(LLAMA2, "-h", stdout=full)
        self.assertEqual(run.returncode, 1)
        self.assertOneLine(run.stderr)
        read, write = os.pipe()
        os.close(read)
        run = run_python(LLAMA2, "-h", stdout=write)
        os.close(write)
        self.assertEqual((run.returncode, run.stderr), (141, b""))

    def test_a_second_ctrl_c_changes_nothing(self):
        # the first comes before the chat asks, the second before the line is ended
        code = "import os, sys, llama2\n" \
               "printf = llama2.printf\n" \
               "llama2.printf = lambda *text: [os.kill(os.getpid(), 2), printf(*text)]\n" \
               "sys.exit(llama2.main())"
        with started("-c", code, self.checkpoint, "-m", "chat") as process:
            out, err = process.communicate()
        self.assertEqual((process.returncode, out, err), (130, b"\n", b""))

    def test_a_ctrl_c_that_is_ignored_stays_so(self):  # as nohup and a shell's & have it
        code = "import os, signal, sys, llama2\n" \
               "signal.signal(2, signal.SIG_IGN)\n" \
               "llama2.atoi = lambda *args: [os.kill(os.getpid(), 2), 9][1]\n" \
               "sys.exit(llama2.main())"
        run = run_python("-c", code, self.checkpoint, "-t", "0", "-n", "9", "-i", "ab", "-s", "9")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_ctrl_c_while_arguments_are_read_ends_with_130(self):
        code = "import sys, os, llama2\n" \
               "llama2.atoi = lambda *args: os.kill(os.getpid(), 2)\n" \
               "sys.argv[1:] = ['m.bin', '-n', '1']\n" \
               "sys.exit(llama2.main())"
        with started("-c", code) as process:
            out, err = process.communicate()
        self.assertEqual((process.returncode, out, err), (130, b"\n", b""))

    def test_ctrl_c_and_a_closed_pipe_together_are_no_traceback(self):
        with started(LLAMA2, self.checkpoint, "-m", "chat") as process:
            self.assertEqual(process.stdout.read(6), b"Enter ")
            process.stdout.close()
            process.send_signal(signal.SIGINT)
            process.wait()
            self.assertEqual((process.returncode, process.stderr.read()), (130, b""))

    @unittest.skipUnless(sys.platform == "linux" and sys.implementation.name == "cpython",
                         "needs a limit on memory that is kept")
    def test_too_little_memory_is_one_line_that_says_what_was_asked_for(self):
        import resource

        path = os.path.join(self.folder, "deep.bin")
        random_checkpoint(path, 4, 4, 150, 1, 1, 300, 4000)  # 90 kB, and a state of over 100 MB
        random_tokenizer(path[:-4] + ".tokenizer.bin", 300)
        limit = (120_000_000, 120_000_000)
        run = run_python(LLAMA2, path, "0", "3",
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit))
        self.assertEqual((run.returncode, run.stdout), (1, b""))
        self.assertOneLine(run.stderr, "not enough memory", "n_layers=150", "seq_len=4000")

    def write(self, folder, name, text):
        os.makedirs(os.path.join(self.folder, folder), exist_ok=True)
        with open(os.path.join(self.folder, folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        return os.path.join(self.folder, folder)

    def test_another_tokenizer_py_earlier_on_the_path_is_not_taken_for_ours(self):
        # llama2.c's folder has one too; it imports sentencepiece
        llama2_c = self.write("llama2.c", "tokenizer.py", "import sentencepiece_of_llama2_c\n")
        ours = self.write("ours", "shlex.py", "raise Exception('not the standard library')\n")
        for name in "llama2.py", "tokenizer.py":
            shutil.copy(os.path.join(ROOT, name), ours)
        code = "import sys; sys.path.append(sys.argv[1]); before = sys.path[:]\n" \
               "import llama2, tokenizer, shlex\n" \
               "print([sys.path == before, tokenizer.__file__])"
        for cwd, path in (llama2_c, ""), (self.folder, llama2_c):
            env = {**os.environ, "PYTHONPATH": path}
            run = run_python("-c", code, ours, cwd=cwd, env=env)
            expected = repr([True, os.path.join(ours, "tokenizer.py")])
            self.assertEqual((run.stdout.decode().strip(), run.stderr), (expected, b""))

    def test_another_module_named_tokenizer_is_one_clear_line(self):
        code = "import sys, types; sys.modules['tokenizer'] = types.ModuleType('tokenizer')\n" \
               "import llama2"
        installed = self.write("installed/tokenizer", "__init__.py", "")  # as PyPI's tokenizer
        for name in "llama2.py", "tokenizer.py":
            shutil.copy(os.path.join(ROOT, name), os.path.dirname(installed))
        cwd = os.path.dirname(installed)
        for run in (
            run_python("-c", code),
            run_python("-c", "import llama2", cwd=cwd),
            run_python("-m", "llama2", self.checkpoint, cwd=cwd),
            run_python(os.path.join(cwd, "llama2.py"), self.checkpoint),
        ):
            self.assertEqual((run.returncode, run.stdout), (1, b""))
            self.assertOneLine(run.stderr, "another module named tokenizer")


if __name__ == "__main__":
    unittest.main()
