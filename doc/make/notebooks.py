"""Run the notebooks and save what their cells print and draw. One picture becomes heads.svg.

    python doc/make/notebooks.py [NOTEBOOK ...]

Each notebook runs in its own Python process; Jupyter is not needed.
"""

import argparse
import ast
import base64
import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

DOC = Path(__file__).resolve().parent.parent
HEADS = "Each head: what each position looks at"  # the title of the picture in heads.svg


def run(cell, names):
    """Run a cell's statements in names; return what it prints, and the value of its last line."""
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    value = None
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(tree, "cell", "exec"), names)
        if last: value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return out.getvalue(), value


def outputs(printed, value, count):
    """Return what Jupyter saves for a cell's printed text and the value of its last line."""
    saved = []
    if printed:
        saved.append({"name": "stdout", "output_type": "stream",
                      "text": printed.splitlines(keepends=True)})
    if value is not None:
        data = {"text/plain": [repr(value)]}
        if hasattr(value, "_repr_html_"):
            data = {"text/html": [value._repr_html_()], **data}
        saved.append({"data": data, "execution_count": count, "metadata": {},
                      "output_type": "execute_result"})
    return saved


def execute(notebook):
    """Run the cells of a notebook, read from JSON, and put their outputs into it."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names = {"__name__": "__main__"}
    for count, cell in enumerate(cells, 1):
        cell["execution_count"] = count
        cell["outputs"] = outputs(*run(cell, names), count)


def main(path):
    """Execute the notebook at path in its folder, and save it."""
    os.chdir(path.parent)
    sys.path.insert(0, "")  # notebooks import from their own folder, as in Jupyter
    notebook = json.loads(path.read_text(encoding="utf-8"))
    execute(notebook)
    path.write_bytes((json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode())
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", []))
            if f'alt="{HEADS}"' in html:
                svg = base64.b64decode(re.search("base64,([^\"]*)", html)[1])
                (DOC / "images" / "heads.svg").write_bytes(svg + b"\n")


if __name__ == "__main__":
    description = "Run the notebooks and save what their cells print and draw."
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("notebooks", nargs="*", type=lambda name: Path(name).resolve())
    paths = parser.parse_args().notebooks or sorted(DOC.glob("*.ipynb"))
    for path in paths if len(paths) > 1 else []:
        subprocess.run([sys.executable, __file__, path], check=True)
    if len(paths) == 1: main(paths[0])
