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
    return notebook

def check(text):
    import check
    with open("/tmp/01_matmul.py", "w") as file: file.write(text)
    with contextlib.redirect_stdout(io.StringIO()) as out: check.check("matmul", "/tmp")
    return out.getvalue()

json.dumps(%s(json.loads(%r)))
"""


def under_pyodide(function, argument):
    """What a function of PROGRAM returns."""
    library = Path(SITE, "pyodide", "pyodide.mjs").as_uri()
    program = PROGRAM % (function, json.dumps(argument))
    text = UNDER_NODE % tuple(map(json.dumps, (library, SITE, ROOT, program)))
    run = subprocess.run([NODE, "--input-type=module", "-"], input=text.encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=1000)
    if run.returncode: raise AssertionError(run.stderr.decode())
    return json.loads(run.stdout)


@unittest.skipUnless(HAS_SITE and NODE, "LLAMA2_SITE is not set, or node is not here")
class PyodideTest(unittest.TestCase):
    def test_five_stories_are_those_of_this_python_byte_for_byte(self):
        for argv in (
            ["0.8", "256", "In that small Swiss town", "--seed=1"],
            ["1.0", "50", "Zorblax saw a 🦙 in the night.", "-s", "7"],
            ["-t", "0", "-n", "40"], ["-p", "0", "-n", "30", "-s", "2"], ["-n", "30", "-s", "-3"],
        ):
            expected = ours([os.path.join(ROOT, "data", "swiss.bin"), *argv]).decode("latin-1")
            self.assertEqual(under_pyodide("tell", argv), expected)

    def test_the_notebooks_run_from_top_to_bottom_and_print_what_is_saved(self):
        doc = Path(SITE, "doc")
        names = [path.relative_to(doc).as_posix() for path in doc.rglob("*.ipynb")]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            executed = list(pool.map(functools.partial(under_pyodide, "execute"), names))
        for name, notebook in zip(names, executed):
            if "speed" not in name and "exercises" not in name:  # seconds; nothing is saved
                with self.subTest(name):
                    self.assertEqual(printed(json.dumps(notebook)), printed(read(doc / name)))

    def test_exercises_that_are_right_wrong_and_endless_are_told_apart(self):
        right = ("def matmul(xout, x, w, n, d):\n    for i in range(d):\n        xout[i] = 0.0\n"
                 "        for j in range(n):\n            xout[i] += w[i][j] * x[j]\n")
        endless = "def matmul(xout, x, w, n, d):\n    while True: pass\n"
        for text, verdict in (right, "passes"), (right.replace("+=", "="), "is not right yet"), (
                endless, "does not end"):
            said = under_pyodide("check", text)
            self.assertTrue(said.startswith(f"01_matmul.py {verdict}\n"), said)


# ----------------------------------------------------------------------------
# the explore page, in a browser

PROMPTS = [
    "", " ", "a", "Once upon a time", "In that small Swiss town", "Zorblax was", "🦙", "日本 🇨🇭",
    "Zoë asked Jürg", "e\u0301\u202e", "-n 7", "--", "a\tb", "<s> <0x0A> &amp; </script>",
    "\"'`$HOME\\", "no\0thing", "x" * 200, "word " * 40, "é" * 200, "One day " * 100,
]
RUNS = [[prompt, "3", "0.8", "0.9", "1"] for prompt in PROMPTS]
RUNS += [["Tim", "7", "1.5", "0", "-3"], ["", "3", "warm", "0", "1"], ["", "1.5", "0", "0", "1"]]

# what a reader does, with the runs that the worker hands over; the last one is stopped
SCRIPT = """<script>
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
  for (const words of GIVEN) {
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
  document.body.innerHTML = "<form method=post action=/result enctype=text/plain><textarea name=r>";
  document.forms[0].r.value = JSON.stringify({ errors, got });
  document.forms[0].submit();
});
</script></body>"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder. Who asks another server, page or worker, is not let, and reported."""

    def send_head(self):
        if self.path != "/explore.html": return super().send_head()
        given = json.dumps([*RUNS, ["", "500", "0", "0", "1"]]).replace("<", "\\u003c")
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


def recorded_here(prompt, steps, temperature, topp, seed):
    """What explore.py records of such a run in this Python: what is wrong, and the record."""
    generate, result = llama2.generate, []
    words = ["-n", steps, "-t", temperature, "-p", topp, "-s", seed, "-i", prompt]
    record = lambda *what: result.extend(explore.run(generate, *what))
    with mock.patch.object(llama2, "generate", record):
        _, _, err = run_main([os.path.join(ROOT, "data", "swiss.bin"), *words])
    if not result: return err, None
    data, arrays = result
    return "", [json.loads(json.dumps(data)), arrays["log"].tolist(), arrays["values"].tolist()]


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

    def test_own_words_give_the_record_of_this_python_without_an_error(self):
        self.assertEqual((self.got["errors"], len(self.got["got"])), ([], len(RUNS) + 1))
        close = functools.partial(math.isclose, abs_tol=1e-12)  # the last digit of sin may differ
        for words, (said, count, record) in zip(RUNS, self.got["got"]):
            with self.subTest(words=words):
                wrong, expected = recorded_here(*words)
                self.assertEqual(said, wrong or "This page now shows your run.")
                if record and expected:
                    values, ours = record.pop(), expected.pop()
                    self.assertEqual((count, len(values)), (len(expected[0]["tokens"]), len(ours)))
                    self.assertTrue(all(map(close, values, ours)))
                self.assertEqual(record, expected)

    def test_a_run_that_is_stopped_leaves_the_page_as_it_was(self):
        said, count, record = self.got["got"][-1]
        self.assertEqual((count, record), (7, None))
        self.assertIn("Stopped", said)
