"""doc/exercises: what is right passes, and each known mistake is told apart from the others."""

import contextlib
import hashlib
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest

from tests.helpers import LONG, ROOT

FOLDER = os.path.join(ROOT, "doc", "exercises")
sys.path.insert(0, FOLDER)

import broken
import cases
import check
import parts
from mistakes import EXERCISES

NUMBERS = range(1, len(EXERCISES) + 1)

# what students write, and a piece of what they are told
WRITTEN = [
    (1, "begins with what stood in xout before", """
def matmul(xout, x, w, n, d):
    for i in range(d):
        for j in range(n):
            xout[i] += w[i][j] * x[j]
"""),
    (1, "x = [...] makes a new list", """
def matmul(xout, x, w, n, d):
    xout = [sum(a * b for a, b in zip(r, x)) for r in w]
"""),
    (1, "append makes it longer", """
def matmul(xout, x, w, n, d):
    for row in w:
        xout.append(sum(a * b for a, b in zip(row, x)))
"""),
    (1, "3 times what it should be", """
def matmul(xout, x, w, n, d):
    for i in range(d):
        xout[i] = 3 * sum(a * b for a, b in zip(w[i], x))
"""),
    (1, "right, but in another order", """
def matmul(xout, x, w, n, d):
    xout[:] = sorted(sum(a * b for a, b in zip(r, x)) for r in w)[::-1]
"""),
    (2, "1e-5 is added to the root", """
import math
def rmsnorm(o, x, weight, size):
    ss = sum(v * v for v in x) / size
    for i in range(size):
        o[i] = x[i] / (math.sqrt(ss) + 1e-5) * weight[i]
"""),
    (2, "every tenth", """
def rmsnorm(o, x, weight, size):
    for i in range(size):
        o[i] = x[i] / (sum(v * v for v in x) / size + 1e-5) ** 0.5 * weight[i]
"""),
    (3, "x = [...] makes a new list", """
import math
def softmax(x, size):
    total = sum(math.exp(v - max(x[:size])) for v in x[:size])
    x = [math.exp(v - max(x[:size])) / total for v in x[:size]]
"""),
    (3, "the largest score is not taken away", """
import math
def softmax(x, size):
    total = sum(math.exp(v) for v in x[:size])
    for i in range(size):
        x[i] = math.exp(x[i]) / total
"""),
    (3, "all of x takes part", """
import math
def softmax(x, size):
    m = max(x)
    e = [math.exp(v - m) for v in x]
    for i in range(len(x)):
        x[i] = e[i] / sum(e)
"""),
    (4, "OverflowError", """
import math
def swiglu(s, hidden_dim):
    for i in range(hidden_dim):
        s.hb[i] = s.hb[i] / (1 + math.exp(-s.hb[i])) * s.hb2[i]
"""),
    (5, "the first half of a head is turned with the second half", """
import math
def rope(s, pos, dim, kv_dim, head_size):
    half = head_size // 2
    for vec in s.q, s.k:
        for begin in range(0, len(vec), head_size):
            for j in range(half):
                a = pos * 10000.0 ** (-2 * j / head_size)
                v0, v1 = vec[begin + j], vec[begin + j + half]
                vec[begin + j] = v0 * math.cos(a) - v1 * math.sin(a)
                vec[begin + j + half] = v0 * math.sin(a) + v1 * math.cos(a)
"""),
    (6, "h % n_kv_heads", """
import math
def scores(s, l, h, pos, head_size, kv_mul):
    n_kv_heads = len(s.key_cache[0][0]) // head_size
    for t in range(pos + 1):
        a = h * head_size
        b = h % n_kv_heads * head_size
        s.att[h][t] = sum(s.q[a + i] * s.key_cache[l][t][b + i] for i in range(head_size))
        s.att[h][t] /= math.sqrt(head_size)
"""),
    (6, "the root of dim", """
import math
def scores(s, l, h, pos, head_size, kv_mul):
    for t in range(pos + 1):
        a = h * head_size
        b = h // kv_mul * head_size
        s.att[h][t] = sum(s.q[a + i] * s.key_cache[l][t][b + i] for i in range(head_size))
        s.att[h][t] /= math.sqrt(len(s.q))
"""),
    (6, "C's division of two ints is //", """
def scores(s, l, h, pos, head_size, kv_mul):
    for t in range(pos + 1):
        k = s.key_cache[l][t][h / kv_mul * head_size:]
"""),
    (7, "in a copy", """
def weighted_sum(s, l, h, pos, head_size, kv_mul):
    xb = s.xb[h * head_size : (h + 1) * head_size]
    for i in range(head_size):
        xb[i] = sum(s.att[h][t] * s.value_cache[l][t][h // kv_mul * head_size + i]
                    for t in range(pos + 1))
"""),
    (9, "every number is 2 times what it should be", """
from parts import *
right = forward
def forward(transformer, token, pos):
    return [2 * logit for logit in right(transformer, token, pos)]
"""),
    (8, "value_cache[0][0] after layer 0 at position 0 = [", """
from parts import *
right = layer
def layer(transformer, l, pos):
    right(transformer, l, pos)
    transformer.state.value_cache[l][pos][3] += 0.125
"""),
    (10, "the last of equal ones", """
def sample_argmax(p, n):
    best = 0
    for i in range(n):
        if p[i] >= p[best]:
            best = i
    return best
"""),
    (10, "is a return missing", """
def sample_argmax(p, n):
    max(p)
"""),
    (12, "<= in place of <", """
def sample_mult(p, n, coin):
    total = 0
    for i in range(n):
        total += p[i]
        if coin <= total:
            return i
    return n - 1
"""),
    (13, "upside down", """
def sample_topp(p, n, topp, probindex, coin):
    ids = sorted(range(n), key=lambda i: p[i])
    total, k = 0, 0
    while total <= topp:
        total += p[ids[k]]
        k += 1
    r, cdf = coin * total, 0
    for i in ids[:k]:
        cdf += p[i]
        if r < cdf:
            return i
    return ids[k - 1]
"""),
    (15, "all spaces in front", """
def decode(t, prev, token):
    piece = t.vocab[token]
    if piece[:3] == b'<0x': return bytes([int(piece[3:5], 16)])
    return piece.lstrip(b' ') if prev == 1 else piece
"""),
    (16, "the space in front is missing", """
from parts import str_lookup
def characters(t, text, bos):
    ids = [1] if bos else []
    for c in text.decode('utf-8', 'surrogateescape'):
        c = c.encode('utf-8', 'surrogateescape')
        id = str_lookup(c, t.sorted_vocab)
        ids += [id] if id != -1 else [b + 3 for b in c]
    return ids
"""),
    (18, "safe_printf leaves those out", """
from parts import *
def generate(transformer, tokenizer, sampler, prompt, steps):
    ids = encode(tokenizer, prompt or '', True, False)
    token = ids[0]
    for pos in range(steps):
        logits = forward(transformer, token, pos)
        if pos < len(ids) - 1: next = ids[pos + 1]
        else: next = sample(sampler, logits)
        sys.stdout.buffer.write(decode(tokenizer, token, next))
        token = next
    print()
"""),
]


def ours(exercise):
    """Our functions of an exercise, as a student would have written them."""
    return {name: parts.TEXTS[name] for name in exercise.functions}


class ExercisesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, number, text):
        path = os.path.join(self.folder, check.file_name(number))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def examine(self, number, text):
        """The status of a file with this text, and what is said of it."""
        with contextlib.redirect_stdout(io.StringIO()):
            status, lines = check.examine(number, self.write(number, text))
        return status, "\n".join(lines)

    def check(self, *args, env=None):
        """What check.py prints about self.folder, and its exit status."""
        command = [sys.executable, "check.py", "--files", self.folder, *args]
        run = subprocess.run(command, cwd=FOLDER, env=env, stdout=-1, stderr=-2)
        return run.stdout.decode("utf-8", "replace").replace("\r", ""), run.returncode

    def test_each_file_is_a_stub_that_fails_and_can_be_restored(self):
        stubs = self.stubs()
        self.assertEqual(sorted(stubs), [check.file_name(number) for number in NUMBERS])
        for number in NUMBERS:
            self.write(number, stubs[check.file_name(number)])
        found = check.check(self.folder, NUMBERS)
        self.assertEqual([found[number][0] for number in NUMBERS], ["stub"] * len(EXERCISES))
        for name, text in stubs.items():
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                here = file.read()
            if "raise NotImplementedError" in here:  # nobody has written it yet
                self.assertEqual(here, text, name)

    def stubs(self):
        """The text of each file as it is before anyone has written in it."""
        with open(os.path.join(FOLDER, "stubs.json"), encoding="utf-8") as file:
            return json.load(file)

    def test_a_stub_names_the_lines_of_run_c_and_defines_the_functions(self):
        for number, exercise in enumerate(EXERCISES, 1):
            with open(os.path.join(FOLDER, check.file_name(number)), encoding="utf-8") as file:
                text = file.read()
            head = text.splitlines()[0]
            self.assertTrue(re.match(rf'r?"""{number}\. ', head), head)
            self.assertTrue(head.endswith(f" run.c {exercise.lines}"), head)
            self.assertEqual(re.findall(r"^def (\w+)", text, re.MULTILINE), exercise.functions)
            self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_llama2s_own_functions_pass(self):
        for number, exercise in enumerate(EXERCISES, 1):
            text = "from parts import *\n" + "\n".join(ours(exercise).values())
            self.assertEqual(self.examine(number, text), ("passed", ""))

    def test_each_known_mistake_is_named(self):
        for number, exercise in enumerate(EXERCISES, 1):
            for mistake in exercise.mistakes[:: 1 if LONG else 4]:  # all take 5 seconds
                texts = check.changed_texts(exercise, mistake)
                text = "from parts import *\n" + "\n".join(texts.values())
                status, said = self.examine(number, text)
                with self.subTest(exercise=exercise.name, mistake=mistake[0]):
                    self.assertEqual(status, "wrong")
                    self.assertIn("mistake?  " + mistake[0], said)

    def test_what_students_write_is_told_what_it_is(self):
        for number, message, text in WRITTEN:
            with self.subTest(text=text):
                status, said = self.examine(number, text)
                self.assertEqual(status, "wrong")
                self.assertIn(message, said)

    def test_expected_numbers_follow_by_hand(self):
        def first(name, i=0):
            return cases.expected(name, i)

        def near(got, wanted):
            self.assertIsNone(check.difference("", wanted, got))

        near(first("matmul")["xout"], [21.0, 43.0])
        near(first("rmsnorm")["o"], [3 / math.sqrt(9 + 1e-5), -6 / math.sqrt(9 + 1e-5)])
        near(first("softmax")["x"], [1 / (2 + math.e)] * 2 + [math.e / (2 + math.e), 5.0])
        near(first("swiglu")["s.hb"], [2 / (1 + math.exp(-1)), -4 / (1 + math.e)])
        a, b = math.cos(1), math.sin(1)
        near(first("rope")["s.q"], [a, b, math.cos(0.01), math.sin(0.01)])
        near(first("rope")["s.k"], [-2 * b, 2 * a, -2 * math.sin(0.01), 2 * math.cos(0.01)])
        near(first("scores")["s.att"], [[2.5, 2.0, 9.0]])
        near(first("weighted_sum")["s.xb"], [1.0, 6.0])
        self.assertEqual([first("argmax", i)["returned"] for i in range(6)], [1, 1, 1, 0, 2, 1])
        self.assertEqual([first("mult", i)["returned"] for i in range(5)], [1, 1, 2, 1, 2])
        self.assertEqual([first("topp", i)["returned"] for i in range(2)], [2, 1])
        self.assertEqual(first("decode", 1)["returned"], b"hello")
        self.assertEqual(first("characters", 4)["returned"], [1, 259, 267, 198, 191])
        self.assertEqual(first("merges")["tokens"], [275])

    def test_an_error_is_shown_at_the_students_line_without_ours(self):
        self.write(1, "def matmul(xout, x, w, n, d):\n    xout[0] = w[0][n]\n")
        self.write(2, "def rmsnorm(o, x, weight, size:\n")
        self.write(3, "def softmaxx(x, size):\n    pass\n")
        self.write(8, "from parts import matmul\ndef layer(transformer, l, pos):\n"
                      "    matmul([], [], transformer.weights.wq[0], 16, 16)\n")  # fmt: skip
        self.write(10, "def sample_argmax(probabilities):\n    return 0\n")
        self.write(12, "def sample_mult(probabilities, n, coin):\n    exit()\n")
        self.write(13, "import os\ndef sample_topp(*args):\n    os._exit(0)\n")
        said, status = self.check("1", "2", "3", "8", "10", "12", "13")
        self.assertEqual(status, 1)
        line = r' line 2, in matmul\n *xout\[0\] = w\[0\]\[n\]'
        self.assertRegex(said, '(?s)IndexError.*01_matmul.py",' + line)
        self.assertRegex(said, r'(?s)02_rmsnorm.py", line 1\n.*SyntaxError')
        self.assertIn("no function softmax", said)
        self.assertRegex(said, r'08_layer.py", line 3, in layer')
        self.assertIn("arguments still those", said)
        self.assertRegex(said, r'(?s)SystemExit.*12_mult.py", line 2, in sample_mult')
        self.assertIn("Python ended in the middle of it", said)
        for name in "check.py", "cases.py", "llama2.py, in parts", "Traceback":
            self.assertNotIn(f'File "{name}' if name.endswith("py") else name, said)

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_an_endless_loop_ends_with_a_word_and_the_next_exercise_is_checked(self):
        self.write(1, "def matmul(xout, x, w, n, d):\n    i = 0\n    while i < d:\n        pass\n")
        self.write(2, "print('hello')\ndef rmsnorm(o, x, weight, size):\n    print('size', size)\n")
        said, status = self.check("1", "2", env={**os.environ, "LLAMA2_EXERCISE_LIMIT": "1"})
        self.assertEqual(status, 1)
        self.assertRegex(said, r"01_matmul.py does not end\n *still running .* line [34] of 01_mat")
        self.assertRegex(said, r"(?s)02_rmsnorm.py is not right.*your prints:\n *hello\n *size 2\n")

    def test_reset_restores_a_file_and_keeps_what_was_written(self):
        path = self.write(5, "mine")
        self.assertEqual(self.check("--reset", "5")[1], 0)
        for name in "05_rope.py", "05_rope.1.txt":
            self.assertIn(name, os.listdir(self.folder))
        with open(os.path.join(self.folder, "05_rope.1.txt"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), self.stubs()["05_rope.py"])
        self.assertEqual(self.check("--reset", "19")[1], 2)

    def test_where_ours_stands(self):
        for number, exercise in enumerate(EXERCISES, 1):
            name, lines = check.where(number).split()
            first, last = map(int, lines.split("-"))
            with open(os.path.join(ROOT, name), encoding="utf-8") as file:
                shown = "".join(file.readlines()[first - 1 : last])
            text = ours(exercise)[exercise.functions[0]].rstrip().splitlines()[-1].strip()
            if exercise.name != "characters":  # which returns, where encode goes on
                self.assertIn(text, shown)

    @unittest.skipUnless(LONG, "takes as long as a story")
    def test_with_all_of_ours_the_story_is_told(self):
        for number, exercise in enumerate(EXERCISES, 1):
            names = sorted({name for e in EXERCISES[: number - 1] for name in e.functions})
            names += ["expf", "math", "re", "str_lookup", "c_string", "printf", "safe_printf"]
            names += ["time_in_ms", "eprint"]
            text = f"from parts import {', '.join(names)}\n" + "\n".join(ours(exercise).values())
            self.write(number, text)
        said, status = self.check()
        self.assertIn("byte for byte", said)
        self.assertEqual(status, 0)
        # one of them is really used: a wrong one that no case of ours finds shows in the story
        self.write(18, "def generate(*args):\n    print('a story')\n")
        self.assertEqual(self.check()[1], 1)

    def test_readme_lists_each_exercise_and_the_number_of_mistakes(self):
        with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as file:
            readme = file.read()
        for number, e in enumerate(EXERCISES, 1):
            link = f"[{e.name}]({check.file_name(number)})"
            row = f"| {number} | {link} | {e.lines} | {e.teaches} | {e.minutes} |"
            self.assertIn(row, readme)
        self.assertIn(f"one of {sum(len(e.mistakes) for e in EXERCISES)} known mistakes", readme)
        for link in re.findall(r"\]\(([^)#]+)\)", readme):
            if not link.startswith("http"):
                self.assertTrue(os.path.exists(os.path.join(FOLDER, link)), link)


class BrokenTest(unittest.TestCase):
    def test_a_broken_llama_differs_from_the_sound_one_by_exactly_its_bug(self):
        for number, bug in enumerate(broken.BUGS, 1):
            for name in "llama2.py", "tokenizer.py":
                sound = broken.read(name).splitlines()
                changed = broken.broken_source(name, number).splitlines()
                self.assertEqual(len(changed), len(sound))
                pairs = enumerate(zip(sound, changed), 1)
                differing = [i for i, (a, b) in pairs if a != b]
                with self.subTest(bug=bug.name, file=name):
                    self.assertEqual(len(differing), len(bug.changes) if name == bug.file else 0)
                    if name == bug.file:  # in one place: halves need four lines of a block
                        self.assertEqual(len(differing), 4 if bug.name == "RoPE by halves" else 1)
                        self.assertLess(differing[-1] - differing[0], 15)
                        self.assertEqual(broken.line(number), differing[0])

    def test_numbers_tell_the_llamas_apart_and_the_sound_one_is_sound(self):
        with open(os.path.join(FOLDER, "symptoms.md"), encoding="utf-8") as file:
            text = file.read()
        numbers = text.split("Which numbers")[1]
        rows = re.findall(r"^\| \d+ \|(.*) \|$", numbers, re.MULTILINE)
        self.assertEqual(len(rows), len(broken.BUGS) + 1)
        self.assertNotIn("no", rows[0])
        self.assertEqual(len(set(rows)), len(rows))
        right = broken.numbers(broken.load(0))
        for number in (range(1, len(rows)) if LONG else (3, 8)):
            found = broken.numbers(broken.load(number))
            same = ["yes" if broken.same_number(found[k], right[k]) else "**no**" for k in right]
            self.assertEqual(" " + " | ".join(same), rows[number])
        # llama 3 does not turn, so a token's key is the same wherever it stands; the sound one does
        self.assertFalse(broken.numbers(broken.load(3))["query is turned"])
        self.assertTrue(right["query is turned"])

    def test_symptoms_are_those_of_our_model(self):
        with open(os.path.join(FOLDER, "symptoms.md"), encoding="utf-8") as file:
            text = file.read()
        with open(broken.arguments()[0], "rb") as file:
            again = "python doc/exercises/broken.py --table writes symptoms.md anew"
            self.assertIn(hashlib.sha256(file.read()).hexdigest(), text, again)
        if LONG:
            self.assertEqual(broken.table(), text, again)

    def test_the_command(self):
        def run(*args):
            command = [sys.executable, "broken.py", *args]
            env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
            run = subprocess.run(command, cwd=FOLDER, env=env, stdout=-1, stderr=-2)
            return run.stdout.decode().replace("\r", ""), run.returncode

        self.assertIn("Llama 3: no RoPE.\n\nllama2.py, line ", run("3", "--answer")[0])
        self.assertNotIn(broken.BUGS[2].name, run("3", "--ask")[0].splitlines()[0])
        self.assertEqual(run("12")[1], 2)
        self.assertEqual(run("0", "--answer")[1], 2)

    def test_llama_2_prints_a_byte_as_it_is_spelled(self):
        argv = broken.arguments("#", "0", 3)
        self.assertIn("<0x23>", broken.text_of(broken.load(2), argv))
        self.assertIn("#", broken.text_of(broken.load(0), argv))


if __name__ == "__main__":
    unittest.main()
