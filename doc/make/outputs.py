"""Run the programs in the documents and write their output below them.

    python doc/make/outputs.py

A program is a block of Python, or a line that starts with "    python doc/". Its output goes into
the block of text that follows it, if there is one.
"""

import argparse
import contextlib
import io
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from source import DOC, ROOT

DOCUMENTS = "attention.md", "questions.md", "teaching.md", "your_model.md"
PROGRAM = r"(?:```python\n(.*?)```|    (python doc/[^\n]*))\n+(?:```text\n(.*?)```)?"


def read(name):
    return (DOC / name).read_text(encoding="utf-8")


def outputs(text):
    """Return the position in text of each block of output, and what its program prints."""
    found, names = [], {}
    for match in re.finditer(PROGRAM, text, re.S):
        program, command, shown = match.groups()
        if program is not None:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(program, names)
        if shown is not None:
            if command:
                words = [sys.executable, *shlex.split(command)[1:]]
                env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
                printed = subprocess.check_output(words, cwd=ROOT, env=env).decode("utf-8")
            found.append((match.span(3), printed if command else out.getvalue()))
    return found


if __name__ == "__main__":
    description = "Run the programs in the documents and write their output below them."
    argparse.ArgumentParser(description=description).parse_args()
    os.chdir(ROOT)
    for name in DOCUMENTS:
        text = read(name)
        for (start, end), printed in reversed(outputs(text)):
            text = text[:start] + printed + text[end:]
        (DOC / name).write_bytes(text.encode())
