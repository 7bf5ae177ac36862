"""Make the folder to publish: pages, notebooks and exercises that run in a browser.

    python doc/make/site.py [-o site] [--run-c PATH_TO_RUN_C] [--serve]

It needs Python 3.10 or later, npm and a network: it installs the tools below in a folder of the
user's cache. Nothing else in this project needs them. Any web server can serve the folder; --serve
does so for this machine only.
"""

import argparse
import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "doc"))

from source import page_source, read, write

# from PyPI and from npm; Pyodide is CPython 3.14, the version that the kernel uses
TOOLS = ["jupyterlite-core[contents]==0.8.6", "jupyterlite-pyodide-kernel==0.8.6",
         "markdown-it-py==4.3.0", "mdit-py-plugins==0.7.0"]
PYODIDE = "314.0.6"
RUNTIME = "pyodide.mjs pyodide.asm.mjs pyodide.asm.wasm python_stdlib.zip pyodide-lock.json"

CACHE = Path.home() / ".cache" / "llama2.py"
ENVIRONMENT = CACHE / "python{}.{}".format(*sys.version_info)
ARCHIVE = CACHE / f"pyodide-{PYODIDE}.tgz"

# what JupyterLite shows, and its settings
CONTENTS = ["README.md", "LICENSE", "llama2.py", "tokenizer.py", "data", "doc", "tests/recorded"]
SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # dark if the system is
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}
PORT = 8000


def run(*command, **options):
    """Run a command silently; if it fails, print its output and exit."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        sys.exit(f"site.py: this command failed: {' '.join(map(str, command))}")


def run_with_tools():
    """Run this program again with a Python that has the tools; return its exit status."""
    if sys.version_info < (3, 10): sys.exit("site.py: JupyterLite needs Python 3.10 or later")
    npm = shutil.which("npm")
    if not npm: sys.exit("site.py: npm, which downloads Pyodide, is missing: install Node.js")
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists(): venv.create(ENVIRONMENT, with_pip=True)
    run(python, "-m", "pip", "install", "-q", *TOOLS)
    if not ARCHIVE.exists(): run(npm, "pack", "--silent", f"pyodide@{PYODIDE}", cwd=CACHE)
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.run([python, __file__, *sys.argv[1:]]).returncode


# ----------------------------------------------------------------------------
# the folder


def copy_project(site):
    """Make site, with what is read and run in a browser; the exercises are in their first state."""
    site.mkdir()
    ignore = shutil.ignore_patterns("__pycache__", ".*", "stories*.bin", "tokenizer.bin")
    for name in CONTENTS:
        if (ROOT / name).is_dir(): shutil.copytree(ROOT / name, site / name, ignore=ignore)
        else: shutil.copy(ROOT / name, site)
    exercises = site / "doc" / "exercises"
    for written in exercises.glob("[0-9]*"): written.unlink()
    for stub in (exercises / "stubs").iterdir(): shutil.copy(stub, exercises)
    # JupyterLite reads and writes *.json as JavaScript does, which turns 21.0 into 21
    shutil.copy(exercises / "expected.json", exercises / "expected.txt")
    text = read(exercises / "cases.py").replace("expected.json", "expected.txt")
    write(exercises / "cases.py", text)


def add_jupyter(site):
    """Add JupyterLite with everything in site, and the same in program.zip, for worker.js."""
    with tempfile.TemporaryDirectory() as stage:
        Path(stage, "overrides.json").write_text(json.dumps(SETTINGS))
        run(sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", stage,
            "--contents", site, "--output-dir", Path(stage, "jupyter"), "--apps", "lab",
            "--no-sourcemaps", "--no-unused-shared-packages", cwd=stage)
        shutil.make_archive(Path(stage, "program"), "zip", site)
        for name in "jupyter", "program.zip": shutil.move(Path(stage, name), site)


def add_explore(site, run_c):
    """Add the explore page with own.js, Pyodide, and the side-by-side page."""
    page = site / "explore.html"
    words = ["--run-c", run_c] if run_c else []
    run(sys.executable, ROOT / "doc" / "explore.py", "-o", page, *words)
    text = read(page).replace("default-src 'none';", "default-src 'none'; worker-src 'self';", 1)
    own = f"<script>\n{page_source('own.js')}</script>\n</body>"
    write(page, own.join(text.rsplit("</body>", 1)))
    shutil.copy(ROOT / "doc" / "pages" / "worker.js", site)
    (site / "pyodide").mkdir()
    with tarfile.open(ARCHIVE) as archive:
        for name in RUNTIME.split():
            (site / "pyodide" / name).write_bytes(archive.extractfile(f"package/{name}").read())
    side = site / "side_by_side.html"
    if run_c: run(sys.executable, ROOT / "doc" / "side_by_side.py", run_c, "-o", side)


def add_texts(site, run_c):
    """Add the start page, and an HTML version of each Markdown file."""
    for path in site.rglob("*.md"):
        if site / "jupyter" not in path.parents:
            write_page(path.with_suffix(".html"), read(path), site)
    lines = page_source("site.md").splitlines(keepends=True)
    opening = "".join(line for line in lines if run_c or "side_by_side" not in line)
    write_page(site / "index.html", opening, site)


def write_page(path, text, site):
    """Write a Markdown text as HTML, with tables that the keyboard can scroll."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.anchors import anchors_plugin

    up = quote(os.path.relpath(site, path.parent).replace(os.sep, "/"))

    def link(match):
        """Markdown is rendered; notebooks, programs and data open in JupyterLab."""
        name, anchor = match[1], match[2] or ""
        if not (path.parent / name).exists(): return ""  # not in the folder
        if name.endswith(".md"):
            name = name[:-3] + ".html"
        elif name.endswith((".ipynb", ".py", ".txt", ".json")):
            name = os.path.relpath(path.parent / name, site).replace(os.sep, "/")
            name = f"{up}/jupyter/lab/index.html?path={quote(name)}"
        return f'href="{name}{anchor}"'

    markdown = MarkdownIt("commonmark").enable("table").use(anchors_plugin, max_level=3)
    body = re.sub('href="(?!https?:)([^"#]*)(#[^"]*)?"', link, markdown.render(text))
    body = body.replace("<table>", '<table tabindex="0">').replace("<th></th>", "<td></td>")
    title = re.search("^# (.*)", text, re.MULTILINE)[1]
    css = page_source("shared.css", "site.css")
    write(path, page_source("site.html").format(css=css, title=title, up=up, body=body))


# ----------------------------------------------------------------------------
# the command


def serve(site):
    """Serve a folder to this machine until Ctrl-C."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(site))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", PORT), handler)
    except OSError as error:
        sys.exit(f"site.py: cannot serve at 127.0.0.1:{PORT}: {error.strerror}")
    print(f"Open http://127.0.0.1:{PORT}/ in a browser; Ctrl-C stops the server", flush=True)
    with contextlib.suppress(KeyboardInterrupt): server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description="Make the folder to publish.")
    parser.add_argument("-o", metavar="FOLDER", default="site", help="default: %(default)s")
    parser.add_argument("--run-c", metavar="FILE", help="llama2.c's run.c, to show beside ours")
    parser.add_argument("--serve", action="store_true", help="then serve it to this machine")
    args = parser.parse_args()
    site = Path(args.o).resolve()
    if site.exists() and not (site / "program.zip").exists():
        sys.exit(f"site.py: {args.o!r} exists, but this program did not make it: choose another -o")
    if args.run_c and not os.path.isfile(args.run_c):
        sys.exit(f"site.py: {args.run_c!r} does not exist or is not a file")
    start = time.time()
    if not (ENVIRONMENT.exists() and ENVIRONMENT.samefile(sys.prefix)): return run_with_tools()
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "site"
        run_c = args.run_c and os.path.abspath(args.run_c)
        copy_project(new)
        add_jupyter(new)
        add_explore(new, run_c)
        add_texts(new, run_c)
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(new, site)
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    print(f"{args.o}: {size / 1e6:.0f} MB, in {time.time() - start:.0f} seconds", flush=True)
    if args.serve: serve(site)


if __name__ == "__main__":
    sys.exit(main())
