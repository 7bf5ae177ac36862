"""doc/exercises: right answers pass, and no mistake is given a wrong name."""

import contextlib
import hashlib
import io
import os
import pathlib
import re
import signal
import sys
import time
import unittest
from unittest import mock

from tests.helpers import LONG, ROOT, new_folder, read, run_python, started, write

FOLDER = os.path.join(ROOT, "doc", "exercises")
sys.path.insert(0, FOLDER)

import broken
import cases
import check
import parts
from check import EXERCISES


def run(program, *args, **env):
    """Return what a program of doc/exercises prints, and its exit status."""
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", **env}
    run = run_python(program, *args, cwd=FOLDER, env=env)
    said = (run.stdout + run.stderr).decode("utf-8", "replace").replace("\r", "")
    return said, run.returncode


def students():
    """Return (exercise, expected message, text) for each section of students.txt."""
    sections = re.findall(r"^== (\w+) (.+)\n((?:(?!==).*\n)+)", read("tests/students.txt"), re.M)
    return [(check.find(name), told, text) for name, told, text in sections]


class ExercisesTest(unittest.TestCase):
    def setUp(self):
        self.folder = new_folder(self.addCleanup)

    def write(self, exercise, text=None):
        """Write the student's file, with our functions if no text is given."""
        ours = "\n".join(parts.TEXTS[name] for name in exercise.functions)
        return write(os.path.join(self.folder, exercise.file),
                     "from parts import *\n" + ours if text is None else text)

    def examine(self, exercise, text=None):
        """Return the status of a file with this text, and the lines about it."""
        self.write(exercise, text)
        status, lines = check.examine(exercise, self.folder)
        return status, "\n".join(lines)

    def tried(self, exercise, changes):
        """Return the outcome of each case for our functions with these changes."""
        program = parts.program(exercise.functions, changes)
        return [check.run_case(case, program) for case in cases.CASES[exercise.name]]

    def test_stubs_are_not_written_yet_and_llama2s_own_functions_pass(self):
        for exercise in EXERCISES:
            stub = read(check.STUBS, exercise.file)
            self.assertEqual(self.examine(exercise, stub)[0], "is not written yet")
            self.assertEqual(self.examine(exercise), ("passes", ""))

    def test_each_known_mistake_is_named(self):
        for exercise in EXERCISES:
            for message, changes in exercise.mistakes[:: 1 if LONG else 8]:  # all take 4 seconds
                tried = self.tried(exercise, changes)
                self.assertEqual(check.known_mistake(exercise, tried), message)
                text = "".join(parts.TEXTS[name] for name in exercise.functions)
                self.assertEqual({text.count(old) for old, _ in changes} - {1}, set(), message)

    def test_an_error_in_every_case_is_not_enough_to_name_a_mistake(self):
        changes = [("range(n)", "range(n + 1)")]
        exercise = EXERCISES[0]._replace(mistakes=[("one column too many", changes)])
        tried = self.tried(exercise, changes)
        self.assertEqual({type(outcome) for outcome in tried}, {IndexError})
        self.assertIsNone(check.known_mistake(exercise, tried))

    def test_students_mistakes_are_named_correctly_or_not_at_all(self):
        self.assertGreater(len(students()), 60)
        for exercise, told, text in students()[:: 1 if LONG else 3]:
            with self.subTest(exercise=exercise.name, told=told):
                with mock.patch("check.LIMIT", 0.2 if "still running" in told else 60):
                    status, said = self.examine(exercise, text)
                self.assertIn(told, f"{status}\n{said}")
                self.assertEqual("mistake?" in said, told.startswith("mistake?"))
                self.assertFalse("look  " in said and told.startswith("in C"))
                # neither our lines nor Python's
                self.assertNotRegex(said, r"Traceback|check\.py|cases\.py|in parts")

    def test_in_a_notebook(self):
        before = sys.gettrace(), sys.stdin
        for exercise, told, text in students():
            if exercise.name == "mult":  # among them a KeyboardInterrupt
                self.write(exercise, text)
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    results = [check.check(which, self.folder) for which in exercise[:2]]
                self.assertEqual(results, 2 * [told == "passes"])
                self.assertIn(told, out.getvalue())
                self.assertEqual((sys.gettrace(), sys.stdin), before)
        with self.assertRaisesRegex(ValueError, "no exercise 'max'"):
            check.reset("max")

    def test_the_command_shows_what_is_wrong_in_any_encoding(self):
        self.write(EXERCISES[0], "print('ü日')\ndef matmul(*args): raise ValueError('日')\n")
        said, status = run("check.py", "1", "--files", self.folder, PYTHONIOENCODING="cp1252")
        self.assertIn("ValueError: ?", said)
        self.assertEqual(status, 1)
        self.write(EXERCISES[1])
        said, status = run("check.py", "2", "--files", self.folder, PYTHONIOENCODING="ascii")
        self.assertIn("02_rmsnorm.py passes", said)
        self.assertEqual(status, 0)

    def test_ctrl_c_ends_even_an_endless_call_into_c(self):
        running = os.path.join(self.folder, "running")
        self.write(EXERCISES[0], f"import itertools\nopen({running!r}, 'w').close()\n"
                                 "sum(itertools.count())\n")
        with started(os.path.join(FOLDER, "check.py"), "1", "--files", self.folder) as process:
            while not os.path.exists(running) and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(20), -signal.SIGINT)

    def test_reset_restores_a_file_and_keeps_what_was_written(self):
        path = self.write(EXERCISES[4], "mine")
        with contextlib.redirect_stdout(io.StringIO()):
            check.reset("rope", self.folder)
        self.assertEqual(read(self.folder, "05_rope.1.txt"), "mine")
        self.assertEqual(read(path), read(check.STUBS, "05_rope.py"))
        self.assertEqual(run("check.py", "--reset", "19")[1], 2)
        said, status = run("check.py", "--reset", "5", "--files", path)  # cannot be written
        self.assertRegex(said, r"^check.py: cannot write .*05_rope.py: .*\n$")
        self.assertEqual(status, 1)

    def test_run_c_is_shown_if_it_is_there(self):
        text = "#include <math.h>\n" + 215 * "\n" + "void matmul() {\n"
        write(os.path.join(self.folder, "run.c"), text)
        with mock.patch("source.ROOT", pathlib.Path(self.folder)):
            self.assertEqual(len(list(check.in_c(EXERCISES[0]))), 1)  # another version
            with mock.patch("source.SHA256", hashlib.sha256(text.encode()).hexdigest()):
                self.assertIn("void matmul() {", list(check.in_c(EXERCISES[0])))

    @unittest.skipUnless(LONG, "takes as long as a story")
    def test_our_functions_tell_the_story(self):
        for exercise in EXERCISES:
            self.write(exercise)
        said, status = run("check.py", "--files", self.folder)
        self.assertIn("byte for byte", said)
        self.assertEqual(status, 0)
        # the student's functions are really used: one that passes all cases may change the story
        late = "s.logits[9] += 99.0 * (pos > 20)\n    return s.logits"
        path = os.path.join(self.folder, "09_forward.py")
        self.write(EXERCISES[8], read(path).replace("return s.logits", late))
        said, status = run("check.py", "--files", self.folder)
        self.assertIn("this is not README's story", said)
        self.assertEqual(status, 1)

    def test_readme_lists_each_exercise_and_the_number_of_mistakes(self):
        readme = read(FOLDER, "README.md")
        for e in EXERCISES:
            self.assertIn(f"| {e.number} | {e.name} | {e.lines} | ", readme)
        self.assertIn(f"one of {sum(len(e.mistakes) for e in EXERCISES)} known mistakes", readme)


class BrokenTest(unittest.TestCase):
    def test_each_bug_is_in_one_place_and_its_questions_show_it(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(FOLDER)
        sound = read("llama2.py") + read("tokenizer.py")
        for number, (_, changes) in list(enumerate(broken.BUGS, 1))[:: 1 if LONG else 3]:
            for old, _ in changes:
                self.assertEqual(sound.count(old), 1, old)
            answers = []
            for llama in 0, number:
                names = {}
                text = broken.SETUP.replace("NUMBER", str(llama)) + broken.QUESTIONS[number - 1]
                with contextlib.redirect_stdout(cases.byte_stdout()) as out:
                    with contextlib.redirect_stderr(io.StringIO()):
                        for line in re.findall("^    (.+)", text, re.MULTILINE):
                            exec(compile(line, "question", "single"), names)
                answers.append(out.buffer.getvalue())
            self.assertNotEqual(*answers, number)

    def test_the_command(self):
        said = run("broken.py", "3", "--ask")[0]
        self.assertIn("load(0), load(3)", said)
        self.assertNotIn("RoPE", said)
        self.assertEqual(run("broken.py", "12")[1], 2)
        if LONG:
            said = run("broken.py", "3", "--answer")[0]
            self.assertIn("Llama 3: no RoPE.\n\nllama2.py, line ", said)
            self.assertEqual(set(re.findall(r"^ +(\d+)  ", said, re.M)), {"0", "3"})
