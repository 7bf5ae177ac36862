"""What the published folder runs, under Pyodide, which is CPython 3.14 compiled for browsers.

LLAMA2_SITE names a folder that doc/make/site.py has made. Without it these tests are skipped.
"""

import glob
import json
import os
import shutil
import subprocess
import unittest

from tests.helpers import ROOT, ours
from tests.test_notebooks import printed

SITE = os.path.abspath(os.environ.get("LLAMA2_SITE", ""))
HAS_SITE = os.path.exists(os.path.join(SITE, "program.zip"))
NODE = shutil.which("node")

STORIES = [
    ["0.8", "256", "In that small Swiss town", "--seed=1"],
    ["-t", "0", "-n", "60"],
    ["1.0", "80", "Zorblax saw a 🦙 in the night.", "-s", "7"],
    ["-p", "0", "-n", "50", "-s", "2"],
    ["1.5", "40", "", "-s", "-3"],
]
RIGHT = "def matmul(xout, x, w, n, d):\n    for i in range(d):\n        val = 0.0\n"
RIGHT += "        for j in range(n):\n            val += w[i][j] * x[j]\n        xout[i] = val\n"
EXERCISES = {  # what a student writes, and what check says
    RIGHT: "01_matmul.py passes",
    RIGHT.replace("val +=", "val ="): "mistake?",
    "def matmul(xout, x, w, n, d):\n    while True: pass\n": "01_matmul.py does not end",
}

# run by node; python -c's place is taken by the last line
NODE_PROGRAM = """
import { loadPyodide } from %s;
const python = await loadPyodide({ env: { PYTHONDONTWRITEBYTECODE: "1", HOME: "/tmp" } });
python.FS.mkdir("/project");
python.mountNodeFS("/project", %s);
console.log(python.runPython(%s));
"""
PREPARE = """
import contextlib, io, json, os, sys
os.chdir("/project/doc")
sys.path[:0] = ["", "/project", "/project/doc/exercises"]
given = json.loads(%r)
"""
TELL = """
import llama2

def tell(argv):
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = llama2.main(["../data/swiss.bin", *argv])
    return status, out.buffer.getvalue().decode("latin-1")

json.dumps([tell(argv) for argv in given])
"""
NOTEBOOK = """
from make.notebooks import execute
with open(given, encoding="utf-8") as file: notebook = json.load(file)
os.chdir(os.path.dirname(os.path.abspath(given)))
execute(notebook)
json.dumps(notebook)
"""
CHECK = """
from check import check

def said(text):
    with open("/tmp/01_matmul.py", "w") as file: file.write(text)
    with contextlib.redirect_stdout(io.StringIO()) as out: check("matmul", "/tmp")
    return out.getvalue()

json.dumps([said(text) for text in given])
"""


def under_pyodide(program, given):
    """The value of a program's last line, which is JSON."""
    library = "file://" + os.path.join(SITE, "pyodide", "pyodide.mjs")
    program = PREPARE % json.dumps(given) + program
    text = NODE_PROGRAM % tuple(map(json.dumps, (library, ROOT, program)))
    run = subprocess.run([NODE, "--input-type=module", "-"], input=text.encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    if run.returncode: raise AssertionError(run.stderr.decode())
    return json.loads(run.stdout)


@unittest.skipUnless(HAS_SITE and NODE, "LLAMA2_SITE is not set, or node is not here")
class PyodideTest(unittest.TestCase):
    def test_five_stories_are_those_of_this_python_byte_for_byte(self):
        checkpoint = os.path.join(ROOT, "data", "swiss.bin")
        expected = [[None, ours([checkpoint, *argv]).decode("latin-1")] for argv in STORIES]
        self.assertEqual(under_pyodide(TELL, STORIES), expected)

    def test_the_notebooks_run_from_top_to_bottom_and_print_what_is_saved(self):
        for path in sorted(glob.glob(os.path.join(ROOT, "doc", "**", "*.ipynb"), recursive=True)):
            name = os.path.relpath(path, os.path.join(ROOT, "doc"))
            with self.subTest(name), open(path, encoding="utf-8") as file:
                executed = under_pyodide(NOTEBOOK, name)
                if "speed" not in name:  # where the numbers are seconds
                    self.assertEqual(printed(executed), printed(json.load(file)))

    def test_exercises_that_are_right_wrong_and_endless_are_told_apart(self):
        for said, expected in zip(under_pyodide(CHECK, list(EXERCISES)), EXERCISES.values()):
            self.assertIn(expected, said)
