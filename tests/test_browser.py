"""The published folder works under Pyodide, which is CPython 3.14 compiled for browsers.

LLAMA2_SITE names a folder made by doc/make/site.py. Without it, these tests are skipped.
"""

import functools
import json
import math
import os
import shutil
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import explore
import llama2
from tests.helpers import ROOT, new_folder, ours, read, run_main, write
from tests.test_documents import printed
from tests.test_explore import CHROMIUM

SITE = Path(os.environ.get("LLAMA2_SITE", "")).resolve()
HAS_SITE = (SITE / "program.zip").exists()
NODE = shutil.which("node")

# run by node; the last line of the program gives the result
UNDER_NODE = """
import { loadPyodide } from %s;
const python = await loadPyodide({ env: { PYTHONDONTWRITEBYTECODE: "1", HOME: "/tmp" } });
for (const [place, folder] of [["/site", %s], ["/project", %s]]) {
  python.FS.mkdir(place);
  python.mountNodeFS(place, folder);
}
try {
  console.log(python.runPython(%s));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
"""
PROGRAM = """
import contextlib, io, json, os, sys
sys.path[:0] = ["", "/project", "/project/doc", "/site/doc/exercises"]
os.chdir("/site/doc")

def tell(argv):
    from tests.helpers import ours
    return ours(["../data/swiss.bin", *argv]).decode("latin-1")

def execute(path):
    from make import notebooks
    with open(path, encoding="utf-8") as file: notebook = json.load(file)
    os.chdir(os.path.dirname(os.path.abspath(path)))
    notebooks.execute(notebook)
    return json.dumps(notebook)

def check(text):
    import check
    with open("/tmp/01_matmul.py", "w") as file: file.write(text)
    with contextlib.redirect_stdout(io.StringIO()) as out: check.check("matmul", "/tmp")
    return out.getvalue()

json.dumps([%s(value) for value in json.loads(%r)])
"""


def under_pyodide(function, *values):
    """Return what a function of PROGRAM returns for each of the values."""
    library = (SITE / "pyodide" / "pyodide.mjs").as_uri()
    program = PROGRAM % (function, json.dumps(values))
    text = UNDER_NODE % tuple(map(json.dumps, (library, str(SITE), ROOT, program)))
    run = subprocess.run([NODE, "--input-type=module", "-"], input=text.encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=1000)
    if run.returncode: raise AssertionError(run.stderr.decode())
    return json.loads(run.stdout)


@unittest.skipUnless(HAS_SITE and NODE, "LLAMA2_SITE is not set, or there is no node")
class PyodideTest(unittest.TestCase):
    def test_five_stories_are_those_of_this_python_byte_for_byte(self):
        stories = [
            ["0.8", "256", "In that small Swiss town", "--seed=1"],
            ["1.0", "50", "Zorblax saw a 🦙 in the night.", "-s", "7"],
            ["-t", "0", "-n", "40"], ["-p", "0", "-n", "30", "-s", "2"], ["-n", "30", "-s", "-3"],
        ]
        checkpoint = os.path.join(ROOT, "data", "swiss.bin")
        expected = [ours([checkpoint, *argv]).decode("latin-1") for argv in stories]
        self.assertEqual(under_pyodide("tell", *stories), expected)

    def test_the_notebooks_run_from_top_to_bottom_and_print_what_is_saved(self):
        doc = SITE / "doc"
        names = [path.relative_to(doc).as_posix() for path in doc.rglob("*.ipynb")]
        names.sort(reverse=True)  # 5 and 4, which take longest, begin first
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            executed = list(pool.map(functools.partial(under_pyodide, "execute"), names))
        for name, (notebook,) in zip(names, executed):
            if "speed" not in name and "exercises" not in name:  # seconds; nothing is saved
                with self.subTest(name):
                    self.assertEqual(printed(notebook), printed(read(doc / name)))

    def test_exercises_that_are_right_wrong_and_endless_are_told_apart(self):
        right = ("def matmul(xout, x, w, n, d):\n    for i in range(d):\n        xout[i] = 0.0\n"
                 "        for j in range(n):\n            xout[i] += w[i][j] * x[j]\n")
        endless = "def matmul(xout, x, w, n, d):\n    while True: pass\n"
        said = under_pyodide("check", right, right.replace("+=", "="), endless)
        for text, expected in zip(said, ("passes\n", "is not right yet\n", "does not end\n")):
            self.assertTrue(text.startswith(f"01_matmul.py {expected}"), text)


# ----------------------------------------------------------------------------
# the explore page, in a browser

PROMPTS = [
    "", " ", "a", "Once upon a time", "In that small Swiss town", "Zorblax was", "🦙", "日本 🇨🇭",
    "Zoë asked Jürg", "e\u0301\u202e", "-n 7", "--", "a\tb", "<s> <0x0A> &amp; </script>",
    "\"'`$HOME\\", "no\0thing", "x" * 200, "word " * 40, "é" * 200, "One day " * 100,
]
RUNS = [[prompt, "3", "0.8", "0.9", "1"] for prompt in PROMPTS]
RUNS += [["Tim", "7", "1.5", "0", "-3"], ["", "3", "warm", "0", "1"], ["", "1.5", "0", "0", "1"]]
STOPPED = ["", "500", "0", "0", "1"]

# what a reader does on the page, and the runs that the worker hands over meanwhile
READER = """<script>
const errors = [], got = [];
let run = null;
onerror = (message) => { errors.push(message); };
console.error = console.warn = (...words) => errors.push(words.join(" "));
Worker = class extends Worker {
  constructor(...words) {
    super(...words);
    this.addEventListener("message", ({ data }) => { run = data.run; });
  }
};
addEventListener("load", async () => {
  const byId = (id) => document.getElementById(id);
  for (const words of RUNS) {
    ["prompt", "steps", "temperature", "topp", "seed"].forEach((name, i) => {
      byId("own").elements[name].value = words[i];
    });
    run = null;
    byId("run").click();
    if (words[1] === "500") setTimeout(() => byId("stop").click(), 2000);
    while (byId("run").disabled) await new Promise((resolve) => setTimeout(resolve, 20));
    const record = run && [run.data, Array.from(run.log), Array.from(run.values)];
    got.push([byId("own-said").textContent, explore.data.tokens.length, record]);
  }
  document.body.innerHTML = "<form method=post action=/ enctype=text/plain><textarea name=r>";
  document.forms[0].r.value = JSON.stringify({ errors, got });
  document.forms[0].submit();
});
</script></body>"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder; a request to another server is blocked and reported."""

    def do_POST(self):
        self.server.posted = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_error(204)

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self' data: 'unsafe-inline' "
                         "'unsafe-eval'; report-uri /")
        super().end_headers()

    def log_message(self, *args): pass


def recorded_here(prompt, steps, temperature, topp, seed):
    """Return what explore.py records of such a run here: an error message, and the record."""
    generate, result = llama2.generate, []
    words = ["-n", steps, "-t", temperature, "-p", topp, "-s", seed, "-i", prompt]
    record = lambda *what: result.extend(explore.run(generate, *what))
    with mock.patch.object(llama2, "generate", record):
        _, _, err = run_main([os.path.join(ROOT, "data", "swiss.bin"), *words])
    if not result: return err, None
    data, arrays = result
    return "", [json.loads(json.dumps(data)), arrays["log"].tolist(), arrays["values"].tolist()]


@unittest.skipUnless(HAS_SITE and CHROMIUM, "LLAMA2_SITE is not set, or there is no chromium")
class OwnWordsTest(unittest.TestCase):
    def test_own_words_give_the_record_of_this_python_without_an_error(self):
        folder = new_folder(self.addCleanup)
        given = json.dumps([*RUNS, STOPPED]).replace("<", "\\u003c")
        text = read(SITE / "explore.html").replace("</body>", READER.replace("RUNS", given))
        self.addCleanup(os.remove, write(str(SITE / "test.html"), text))
        handler = functools.partial(Handler, directory=str(SITE))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            address = f"http://127.0.0.1:{server.server_port}/test.html"
            browser = subprocess.Popen(
                [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                 "--no-first-run", "--disable-background-networking", "--disable-sync",
                 "--disable-component-update", f"--user-data-dir={folder}", address],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(browser.wait)
            self.addCleanup(browser.kill)
            server.posted, server.timeout = "", 1
            end = time.monotonic() + 300
            while not server.posted and time.monotonic() < end: server.handle_request()
        self.assertTrue(server.posted.startswith("r="), server.posted)  # not a report, or nothing
        result = json.loads(server.posted[2:])
        self.assertEqual((result["errors"], len(result["got"])), ([], len(RUNS) + 1))
        close = functools.partial(math.isclose, abs_tol=1e-12)  # the last digit of sin may differ
        for words, (said, count, record) in zip(RUNS, result["got"]):
            with self.subTest(words=words):
                wrong, expected = recorded_here(*words)
                self.assertEqual(said, wrong or "This page now shows your run.")
                if record and expected:
                    values, ours = record.pop(), expected.pop()
                    self.assertEqual((count, len(values)), (len(expected[0]["tokens"]), len(ours)))
                    self.assertTrue(all(map(close, values, ours)))
                self.assertEqual(record, expected)
        said, count, record = result["got"][-1]
        self.assertEqual((count, record), (7, None))  # like the last run that worked
        self.assertIn("Stopped", said)
