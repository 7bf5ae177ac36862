"""doc/exercises: what is right passes, and what is wrong is never called by a wrong name."""

import contextlib
import io
import os
import re
import sys
import time
import unittest

from tests.helpers import LONG, ROOT, new_folder, run_python, started

FOLDER = os.path.join(ROOT, "doc", "exercises")
sys.path.insert(0, FOLDER)

import broken
import cases
import check
import parts
from check import EXERCISES


def ours(exercise):
    """Our functions of an exercise, as a student would have written them."""
    return "from parts import *\n" + "\n".join(parts.TEXTS[name] for name in exercise.functions)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def run(program, *args, **env):
    """What a program of doc/exercises prints, and its exit status."""
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", **env}
    run = run_python(program, *args, cwd=FOLDER, env=env)
    said = (run.stdout + run.stderr).decode("utf-8", "replace").replace("\r", "")
    return said, run.returncode


class ExercisesTest(unittest.TestCase):
    def setUp(self):
        self.folder = new_folder(self.addCleanup)

    def write(self, number, text):
        path = os.path.join(self.folder, EXERCISES[number - 1].file)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def check(self, *args, **env):
        return run("check.py", "--files", self.folder, *args, **env)

    def status(self, exercise, text):
        """The status of a file with this text, and what is said of it."""
        self.write(exercise.number, text)
        status, lines = check.examine(exercise, self.folder)
        return status, "\n".join(lines)

    def test_stubs_are_not_written_yet_and_llama2s_own_functions_pass(self):
        for exercise in EXERCISES:
            self.assertEqual(self.status(exercise, read(check.STUBS, exercise.file))[0], "stub")
            self.assertEqual(self.status(exercise, ours(exercise)), ("passed", ""))

    def test_each_known_mistake_is_named(self):
        for exercise in EXERCISES:
            for message, changes in exercise.mistakes[:: 1 if LONG else 4]:  # all take 4 seconds
                program = parts.program(check.changed_texts(exercise, changes))
                tried = [check.run_case(case, program) for case in cases.CASES[exercise.name]]
                self.assertEqual(check.known_mistake(exercise, tried), message)

    def test_an_error_in_every_case_is_too_little_to_name_a_mistake(self):
        changes = [("range(n)", "range(n + 1)")]
        exercise = EXERCISES[0]._replace(mistakes=[("one column too many", changes)])
        program = parts.program(check.changed_texts(exercise, changes))
        tried = [check.run_case(case, program) for case in cases.CASES["matmul"]]
        self.assertEqual({type(outcome) for outcome in tried}, {IndexError})
        self.assertIsNone(check.known_mistake(exercise, tried))

    def test_what_students_write_is_named_rightly_or_not_at_all(self):
        written = read(ROOT, "tests", "students.txt")
        sections = re.findall(r"^== (\w+) (.+)\n((?:(?!==).*\n)+)", written, re.M)
        self.assertGreater(len(sections), 40)
        for name, told, text in sections:
            with self.subTest(exercise=name, told=told):
                status, said = self.status(check.find(name), text)
                self.assertEqual(status, "passed" if told == "passes" else "wrong")
                self.assertIn(told if status == "wrong" else "", said)
                self.assertEqual("mistake?" in said, told.startswith("mistake?"))

    def test_an_error_is_shown_at_the_students_line_without_ours(self):
        self.write(1, "def matmul(xout, x, w, n, d):\n    xout[0] = w[0][n]\n")
        self.write(2, "def rmsnorm(o, x, weight, size:\n")
        self.write(3, "def softmaxx(x, size):\n    pass\n")
        self.write(8, "from parts import matmul\ndef layer(transformer, l, pos):\n"
                      "    matmul([], [], transformer.weights.wq[0], 16, 16)\n")
        self.write(12, "def sample_mult(probabilities, n, coin):\n    exit()\n")
        self.write(13, "import os; os._exit(0)\n")
        self.write(14, "input()\n")
        said, status = self.check("1", "2", "3", "8", "12", "13", "14")
        self.assertEqual(status, 1)
        line = r' line 2, in matmul\n *xout\[0\] = w\[0\]\[n\]'
        self.assertRegex(said, '(?s)IndexError.*01_matmul.py",' + line)
        self.assertRegex(said, r'(?s)02_rmsnorm.py", line 1\n.*SyntaxError')
        self.assertIn("no function softmax", said)
        self.assertRegex(said, r'08_layer.py", line 3, in layer')
        self.assertRegex(said, r'(?s)SystemExit.*12_mult.py", line 2, in sample_mult')
        self.assertRegex(said, r"(?s)13_topp.py.*SystemExit.*14_sample.py.*EOFError")
        for name in 'File "check.py', 'File "cases.py', 'File "llama2.py, in parts', "Traceback":
            self.assertNotIn(name, said)

    def test_an_endless_loop_ends_with_a_word_and_the_next_exercise_is_checked(self):
        self.write(1, "def matmul(xout, x, w, n, d):\n    i = 0\n    while i < d:\n        pass\n")
        self.write(2, "print('hello')\ndef rmsnorm(o, x, weight, size):\n    print('size', size)\n")
        self.write(3, "while True: pass\n")
        said, status = self.check("1", "2", "3", LLAMA2_EXERCISE_LIMIT="0.2")
        self.assertEqual(status, 1)
        self.assertRegex(said, r"01_matmul.py does not end\n *still running .* line [34] of 01_mat")
        self.assertRegex(said, r"(?s)02_rmsnorm.py is not right.*your prints:\n *hello\n *size 2\n")
        self.assertRegex(said, r"03_softmax.py does not end\n *still running .* line 1 of 03_soft")

    def test_in_a_notebook(self):
        before = sys.gettrace(), sys.stdin, os._exit
        for text, told in ((ours(EXERCISES[9]), "passes"), ("pass", "is not right yet"),
                           ("raise KeyboardInterrupt", "does not end\n  interrupted:")):
            self.write(10, text)
            with contextlib.redirect_stdout(io.StringIO()) as out:
                self.assertIs(check.check("argmax", self.folder), told == "passes")
                self.assertIs(check.check(10, self.folder), told == "passes")
            self.assertEqual(out.getvalue().count(f"10_argmax.py {told}"), 2)
            self.assertEqual((sys.gettrace(), sys.stdin, os._exit), before)
        with self.assertRaisesRegex(ValueError, "no exercise 'max'"):
            check.reset("max")

    def test_reset_restores_a_file_and_keeps_what_was_written(self):
        path = self.write(5, "mine")
        self.assertEqual(self.check("--reset", "5")[1], 0)
        self.assertEqual(read(self.folder, "05_rope.1.txt"), "mine")
        self.assertEqual(read(path), read(check.STUBS, "05_rope.py"))
        self.assertEqual(self.check("--reset", "19")[1], 2)
        said, status = run("check.py", "--reset", "5", "--files", path)  # where none can be written
        self.assertRegex(said, r"^check.py: cannot write .*05_rope.py: .*\n$")
        self.assertEqual(status, 1)

    def test_output_that_is_not_utf_8(self):
        self.write(1, "print('ü日')\ndef matmul(*args): raise ValueError('日')\n")
        for encoding in "ascii", "cp1252":
            said, status = self.check("1", PYTHONIOENCODING=encoding)
            self.assertIn("ValueError: ?", said)
            self.assertEqual(status, 1)

    def test_where_ours_stands(self):
        for exercise in EXERCISES:
            name, lines = check.where(exercise).split()
            first, last = map(int, lines.split("-"))
            shown = "\n".join(read(ROOT, name).splitlines()[first - 1 : last])
            text = parts.TEXTS[exercise.functions[0]].rstrip().splitlines()[-1].strip()
            if exercise.name != "characters":  # which returns, where encode goes on
                self.assertIn(text, shown)

    @unittest.skipUnless(LONG, "takes as long as a story")
    def test_with_all_of_ours_the_story_is_told(self):
        for exercise in EXERCISES:
            self.write(exercise.number, ours(exercise))
        said, status = self.check()
        self.assertIn("byte for byte", said)
        self.assertEqual(status, 0)
        # theirs are really used: one that is right in all cases is not in the story
        late = "s.logits[9] += 99.0 * (pos > 20)\n    return s.logits"
        self.write(9, ours(EXERCISES[8]).replace("return s.logits", late))
        said, status = self.check()
        self.assertIn("this is not README's story", said)
        self.assertEqual(status, 1)

    def test_readme_lists_each_exercise_and_the_number_of_mistakes(self):
        readme = read(FOLDER, "README.md")
        for e in EXERCISES:
            self.assertIn(f"| {e.number} | {e.name} | {e.lines} | ", readme)
        self.assertIn(f"one of {sum(len(e.mistakes) for e in EXERCISES)} known mistakes", readme)


class BrokenTest(unittest.TestCase):
    def test_a_broken_llama_differs_from_the_sound_one_by_exactly_its_bug(self):
        for number, (_, changes) in enumerate(broken.BUGS, 1):
            differing = {}
            for file in "llama2.py", "tokenizer.py":
                sound = read(ROOT, file).splitlines()
                bad = broken.broken_source(file, number).splitlines()
                self.assertEqual(len(bad), len(sound))
                differing[file] = [i for i, (a, b) in enumerate(zip(sound, bad)) if a != b]
            self.assertEqual(sum(map(len, differing.values())), len(changes))
            lines = differing[broken.bug_file(number)]
            self.assertLess(lines[-1] - lines[0], 15)  # in one place

    def test_numbers_tell_the_llamas_apart(self):
        sound = broken.numbers(broken.load(0))
        differing = set()
        for number in range(1, len(broken.BUGS) + 1):
            found = broken.numbers(broken.load(number))
            differing.add(tuple(name for name in sound if found[name] != sound[name]))
        self.assertEqual(len(differing - {()}), len(broken.BUGS))

    def test_what_ask_says_to_type_shows_the_bug(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(FOLDER)
        for number, questions in enumerate(broken.QUESTIONS, 1):
            answers = []
            for llama in 0, number:
                names = {}
                text = broken.SETUP.replace("NUMBER", str(llama)) + questions
                with contextlib.redirect_stdout(cases.byte_stdout()) as out:
                    with contextlib.redirect_stderr(io.StringIO()):
                        for line in re.findall("^    (.+)", text, re.MULTILINE):
                            exec(compile(line, "question", "single"), names)
                answers.append(out.buffer.getvalue())
            self.assertNotEqual(*answers, number)

    def test_the_command(self):
        said = run("broken.py", "3", "--answer")[0]
        self.assertIn("Llama 3: no RoPE.\n\nllama2.py, line ", said)
        self.assertIn("\nNot as in llama 0, in one layer: query at 1, key at 1, weights", said)
        self.assertNotIn("|", said)
        self.assertFalse(re.findall(r"^ +(?:[124-9]|1\d)  ", said, re.MULTILINE))  # no other llama
        said = run("broken.py", "3", "--ask")[0]
        self.assertIn("load(0), load(3)", said)
        self.assertNotIn("RoPE", said)
        self.assertEqual(run("broken.py", "12")[1], 2)
        self.assertEqual(run("broken.py", "0", "--answer")[1], 2)
