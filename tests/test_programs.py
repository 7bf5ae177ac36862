"""llama2.py and the programs in doc/ and data/, in Python's safe modes and in old terminals."""

import glob
import os
import sys
import tempfile
import unittest

from tests.helpers import LONG, ROOT, run_python

PROGRAMS = ["llama2.py"]
for folder in "doc", "doc/make", "doc/exercises", "data":
    for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.py"))):
        with open(path, encoding="utf-8") as file:
            if "__main__" in file.read(): PROGRAMS.append(f"{folder}/{os.path.basename(path)}")

WORD_LIST = "/usr/share/dict/american-english"  # stories.py needs it

# these take no arguments and write files: they are imported; torch need not be there
WRITING = "doc/make/notebooks.py", "doc/make/outputs.py", "data/train.py"
IMPORT = """\
import runpy, sys
from unittest.mock import MagicMock
for name in "sentencepiece", "torch", "torch.nn", "torch.nn.functional":
    sys.modules[name] = MagicMock()
runpy.run_path(sys.argv[1])
"""


class ProgramsTest(unittest.TestCase):
    def test_each_program_finds_what_it_imports_in_python_s_safe_modes(self):
        self.assertTrue(set(WRITING) < set(PROGRAMS))
        modes = [(["-I"], {})]
        if LONG and sys.version_info >= (3, 11):
            modes += [(["-P"], {}), ([], {"PYTHONSAFEPATH": "1"})]
        with tempfile.TemporaryDirectory() as cwd:
            for flags, env in modes:
                for program in PROGRAMS:
                    path = os.path.join(ROOT, program)
                    words = ["-c", IMPORT, path] if program in WRITING else [path, "--help"]
                    run = run_python(*flags, *words, cwd=cwd, env={**os.environ, **env})
                    with self.subTest(program, flags=flags, **env):
                        self.assertEqual((run.returncode, run.stderr), (0, b""))

    def test_a_standard_output_that_is_not_utf_8_gets_escapes_for_what_it_lacks(self):
        with tempfile.TemporaryDirectory() as cwd:
            for encoding in "cp1252", "ascii":
                env = {**os.environ, "PYTHONIOENCODING": encoding}
                for escape, program, *words in (
                    (rb"\u221a16 = 4", "doc/attention_numbers.py"),  # the square root
                    (rb"\u65e5\u672c.html: ", "doc/explore.py", "-n", "1", "-o", "日本.html"),
                    (rb"\U0001f", "data/stories.py", "-n", "30"),  # an emoji
                ):
                    if program == "data/stories.py" and not os.path.exists(WORD_LIST):
                        continue
                    run = run_python(os.path.join(ROOT, program), *words, cwd=cwd, env=env)
                    with self.subTest(program, encoding=encoding):
                        self.assertEqual((run.returncode, run.stderr), (0, b""))
                        self.assertTrue(escape in run.stdout, run.stdout[:200])


if __name__ == "__main__":
    unittest.main()
