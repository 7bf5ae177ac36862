"""Regenerate everything that is made from the model and the two programs, in this order.

    python doc/make/all.py --list    the steps: what each makes, needs and runs
    python doc/make/all.py outputs   one step, or several
    python doc/make/all.py --run-c PATH_TO_RUN_C --checkpoints FOLDER

Without a name, all steps run except the first two: another machine would train a different model,
and the figures are only printed. With the same model and programs, git diff then shows only times
(notebook 5, a picture in notebook 2) and differences between browsers (explore.png).
"""

import argparse
import contextlib
import os
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

STEPS = {  # what it makes, what it needs, and its command
    "model": ("data/swiss.bin and data/swiss.tokenizer.bin; data/README.md has their sha256",
              "torch, sentencepiece, wamerican, and 90 minutes",
              "cd data && python train.py"),
    "figures": ("nothing: prints the figures for data/README.md",
                "wamerican; PyPy is faster",
                "python data/measure.py"),
    "record": ("tests/recorded/*.json, doc/exercises/expected.json",
               "gcc, run.c (--run-c), stories260K.bin and tok512.bin (--checkpoints)",
               "python doc/make/record.py --run-c RUN_C --checkpoints FOLDER"),
    "outputs": ("the output below the programs in doc/*.md",
                "nothing", "python doc/make/outputs.py"),
    "notebooks": ("the outputs in doc/*.ipynb, doc/images/heads.svg", "no Jupyter; for notebook 5,"
                  " an idle machine, Python 3.12 or later, PyPy, cc and ./run.c",
                  "python doc/make/notebooks.py"),
    "picture": ("doc/images/explore.png", "chromium",
                "python doc/explore.py && chromium --headless --no-sandbox --disable-gpu"
                " --hide-scrollbars --log-level=3 --window-size=1440,900"
                " --screenshot=doc/images/explore.png explore.html"),
}


def main():
    parser = argparse.ArgumentParser(description="Regenerate what is made from the model.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="the name of a step")
    parser.add_argument("--list", action="store_true", help="print the steps and run nothing")
    parser.add_argument("--run-c", metavar="FILE", help="llama2.c's run.c at commit 350e04f")
    parser.add_argument("--checkpoints", metavar="FOLDER", help="has stories260K.bin, tok512.bin")
    args = parser.parse_args()
    if args.list:
        text = "".join(f"{name}: makes {makes}; needs {needs}\n    {command}\n\n"
                       for name, (makes, needs, command) in STEPS.items())
        with contextlib.suppress(BrokenPipeError):  # all.py --list | head -n 1
            os.write(1, text.encode())
        return
    names = args.names or list(STEPS)[2:]
    for name in names:
        if name not in STEPS: parser.error(f"no step {name!r}: --list shows the steps")
    if "record" in names and not (args.run_c and args.checkpoints):
        parser.error("the step record needs --run-c and --checkpoints")
    words = {"python ": sys.executable, "RUN_C": args.run_c, "FOLDER": args.checkpoints}
    for name, (_, needs, command) in STEPS.items():
        if name in names:
            for word, path in words.items():
                command = command.replace(word, shlex.quote(os.path.abspath(path or "")) + " ")
            print(f"{name}: {command}", flush=True)
            if subprocess.run(command, shell=True, cwd=ROOT).returncode:
                sys.exit(f"all.py: {name} failed; it needs {needs}")


if __name__ == "__main__":
    main()
