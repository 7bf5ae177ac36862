"""The teacher's page links to places that exist, and its answers match the worksheet."""

import os
import re
import shlex
import shutil
import subprocess
import unittest
from urllib.parse import parse_qs

import explore
import llama2
from tests.helpers import ROOT, new_folder, read
from tokenizer import build_tokenizer, encode

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class TeachingTest(unittest.TestCase):
    def test_the_places_on_the_page_of_explore_are_there(self):
        text = read("doc", "teaching.md")
        (command,) = re.findall("^    python doc/explore.py (.*) --open$", text, re.MULTILINE)
        checkpoint, prompt = shlex.split(command)
        checkpoint = os.path.join(ROOT, checkpoint)
        p = llama2.build_transformer(checkpoint).config
        tokenizer = build_tokenizer(llama2.find_tokenizer(checkpoint), p.vocab_size)
        numbers = {"pos": len(encode(tokenizer, prompt, True, False)), "layer": p.n_layers,
                   "head": p.n_heads}
        places = re.findall("`#(pos=.*?)`", text)
        self.assertGreater(len(places), 5)
        for place in places:
            words = {name: value for name, (value,) in parse_qs(place, strict_parsing=True).items()}
            with self.subTest(place):
                self.assertIn(words.pop("block"), explore.BLOCKS)
                for name, value in words.items():
                    self.assertLess(int(value), numbers[name])

    def test_the_answers_are_those_of_the_worksheet(self):
        sheet, answers = read("doc", "worksheet.html"), read("doc", "teaching.md")
        vectors = re.findall(r"\(\d+(?:, \d+)+\)", sheet)
        self.assertEqual(len(vectors), 7)
        positions = re.findall(r"query at (\d), key at (\d)", sheet)
        self.assertEqual(len(positions), 3)
        for vector in vectors + [f"({query}, {key})" for query, key in positions]:
            self.assertIn(vector, answers)

    def test_the_worksheet_asks_the_teacher_s_questions(self):
        row = r"^<tr><td>(\d+)</td><td>(.*?)</td><td></td><td></td></tr>$"
        asked = re.findall(row, read("doc", "worksheet.html"), re.M)
        questions = re.findall(r"^\*\*(\d+)\. (.*?)\*\*", read("doc", "teaching.md"), re.M | re.S)
        self.assertEqual(len(asked), 10)
        self.assertEqual(asked, [(n, " ".join(text.split())) for n, text in questions])

    @unittest.skipUnless(CHROMIUM, "no chromium")
    def test_the_tasks_and_the_questions_of_the_worksheet_print_on_one_page_each(self):
        folder = new_folder(self.addCleanup)
        subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
                        f"--user-data-dir={folder}/user", f"--print-to-pdf={folder}/sheet.pdf",
                        f"file://{ROOT}/doc/worksheet.html"], stderr=subprocess.DEVNULL, check=True)
        with open(f"{folder}/sheet.pdf", "rb") as file:
            self.assertEqual(len(re.findall(rb"/Type\s*/Page\b", file.read())), 2)
