"""What the published folder runs, under Pyodide, which is CPython 3.14 compiled for browsers.

LLAMA2_SITE names a folder that doc/make/site.py has made. Without it these tests are skipped.
"""

import functools
import io
import json
import math
import os
import queue
import shutil
import subprocess
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import explore
import llama2
from tests.helpers import ROOT, new_folder, ours, read, run_main
from tests.test_documents import printed

SITE = os.path.abspath(os.environ.get("LLAMA2_SITE", ""))
HAS_SITE = os.path.exists(os.path.join(SITE, "program.zip"))
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# run by node; the last line of the program gives the result
UNDER_NODE = """
import { loadPyodide } from %s;
const python = await loadPyodide({ env: { PYTHONDONTWRITEBYTECODE: "1", HOME: "/tmp" } });
for (const [name, folder] of Object.entries({ site: %s, project: %s })) {
  python.FS.mkdir(`/${name}`);
  python.mountNodeFS(`/${name}`, folder);
}
console.log(python.runPython(%s));
"""
PREPARE = """
import contextlib, io, json, os, sys
sys.path[:0] = ["", "/project", "/project/doc", "/site/doc/exercises"]
os.chdir("/site/doc")
given = json.loads(%r)
"""
TELL = """
from tests.helpers import ours
json.dumps([ours(["../data/swiss.bin", *argv]).decode("latin-1") for argv in given])
"""
NOTEBOOK = """
from make.notebooks import execute
with open(given, encoding="utf-8") as file: notebook = json.load(file)
os.chdir(os.path.dirname(os.path.abspath(given)))
execute(notebook)
json.dumps(notebook)
"""
CHECK = """
from check import check

def said(text):
    with open("/tmp/01_matmul.py", "w") as file: file.write(text)
    with contextlib.redirect_stdout(io.StringIO()) as out: check("matmul", "/tmp")
    return out.getvalue()

json.dumps([said(text) for text in given])
"""


def under_pyodide(program, given):
    """The value of a program's last line, which is JSON."""
    library = Path(SITE, "pyodide", "pyodide.mjs").as_uri()
    program = PREPARE % json.dumps(given) + program
    text = UNDER_NODE % tuple(map(json.dumps, (library, SITE, ROOT, program)))
    run = subprocess.run([NODE, "--input-type=module", "-"], input=text.encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=1000)
    if run.returncode: raise AssertionError(run.stderr.decode())
    return json.loads(run.stdout)


@unittest.skipUnless(HAS_SITE and NODE, "LLAMA2_SITE is not set, or node is not here")
class PyodideTest(unittest.TestCase):
    def test_five_stories_are_those_of_this_python_byte_for_byte(self):
        stories = [
            ["0.8", "256", "In that small Swiss town", "--seed=1"],
            ["1.0", "50", "Zorblax saw a 🦙 in the night.", "-s", "7"],
            ["-t", "0", "-n", "40"], ["-p", "0", "-n", "30", "-s", "2"], ["-n", "30", "-s", "-3"],
        ]
        checkpoint = os.path.join(ROOT, "data", "swiss.bin")
        expected = [ours([checkpoint, *argv]).decode("latin-1") for argv in stories]
        self.assertEqual(under_pyodide(TELL, stories), expected)

    def test_the_notebooks_run_from_top_to_bottom_and_print_what_is_saved(self):
        doc = Path(SITE, "doc")
        names = [path.relative_to(doc).as_posix() for path in doc.rglob("*.ipynb")]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            executed = list(pool.map(functools.partial(under_pyodide, NOTEBOOK), names))
        for name, notebook in zip(names, executed):
            if "speed" not in name and "exercises" not in name:  # seconds; nothing is saved
                with self.subTest(name):
                    self.assertEqual(printed(json.dumps(notebook)), printed(read(doc / name)))

    def test_exercises_that_are_right_wrong_and_endless_are_told_apart(self):
        right = ("def matmul(xout, x, w, n, d):\n    for i in range(d):\n        xout[i] = 0.0\n"
                 "        for j in range(n):\n            xout[i] += w[i][j] * x[j]\n")
        endless = "def matmul(xout, x, w, n, d):\n    while True: pass\n"
        said = under_pyodide(CHECK, [right, right.replace("+=", "="), endless])
        for text, expected in zip(said, ("passes\n", "is not right yet\n", "does not end\n")):
            self.assertTrue(text.startswith(f"01_matmul.py {expected}"), text)


# ----------------------------------------------------------------------------
# the explore page, in a browser

PROMPTS = [
    "", " ", "a", "Once upon a time", "In that small Swiss town", "Zorblax was", "🦙", "日本 🇨🇭",
    "Zoë asked Jürg", "e\u0301\u202e", "-n 7", "--", "a\tb\nc", "<s> <0x0A> &amp; </script>",
    "\"'`$HOME\\", "no\0thing", "\ud800", "word " * 40, "é" * 200, "One day " * 100,
]
RUNS = [["-n", "3", "-s", "1", "-i", prompt] for prompt in PROMPTS]
RUNS += [["-t", "warm"], ["-n", "1.5"], ["-s", "-3", "-t", "1.5", "-p", "0", "-n", "5"]]

# what a reader does on the page; then a worker of our own makes the runs
SCRIPT = """<script>
const errors = [], said = [], runs = [];
onerror = (message) => { errors.push(message); };
console.error = console.warn = (...words) => errors.push(words.join(" "));
const own = async (steps) => {
  const { elements } = document.getElementById("own"), run = document.getElementById("run");
  [elements.prompt.value, elements.steps.value] = ["Zorblax was", steps];
  run.click();
  while (run.disabled) await new Promise((resolve) => setTimeout(resolve, 20));
  said.push([document.getElementById("own-said").textContent, explore.data.tokens.length]);
};
addEventListener("load", async () => {
  await own("7");
  await own("seven");
  setTimeout(() => document.getElementById("stop").click(), 1000);
  await own("500");
  await own("4");
  const worker = new Worker("worker.js", { type: "module" });
  for (const words of GIVEN) {
    worker.postMessage(["data/swiss.bin", ...words]);
    runs.push(await new Promise((resolve) => {
      worker.onmessage = ({ data: { run, error } }) => {
        if (run) resolve([run.data, Array.from(run.log), Array.from(run.values)]);
        else if (error) resolve(error);
      };
    }));
  }
  document.body.innerHTML = "<form method=post action=/result enctype=text/plain><textarea name=r>";
  document.forms[0].r.value = JSON.stringify({ errors, said, runs });
  document.forms[0].submit();
});
</script></body>"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder. Who asks another server, page or worker, is not let, and reported."""

    def send_head(self):
        if self.path != "/explore.html": return super().send_head()
        given = json.dumps(RUNS).replace("<", "\\u003c")
        page = read(SITE, "explore.html").replace("</body>", SCRIPT.replace("GIVEN", given))
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        return io.BytesIO(page.encode())

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.put((self.path, text))
        self.send_error(204)

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self' data: 'unsafe-inline' "
                         "'unsafe-eval'; report-uri /violation")
        super().end_headers()

    def log_message(self, *args): pass


def recorded_here(words):
    """What worker.js should hand over for these words, recorded by this Python."""
    generate, result = llama2.generate, []
    record = lambda *what: result.extend(explore.run(generate, *what))
    with mock.patch.object(llama2, "generate", record):
        status, _, err = run_main([os.path.join(ROOT, "data", "swiss.bin"), *words])
    if status: return err
    data, arrays = result
    return [json.loads(json.dumps(data)), arrays["log"].tolist(), arrays["values"].tolist()]


@unittest.skipUnless(HAS_SITE and CHROMIUM, "LLAMA2_SITE is not set, or chromium is not here")
class ExplorePageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        handler = functools.partial(Handler, directory=SITE)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.posted = queue.Queue()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={new_folder(cls.addClassCleanup)}",
             f"http://127.0.0.1:{server.server_port}/explore.html"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            path, text = server.posted.get(timeout=300)
        finally:
            browser.kill()
            browser.wait()
            server.shutdown()
            server.server_close()
        if path != "/result": raise AssertionError(f"another server was asked: {text}")
        cls.got = json.loads(text.partition("=")[2])

    def test_own_words_are_run_stopped_and_run_again_without_an_error(self):
        self.assertEqual(self.got["errors"], [])
        (done, count), (wrong, _), (stopped, kept), (again, last) = self.got["said"]
        self.assertEqual((count, kept, last, again), (7, 7, 4, done))
        self.assertIn("'seven' is not a whole number", wrong)
        self.assertIn("Stopped", stopped)

    def test_the_worker_records_what_this_python_records(self):
        self.assertEqual(len(self.got["runs"]), len(RUNS))
        close = functools.partial(math.isclose, abs_tol=1e-12)  # the last digit of sin may differ
        for words, got in zip(RUNS, self.got["runs"]):
            with self.subTest(words=words):
                expected = recorded_here(words)
                if isinstance(expected, list):
                    *got, values = got
                    *expected, ours = expected
                    self.assertEqual(len(values), len(ours))
                    self.assertTrue(all(map(close, values, ours)))
                self.assertEqual(got, expected)
