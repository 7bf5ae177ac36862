"""Each struct and function of run.c has a namesake, in order, and each citation is exact."""

import ast
import os
import re
import unittest

from source import NOT_NEEDED, OURS, ROOT, UNITS
from source import c_spans, code_lines, literal_lines, load_run_c, match, python_spans, ranges
from source import read, read_blocks, read_units

RUN_C = os.environ.get("LLAMA2_RUN_C", str(ROOT / "run.c"))


def lines(name):
    """Return the first and the last line of a struct or function of run.c."""
    return UNITS[name][0][0], UNITS[name][-1][1]


class MirrorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sources = {name: read(name) for name in OURS}
        cls.found = []  # (file, name, text, lines of run.c) of each class and function
        for name, source in cls.sources.items():
            for unit in read_units(source):
                text = "\n".join(source.split("\n")[unit.first - 1 : unit.last])
                cls.found.append((name, unit.name, text, unit.run_c))

    def test_each_function_that_python_needs_has_its_namesake_in_order_with_its_lines(self):
        needed = [(name, lines(name)) for name in UNITS if lines(name) not in NOT_NEEDED]
        for file in self.sources:
            ours = [(name, cited) for f, name, _, cited in self.found if f == file and cited]
            self.assertEqual(ours, [unit for unit in needed if unit in ours])
            needed = [unit for unit in needed if unit not in ours]
        self.assertEqual(needed, [])

    def test_blocks_cite_each_paragraph_that_python_needs_once_and_in_order(self):
        for _, name, text, cited in self.found:
            blocks = [lines for block in read_blocks(text) for lines in block.run_c]
            with self.subTest(function=name):
                if not cited:
                    self.assertEqual(blocks, [])
                elif blocks or cited[1] - cited[0] > 14 and "\ndef " in f"\n{text}":
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

    def test_a_line_of_python_is_literal_if_it_shares_half_of_the_words_in_order(self):
        c = """int add(int* x, int n) {
    // no code
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += x[i];
    }
    free(x);
    return sum;
}"""
        ours = """def add(x, n):
    sum = 0  # free(x)
    for i in range(n):
        sum += x[i]
    return sum"""
        c, ours = code_lines(c, c_spans(c)), code_lines(ours, python_spans(ours))
        self.assertEqual([i for i, _ in c], [1, 3, 4, 5, 7, 8])
        self.assertEqual(match(c, ours), {1: 1, 3: 2, 4: 3, 5: 4, 8: 5})
        self.assertEqual(len(match([c[3], c[2]], ours)), 1)

    @unittest.skipUnless(os.path.isfile(RUN_C), "no run.c here: LLAMA2_RUN_C names one")
    def test_no_fewer_lines_of_c_than_before_have_their_own_line_of_python(self):
        text, warning = load_run_c(RUN_C)
        self.assertIsNone(warning)
        pairs = sum(literal_lines(text).values(), [])
        self.assertEqual(len(pairs), 507)
        self.assertGreaterEqual(sum(line is not None for _, _, line in pairs), 383)
