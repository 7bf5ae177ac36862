"""The notebooks run in a plain interpreter and say what is saved in them."""

import glob
import json
import os
import unittest

from tests.helpers import LONG, ROOT, run_python

DOC = os.path.join(ROOT, "doc")
NOTEBOOKS = sorted(glob.glob(os.path.join(DOC, "*.ipynb")))


def printed(notebook):
    """What each cell prints and what its last line is, as they are saved."""
    outputs = [cell.get("outputs", []) for cell in notebook["cells"]]
    return [["".join(o["text"] if "text" in o else o["data"]["text/plain"]) for o in cell]
            for cell in outputs]


# run by an interpreter of its own, in the folder of the notebook that its argument names
RUN = """
import json, sys
from make.notebooks import execute
with open(sys.argv[1], encoding="utf-8") as file:
    notebook = json.load(file)
execute(notebook)
print(json.dumps(notebook))
"""


@unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
class NotebooksTest(unittest.TestCase):
    def test_every_cell_runs_and_prints_what_is_saved(self):
        self.assertEqual(len(NOTEBOOKS), 5)
        for path in NOTEBOOKS:
            with self.subTest(os.path.basename(path)):
                with open(path, encoding="utf-8") as file:
                    notebook = json.load(file)
                run = run_python("-c", RUN, path, cwd=DOC)
                self.assertEqual(run.returncode, 0, run.stderr.decode())
                executed = json.loads(run.stdout)
                if "speed" not in path:  # where the numbers are seconds
                    self.assertEqual(printed(executed), printed(notebook))
