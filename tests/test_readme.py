"""README's first command prints the story below it, and the documents' links lead somewhere."""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


class ReadmeTest(unittest.TestCase):
    def test_the_first_command_prints_the_story_below_it(self):
        blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", read("README.md"), re.MULTILINE)
        blocks = [re.sub("^    ", "", block, flags=re.MULTILINE).strip() for block in blocks]
        command = shlex.split(blocks[0])
        self.assertEqual(command[:2], ["python", "llama2.py"])
        run = subprocess.run([sys.executable, *command[1:]], cwd=ROOT, stdout=-1, stderr=-1)
        # the page folds long lines
        self.assertEqual(run.stdout.decode().split(), blocks[1].split())
        self.assertLess(len(blocks[1]), 1500)

    def test_data_readme_states_the_size_and_the_sha256_of_each_file(self):
        rows = re.findall(r"`(\S+\.bin)` \|.*\| ([0-9,]+) \| `(\w{64})` \|", read("data/README.md"))
        self.assertEqual([row[0] for row in rows], ["swiss.bin", "swiss.tokenizer.bin"])
        for name, size, sha256 in rows:
            with open(os.path.join(ROOT, "data", name), "rb") as file:
                content = file.read()
            self.assertEqual(len(content), int(size.replace(",", "")))
            self.assertEqual(hashlib.sha256(content).hexdigest(), sha256)

    def test_formats_md_explains_the_bytes_of_the_files(self):
        dumps = re.findall(r"\$ xxd -l (\d+) (\S+)\n((?:    .*\n)+)", read("doc/formats.md"))
        self.assertEqual(len(dumps), 2)
        for length, path, dump in dumps:
            shown = "".join(line[14:53] for line in dump.splitlines())
            with open(os.path.join(ROOT, path), "rb") as file:
                self.assertEqual(bytes.fromhex(shown), file.read(int(length)))

    def test_attention_md_shows_what_attention_numbers_prints(self):
        command = [sys.executable, "doc/attention_numbers.py"]
        env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        run = subprocess.run(command, cwd=ROOT, env=env, stdout=-1, check=True)
        printed = run.stdout.decode().split()
        shown = read("doc/attention.md").split("python doc/attention_numbers.py\n", 1)[1].split()
        self.assertIn(" ".join(printed), " ".join(shown))

    def test_the_picture_of_the_heads_is_the_one_in_the_notebook(self):
        outputs = [o for c in json.loads(read("doc", "2_attention.ipynb"))["cells"]
                   for o in c.get("outputs", [])]  # fmt: skip
        svgs = ["".join(o.get("data", {}).get("image/svg+xml", "")) for o in outputs]
        self.assertIn(read("doc", "heads.svg").strip(), [svg.strip() for svg in svgs])

    def test_links_lead_to_files(self):
        documents = ["README.md", "data/README.md", "tests/recorded/README.md"]
        documents += [f"doc/{name}" for name in os.listdir(os.path.join(ROOT, "doc"))]
        for document in documents:
            if document.endswith((".md", ".ipynb")):
                for link in re.findall(r"\]\(([^)#]+)\)", read(document)):
                    if not link.startswith("http"):
                        path = os.path.join(ROOT, os.path.dirname(document), link)
                        self.assertTrue(os.path.exists(path), f"{document}: {link}")

    def test_docstring_examples(self):
        import doctest
        import math

        import llama2
        import tokenizer

        for module in llama2, tokenizer:
            result = doctest.testmod(module, extraglobs={"math": math})
            self.assertEqual(result.failed, 0)
            self.assertGreater(result.attempted, 0)


if __name__ == "__main__":
    unittest.main()
