import html
import os
import re
import unittest
from unittest import mock

import side_by_side
import source
from source import NOT_NEEDED, UNITS
from tests.helpers import new_folder, read, run_main, write

# the lines of run.c on which each function or struct begins and ends
LINES = {name: (lines[0][0], lines[-1][1]) for name, lines in UNITS.items()}
NAMESAKES = {name: lines[0] for name, lines in LINES.items() if lines not in NOT_NEEDED}


def made_up_c():
    """Return 973 lines that are not a program, with text that is hard to escape and to colour."""
    line = "    x[%d] <b>&lt; f(\"<&amp;\\\"\", '\\'', 1e-%df); // <b>&lt;"
    lines = [line % (n, n) for n in range(1, 974)]
    lines[2] = "#include <stdio.h>"
    lines[300:303] = ["/* a comment over", "<script>it's", "three lines */ int \t y;"]
    for n in (16, 179, 364, 573, 716, 726, 796, 887):
        lines[n - 2 : n] = ["", "// " + "-" * 76]
    for n, _ in LINES.values():
        if n != 687:  # random_f32, directly after random_u32
            lines[n - 2] = ""
    lines[700] = "  it's \"not closed, é 𝄞 \u2028 \f"
    return lines


def our_lines(name):
    return source.read(name).rstrip("\n").split("\n")


class Page:
    """What a reader finds on the page: rows, each a list of (anchor, text), and their notes."""

    def __init__(self, text):
        self.text = text
        rows = re.findall('<div class="row">(.*)', text)
        line = re.compile('<code id="(.*?)".*?</a>(.*?)</code>')
        self.rows = [[(anchor, plain(code)) for anchor, code in line.findall(row)] for row in rows]
        self.notes = ["".join(re.findall("<p>(.*?)</p>", row)) for row in rows]
        self.ids = re.findall(r'<\w+ id="(.*?)"', text)
        self.links = re.findall('href="(.*?)"', text)


def plain(code):
    """Return the text of HTML."""
    return html.unescape(re.sub("<.*?>", "", code))


class TestSideBySide(unittest.TestCase):
    def setUp(self):
        self.folder = new_folder(self.addCleanup)
        self.run_c = os.path.join(self.folder, "made_up.c")
        self.out = os.path.join(self.folder, "page.html")
        self.write_run_c(made_up_c())

    def write_run_c(self, lines, end="\n"):
        write(self.run_c, end.join(lines) + end)

    def run_it(self, *argv):
        """Return the exit status and the standard error."""
        status, _, err = run_main(argv, program=side_by_side)
        return status, err

    def page(self):
        self.assertEqual(self.run_it(self.run_c, "-o", self.out)[0], 0)
        return Page(read(self.out))

    def test_every_line_of_the_three_files_is_there_once_in_order_under_its_anchor(self):
        run_c = made_up_c()
        for lines in run_c, run_c[:400], run_c + run_c + ["", ""]:
            self.write_run_c(lines)
            found = sum(self.page().rows, [])
            files = {"L": lines, **{f"{name}-": our_lines(name) for name in source.OURS}}
            for prefix, lines in files.items():
                want = [(f"{prefix}{n}", line) for n, line in enumerate(lines, 1)]
                number = re.compile(re.escape(prefix) + "[0-9]+$")
                self.assertEqual([pair for pair in found if number.match(pair[0])], want)
            self.assertEqual(len(found), sum(map(len, files.values())))

    def test_a_function_or_block_is_beside_the_lines_of_run_c_that_it_names(self):
        c = 0  # the last line of run.c above
        names, blocks = [], 0
        for row in self.page().rows:
            numbers = [int(anchor[1:]) for anchor, _ in row if anchor[0] == "L"]
            for anchor, text in row:
                unit = re.match(r"(?:def|class) (\w+)", text)
                block = re.match(r" *# \[([0-9]+)", text)
                if unit and unit[1] in NAMESAKES:
                    names.append(unit[1])
                    self.assertEqual(numbers[0], NAMESAKES[unit[1]])
                elif block:
                    blocks += 1
                    self.assertIn(int(block[1]), [*numbers[:1], c + 1])
            c = max(numbers, default=c)
        self.assertEqual(sorted(names), sorted(NAMESAKES))
        self.assertGreater(blocks, 60)

    def test_lines_that_say_the_same_are_at_the_same_height(self):
        c = made_up_c()
        for n, line in {
            239: "    int kv_dim = (p->dim * p->n_kv_heads) / p->n_heads;",
            242: "    int head_size = dim / p->n_heads;",
            260: "        matmul(s->q, s->xb, w->wq + l*dim*dim, dim, dim);",
        }.items():
            c[n - 1] = line
        self.write_run_c(c)
        rows = {row[0][0]: row for row in self.page().rows}
        for n, ours in (239, "kv_dim = (p.dim"), (242, "head_size = dim"), (260, "matmul(s.q,"):
            first = next(text for anchor, text in rows[f"L{n}"] if anchor[0] != "L")
            self.assertTrue(first.strip().startswith(ours), first)

    def test_lines_that_need_no_python_say_why_in_one_line(self):
        page, notes = self.page(), []
        for row, note in zip(page.rows, page.notes):
            if note:
                numbers = [int(anchor[1:]) for anchor, _ in row]  # none of our lines beside it
                lines = next(lines for lines in NOT_NEEDED if lines[0] == numbers[0])
                self.assertIn(lines[1], numbers)
                self.assertIn(NOT_NEEDED[lines], plain(note))
                notes.append(lines)
        self.assertEqual(notes, sorted(NOT_NEEDED))

    def test_a_function_without_a_namesake_is_alone_before_the_next_one(self):
        rows = [[anchor for anchor, _ in row] for row in self.page().rows]
        for name, before in ("checkpoint_size", 164), ("expf", 182):
            starts = [line.startswith(f"def {name}(") for line in our_lines("llama2.py")]
            anchor = f"llama2.py-{starts.index(True) + 1}"
            i = next(i for i, row in enumerate(rows) if anchor in row)
            self.assertTrue(all(anchor.startswith("llama2.py") for anchor in rows[i]), name)
            self.assertEqual(rows[i + 1][0], f"L{before}")

    def test_every_link_leads_to_one_place_and_the_page_needs_nothing_else(self):
        page = self.page()
        self.assertEqual(len(page.ids), len(set(page.ids)))
        inside = [link[1:] for link in page.links if link.startswith("#")]
        self.assertEqual(set(inside) - set(page.ids), set())
        self.assertLessEqual(set(LINES), set(inside))
        self.assertIsNone(re.search("<(script|link|img|iframe|base)\\b", page.text))
        self.assertIsNone(re.search(r"<style>.*(url\(|@import).*</style>", page.text, re.S))
        self.assertEqual(re.findall('id="(.*)" tabindex="-1" autofocus', page.text), ["forward"])

    def test_another_version_of_run_c_is_reported_on_the_page_and_on_stderr(self):
        # sha256sum of the made-up file with \n
        digest = "a8a68071f9cb83c5409fbada914fa979c5165f7b71059d6fe195953507fa3196"
        for known, end in (source.SHA256, "\n"), (digest, "\n"), (digest, "\r\n"):
            self.write_run_c(made_up_c(), end)
            with mock.patch.object(source, "SHA256", known):
                status, err = self.run_it(self.run_c, "-o", self.out)
                self.assertEqual((status, err.count("\n")), (0, int(known != digest)))
                page = self.page()
            for text in err, page.text:
                self.assertEqual("run.c is not the version" in text, known != digest)

    def test_bad_input_is_one_line_on_stderr_and_leaves_an_old_page_alone(self):
        here = os.path.join(self.folder, "")
        bad = {"zeros.c": b"#include\0", "latin.c": b"#include // \xe9", "empty.c": b""}
        for name, data in {**bad, "story.txt": b"Once", "page.html": b"old"}.items():
            write(here + name, data)
        os.mkfifo(here + "pipe")
        os.symlink("loop", here + "loop")
        sources = *bad, "story.txt", "pipe", "loop", "nothing.c", ""
        runs = [(here + name, self.out, here + name) for name in sources]
        # never a real device or a project file: wrong code would replace it
        runs += [(self.run_c, out, out)
                 for out in (self.folder, here + "no/page.html", here + "pipe", self.run_c)]
        before = sorted(os.listdir(self.folder))
        for path, out, says in runs:
            status, err = self.run_it(path, "-o", out)
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.assertIn(says, err)
        with mock.patch("os.replace", side_effect=OSError(28, "No space left on device")):
            status, err = self.run_it(self.run_c, "-o", self.out)
        self.assertEqual((status, err.count("\n")), (1, 1), err)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        self.assertEqual(read(self.out), "old")
        self.assertEqual(read(self.run_c), "\n".join(made_up_c()) + "\n")

    def test_open_opens_the_written_page_in_a_browser(self):
        for found, status in (True, 0), (False, 1):
            with mock.patch("webbrowser.open", return_value=found) as browser:
                self.assertEqual(self.run_it(self.run_c, "-o", self.out, "--open")[0], status)
            (url,) = browser.call_args[0]
            self.assertTrue(url.startswith("file://") and url.endswith("/page.html"), url)
