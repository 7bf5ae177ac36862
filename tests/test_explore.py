"""The page of doc/explore.py has forward's numbers, and a browser draws it and adds them up."""

import base64
import cmath
import contextlib
import html
import io
import json
import math
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
from array import array
from html.parser import HTMLParser
from unittest import mock

import explore
import llama2
import tokenizer
from tests.helpers import (
    LONG, MODELS, ROOT, new_folder, ours, random_checkpoint, random_tokenizer, run_python,
    write_model,
)
from tests.test_side_by_side import made_up_c

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def run_it(*argv):
    """The exit status of explore.main(argv), what stands on its stdout and stderr."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with contextlib.redirect_stderr(io.StringIO()) as err:
            try:
                status = explore.main([str(arg) for arg in argv])
            except SystemExit as exit:
                status = exit.code
    return status, out.getvalue(), err.getvalue()


class Scripts(HTMLParser):
    """The scripts of a page, {id or None: text}, and its code, row by row: {block: text}."""

    def __init__(self, path):
        super().__init__()
        self.scripts, self.rows, self.open = {}, {}, None
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "script":
            self.open = self.scripts, attrs.get("id")
        elif attrs.get("class") == "row":
            self.open = self.rows, attrs.get("data-block")
        elif tag == "code":
            self.handle_data("\n")

    def handle_endtag(self, tag):
        if tag in ("script", "section"):
            self.open = None

    def handle_data(self, data):
        if self.open:
            texts, key = self.open
            texts[key] = texts.get(key, "") + data


class Page:
    """The data of a page; steps: (pos, block, layer, head, {(list, row): numbers after it}).

    changed: of each step, the lists that it writes.
    """

    def __init__(self, path):
        found = Scripts(path)
        self.rows, self.scripts = found.rows, found.scripts
        self.data = json.loads(found.scripts["data"])
        arrays = {}
        for name, kind in ("log", "H"), ("values", "d"), ("floats", "f"):
            text = found.scripts[name].translate(str.maketrans(",.", "<&"))
            data = base64.b85decode(text)
            arrays[name] = array(kind, data[: self.data["counts"][name] * array(kind).itemsize])
        self.arrays, self.floats = arrays, arrays["floats"]
        self.steps, self.changed, lists = [], [], {}
        log, values = iter(arrays["log"]), iter(arrays["values"])
        for pos in log:
            block, l, h, changes = (next(log) for _ in range(4))
            if self.steps and self.steps[-1][0] != pos:  # caches have an empty row for it
                lists = {key: row for key, row in lists.items() if "cache" not in key[0]}
            lists = dict(lists)
            self.changed.append(set())
            for _ in range(changes):
                name, row, first, count = (next(log) for _ in range(4))
                key = self.data["lists"][name], row
                self.changed[-1].add(key)
                old = lists.get(key, [])
                old = old + [0.0] * (first + count - len(old))
                old[first : first + count] = [next(values) for _ in range(count)]
                lists[key] = old
            key = self.data["blocks"][block]["key"]
            none = {65535: None}
            self.steps.append((pos, key, none.get(l, l), none.get(h, h), lists))


def times(w, x):
    return [sum(map(float.__mul__, map(float, row), x)) for row in w]


def norm(x, weight):
    root = math.sqrt(math.fsum(v * v for v in x) / len(x) + 1e-5)
    return [v / root * g for v, g in zip(x, weight)]


def turned(x, pos, head_size):
    """RoPE, by complex numbers."""
    out = []
    for i in range(0, len(x), 2):
        angle = pos * 10000.0 ** (-(i % head_size) / head_size)
        z = complex(x[i], x[i + 1]) * cmath.exp(1j * angle)
        out += [z.real, z.imag]
    return out


def by_hand(p, w, tokens):
    """What a Llama computes, by the formulas: (pos, block, layer, head, {(list, row): numbers})."""
    size = p.dim // p.n_heads
    caches = [([], []) for _ in range(p.n_layers)]
    for pos, token in enumerate(tokens):
        x = list(w.token_embedding_table[token])
        yield pos, "233-242", None, None, {}
        yield pos, "244-246", None, None, {("x", 0): x}
        for l, (keys, values) in enumerate(caches):
            yield pos, "248-249", l, None, {}
            xb = norm(x, w.rms_att_weight[l])
            yield pos, "251-252", l, None, {("xb", 0): xb}
            yield pos, "254-257", l, None, {}
            q, k, v = times(w.wq[l], xb), times(w.wk[l], xb), times(w.wv[l], xb)
            yield pos, "259-262", l, None, {
                ("q", 0): q, ("key_cache", l): k, ("value_cache", l): v}
            q, k = turned(q, pos, size), turned(k, pos, size)
            yield pos, "264-279", l, None, {("q", 0): q, ("key_cache", l): k}
            keys.append(k)
            values.append(v)
            heads = []
            for h in range(p.n_heads):
                mine = q[h * size : (h + 1) * size]
                yield pos, "281-288", l, h, {}
                part = slice(h * p.n_kv_heads // p.n_heads * size,
                             (h * p.n_kv_heads // p.n_heads + 1) * size)
                scores = [v / math.sqrt(size) for v in times([k[part] for k in keys], mine)]
                yield pos, "289-301", l, h, {("att", h): scores}
                total = math.fsum(map(math.exp, scores))
                att = [math.exp(score) / total for score in scores]
                yield pos, "303-304", l, h, {("att", h): att}
                heads += times(zip(*[v[part] for v in values]), att)
                yield pos, "306-319", l, h, {("xb", 0): heads[:]}
            xb2 = times(w.wo[l], heads)
            yield pos, "321-322", l, None, {("xb2", 0): xb2}
            x = [a + b for a, b in zip(x, xb2)]
            yield pos, "324-327", l, None, {("x", 0): x}
            xb = norm(x, w.rms_ffn_weight[l])
            yield pos, "329-330", l, None, {("xb", 0): xb}
            hb, hb2 = times(w.w1[l], xb), times(w.w3[l], xb)
            yield pos, "332-335", l, None, {("hb", 0): hb, ("hb2", 0): hb2}
            hb = [a / (1.0 + math.exp(-a)) * b for a, b in zip(hb, hb2)]
            yield pos, "337-345", l, None, {("hb", 0): hb}
            xb = times(w.w2[l], hb)
            yield pos, "347-348", l, None, {("xb", 0): xb}
            x = [a + b for a, b in zip(x, xb)]
            yield pos, "350-354", l, None, {("x", 0): x}
        x = norm(x, w.rms_final_weight)
        yield pos, "356-357", None, None, {("x", 0): x}
        yield pos, "359-362", None, None, {("logits", 0): times(w.wcls, x)}


def browse(path, script, *flags):
    """What a JavaScript function body returns on a page, and the errors meanwhile."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    catch = """<head><script>
        const errors = [];
        onerror = (message, file, line) => { errors.push(`${message}, line ${line}`); };
        addEventListener("securitypolicyviolation", (e) => errors.push(e.violatedDirective));
        console.error = console.warn = (...words) => errors.push(words.join(" "));
        </script>"""
    run = f"""<script>{{
        const out = document.createElement("pre");
        out.id = "result";
        let result;
        try {{ result = (() => {{ {script} }})(); }} catch (error) {{ result = error.stack; }}
        out.textContent = JSON.stringify({{ result, errors }});
        document.body.replaceChildren(out);
        }}</script></body>"""
    text = text.replace("<head>", catch, 1).replace("</body>", run)
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.html")
        with open(page, "w", encoding="utf-8") as file:
            file.write(text)
        command = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={folder}/profile", *flags,
            "--dump-dom", f"file://{page}",
        ]
        run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, timeout=300)
    found = re.search(r'<pre id="result">(.*?)</pre>', run.stdout.decode(), re.DOTALL)
    return json.loads(html.unescape(found[1]))


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = new_folder(self.addCleanup)
        self.out = os.path.join(self.folder, "page.html")

    def page(self, name, *argv):
        """The page of a random model."""
        self.checkpoint = write_model(name, self.folder)
        status, _, err = run_it(self.checkpoint, *argv, "-o", self.out)
        self.assertEqual((status, err), (None, ""))
        return Page(self.out)


class PageTest(Folder):
    def test_each_block_has_the_numbers_that_the_formulas_give(self):
        for name in "mha", "gqa", "mqa", "unshared":
            with self.subTest(model=name):
                page = self.page(name, "a bc", "-n", "9", "-t", "1")
                transformer = llama2.build_transformer(self.checkpoint)
                p, tokens = transformer.config, page.data["tokens"]
                self.assertGreater(len(tokens), 6)
                expected = list(by_hand(p, transformer.weights, tokens))
                self.assertEqual([step[:4] for step in page.steps], [e[:4] for e in expected])
                for (*place, lists), (*_, numbers), changed in zip(
                        page.steps, expected, page.changed):
                    self.assertLessEqual(changed, set(numbers), place)
                    for key, row in numbers.items():
                        shown = lists[key][: len(row)]
                        self.assertEqual(len(shown), len(row))
                        for a, b in zip(shown, row):
                            self.assertAlmostEqual(a, b, delta=1e-9 * (1 + abs(b)), msg=place)

    def test_the_weights_are_the_checkpoint_s(self):
        for name in "gqa", "unshared":
            page = self.page(name, "a", "-n", "2")
            shapes = page.data["weights"]
            self.assertEqual(shapes["wcls"][0] == 0, name == "gqa")  # shared with the first one
            with open(self.checkpoint, "rb") as file:
                file.seek(28)
                weights = array("f", file.read())
            p = MODELS[name]
            tables = p[6] * p[0] // p[3]  # RoPE's, not used
            at = len(weights) - tables - (0 if name == "gqa" else p[5] * p[0])
            weights[at : at + tables] = array("f")
            self.assertEqual(sorted(page.floats), sorted(weights))
            start = shapes["token_embedding_table"][0]
            self.assertEqual(page.floats[start : start + 9], weights[:9])

    def test_the_tokens_and_the_text_are_those_of_the_run(self):
        settings = "-n", "20", "-t", "0.9", "-p", "0.8", "-s", "5"
        page = self.page("gqa", "ab c", *settings)
        text = ours([self.checkpoint, *settings, "-i", "ab c"])
        t = tokenizer.build_tokenizer(f"{self.folder}/gqa.tokenizer.bin", MODELS["gqa"][5])
        tokens, nexts = page.data["tokens"], page.data["nexts"]
        given = tokenizer.encode(t, "ab c", True, False)
        self.assertEqual((tokens[: len(given)], page.data["prompt"]), (given, given))
        self.assertEqual(nexts[: len(given) - 1], [None] * (len(given) - 1))
        self.assertEqual(nexts[len(given) - 1 : -1], tokens[len(given) :])
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as out:
            for before, token in zip(tokens, [*tokens[1:], nexts[-1]]):
                tokenizer.safe_printf(tokenizer.decode(t, before, token))
        self.assertEqual(out.buffer.getvalue(), text[:-1])

    def test_every_line_of_forward_is_there_with_the_lines_of_run_c_level_with_its_block(self):
        run_c = os.path.join(self.folder, "made_up.c")
        with open(run_c, "w", encoding="utf-8", newline="") as file:
            file.write("\n".join(made_up_c()))
        self.checkpoint = write_model("mqa", self.folder)
        status, _, err = run_it(self.checkpoint, "a", "-n", 2, "--run-c", run_c, "-o", self.out)
        self.assertEqual((status, err.count("\n")), (None, 1))
        self.assertIn("not the version", err)
        page = Page(self.out)
        text = "".join(page.rows.values())
        with open(os.path.join(ROOT, "llama2.py"), encoding="utf-8") as file:
            lines = file.read().split("\n")
        first = lines.index("def forward(transformer, token, pos):")
        for number in range(first, lines.index("    return s.logits") + 1):
            if lines[number]:
                self.assertEqual(text.count(f"\n{number + 1}{lines[number]}"), 1, lines[number])
        for n in range(231, 363):
            self.assertIn(f"\n{n}{made_up_c()[n - 1]}", text)
        self.assertIn(f"\n264{made_up_c()[263]}", page.rows["264-279"])
        self.assertIn("vec[i + 1] = v0 * fci + v1 * fcr", page.rows["264-279"])
        self.assertNotIn("\n281", page.rows["264-279"])
        self.assertEqual(page.data["warning"].count("350e04f"), 1)
        functions = page.data["functions"]
        for name in "rmsnorm", "softmax", "matmul":  # run.c's and ours
            self.assertEqual(["def" in part for part in functions[name]], [False, True])

    def test_each_block_has_a_title_a_sentence_and_a_document(self):
        page = self.page("mqa", "a", "-n", "2")
        keys = [block["key"] for block in page.data["blocks"]]
        self.assertEqual(keys, list(explore.BLOCKS))
        for block in page.data["blocks"]:
            self.assertTrue(block["title"] and block["say"].endswith((".", "it.")), block)
            link = os.path.join(self.folder, block["link"])
            self.assertTrue(os.path.isfile(link), block["link"])

    def test_a_block_added_to_forward_shows_up_by_itself(self):
        shutil.copytree(os.path.join(ROOT, "doc", "pages"), f"{self.folder}/doc/pages")
        for name in "explore.py", "source.py":
            shutil.copy(os.path.join(ROOT, "doc", name), f"{self.folder}/doc")
        shutil.copy(os.path.join(ROOT, "tokenizer.py"), self.folder)
        with open(os.path.join(ROOT, "llama2.py"), encoding="utf-8") as file:
            text = file.read()
        added = "    # [358] a block of our own\n    mine = [4.5] * 3\n    s.xb2[1] = 42.0\n"
        with open(f"{self.folder}/llama2.py", "w", encoding="utf-8") as file:
            file.write(text.replace("    # [359-362]", added + "    # [359-362]"))
        checkpoint = write_model("mqa", self.folder)
        run = run_python("doc/explore.py", checkpoint, "a", "-n", "3", "-o", self.out,
                         cwd=self.folder)
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        page = Page(self.out)
        found = [step for step in page.steps if step[1] == "358"]
        self.assertEqual([step[:4] for step in found], [(t, "358", None, None) for t in range(3)])
        self.assertEqual(found[0][4]["xb2", 0][1], 42.0)
        self.assertEqual(found[0][4]["own mine", 0], [4.5] * 3)
        (block,) = [block for block in page.data["blocks"] if block["key"] == "358"]
        self.assertEqual(block["title"], "a block of our own")
        self.assertEqual([entry["name"] for entry in block["lists"]], ["s.xb2", "mine"])
        self.assertIn("s.xb2[1] = 42.0", page.rows["358"])

    def wicked(self):
        """A page whose vocabulary and prompt try to break it."""
        self.pieces = [b"</script><b>", b"<!--<script>", b"\"'&amp;`${0}"]
        self.pieces += [b"\xff\xfe", b"\xe2\x80\xa8", b"<", b"b", b">", b"<b", b"<b>"]
        path = f"{self.folder}/wicked"
        random_checkpoint(f"{path}.bin", 8, 12, 1, 2, 1, 270, 30)
        with open(f"{path}.tokenizer.bin", "wb") as file:
            file.write(struct.pack("<I", 20))
            pieces = [b"<unk>", b"\n<s>\n", b"\n</s>\n"] + [b"<0x%02X>" % i for i in range(256)]
            for i, piece in enumerate([*pieces, b" ", *self.pieces]):
                file.write(struct.pack("<fi", -i, len(piece)) + piece)
        prompt = os.fsdecode(b"<b>'\"\xff\xe2\x80\xa8</script>&amp;")
        status, _, err = run_it(f"{path}.bin", prompt, "-n", 25, "-o", self.out)
        self.assertEqual((status, err), (None, ""))
        return Page(self.out)

    def test_markup_quotes_and_bytes_that_are_no_text_are_harmless(self):
        page = self.wicked()
        self.assertEqual(list(page.scripts), ["data", "log", "values", "floats", None])
        shown = [piece.decode("utf-8", "backslashreplace") for piece in self.pieces]
        self.assertEqual(page.data["vocab"][-10:], shown)
        ids = [1, 259, 269, *(byte + 3 for byte in b"'\"\xff")]
        self.assertEqual(page.data["tokens"][: len(ids)], ids)
        if CHROMIUM:
            got = browse(self.out, """
                explore.go(explore.placeOf(explore.steps.length - 1, explore.place));
                const token = document.querySelector("#t2");
                return [explore.data.vocab.slice(-10),
                  token.children.length, token.firstChild.textContent];""")
            self.assertEqual(got, {"result": [shown, 2, "<b>"], "errors": []})

    def test_the_page_needs_no_network(self):
        self.page("mqa", "a", "-n", "2")
        with open(self.out, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("default-src 'none'", text)
        self.assertIsNone(re.search(r'\bsrc=|<link|@import|url\(|https?:', text))

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_the_default_page_has_32_tokens_names_someone_twice_and_stays_below_4_mb(self):
        status, out, err = run_it("-o", self.out)
        self.assertEqual((status, err), (None, ""))
        self.assertLessEqual(os.path.getsize(self.out), 4e6)
        self.assertEqual(len(Page(self.out).data["tokens"]), 32)
        self.assertEqual(len(re.findall(r"\bMufi\b", explore.PROMPT)), 2)


class CommandTest(Folder):
    def fails(self, *argv, says, status=1):
        before = sorted(os.listdir(self.folder))
        got, out, err = run_it(*argv)
        self.assertEqual((got, out, err.count("\n")), (status, "", 1), err)
        self.assertIn(says, err)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_bad_input_is_one_line_and_no_page(self):
        checkpoint = write_model("mqa", self.folder)
        here = os.path.join(self.folder, "")
        os.mkfifo(here + "pipe")
        os.symlink("loop", here + "loop")
        with open(here + "latin.c", "wb") as file:
            file.write(b"#include // \xe9")
        write = "-o", self.out
        for path in here + "nothing", here + "pipe", here + "loop", self.folder, here + "latin.c":
            self.fails(path, "a", *write, says=path)
            self.fails(checkpoint, "a", "-z", path, *write, says=path)
            self.fails(checkpoint, "a", "--run-c", path, *write, says=path)
        self.fails(checkpoint, "a", "-t", "nan", *write, says="'nan'", status=2)
        self.fails(checkpoint, "a", "-n", "1.5", *write, says="'1.5'", status=2)

    def test_an_output_that_cannot_be_written_is_one_line(self):
        checkpoint = write_model("mqa", self.folder)
        for out in self.folder, checkpoint:  # test_side_by_side.py has more
            self.fails(checkpoint, "a", "-n", 2, "-o", out, says=out)
        with mock.patch.object(explore, "write", side_effect=MemoryError):
            self.fails(checkpoint, "a", "-n", 2, "-o", self.out, says="not enough memory")

    def test_ctrl_c_leaves_no_page_and_status_130(self):
        checkpoint = write_model("mqa", self.folder)
        with mock.patch("os.replace", side_effect=KeyboardInterrupt):
            status, _, err = run_it(checkpoint, "a", "-n", 2, "-o", self.out)
        self.assertEqual((status, err), (130, ""))
        names = ["mqa.bin", "mqa.tokenizer.bin"]
        self.assertEqual(sorted(os.listdir(self.folder)), names)

    def test_a_large_page_wants_force_and_its_size_is_foretold(self):
        checkpoint = write_model("gqa", self.folder)
        _, out, _ = run_it(checkpoint, "a", "-n", 30, "-o", self.out)
        pages = os.path.join(ROOT, "doc", "pages")
        code = sum(os.path.getsize(os.path.join(pages, name)) for name in os.listdir(pages))
        size = os.path.getsize(self.out)
        transformer = llama2.build_transformer(checkpoint)
        self.assertLess(abs(explore.about(transformer, 30) / (size - code) - 1), 0.2)
        os.remove(self.out)
        with mock.patch.object(explore, "LARGE", 300e3):
            self.fails(checkpoint, "a", "-n", 30, "-o", self.out, says="--force")
            self.assertIsNone(run_it(checkpoint, "a", "-n", 30, "-o", self.out, "--force")[0])
        self.assertTrue(os.path.exists(self.out))

    def test_open_opens_the_page_in_a_browser(self):
        checkpoint = write_model("mqa", self.folder)
        for found, status in (True, None), (False, 1):
            with mock.patch("webbrowser.open", return_value=found) as browser:
                got = run_it(checkpoint, "a", "-n", 2, "-o", self.out, "--open")[0]
            self.assertEqual(got, status)
            (url,) = browser.call_args[0]
            self.assertTrue(url.startswith("file://") and url.endswith("/page.html"), url)


# at some positions: each number that was written explained, and its sum compared with it; each
# block drawn in some layer and head, with such a sum
DRAW = """
    const wrong = [], seen = new Set(), positions = POSITIONS;
    let sums = 0;
    const say = (ok, what) => ok || wrong.push(what);
    function written(s) {
      const cells = [];
      for (const pane of explore.panes(s).filter((pane) => pane.changed)) {
        for (const row of pane.rows) {
          pane.numbers(row).forEach((v, i) => cells.push([`${pane.list}:${row}:${i}`, v]));
        }
      }
      return cells;
    }
    function draw(s) {
      const { key, title } = explore.blocks[explore.steps[s].block];
      explore.go(explore.placeOf(s, explore.place), true);
      const heading = document.querySelector("#numbers h2").textContent;
      say(heading === `${key} ${title}`, `title of ${key}`);
      say(document.querySelector(".row.now").dataset.block === key, `code of ${key}`);
      say(explore.stepAt(explore.place) === s, `${s} is not where its address leads`);
      seen.add(key);
      const cells = written(s);
      if (!cells.length) return;
      const [cell] = cells[s % cells.length];
      explore.go(explore.placeOf(s, explore.place, cell), true);
      const chosen = [...document.querySelectorAll(".cell[aria-selected=true]")].map((e) => e.id);
      say(String(chosen) === cell, `${cell} is not chosen`);
      const bold = (e) => [...e.querySelectorAll("b")].pop().textContent;
      const shown = bold(document.querySelector("#why h3"));
      const sum = bold([...document.querySelectorAll("#why .sum")].pop());
      say(shown === sum, `${s} ${cell} shows ${shown} and ${sum}`);
    }
    for (const pos of positions) {
      const steps = [...explore.steps.keys()].filter((s) => explore.steps[s].pos === pos);
      for (const s of steps) {
        for (const [cell, v] of written(s)) {
          const { value, result } = explore.why(cell, s);
          sums++;
          say(value === v && result.toPrecision(6) === v.toPrecision(6)
            && Math.abs(result - v) <= 1e-13 * Math.abs(v), `${s} ${cell} is ${v}, not ${result}`);
        }
      }
      explore.blocks.forEach((block, i) => {
        const same = steps.filter((s) => explore.steps[s].block === i);
        draw(same[(pos * 5 + i) % same.length]);
        const ran = explore.data.nexts[pos], token = document.querySelector("#token");
        if (token && ran !== null) say(+token.dataset.id === ran, `token drawn at ${pos}`);
      });
    }
    explore.data.nexts.forEach((ran, pos) => {
      const { token } = explore.sample(pos, explore.settings(pos));
      say(ran === null || token === ran, `token at ${pos}`);
    });
    return { wrong, sums, seen: [...seen] };
"""


@unittest.skipUnless(CHROMIUM, "no chromium")
class BrowserTest(Folder):
    def draws(self, positions):
        got = browse(self.out, DRAW.replace("POSITIONS", str(positions)))
        self.assertEqual(got["errors"], [])
        self.assertEqual(got["result"]["wrong"], [])
        self.assertEqual(got["result"]["seen"], list(explore.BLOCKS))
        return got["result"]["sums"]

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_every_block_is_drawn_and_its_sums_are_its_numbers(self):
        self.page("gqa", "ab", "-n", "7", "-t", "1.1", "-s", "3")
        p = llama2.build_transformer(self.checkpoint).config
        matmuls = 3 * p.dim + 2 * p.dim * p.n_kv_heads // p.n_heads + 2 * p.hidden_dim
        self.assertGreater(self.draws([0, 3, 6]), 3 * (p.n_layers * matmuls + p.vocab_size))

    def test_keys_links_and_sliders(self):
        self.page("gqa", "ab", "-n", "8", "-t", "1", "-s", "3")
        got = browse(self.out, """
            const press = (key, more) => document.activeElement.dispatchEvent(
              new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
            const at = ({ pos, block, l, h, cell } = explore.place) =>
              [pos, explore.blocks[block].key, l, h, cell];
            const click = (what) => { document.querySelector(what).click(); return at(); };
            const visit = (hash) => { // as a link or the Back button does, but at once
              location.hash = hash;
              dispatchEvent(new HashChangeEvent("hashchange"));
              return at();
            };
            const follow = (what) => visit(document.querySelector(what).getAttribute("href"));
            const out = {};
            out.link = visit("#pos=3&block=289-301&layer=1&head=4&cell=att:4:2");
            history.replaceState = () => (out.replaced = true); // then Back would not lead here
            press("ArrowRight"); out.right = at();
            press("ArrowLeft"); press("ArrowLeft"); out.left = at();
            press("ArrowRight", { shiftKey: true }); out.token = at();
            press("ArrowUp", { shiftKey: true }); out.layer = at();
            out.hash = location.hash;
            out.back = visit("#pos=3&block=289-301&layer=1&head=4&cell=att:4:2");
            out.click = follow("#t1");
            out.head = follow("#h5");
            out.code = click('[data-block="332-335"]');
            out.cell = click('.cell[id="hb:0:0"]');
            document.querySelector('.cell[id="hb:0:0"]').focus();
            press("ArrowRight"); out.focus = document.activeElement.id;
            out.tip = document.querySelector("#tip").textContent;
            out.value = explore.numbers("hb", 0, explore.stepAt(explore.place))[1];
            press("Enter"); out.enter = at();
            out.nonsense = visit("#pos=999&block=no&layer=-1&head=x&cell=%3Cb%3E:1:2");

            visit("#pos=6&block=691-714");
            const set = (id, value) => {
              const box = document.getElementById(id);
              box.value = value;
              box.dispatchEvent(new Event("input", { bubbles: true }));
              return +document.querySelector("#token").dataset.id;
            };
            const logits = explore.numbers("logits", 0, explore.stepAt(explore.place));
            out.ran = explore.data.nexts[6];
            out.greedy = set("temperature", 0);
            out.likeliest = logits.indexOf(Math.max(...logits));
            set("temperature", 2); set("topp", 1); out.first = set("coin", 0);
            set("temperature", 0.3); set("topp", 0.01); out.small = set("coin", 0.99);
            click("#reset"); out.reset = +document.querySelector("#token").dataset.id;

            const callee = document.querySelector('[data-name="matmul"]');
            callee.open = true;
            callee.dispatchEvent(new Event("toggle"));
            out.callee = callee.textContent;
            out.kept = !out.replaced;
            let tick;
            window.setInterval = (f) => (tick = f, 1);
            click("#play"); tick(); out.played = at();
            out.label = document.querySelector("#play").textContent;
            const all = [...document.querySelectorAll("a, button, select, input, [tabindex='0']")];
            const named = (e) => e.getAttribute("aria-label") || e.textContent || e.labels.length;
            out.nameless = all.filter((e) => !named(e)).map((e) => e.outerHTML);
            return out;""")
        self.assertEqual(got["errors"], [])
        out = got["result"]
        self.assertEqual(out["link"], [3, "289-301", 1, 4, "att:4:2"])
        self.assertEqual(out["right"], [3, "303-304", 1, 4, "att:4:2"])
        self.assertEqual(out["left"][:4], [3, "281-288", 1, 4])
        self.assertEqual(out["token"][:4], [4, "281-288", 1, 4])
        self.assertEqual(out["layer"][:4], [4, "281-288", 0, 4])
        self.assertTrue(out["hash"].startswith("#pos=4&block=281-288&layer=0&head=4"))
        self.assertEqual(out["back"], out["link"])
        self.assertEqual(out["click"][:4], [1, "289-301", 1, 4])
        self.assertEqual(out["head"][:4], [1, "289-301", 1, 5])
        self.assertEqual(out["code"][:3], [1, "332-335", 1])
        self.assertEqual(out["cell"][4], "hb:0:0")
        self.assertEqual((out["focus"], out["enter"][4]), ("hb:0:1", "hb:0:1"))
        self.assertIn(repr(out["value"]).replace("-", "−"), out["tip"])
        self.assertEqual(out["nonsense"], [7, "233-242", 0, 0, None])
        self.assertEqual(out["reset"], out["ran"])
        self.assertEqual((out["greedy"], out["small"]), (out["likeliest"], out["likeliest"]))
        self.assertEqual(out["first"], 0)
        self.assertIn("xout[i] = val", out["callee"])
        self.assertEqual((out["label"], out["played"][:2]), ("Pause", [7, "233-242"]))
        self.assertEqual((out["kept"], out["nameless"]), (True, []))

    def test_another_run_is_drawn_as_on_its_own_page_and_the_place_is_kept(self):
        place = {"pos": 3, "block": 8, "l": 1, "h": 1, "cell": "att:1:2"}
        go = f"explore.go({place});"
        look = """return [explore.place, ...["settings", "text", "way", "numbers", "said"].map(
            (id) => document.getElementById(id).innerHTML)];"""
        run = self.page("mqa", "a bc", "-n", "7", "-t", "1.3")
        alone = browse(self.out, go + look)
        self.page("gqa", "ab", "-n", "5")  # of another shape
        arrays = [
            f"{name}: new {kind}Array({list(run.arrays[name])})"
            for name, kind in (("log", "Uint16"), ("values", "Float64"), ("floats", "Float32"))
        ]
        show = f"explore.show({{ data: {json.dumps(run.data)}, {', '.join(arrays)} }});"
        got = browse(self.out, go + show + look)
        self.assertEqual(got, alone)
        self.assertEqual((got["result"][0], got["errors"]), (place, []))

    def test_an_induction_head_is_not_one_that_always_looks_at_the_same_token(self):
        # two heads without RoPE to speak of, in the last pair: 0 looks at "b" from everywhere, 1
        # from "a"; so at the second "a", both look at what came behind the first
        dim, vocab_size, seq_len = 32, 262, 8
        a, b = 260, 261
        embedding, wq, wk = ([[0.0] * dim for _ in range(n)] for n in (vocab_size, dim, dim))
        for row in embedding:
            row[0] = 1.0
        embedding[a][1] = embedding[b][2] = 1.0
        wq[14][0] = wq[30][1] = 1.0
        wk[14][2] = wk[30][2] = 10.0
        ones, zeros = [1.0] * dim, [0.0] * (2 * dim * dim)  # hidden_dim is 8
        weights = [*sum(embedding, []), *ones, *sum(wq + wk, []), *zeros, *ones]
        weights += [0.0] * (3 * 8 * dim) + ones + [0.0] * (seq_len * 16)
        checkpoint = os.path.join(self.folder, "two.bin")
        with open(checkpoint, "wb") as file:
            file.write(struct.pack("<7i", dim, 8, 1, 2, 2, vocab_size, seq_len))
            file.write(struct.pack(f"<{len(weights)}f", *weights))
        random_tokenizer(os.path.join(self.folder, "two.tokenizer.bin"), vocab_size)
        self.assertIsNone(run_it(checkpoint, "aba", "-n", 5, "-o", self.out)[0])
        got = browse(self.out, """
            const { pos, l, h } = explore.place;
            return [[pos, l, h], ...[0, 1].map((h) => {
              explore.go({ ...explore.place, h }, true);
              const text = document.querySelector("#numbers").textContent.replace(/\\s+/g, " ");
              return [text.includes("most at “b” at 3, with 1.00"),
                text.includes("an induction head")];
            })];""")
        self.assertEqual(got["errors"], [])
        self.assertEqual(got["result"], [[4, 0, 1], [True, False], [True, True]])

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_other_shapes_and_the_default_page_are_drawn_too(self):
        for name in "mqa", "unshared":
            self.page(name, "ab", "-n", "4", "-p", "1")
            self.draws([0, 2, 3])
        self.assertIsNone(run_it("-o", self.out)[0])
        self.draws([0, 15, 31])

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_nothing_is_wider_than_the_window_or_smaller_than_12_pixels(self):
        self.page("gqa", "ab", "-n", "8")
        for flag in "--window-size=1600,1000", "--window-size=1000,800", "--window-size=500,844":
            got = browse(self.out, """
                const wrong = [], page = document.documentElement;
                for (let s = 0; s < explore.steps.length; s++) {
                  if (explore.steps[s].pos !== 7) continue;
                  explore.go(explore.placeOf(s, explore.place), true);
                  const where = explore.blocks[explore.steps[s].block].key;
                  if (page.scrollWidth > innerWidth) wrong.push(`${where} is too wide`);
                  for (const e of document.querySelectorAll("body *")) {
                    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
                    const size = parseFloat(getComputedStyle(e).fontSize);
                    if (text && e.getClientRects().length && size < 12) wrong.push(e.outerHTML);
                  }
                }
                return wrong.slice(0, 5);""", flag)
            self.assertEqual(got, {"result": [], "errors": []}, flag)
