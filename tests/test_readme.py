"""README's first command prints the story below it, and the documents' links lead somewhere."""

import base64
import doctest
import hashlib
import json
import math
import os
import re
import shlex
import sys
import unittest

import llama2
import tokenizer
from tests.helpers import LONG, ROOT, recorded, run_python


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


class ReadmeTest(unittest.TestCase):
    def test_the_story_below_the_first_command_is_what_run_c_prints_and_we_too(self):
        blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", read("README.md"), re.MULTILINE)
        blocks = [re.sub("^    ", "", block, flags=re.MULTILINE).strip() for block in blocks]
        command = shlex.split(blocks[0].splitlines()[-1])  # behind git clone and cd
        (run,) = [run for run in recorded("run.json")["generate"]
                  if run.get("long") and run["model"] == "swiss"]
        value = dict(zip(run["options"][::2], run["options"][1::2]))
        self.assertEqual(value["-p"], "0.9")  # the default
        values = [value["-t"], value["-n"], run["prompt"], "--seed=" + value["-s"]]
        self.assertEqual(command, ["python", "llama2.py", "data/swiss.bin", *values])
        # the page folds long lines
        self.assertEqual(run["stdout"].encode("latin-1").decode().split(), blocks[1].split())
        self.assertLess(len(blocks[1]), 1500)
        if LONG:
            self.assertEqual(run_python(*command[1:]).stdout, run["stdout"].encode("latin-1"))

    def test_data_readme_states_the_size_and_the_sha256_of_each_file(self):
        rows = re.findall(r"`(\S+\.bin)` \|.*\| ([0-9,]+) \| `(\w{64})` \|", read("data/README.md"))
        self.assertEqual([row[0] for row in rows], ["swiss.bin", "swiss.tokenizer.bin"])
        for name, size, sha256 in rows:
            with open(os.path.join(ROOT, "data", name), "rb") as file:
                content = file.read()
            self.assertEqual(len(content), int(size.replace(",", "")))
            self.assertEqual(hashlib.sha256(content).hexdigest(), sha256)

    # CPython takes minutes; stories.py, which measure.py imports, has made-up names of a word list
    @unittest.skipUnless(LONG and sys.implementation.name == "pypy"
                         and os.path.exists("/usr/share/dict/american-english"),
                         "LLAMA2_LONG_TESTS is not set, no PyPy, or no wamerican")
    def test_data_readme_says_of_names_and_heads_what_measure_py_prints(self):
        said = read("data/README.md")
        printed = ""
        for part in "names", "heads":
            run = run_python("data/measure.py", "--part", part)
            self.assertEqual((run.returncode, run.stderr), (0, b""))
            printed += run.stdout.decode()
        share = re.search(r"^names predicted whole .*% +(\d+\.\d) ", printed, re.MULTILINE)[1]
        self.assertRegex(said, rf"\| unseen names predicted whole .* \| {share} % \|")
        rows = dict(re.findall(r"^([^\n,:]+), (head.*\d) ", printed, re.MULTILINE))
        head, mean = re.split(", average weight +", rows["induction"])
        self.assertRegex(said, rf"\| induction: {head} .* \| {mean} \|")
        head, mean = re.split(", average weight +", rows["previous token inside names"])
        self.assertRegex(said, rf"\| {head} looks at the previous token inside names \| {mean} \|")

    def test_formats_md_explains_the_bytes_of_the_files(self):
        dumps = re.findall(r"\$ xxd -l (\d+) (\S+)\n((?:    .*\n)+)", read("doc/formats.md"))
        self.assertEqual(len(dumps), 2)
        for length, path, dump in dumps:
            shown = "".join(line[14:53] for line in dump.splitlines())
            with open(os.path.join(ROOT, path), "rb") as file:
                self.assertEqual(bytes.fromhex(shown), file.read(int(length)))

    def test_questions_md_shows_the_logits_that_run_c_computed(self):
        shown = re.findall(r"^    (-?0x\S+)$", read("doc/questions.md"), re.MULTILINE)
        (run,) = [run for run in recorded("bits.json")["bits"] if run["model"] == "swiss"]
        self.assertEqual(run["tokens"][0], 1)  # BOS
        self.assertEqual(shown, run["positions"][0]["logits"].split()[:4])

    @unittest.skipUnless(LONG and sys.implementation.name == "pypy", "LLAMA2_LONG_TESTS, on PyPy")
    def test_differences_md_says_how_many_draws_from_flat_distributions_differ(self):
        said = " ".join(read("doc/differences.md").split())
        different = []
        for run in recorded("bits.json")["draws"]:
            sampler = llama2.build_sampler(run["n"], 1.0, run["topp"], 1)
            ids = [llama2.sample(sampler, [0.0] * run["n"]) for _ in run["ids"]]
            different.append(sum(a != b for a, b in zip(ids, run["ids"])))
        self.assertIn(f"of 2,000 draws from 4,000 equally likely tokens {different[0]:,} differ, and "
                      f"{different[1]:,} of 2,000 draws from 300 such tokens at top-p 0.9", said)

    def test_the_picture_of_the_heads_is_the_one_in_the_notebook(self):
        outputs = [o for c in json.loads(read("doc", "2_attention.ipynb"))["cells"]
                   for o in c.get("outputs", [])]
        shown = "".join("".join(o.get("data", {}).get("text/html", "")) for o in outputs)
        picture = read("doc", "images", "heads.svg").rstrip("\n").encode()
        self.assertIn(base64.b64encode(picture).decode(), shown)

    def test_links_lead_to_files(self):
        documents = ["README.md", "data/README.md", "tests/recorded/README.md"]
        documents += [".github/CONTRIBUTING.md", "doc/exercises/README.md"]
        documents += [f"doc/{name}" for name in os.listdir(os.path.join(ROOT, "doc"))]
        for document in documents:
            if document.endswith((".md", ".ipynb")):
                for link, place in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", read(document)):
                    if link.startswith("http"):
                        continue
                    path = os.path.join(ROOT, os.path.dirname(document), link)
                    path = path if link else os.path.join(ROOT, document)
                    self.assertTrue(os.path.exists(path), f"{document}: {link}")
                    if place:
                        titles = re.findall(r"^#+ (.*)", read(path), re.MULTILINE)
                        titles = [re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles]
                        self.assertIn(place, titles, f"{document}: {link}")

    def test_docstring_examples(self):
        attempted = 0
        for module in llama2, tokenizer:
            result = doctest.testmod(module, extraglobs={"math": math})
            self.assertEqual(result.failed, 0)
            attempted += result.attempted
        self.assertGreater(attempted, 0)
