"""README's first command prints the story below it, and the documents' links lead somewhere."""

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
