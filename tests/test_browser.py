"""What the published folder runs, under Pyodide, which is CPython 3.14 compiled for browsers.

LLAMA2_SITE names a folder that doc/make/site.py has made. Without it these tests are skipped.
"""

import functools
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
from tests.helpers import ROOT, new_folder, ours, run_main
from tests.test_documents import printed

SITE = os.path.abspath(os.environ.get("LLAMA2_SITE", ""))
HAS_SITE = os.path.exists(os.path.join(SITE, "program.zip"))
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

STORIES = [
    ["0.8", "256", "In that small Swiss town", "--seed=1"],
    ["-t", "0", "-n", "40"],
    ["1.0", "50", "Zorblax saw a 🦙 in the night.", "-s", "7"],
    ["-p", "0", "-n", "30", "-s", "2"],
    ["1.5", "30", "", "-s", "-3"],
]
RIGHT = "def matmul(xout, x, w, n, d):\n    for i in range(d):\n        val = 0.0\n"
RIGHT += "        for j in range(n):\n            val += w[i][j] * x[j]\n        xout[i] = val\n"
EXERCISES = {  # what a student writes, and what check says
    RIGHT: "01_matmul.py passes",
    RIGHT.replace("val +=", "val ="): "mistake?",
    "def matmul(xout, x, w, n, d):\n    while True: pass\n": "01_matmul.py does not end",
}

# run by node; python -c's place is taken by the last line
NODE_PROGRAM = """
import { loadPyodide } from %s;
const python = await loadPyodide({ env: { PYTHONDONTWRITEBYTECODE: "1", HOME: "/tmp" } });
python.FS.mkdir("/project");
python.mountNodeFS("/project", %s);
console.log(python.runPython(%s));
"""
PREPARE = """
import contextlib, io, json, os, sys
os.chdir("/project/doc")
sys.path[:0] = ["", "/project", "/project/doc/exercises"]
given = json.loads(%r)
"""
TELL = """
import llama2

def tell(argv):
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = llama2.main(["../data/swiss.bin", *argv])
    return status, out.buffer.getvalue().decode("latin-1")

json.dumps([tell(argv) for argv in given])
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
    library = "file://" + os.path.join(SITE, "pyodide", "pyodide.mjs")
    program = PREPARE % json.dumps(given) + program
    text = NODE_PROGRAM % tuple(map(json.dumps, (library, SITE, program)))
    run = subprocess.run([NODE, "--input-type=module", "-"], input=text.encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    if run.returncode: raise AssertionError(run.stderr.decode())
    return json.loads(run.stdout)


# ----------------------------------------------------------------------------
# a browser

PROMPTS = [
    "", " ", "a", "Once upon a time", "In that small Swiss town", "Zorblax was", "🦙", "日本 🇨🇭",
    "Zoë asked Jürg", "e\u0301\u202e", "-n 7", "--", "a\tb\nc", "<s> <0x0A> &amp; </script>",
    "\"'`$HOME\\", "no\0thing", "\ud800", "word " * 40, "é" * 200, "One day " * 100,
]
WORDS = [["data/swiss.bin", "-n", "3", "-s", "1", "-i", prompt] for prompt in PROMPTS]
WORDS += [["data/swiss.bin", "-t", "warm"], ["data/swiss.bin", "-n", "1.5"],
          ["data/swiss.bin", "-s", "-3", "-t", "1.5", "-p", "0", "-n", "5"]]

# put into the explore page: what a reader does, and a worker of our own for the prompts
SCRIPT = """<script>
const errors = [], said = [];
onerror = (message) => { errors.push(message); };
console.error = console.warn = (...words) => errors.push(words.join(" "));
addEventListener("load", async () => {
  const byId = (id) => document.getElementById(id);
  const own = async (prompt, steps) => {
    Object.assign(byId("own").elements.prompt, { value: prompt });
    Object.assign(byId("own").elements.steps, { value: steps });
    byId("run").click();
    while (byId("run").disabled) await new Promise((resolve) => setTimeout(resolve, 20));
    said.push([byId("own-said").textContent, explore.data.tokens.length]);
  };
  await own("Zorblax was", "7");
  await own("Zorblax was", "seven");
  setTimeout(() => byId("stop").click(), 1000);
  await own("Zorblax was", "500");
  await own("", "4");
  const worker = new Worker("worker.js", { type: "module" });
  const runs = [];
  for (const words of GIVEN) {
    worker.postMessage(words);
    runs.push(await new Promise((resolve) => {
      worker.onmessage = ({ data: { run, error } }) => {
        if (error) resolve(error);
        if (run) resolve([run.data, Array.from(run.log), Array.from(run.values)]);
      };
    }));
  }
  const form = document.createElement("form");
  form.innerHTML = "<textarea name=result></textarea>";
  form.firstChild.value = JSON.stringify({ errors, said, runs });
  Object.assign(form, { method: "post", action: "/result", enctype: "text/plain" });
  document.body.append(form);
  form.submit();
});
</script></body>"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder, and lets no page or worker ask another server without telling us."""

    def do_GET(self):
        if self.path != "/explore.html": return super().do_GET()
        with open(os.path.join(SITE, "explore.html"), encoding="utf-8") as file:
            given = json.dumps(WORDS).replace("<", "\\u003c")
            text = file.read().replace("</body>", SCRIPT.replace("GIVEN", given))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.put((self.path, text))
        self.send_response(204)
        self.end_headers()

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self' 'unsafe-inline' "
                         "'unsafe-eval'; img-src 'self' data:; report-uri /violation")
        super().end_headers()

    def log_message(self, *args): pass


@unittest.skipUnless(HAS_SITE and NODE, "LLAMA2_SITE is not set, or node is not here")
class PyodideTest(unittest.TestCase):
    def test_five_stories_are_those_of_this_python_byte_for_byte(self):
        checkpoint = os.path.join(ROOT, "data", "swiss.bin")
        expected = [[None, ours([checkpoint, *argv]).decode("latin-1")] for argv in STORIES]
        self.assertEqual(under_pyodide(TELL, STORIES), expected)

    def test_the_notebooks_run_from_top_to_bottom_and_print_what_is_saved(self):
        doc = Path(SITE, "doc")
        names = [path.relative_to(doc).as_posix() for path in doc.rglob("*.ipynb")]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            executed = list(pool.map(lambda name: under_pyodide(NOTEBOOK, name), names))
        for name, notebook in zip(names, executed):
            with self.subTest(name), open(doc / name, encoding="utf-8") as file:
                if "speed" not in name and "exercises" not in name:  # seconds; nothing is saved
                    self.assertEqual(printed(json.dumps(notebook)), printed(file.read()))

    def test_exercises_that_are_right_wrong_and_endless_are_told_apart(self):
        for said, expected in zip(under_pyodide(CHECK, list(EXERCISES)), EXERCISES.values()):
            self.assertIn(expected, said)


def recorded_here(words):
    """What worker.js should hand over for these words, recorded by this Python."""
    generate, result = llama2.generate, []
    record = lambda *what: result.extend(explore.run(generate, *what))
    with mock.patch.object(llama2, "generate", record):
        status, _, err = run_main([os.path.join(ROOT, words[0]), *words[1:]])
    if status: return err
    data, arrays = result
    return [json.loads(json.dumps(data)), arrays["log"].tolist(), arrays["values"].tolist()]


@unittest.skipUnless(HAS_SITE and CHROMIUM, "LLAMA2_SITE is not set, or chromium is not here")
class ExplorePageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        handler = functools.partial(Handler, directory=SITE)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        server.posted = queue.Queue()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={new_folder(cls.addClassCleanup)}",
            f"http://127.0.0.1:{server.server_port}/explore.html",
        ]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            path, text = server.posted.get(timeout=200)
        finally:
            browser.kill()
            browser.wait()
        if path != "/result": raise AssertionError(f"another server was asked: {text}")
        cls.got = json.loads(text[len("result="):])

    def test_own_words_can_be_run_stopped_and_run_again(self):
        self.assertEqual(self.got["errors"], [])
        (done, count), (wrong, _), (stopped, kept), (again, last) = self.got["said"]
        self.assertEqual((count, kept, last), (7, 7, 4))
        self.assertEqual(done, again)
        self.assertIn("'seven' is not a whole number", wrong)
        self.assertIn("Stopped", stopped)

    def test_the_worker_records_what_this_python_records(self):
        self.assertEqual(len(self.got["runs"]), len(WORDS))
        for words, got in zip(WORDS, self.got["runs"]):
            with self.subTest(words=words):
                expected = recorded_here(words)
                if isinstance(expected, str):
                    self.assertEqual(got, expected)
                    continue
                self.assertEqual(got[:2], expected[:2])
                self.assertEqual(len(got[2]), len(expected[2]))
                for a, b in zip(got[2], expected[2]):  # other C libraries round sin otherwise
                    self.assertTrue(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12), (a, b))
