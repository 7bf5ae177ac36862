"""llama2.py and the programs in doc/ and data/: their imports, and terminals without UTF-8."""

import glob
import os
import sys

from tests.helpers import LONG, ROOT, ModelCase, read, run_process, write

# these take no arguments and write files
WRITING = "doc/make/notebooks.py", "doc/make/outputs.py", "data/train.py"
PROGRAMS = ["llama2.py"]
for folder in "doc", "data", "doc/make", "doc/exercises":
    for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.py"))):
        name = f"{folder}/{os.path.basename(path)}"
        if "__main__" in read(path) and name not in WRITING: PROGRAMS.append(name)


class ProgramsTest(ModelCase):
    def copy(self, folder):
        """Copy llama2.py and tokenizer.py to a folder."""
        for name in "llama2.py", "tokenizer.py":
            write(self.path(folder, name), read(name))
        return self.path(folder)

    def test_each_program_finds_what_it_imports_in_python_s_safe_modes(self):
        for flag in ("-I", "-P") if LONG and sys.version_info >= (3, 11) else ("-I",):
            for program in PROGRAMS if LONG else [p for p in PROGRAMS if p.count("/") < 2]:
                path = os.path.join(ROOT, program)
                with self.subTest(program, flag=flag):
                    run = run_process(flag, path, "--help", cwd=self.folder)
                    self.assertEqual(run[::2], (0, ""))

    def test_a_standard_output_that_is_not_utf_8_gets_escapes_for_missing_characters(self):
        for encoding in ("ascii", "cp1252") if LONG else ("ascii",):
            env = {**os.environ, "PYTHONIOENCODING": encoding}
            for escape, program, *words in (
                (rb"\u221a16 = 4", "doc/attention_numbers.py"),  # the square root
                (rb"\u65e5\u672c.html: ", "doc/explore.py", "-n", "1", "-o", "日本.html"),
            ):
                path = os.path.join(ROOT, program)
                status, out, err = run_process(path, *words, cwd=self.folder, env=env)
                with self.subTest(program, encoding=encoding):
                    self.assertEqual((status, err), (0, ""))
                    self.assertTrue(escape in out, out[:200])

    def test_attention_numbers_reports_errors_in_one_line(self):
        for args in ("The cow", "9", "9"), ("The cow", "0", "-1"), ("The cow", "0", "0", "0"):
            status, out, err = run_process("doc/attention_numbers.py", *args)
            self.assertEqual((status, out), (1, b""))
            self.assertRegex(err, r"\A(usage|attention_numbers): .*\n\Z")

    def test_another_tokenizer_py_earlier_on_the_path_is_not_used(self):
        # llama2.c's folder has one too; it imports sentencepiece
        llama2_c = self.path("llama2.c")
        write(self.path("llama2.c", "tokenizer.py"), "import sentencepiece_of_llama2_c\n")
        ours = self.copy("ours")
        write(self.path("ours", "shlex.py"), "raise Exception('not the standard library')\n")
        code = "import sys; sys.path.append(sys.argv[1]); before = sys.path[:]\n" \
               "import llama2, tokenizer, shlex\n" \
               "print([sys.path == before, tokenizer.__file__])"
        expected = repr([True, os.path.join(ours, "tokenizer.py")]) + "\n"
        for cwd, path in (llama2_c, ""), (self.folder, llama2_c):
            env = {**os.environ, "PYTHONPATH": path}
            run = run_process("-c", code, ours, cwd=cwd, env=env)
            self.assertEqual(run, (0, expected.encode(), ""))

    def test_another_module_named_tokenizer_is_one_clear_line(self):
        code = "import sys, types; sys.modules['tokenizer'] = types.ModuleType('tokenizer')\n" \
               "import llama2"
        cwd = self.copy("installed")
        write(self.path("installed", "tokenizer", "__init__.py"), "")  # as PyPI's tokenizer
        for args, folder in (
            (["-c", code], ROOT), (["-c", "import llama2"], cwd),
            (["-m", "llama2", self.checkpoint], cwd), ([f"{cwd}/llama2.py", self.checkpoint], ROOT),
        ):
            run = run_process(*args, cwd=folder)
            self.assertRefused("another module named tokenizer", run)
