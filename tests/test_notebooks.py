"""The notebooks run in a plain interpreter and say what is saved in them."""

import glob
import json
import os
import shutil
import subprocess
import unittest

from tests.helpers import LONG, ROOT, new_folder, ours, run_python

DOC = os.path.join(ROOT, "doc")
RUN_C = os.environ.get("LLAMA2_RUN_C", os.path.join(ROOT, "run.c"))
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


# what run.c printed for the checkpoints that notebook 6 saves
TRAINED = {
    ("step0", "-t", "1", "-s", "4"): b"</s> the. man<unk><unk> bit bit\n",
    ("step0", "-t", "1", "-s", "6"): b".</s> dog man.\n",
    ("step5", "-t", "0"): b"the" + b" man" * 15 + b"\n",
    ("step10", "-t", "0"): b"the dog bit the man. the man bit the man.\n",
    ("step50", "-t", "0"): b"the dog bit the man. the man bit the dog.\n",
}


@unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
class NotebooksTest(unittest.TestCase):
    def test_every_cell_runs_and_prints_what_is_saved(self):
        self.assertEqual(len(NOTEBOOKS), 6)
        for path in NOTEBOOKS:
            with self.subTest(os.path.basename(path)):
                with open(path, encoding="utf-8") as file:
                    notebook = json.load(file)
                run = run_python("-c", RUN, path, cwd=DOC)
                self.assertEqual(run.returncode, 0, run.stderr.decode())
                executed = json.loads(run.stdout)
                if "speed" not in path:  # where the numbers are seconds
                    self.assertEqual(printed(executed), printed(notebook))

    def test_run_c_reads_the_model_of_notebook_6_and_prints_what_we_print(self):
        with open(os.path.join(DOC, "6_training.ipynb"), encoding="utf-8") as file:
            notebook = json.load(file)
        last = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][-1]
        self.assertIn("folder.cleanup()", "".join(last["source"]))
        folder = new_folder(self.addCleanup)
        last["source"] = [f"import shutil; shutil.copytree(folder.name, {folder + '/trained'!r})"]
        with open(f"{folder}/notebook.ipynb", "w", encoding="utf-8") as file:
            json.dump(notebook, file)
        run = run_python("-c", RUN, f"{folder}/notebook.ipynb", cwd=DOC)
        self.assertEqual(run.returncode, 0, run.stderr.decode())
        live = os.path.isfile(RUN_C) and shutil.which("cc")
        if live:
            command = ["cc", "-O3", "-o", f"{folder}/run", RUN_C, "-lm"]
            subprocess.run(command, check=True)
        for (step, *options), text in TRAINED.items():
            path = f"{folder}/trained/{step}"
            self.assertEqual(ours([f"{path}.bin", *options]), text)
            if live:
                command = [f"{folder}/run", f"{path}.bin", *options, "-z", f"{path}.tokenizer.bin"]
                run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                self.assertEqual(run.stdout, text)
