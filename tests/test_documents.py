"""The outputs that the documents and notebooks show are real, and their claims are true."""

import base64
import contextlib
import doctest
import glob
import hashlib
import io
import json
import math
import os
import re
import shlex
import unittest

import llama2
import tokenizer
from make.outputs import DOCUMENTS, outputs
from source import UNITS
from tests.helpers import LONG, ROOT, long_on_pypy, read, recorded, run_python

STARTS = {first for paragraphs in UNITS.values() for first, _ in paragraphs}
ENDS = {last for paragraphs in UNITS.values() for _, last in paragraphs}

# run by a separate interpreter, in the folder of the notebook on its standard input
EXECUTE = """
import json, sys
from make.notebooks import execute
notebook = json.load(sys.stdin)
for cell in notebook["cells"]:
    cell["source"] = ["".join(cell["source"]).replace(*sys.argv[1:])]
execute(notebook)
print(json.dumps(notebook))
"""
NAME = 'name = "Zorblax"'  # where a notebook invites another
NOTEBOOKS = sorted(glob.glob(os.path.join(ROOT, "doc", "*.ipynb")))


def execute(path, old=NAME, new=NAME):
    """Run a notebook's cells, with old replaced by new, and return it as it would be saved."""
    with open(path, "rb") as file:
        run = run_python("-c", EXECUTE, old, new, cwd=os.path.dirname(path), stdin=file, timeout=900)
    if run.returncode: raise AssertionError(run.stderr.decode())
    return run.stdout


def printed(notebook):
    """Return what a notebook's cells print and the values of their last lines, as saved."""
    outputs = [o for cell in json.loads(notebook)["cells"] for o in cell.get("outputs", [])]
    return [o["text"] if "text" in o else o["data"]["text/plain"] for o in outputs]


class DocumentsTest(unittest.TestCase):
    def test_each_program_in_a_document_prints_the_output_below_it(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(ROOT)
        for name in DOCUMENTS if LONG else ["attention.md"]:
            text = read("doc", name)
            with contextlib.redirect_stderr(io.StringIO()):
                found = outputs(text)
            self.assertEqual(len(found), text.count("```text\n"))
            for (start, end), output in found:
                with self.subTest(name, line=text.count("\n", 0, start)):
                    self.assertEqual(text[start:end], output)

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_every_cell_of_a_notebook_prints_what_is_saved(self):
        self.assertEqual(len(NOTEBOOKS), 6)
        for path in NOTEBOOKS:
            with self.subTest(os.path.basename(path)):
                executed = execute(path)
                if "speed" not in path:  # where the numbers are seconds
                    self.assertEqual(printed(executed), printed(read(path)))

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_names_of_one_or_two_pieces_run_too(self):
        invite = [path for path in NOTEBOOKS if NAME.replace('"', r'\"') in read(path)]
        self.assertEqual(len(invite), 2)
        for path in invite:
            for name in "o", "Al":
                with self.subTest(os.path.basename(path), name=name):
                    executed = execute(path, new=f'name = "{name}"')
                    pieces = "".join("".join(text) for text in printed(executed)).replace(" ", "")
                    self.assertIn(f"␣named␣{name}.", pieces)

    def test_pictures_are_images_that_an_untrusted_notebook_shows(self):
        for path in NOTEBOOKS:
            for cell in json.loads(read(path))["cells"]:
                for data in (output.get("data", {}) for output in cell.get("outputs", [])):
                    with self.subTest(os.path.basename(path), picture=data.get("text/plain")):
                        self.assertNotIn("image/svg+xml", data)
                        if "Picture(" in "".join(data.get("text/plain", "")):
                            self.assertRegex("".join(data["text/html"]), '^<img src="data:image')

    def test_the_picture_of_the_heads_is_the_one_in_the_notebook(self):
        picture = read("doc", "images", "heads.svg").rstrip("\n").encode()
        self.assertIn(base64.b64encode(picture).decode(), read("doc", "2_attention.ipynb"))

    def test_the_story_below_readme_s_first_command_is_what_run_c_and_we_print(self):
        blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", read("README.md"), re.MULTILINE)
        blocks = [re.sub("^    ", "", block, flags=re.MULTILINE).strip() for block in blocks]
        command = shlex.split(blocks[0].splitlines()[-1])  # after git clone and cd
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

    def test_docstring_examples(self):
        names = {"math": math}
        tried = [doctest.testmod(module, extraglobs=names) for module in (llama2, tokenizer)]
        self.assertEqual(sum(result.failed for result in tried), 0)
        self.assertGreater(sum(result.attempted for result in tried), 0)

    def test_lines_of_run_c_are_whole_paragraphs_of_the_named_function(self):
        for name in "attention.md", "questions.md", "start.md":
            prose = re.sub("```.*?```", "", read("doc", name), flags=re.DOTALL)
            for first, last in re.findall(r"\b(\d{2,3})-(\d{2,3})\b", prose):
                with self.subTest(name, lines=f"{first}-{last}"):
                    self.assertIn(int(first), STARTS)
                    self.assertIn(int(last), ENDS)
            for function, first, last in re.findall(r"`(\w+)`, (?:run\.c )?(\d+)-(\d+)", prose):
                with self.subTest(name, function=function):
                    self.assertLessEqual(UNITS[function][0][0], int(first))
                    self.assertLessEqual(int(last), UNITS[function][-1][1])

    def test_attention_md_quotes_llama2_py(self):
        words = re.split(r"(?m)^ *# \[([\d-]+)\]", read("llama2.py"))
        blocks = dict(zip(words[1::2], words[2::2]))
        rows = re.findall(r"\| ([\d-]+) \| `(.*)` \|", read("doc/attention.md"))
        self.assertEqual(len(rows), 10)
        for lines, statement in rows:
            self.assertIn(statement, blocks[lines])

    def test_data_readme_states_the_size_and_the_sha256_of_each_file(self):
        rows = re.findall(r"`(\S+\.bin)` \|.*\| ([0-9,]+) \| `(\w{64})` \|", read("data/README.md"))
        self.assertEqual([row[0] for row in rows], ["swiss.bin", "swiss.tokenizer.bin"])
        for name, size, sha256 in rows:
            content = read("data", name, mode="rb")
            self.assertEqual(len(content), int(size.replace(",", "")))
            self.assertEqual(hashlib.sha256(content).hexdigest(), sha256)

    # CPython takes minutes; stories.py, which measure.py imports, makes up names from a word list
    @unittest.skipUnless(os.path.exists("/usr/share/dict/american-english"), "no wamerican")
    @long_on_pypy
    def test_data_readme_has_the_figures_that_measure_py_prints_for_names_and_heads(self):
        said, output = read("data/README.md"), ""
        for part in "names", "heads":
            run = run_python("data/measure.py", "--part", part)
            self.assertEqual((run.returncode, run.stderr), (0, b""))
            output += run.stdout.decode()
        (share,) = re.findall(r"^names predicted whole .*% +(\d+\.\d) ", output, re.M)
        self.assertRegex(said, rf"\| unseen names predicted whole .* \| {share} % \|")
        rows = re.findall(r"^([^\n,:]+), (head.*), average weight +(\S+) ", output, re.M)
        heads = {kind: (head, mean) for kind, head, mean in rows}
        inside = "previous token inside names"
        self.assertRegex(said, r"\| induction: {} .* \| {} \|".format(*heads["induction"]))
        self.assertRegex(said, r"\| {} looks at the {} \| {} \|".format(
            heads[inside][0], inside, heads[inside][1]))

    @long_on_pypy
    def test_differences_md_says_how_many_draws_from_flat_distributions_differ(self):
        said = " ".join(read("doc/differences.md").split())
        different = []
        for run in recorded("bits.json")["draws"]:
            sampler = llama2.build_sampler(run["n"], 1.0, run["topp"], 1)
            ids = [llama2.sample(sampler, [0.0] * run["n"]) for _ in run["ids"]]
            different.append(sum(a != b for a, b in zip(ids, run["ids"])))
        self.assertIn(
            "of 2,000 draws from 4,000 equally likely tokens, {:,} differ; of 2,000 draws from 300 "
            "such tokens at top-p 0.9, where the nucleus itself may end a token earlier or later, "
            "{:,} differ.".format(*different), said)

    def test_formats_md_explains_the_bytes_of_the_files(self):
        dumps = re.findall(r"\$ xxd -l (\d+) (\S+)\n((?:    .*\n)+)", read("doc/formats.md"))
        self.assertEqual(len(dumps), 2)
        for length, path, dump in dumps:
            shown = "".join(line[14:53] for line in dump.splitlines())
            self.assertEqual(bytes.fromhex(shown), read(path, mode="rb")[: int(length)])

    def test_questions_md_shows_the_logits_that_run_c_computed(self):
        shown = re.findall(r"^    (-?0x\S+)$", read("doc/questions.md"), re.MULTILINE)
        (run,) = [run for run in recorded("bits.json")["bits"] if run["model"] == "swiss"]
        self.assertEqual(run["tokens"][0], 1)  # BOS
        self.assertEqual(shown, run["positions"][0]["logits"].split()[:4])

    def test_links_lead_to_files_and_titles(self):
        documents = ["README.md", "data/README.md", "tests/recorded/README.md"]
        documents += [".github/CONTRIBUTING.md", "doc/exercises/README.md"]
        documents += [f"doc/{name}" for name in os.listdir(os.path.join(ROOT, "doc"))]
        for document in documents:
            if not document.endswith((".md", ".ipynb")):
                continue
            for link, place in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", read(document)):
                path = os.path.join(os.path.dirname(document), link) if link else document
                with self.subTest(document, link=link, place=place):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, path)))
                    titles = re.findall(r"^#+ (.*)", read(path), re.M) if place else []
                    titles = [re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles]
                    self.assertIn(place, ["", *titles])
