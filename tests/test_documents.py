"""The programs in the documents print what stands below them, and the lines they name are right."""

import contextlib
import io
import os
import re
import unittest

from make.outputs import DOCUMENTS, outputs, read
from source import UNITS
from tests.helpers import LONG, ROOT, run_python

STARTS = {first for paragraphs in UNITS.values() for first, _ in paragraphs}
ENDS = {last for paragraphs in UNITS.values() for _, last in paragraphs}


class DocumentsTest(unittest.TestCase):
    def test_each_program_in_a_document_prints_what_stands_below_it(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(ROOT)
        for name in DOCUMENTS if LONG else ["attention.md"]:  # questions.md takes four seconds
            text = read(name)
            with contextlib.redirect_stderr(io.StringIO()):
                found = outputs(text)
            self.assertEqual(len(found), text.count("```text\n"))
            for (start, end), printed in found:
                with self.subTest(name, line=text.count("\n", 0, start)):
                    self.assertEqual(text[start:end], printed)

    def test_lines_of_run_c_are_whole_paragraphs_of_the_function_that_is_named(self):
        for name in (*DOCUMENTS, "start.md"):
            prose = re.sub("```.*?```", "", read(name), flags=re.DOTALL)
            for first, last in re.findall(r"\b(\d{2,3})-(\d{2,3})\b", prose):
                with self.subTest(name, lines=f"{first}-{last}"):
                    self.assertIn(int(first), STARTS)
                    self.assertIn(int(last), ENDS)
            for function, first, last in re.findall(r"`(\w+)`, (?:run\.c )?(\d+)-(\d+)", prose):
                with self.subTest(name, function=function):
                    self.assertLessEqual(UNITS[function][0][0], int(first))
                    self.assertLessEqual(int(last), UNITS[function][-1][1])

    def test_the_head_in_attention_md_is_an_induction_head_as_the_text_says(self):
        rows = re.findall(r"^ +(\d+)  (\S+) .* (\d\.\d+) +-?\d\.\d+$", read("attention.md"), re.M)
        words, weights = [word for _, word, _ in rows], [float(weight) for _, _, weight in rows]
        followed = words.index(words[-1]) + 1  # behind the first time that the last token came
        self.assertLess(followed, len(words) - 1)
        self.assertGreater(weights[followed], 0.5)
        self.assertIn(f"it speaks for: {words[followed]!r}", read("attention.md"))

    def test_attention_numbers_says_in_one_line_what_is_wrong(self):
        for args in ("The cow", "9", "9"), ("The cow", "0", "-1"), ("The cow", "0", "0", "0"):
            run = run_python("doc/attention_numbers.py", *args)
            self.assertEqual((run.returncode, run.stdout), (1, b""))
            self.assertRegex(run.stderr.decode(), r"\A(usage|attention_numbers): .*\n\Z")

    def test_the_programs_that_all_py_lists_are_there(self):
        said = run_python("doc/make/all.py", "--list").stdout.decode()
        programs = re.findall(r"python (\S+\.py)", said.replace("cd data && python ", "python data/"))
        self.assertGreater(len(programs), 5)
        for program in programs:
            self.assertTrue(os.path.isfile(os.path.join(ROOT, program)), program)

    def test_attention_md_quotes_llama2_py(self):
        with open(os.path.join(ROOT, "llama2.py"), encoding="utf-8") as file:
            words = re.split(r"(?m)^ *# \[([\d-]+)\]", file.read())
        blocks = dict(zip(words[1::2], words[2::2]))
        rows = re.findall(r"\| ([\d-]+) \| `(.*)` \|", read("attention.md"))
        self.assertEqual(len(rows), 10)
        for lines, statement in rows:
            self.assertIn(statement, blocks[lines])
