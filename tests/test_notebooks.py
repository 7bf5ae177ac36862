"""The notebooks run in a plain interpreter, print what is saved in them, and take other names."""

import glob
import json
import os
import unittest

from tests.helpers import LONG, ROOT, run_python

DOC = os.path.join(ROOT, "doc")
NOTEBOOKS = sorted(glob.glob(os.path.join(DOC, "*.ipynb")))
NAME = 'name = "Zorblax"'  # where a notebook invites another


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def outputs(notebook):
    return [cell.get("outputs", []) for cell in notebook["cells"]]


def printed(notebook):
    """What each cell prints and what its last line is, as they are saved."""
    return [["".join(o["text"] if "text" in o else o["data"]["text/plain"]) for o in cell]
            for cell in outputs(notebook)]


# run by an interpreter of its own, in the folder of the notebook that its argument names
RUN = """
import json, sys
from make.notebooks import execute
path, old, new = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    notebook = json.load(file)
for cell in notebook["cells"]:
    cell["source"] = ["".join(cell["source"]).replace(old, new)]
execute(notebook)
print(json.dumps(notebook))
"""


class NotebooksTest(unittest.TestCase):
    def execute(self, path, new=NAME):
        run = run_python("-c", RUN, path, NAME, new, cwd=DOC)
        self.assertEqual(run.returncode, 0, run.stderr.decode())
        return json.loads(run.stdout)

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_every_cell_runs_and_prints_what_is_saved(self):
        self.assertGreaterEqual(len(NOTEBOOKS), 5)
        for path in NOTEBOOKS:
            with self.subTest(os.path.basename(path)):
                executed = self.execute(path)
                if "speed" not in path:  # where the numbers are seconds
                    self.assertEqual(printed(executed), printed(read(path)))

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_names_of_one_piece_and_of_two_run_too(self):
        invite = [path for path in NOTEBOOKS if NAME in json.dumps(read(path)).replace('\\"', '"')]
        self.assertEqual(len(invite), 2)
        for path in invite:
            for name in "o", "Al":
                with self.subTest(os.path.basename(path), name=name):
                    executed = self.execute(path, f'name = "{name}"')
                    said = "".join(sum(printed(executed), [])).replace(" ", "")
                    self.assertIn(f"␣named␣{name}.", said)  # its pieces

    def test_pictures_are_images_which_show_in_a_notebook_that_nobody_has_trusted(self):
        for path in NOTEBOOKS:
            if "speed" in path: continue  # until an idle machine has run it again
            for output in sum(outputs(read(path)), []):
                data = output.get("data", {"text/plain": ""})
                with self.subTest(os.path.basename(path), picture=data["text/plain"]):
                    self.assertNotIn("image/svg+xml", data)
                    if "Picture(" in "".join(data["text/plain"]):
                        self.assertRegex("".join(data["text/html"]), '^<img src="data:image/svg')
