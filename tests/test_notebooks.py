"""The notebooks run in a plain interpreter and say what is saved in them."""

import glob
import json
import os
import unittest

from tests.helpers import LONG, ROOT, run_python

DOC = os.path.join(ROOT, "doc")
NOTEBOOKS = sorted(glob.glob(os.path.join(DOC, "*.ipynb")))


def printed(cell):
    """What a cell prints and what its last line is, as they are saved."""
    out = ""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            out += "".join(output["text"])
        else:
            out += "".join(output["data"]["text/plain"]) + "\n"
    return out


# run by an interpreter of its own, in the folder of the notebook that its argument names
RUN = """
import ast, contextlib, io, json, sys
names, outputs = {"__name__": "__main__"}, []
with open(sys.argv[1], encoding="utf-8") as file:
    cells = json.load(file)["cells"]
for cell in cells:
    if cell["cell_type"] != "code":
        continue
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(tree, "cell", "exec"), names)
        value = None
        if last:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    if value is not None and hasattr(value, "_repr_svg_"):
        assert value._repr_svg_().startswith("<svg ")
    outputs.append(out.getvalue() + ("" if value is None else repr(value) + "\\n"))
print(json.dumps(outputs))
"""


@unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
class NotebooksTest(unittest.TestCase):
    def test_every_cell_runs_and_prints_what_is_saved(self):
        self.assertEqual(len(NOTEBOOKS), 5)
        for path in NOTEBOOKS:
            with self.subTest(os.path.basename(path)):
                with open(path, encoding="utf-8") as file:
                    notebook = json.load(file)
                run = run_python("-c", RUN, path, cwd=os.path.dirname(path))
                self.assertEqual(run.returncode, 0, run.stderr.decode())
                saved = [printed(c) for c in notebook["cells"] if c["cell_type"] == "code"]
                if "speed" not in path:  # where the numbers are seconds
                    # Jupyter breaks long lists into lines
                    for got, expected in zip(json.loads(run.stdout), saved):
                        self.assertEqual("".join(got.split()), "".join(expected.split()))


if __name__ == "__main__":
    unittest.main()
