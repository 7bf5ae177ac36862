"""Every struct and function of run.c has its namesake, in order, and every citation is exact."""

import ast
import os
import re
import unittest

from run_c import NOT_NEEDED, UNITS
from tests.helpers import ROOT


def ranges(text):
    """[(264, 279), (281, 281)] for "264-279, 281"."""
    parts = [part.strip().partition("-") for part in text.split(",")]
    return [(int(first), int(last or first)) for first, _, last in parts]


def lines(name):
    """The first and the last line of a struct or function of run.c."""
    return UNITS[name][0][0], UNITS[name][-1][1]


class MirrorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sources = {}
        cls.found = []  # (file, name, text, lines of run.c) of each class and function
        for name in "llama2.py", "tokenizer.py":
            with open(os.path.join(ROOT, name), encoding="utf-8") as file:
                source = cls.sources[name] = file.read()
            for node in ast.parse(source).body:
                if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                    text = ast.get_source_segment(source, node)
                    cited = re.search(r"run\.c (\d+-\d+)$", ast.get_docstring(node) or "")
                    cls.found.append((name, node.name, text, cited and ranges(cited[1])[0]))

    def test_each_function_that_python_needs_has_its_namesake_in_order_with_its_lines(self):
        needed = [(name, lines(name)) for name in UNITS if lines(name) not in NOT_NEEDED]
        for file in self.sources:
            ours = [(name, cited) for f, name, _, cited in self.found if f == file and cited]
            self.assertEqual(ours, [unit for unit in needed if unit in ours])
            needed = [unit for unit in needed if unit not in ours]
        self.assertEqual(needed, [])

    def test_blocks_cite_each_paragraph_that_python_needs_once_and_in_order(self):
        for _, name, text, cited in self.found:
            blocks = re.findall(r"^ *# \[([\d, -]+)\]", text, re.MULTILINE)
            with self.subTest(function=name):
                if not cited:
                    self.assertEqual(blocks, [])
                elif blocks or cited[1] - cited[0] > 14 and text.startswith("def"):
                    blocks = [block for text in blocks for block in ranges(text)]
                    self.assertEqual(blocks, sorted(blocks))
                    body = UNITS[name][1:]
                    blocks += [lines for lines in NOT_NEEDED if body[0][0] <= lines[0] <= cited[1]]
                    for first, last in sorted(blocks):
                        end = None
                        self.assertEqual(body and body[0][0], first, f"where {first}-{last} begins")
                        while body and body[0][1] <= last:
                            end = body.pop(0)[1]
                        self.assertEqual(end, last, f"where {first}-{last} ends")
                    self.assertEqual(body, [], "paragraphs that nothing cites")

    def test_the_docstring_of_a_file_cites_whole_functions_and_paragraphs(self):
        heads, ends = zip(*map(lines, UNITS))
        for source in self.sources.values():
            text = ast.get_docstring(ast.parse(source))
            for first, last in re.findall(r"run\.c (\d+)-(\d+)", text):
                self.assertIn(int(first), heads)
                self.assertIn(int(last), ends)
            for block in re.findall(r"\[(\d+-\d+)\]", text):
                self.assertIn(ranges(block)[0], sum(UNITS.values(), []))


if __name__ == "__main__":
    unittest.main()
