"""Trained models: run.c reads the one from notebook 6; doc/your_model.md has the right numbers."""

import os
import re
import shutil
import subprocess
import unittest

from tests.helpers import ROOT, long_on_pypy, new_folder, ours, read
from tests.test_documents import execute

TEXT = read("doc", "your_model.md")


def table(text):
    return [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", text, re.M)]


# what run.c printed for the checkpoints that notebook 6 saves
TRAINED = {
    ("step0", "-t", "1", "-s", "4"): b"</s> the. man<unk><unk> bit bit\n",
    ("step0", "-t", "1", "-s", "6"): b".</s> dog man.\n",
    ("step5", "-t", "0"): b"the" + b" man" * 15 + b"\n",
    ("step10", "-t", "0"): b"the dog bit the man. the man bit the man.\n",
    ("step50", "-t", "0"): b"the dog bit the man. the man bit the dog.\n",
}
RUN_C = os.environ.get("LLAMA2_RUN_C", os.path.join(ROOT, "run.c"))


class YourModelTest(unittest.TestCase):
    @long_on_pypy
    def test_run_c_prints_what_we_print_for_the_models_that_notebook_6_trains(self):
        folder = new_folder(self.addCleanup)
        keep = f"import shutil; shutil.copytree(folder.name, {folder + '/trained'!r})"
        execute(os.path.join(ROOT, "doc", "6_training.ipynb"), "folder.cleanup()", keep)
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

    def test_the_calculated_rows_are_what_the_program_prints(self):
        times = r" +\w+: (\d+) GB, loading (\d+) min, 256 tokens (\d+) min\n"
        found = re.findall(r"^(.+): file (.+) GB\n" + times + times, TEXT, re.M)
        self.assertEqual(len(found), 2)
        for name, file, memory, loading, all, memory_2, loading_2, all_2 in found:
            row = [name, f"{file} GB", f"{memory} / {memory_2} GB",
                   f"{loading} / {loading_2} min", f"{all} / {all_2} min", "worked out"]
            self.assertIn(row, table(TEXT))

    def test_the_measured_rows_are_those_of_the_readme(self):
        readme = table(read("README.md"))
        measured = [row for row in table(TEXT) if row[0].startswith("stories")]
        self.assertEqual(len(measured), 3)
        for name, file, memory, loading, all, _ in measured:
            speed = [row[4] for row in readme if row[0] == name and len(row) == 6]
            self.assertIn([name, file, memory, loading, *speed, all], readme)
