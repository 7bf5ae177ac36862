"""The table in doc/your_model.md holds what the program below it prints, and README's figures."""

import re
import unittest

from tests.helpers import read

TEXT = read("doc", "your_model.md")
ROWS = [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", TEXT, re.M)]


class YourModelTest(unittest.TestCase):
    def test_the_rows_that_are_worked_out_are_what_the_program_prints(self):
        name = r"^(.+): file (.+) GB\n"
        times = r" +\w+: (\d+) GB, loading (\d+) min, 256 tokens (\d+) min\n"
        found = re.findall(name + times + times, TEXT, re.M)
        self.assertEqual(len(found), 2)
        for name, file, *c, pypy_memory, pypy_loading, pypy_all in found:
            memory, loading, all = c
            row = [name, f"{file} GB", f"{memory} / {pypy_memory} GB",
                   f"{loading} / {pypy_loading} min", f"{all} / {pypy_all} min", "worked out"]
            self.assertIn(row, ROWS)

    def test_the_rows_that_are_measured_are_those_of_the_readme(self):
        readme = [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", read("README.md"), re.M)]
        measured = [row for row in ROWS if row[0].startswith("stories")]
        self.assertEqual(len(measured), 3)
        for name, file, memory, loading, all, _ in measured:
            speed = [row[4] for row in readme if row[0] == name and len(row) == 6]
            self.assertIn([name, file, memory, loading, *speed, all], readme)
