"""The page of doc/explore.py has forward's numbers, and a browser draws and recomputes them."""

import contextlib
import html
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from unittest import mock

import explore
import llama2
import tokenizer
from tests.helpers import (
    LONG, MODELS, ROOT, new_folder, ours, random_checkpoint, read, run_main, run_python, write,
    write_model, write_tokenizer,
)
from tests.test_side_by_side import made_up_c, our_lines, plain

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def run_it(*argv):
    """Return the exit status of explore.main(argv), its stdout and its stderr."""
    return run_main(argv, program=explore)


class Page:
    """A page: its text, its data, and its code, row by row: {block: text}."""

    def __init__(self, path):
        self.text = read(path)
        self.data = json.loads(re.search('id="data">(.*?)</script>', self.text)[1])
        rows = re.findall('<div class="row"(?: data-block="(.*?)")?>(.*)', self.text)
        self.rows = {key: plain(row.replace("<code", "\n<code")) for key, row in rows}


def browse(path, script, *flags):
    """Return what a JavaScript function body returns on a page, and any errors."""
    catch = """<head><script>
        const errors = [];
        onerror = (message, file, line) => { errors.push(`${message}, line ${line}`); };
        addEventListener("securitypolicyviolation", (e) => errors.push(e.violatedDirective));
        console.error = console.warn = (...words) => errors.push(words.join(" "));
        </script>"""
    run = f"""<script>{{
        const out = document.createElement("pre");
        out.id = "result";
        (async () => {{ {script} }})().catch((error) => error.stack).then((result) => {{
          out.textContent = JSON.stringify({{ result, errors }});
          document.body.replaceChildren(out);
        }});
        }}</script></body>"""
    text = read(path).replace("<head>", catch, 1).replace("</body>", run)
    with tempfile.TemporaryDirectory() as folder:
        page = write(os.path.join(folder, "page.html"), text)
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
        """Make the page of a random model."""
        self.checkpoint = write_model(name, self.folder)
        status, _, err = run_it(self.checkpoint, *argv, "-o", self.out)
        self.assertEqual((status, err), (None, ""))
        return Page(self.out)

    def browse(self, script, *flags):
        """Return what a script returns on the page; there must be no errors."""
        got = browse(self.out, script, *flags)
        self.assertEqual(got["errors"], [])
        return got["result"]


class PageTest(Folder):
    def test_the_tokens_and_the_text_are_those_of_the_run(self):
        settings = "-n", "20", "-t", "0.9", "-p", "0.8", "-s", "5"
        data = self.page("gqa", "ab c", *settings).data
        t = tokenizer.build_tokenizer(f"{self.folder}/gqa.tokenizer.bin", MODELS["gqa"][5])
        tokens, nexts, prompt = data["tokens"], data["nexts"], data["prompt"]
        self.assertEqual(prompt, tokenizer.encode(t, "ab c", True, False))
        self.assertEqual([None] * (len(prompt) - 1) + tokens[len(prompt) :], nexts[:-1])
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as out:
            for before, token in zip(tokens, [*tokens[1:], nexts[-1]]):
                tokenizer.safe_printf(tokenizer.decode(t, before, token))
        text = ours([self.checkpoint, *settings, "-i", "ab c"])
        self.assertEqual(out.buffer.getvalue(), text[:-1])
        self.assertEqual((data["text"], data["seed"]), ("ab c", "5"))

    def test_every_line_of_forward_is_there_with_the_lines_of_run_c_in_its_block(self):
        run_c = write(os.path.join(self.folder, "made_up.c"), "\n".join(made_up_c()))
        checkpoint = write_model("mqa", self.folder)
        status, _, err = run_it(checkpoint, "a", "-n", "2", "--run-c", run_c, "-o", self.out)
        self.assertEqual((status, err.count("\n"), "not the version" in err), (None, 1, True))
        page = Page(self.out)
        text, rope = "".join(page.rows.values()), page.rows["264-279"]
        lines = our_lines("llama2.py")
        first = lines.index("def forward(transformer, token, pos):")
        for number in range(first, lines.index("    return s.logits") + 1):
            self.assertIn(f"\n{number + 1}{lines[number]}".rstrip(), text)
        for n in range(231, 363):
            self.assertIn(f"\n{n}{made_up_c()[n - 1]}", text)
        for inside in f"\n264{made_up_c()[263]}", "vec[i + 1] = v0 * fci + v1 * fcr":
            self.assertIn(inside, rope)
        self.assertNotIn("\n281", rope)
        self.assertEqual(page.data["warning"].count("350e04f"), 1)
        for name in "rmsnorm", "softmax", "matmul":  # run.c's and ours
            parts = page.data["functions"][name]
            self.assertEqual(["def" in part for part in parts], [False, True])

    def test_each_block_and_each_stop_of_the_tour_has_its_text(self):
        data = self.page("mqa", "a", "-n", "2").data
        self.assertEqual([block["key"] for block in data["blocks"]], list(explore.BLOCKS))
        for block in data["blocks"]:
            self.assertTrue(block["title"] and block["code"] and block["say"][-1] == ".", block)
        self.assertLessEqual({stop["block"] for stop in data["tour"]}, set(explore.BLOCKS))

    def test_a_block_added_to_forward_shows_up_by_itself(self):
        shutil.copytree(os.path.join(ROOT, "doc", "pages"), f"{self.folder}/doc/pages")
        for name in "doc/explore.py", "doc/source.py", "tokenizer.py":
            shutil.copy(os.path.join(ROOT, name), f"{self.folder}/{name}")
        added = "    # [358] a block of our own\n    mine = [4.5] * 3\n    s.xb2[1] = 42.0\n"
        text = read("llama2.py").replace("    # [359-362]", added + "    # [359-362]")
        write(f"{self.folder}/llama2.py", text)
        checkpoint = write_model("mqa", self.folder)
        run = run_python("doc/explore.py", checkpoint, "a", "-n", "3", "-o", self.out,
                         cwd=self.folder)
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        page = Page(self.out)
        (block,) = [block for block in page.data["blocks"] if block["key"] == "358"]
        self.assertEqual(block["title"], "a block of our own")
        self.assertEqual([entry["name"] for entry in block["lists"]], ["s.xb2", "mine"])
        self.assertIn("s.xb2[1] = 42.0", page.rows["358"])
        if CHROMIUM:
            self.assertEqual(self.browse("""
                document.getElementById("b358").click();
                const { pos, block } = explore.placeOf(explore.steps.length - 3, explore.place);
                const step = explore.stepAt({ ...explore.place, pos, block });
                return [pos, explore.blocks[block].key, explore.numbers("xb2", 0, step)[1],
                  ...explore.numbers("own mine", 0, step)];"""), [2, "358", 42, 4.5, 4.5, 4.5])

    def test_markup_quotes_and_bytes_that_are_not_text_are_harmless(self):
        pieces = [b"</script><b>", b"<!--<script>", b"\"'&amp;`${0}", b"\xff\xfe",
                  b"\xe2\x80\xa8", b"<", b"b", b">", b"<b", b"<b>"]
        path = f"{self.folder}/wicked"
        random_checkpoint(f"{path}.bin", 8, 12, 1, 2, 1, 270, 30)
        vocab = [b"<unk>", b"\n<s>\n", b"\n</s>\n"] + [b"<0x%02X>" % i for i in range(256)]
        tokens = enumerate([*vocab, b" ", *pieces])
        write_tokenizer(f"{path}.tokenizer.bin", ((-i, piece) for i, piece in tokens))
        prompt = os.fsdecode(b"<b>'\"\xff\xe2\x80\xa8</script>&amp;")
        status, _, err = run_it(f"{path}.bin", prompt, "-n", "25", "-o", self.out)
        self.assertEqual((status, err), (None, ""))
        page = Page(self.out)
        self.assertEqual(len(re.findall("</?script", page.text)), 10)
        self.assertIn("default-src 'none'", page.text)  # it needs no network
        self.assertIsNone(re.search(r'\bsrc=|<link|@import|url\(|https?:', page.text))
        shown = [piece.decode("utf-8", "backslashreplace") for piece in pieces]
        self.assertEqual(page.data["vocab"][-10:], shown)
        ids = [1, 259, 269, *(byte + 3 for byte in b"'\"\xff")]
        self.assertEqual(page.data["tokens"][: len(ids)], ids)
        if CHROMIUM:
            self.assertEqual(self.browse("""
                explore.go(explore.placeOf(explore.steps.length - 1, explore.place));
                const token = document.querySelector("#t2");
                return [explore.data.vocab.slice(-10),
                  token.children.length, token.firstChild.textContent];"""), [shown, 2, "<b>"])


class CommandTest(Folder):
    def test_bad_input_is_one_line_and_no_page(self):
        checkpoint = write_model("mqa", self.folder)
        here = os.path.join(self.folder, "")
        os.mkfifo(here + "pipe")
        os.symlink("loop", here + "loop")
        write(here + "latin.c", b"#include // \xe9")
        page = "-o", self.out
        runs = [((checkpoint, "a", "-t", "nan", *page), "'nan'", 2),
                ((checkpoint, "a", "-n", "1.5", *page), "'1.5'", 2)]
        for path in here + "nothing", here + "pipe", here + "loop", self.folder, here + "latin.c":
            for argv in (path,), (checkpoint, "a", "-z", path), (checkpoint, "a", "--run-c", path):
                runs.append(((*argv, *page), path, 1))
        for out in self.folder, checkpoint:  # test_side_by_side.py has more
            runs.append(((checkpoint, "a", "-n", "2", "-o", out), out, 1))
        before = sorted(os.listdir(self.folder))
        for argv, says, status in runs:
            got, out, err = run_it(*argv)
            self.assertEqual((got, out, err.count("\n")), (status, b"", 1), err)
            self.assertIn(says, err)
            self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_a_run_that_is_stopped_leaves_no_page(self):
        checkpoint = write_model("mqa", self.folder)
        before = sorted(os.listdir(self.folder))
        for error, status, says in (MemoryError, 1, "not enough"), (KeyboardInterrupt, 130, ""):
            with mock.patch("os.replace", side_effect=error):
                got, _, err = run_it(checkpoint, "a", "-n", "2", "-o", self.out)
            self.assertEqual((got, says in err, bool(err)), (status, True, bool(says)))
            self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_a_large_page_needs_force_and_its_size_is_predicted(self):
        checkpoint = write_model("gqa", self.folder)
        argv = checkpoint, "a", "-n", "30", "-o", self.out
        with mock.patch.object(explore, "LARGE", 300e3):
            status, _, err = run_it(*argv)
            self.assertEqual((status, err.count("\n"), os.path.exists(self.out)), (1, 1, False))
            self.assertIn("--force", err)
            self.assertIsNone(run_it(*argv, "--force")[0])
        pages = os.path.join(ROOT, "doc", "pages")
        code = sum(os.path.getsize(os.path.join(pages, name)) for name in os.listdir(pages))
        foretold = explore.about(llama2.build_transformer(checkpoint), 30)
        self.assertLess(abs(foretold / (os.path.getsize(self.out) - code) - 1), 0.25)

    def test_open_opens_the_page_in_a_browser(self):
        checkpoint = write_model("mqa", self.folder)
        for found, status in (True, None), (False, 1):
            with mock.patch("webbrowser.open", return_value=found) as browser:
                got = run_it(checkpoint, "a", "-n", "2", "-o", self.out, "--open")[0]
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
      const cells = written(s);
      const [cell] = cells.length ? cells[s % cells.length] : [null];
      explore.go(explore.placeOf(s, explore.place, cell), true);
      const heading = document.querySelector("#numbers h2").textContent;
      say(heading === `run.c ${key} ${title}`, `title of ${key}`);
      say(document.querySelector(".row.now").dataset.block === key, `code of ${key}`);
      say(explore.stepAt(explore.place) === s, `${s} is not where its address leads`);
      seen.add(key);
      if (!cell) return;
      const chosen = [...document.querySelectorAll(".cell[aria-selected=true]")].map((e) => e.id);
      const bold = (where) => [...document.querySelectorAll(`#why ${where} b`)].pop().textContent;
      say(String(chosen) === cell, `${cell} is not chosen`);
      say(bold("h3") === bold(".sum"), `${s} ${cell} shows ${bold("h3")} and ${bold(".sum")}`);
    }
    for (const pos of positions) {
      const steps = [...explore.steps.keys()].filter((s) => explore.steps[s].pos === pos);
      for (const s of steps) {
        for (const [cell, v] of written(s)) {
          const { value, result } = explore.why(cell, s);
          sums++;
          say(value === v && Math.abs(result - v) <= 1e-13 * Math.abs(v),
            `${s} ${cell} is ${v}, not ${result}`);
        }
      }
      explore.blocks.forEach((block, i) => {
        const same = steps.filter((s) => explore.steps[s].block === i);
        draw(same[(pos * 5 + i) % same.length]);
      });
    }
    explore.data.nexts.forEach((ran, pos) => {
      const { token } = explore.sample(pos, explore.settings(pos));
      say(ran === null || token === ran, `token at ${pos}`);
    });
    return { wrong, sums, seen: [...seen] };
"""


# for a table of actions and their results
DO = """
    const out = [];
    const $ = (selector) => document.querySelector(selector);
    const at = ({ pos, block, l, h, cell, tour } = explore.place) =>
      [pos, explore.blocks[block].key, l, h, cell, tour];
    const press = (key, more) => {
      document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
      return at();
    };
    const shift = (key) => press(key, { shiftKey: true });
    const click = (what) => { $(what).click(); return at(); };
    const visit = (hash) => { // as a link or the Back button does, but at once
      location.hash = hash;
      dispatchEvent(new HashChangeEvent("hashchange"));
      return at();
    };
    const follow = (what) => visit($(what).getAttribute("href"));
    const set = (selector, value) => {
      $(selector).value = value;
      $(selector).dispatchEvent(new Event("input", { bubbles: true }));
    };
    const slide = (id, value) => { set(`#${id}`, value); return +$("#token").dataset.id; };
    const text = (selector) => $(selector).textContent.replace(/\\s+/g, " ");
    const logits = () => explore.numbers("logits", 0, explore.stepAt(explore.place));
    const named = (e) => e.getAttribute("aria-label") || e.textContent || e.labels.length;
    let tick, delay;
    window.setTimeout = (f, time) => ([tick, delay] = [f, time], 1);
"""


@unittest.skipUnless(CHROMIUM, "no chromium")
class BrowserTest(Folder):
    def draws(self, positions):
        got = self.browse(DRAW.replace("POSITIONS", str(positions)))
        self.assertEqual(got["wrong"], [])
        self.assertEqual(got["seen"], list(explore.BLOCKS))
        return got["sums"]

    def results(self, table):
        """Evaluate each expression of a table on the page; compare it with the expected value."""
        script = "".join(f"out.push({code});\n" for code, _ in table)
        got = self.browse(f"{DO}{script}return out;")
        for (code, expected), result in zip(table, got):
            self.assertEqual(result, expected, code)

    def test_every_block_is_drawn_and_its_sums_are_its_numbers(self):
        self.page("gqa", "ab", "-n", "7", "-t", "1.1", "-s", "3")
        p = llama2.build_transformer(self.checkpoint).config
        matmuls = 3 * p.dim + 2 * p.dim * p.n_kv_heads // p.n_heads + 2 * p.hidden_dim
        self.assertGreater(self.draws([0, 6]), 2 * (p.n_layers * matmuls + p.vocab_size))

    def test_keys_links_and_the_picture_lead_to_their_place(self):
        self.page("gqa", "ab", "-n", "8", "-t", "1", "-s", "3")
        link = "#pos=3&block=289-301&layer=1&head=4&cell=att:4:2"
        here = [3, "289-301", 1, 4, "att:4:2", None]

        def no_cell(pos, block, l, h):
            return [pos, block, l, h, None, None]

        self.results([
            (f"visit('{link}')", here),
            ("press('ArrowRight')", [3, "303-304", 1, 4, "att:4:2", None]),
            ("press('ArrowLeft')", here),
            ("press('ArrowLeft')", [3, "281-288", 1, 4, "att:4:2", None]),
            ("press('Escape')", no_cell(3, "281-288", 1, 4)),
            ("shift('ArrowRight')", no_cell(4, "281-288", 1, 4)),
            ("shift('ArrowUp')", no_cell(4, "281-288", 0, 4)),
            (f"visit('{link}')", here),
            ("follow('#t1')", no_cell(1, "289-301", 1, 4)),
            ("follow('#h5')", no_cell(1, "289-301", 1, 5)),
            ("follow('#l0')", no_cell(1, "289-301", 0, 5)),
            ("follow('#b324-327')", no_cell(1, "324-327", 0, 5)),
            ("$('#map [id^=b][aria-current]').id", "b324-327"),
            ("document.querySelectorAll('#map [id^=b]').length", len(explore.BLOCKS)),
            ("click('[data-block=\"332-335\"]')", no_cell(1, "332-335", 0, 5)),
            ("click('.cell[id=\"hb:0:0\"]')[4]", "hb:0:0"),
            ("($('.cell[id=\"hb:0:0\"]').focus(), press('ArrowRight'), document.activeElement.id)",
             "hb:0:1"),
            ("$('#tip').textContent.includes(String(explore.numbers('hb', 0, explore.stepAt("
             "explore.place))[1]).replace('-', '−'))", True),
            ("press('Enter')[4]", "hb:0:1"),
            ("visit('#pos=999&block=no&layer=-1&head=x&cell=%3Cb%3E:1:2')",
             no_cell(7, "233-242", 0, 0)),
            ("text('.list figcaption').includes('left over from position 6')", True),
            ("(visit('#pos=6&block=303-304'), $('.changed .scale').textContent[0])", "0"),
            ("text('[data-name=matmul]')", "matmul"),
            ("($('[data-name=matmul]').dispatchEvent(new Event('toggle')),"
             " text('[data-name=matmul]').includes('xout[i] = val'))", True),
            ("visit('#pos=6&block=691-714')", no_cell(6, "691-714", 0, 0)),
            ("logits().indexOf(Math.max(...logits())) === slide('temperature', 0)", True),
            ("(slide('temperature', 2), slide('topp', 1), slide('coin', 0))", 0),
            ("(click('#reset'), +$('#token').dataset.id === explore.data.nexts[6])", True),
            ("[...document.querySelectorAll('a, button, select, input, [tabindex=\"0\"]')]"
             ".every(named)", True),
        ])

    def test_the_page_opens_with_the_picture_and_offers_the_tour(self):
        page = self.page("gqa", "ab", "-n", "8")
        stops = page.data["tour"]
        begin = len(page.data["prompt"]) - 1

        def stop(n):
            return [begin, stops[n - 1]["block"], n]

        at = "at().filter((_, i) => [0, 1, 5].includes(i))"
        self.results([
            (at, [begin, "303-304", 0]),
            ("document.body.className", "opening"),
            ("$('#map [aria-current], #text [aria-current]')", None),  # nothing is chosen yet
            ("$('#start-tour').checkVisibility()", True),
            *[(f"(press('ArrowRight'), [...{at}, $('.spoken-of') === $({json.dumps(to['at'])})])",
               [*stop(n), True]) for n, to in enumerate(stops, 1)],
            ("text('#card').includes('8 of 8')", True),
            (f"(follow('#tour-back'), {at})", stop(7)),
            (f"(press('ArrowLeft'), {at})", stop(6)),
            (f"(follow('#tour-on'), {at})", stop(7)),
            (f"(click('.cell:not([aria-selected=true])'), {at})", stop(7)),
            (f"(follow('#tour-end'), {at})", [*stop(7)[:2], None]),
            (f"(follow('#t0'), follow('#tour'), {at})", stop(7)),
            (f"(visit('#tour=3'), {at})", stop(3)),
            ("follow('#why td a')[4].startsWith('q:0:') && at()[5]", 3),
            (f"(press('Escape'), {at})", [*stop(3)[:2], None]),
            (f"(visit('#tour=3'), follow('#on'), {at})", [begin, "303-304", None]),
            (f"(follow('#whole'), {at})", [begin, "303-304", 0]),
        ])

    def test_play_goes_by_block_layer_or_token_and_takes_at_most_a_minute_for_a_token(self):
        self.page("gqa", "ab", "-n", "8")
        steps = 2 + 2 * (5 + 6 * 4 + 7) + 2 + 1

        def play(unit, speed):
            chosen = f"$('#unit').value = '{unit}', $('#speed').value = {speed}"
            start = "visit('#pos=3&block=324-327&layer=1'), click('#play'), tick()"
            return f"({chosen}, {start}, at().slice(0, 3))"

        self.results([
            (play("block", 2000), [3, "329-330", 1]),
            ("[delay, $('#play').textContent]", [60000 / steps, "Pause"]),
            ("(click('#play'), $('#play').textContent)", "Play"),
            (play("layer", 300), [4, "324-327", 0]),
            ("(click('#play'), delay)", 300),
            (play("token", 900), [4, "324-327", 1]),
            ("(click('#play'), delay)", 900),
            ("(visit('#pos=7&block=691-714'), click('#play'), $('#play').textContent)", "Play"),
        ])

    def test_the_reader_s_words_give_a_command_and_a_second_script_can_run_them(self):
        run = self.page("mqa", "a bc", "-n", "7", "-t", "1.3").text
        place = {"pos": 3, "block": 8, "l": 1, "h": 1, "cell": "att:1:2", "tour": None}
        go = f"explore.go({json.dumps(place)});"
        look = """return [explore.place, ...["settings", "text", "map", "numbers", "said"].map(
            (id) => document.getElementById(id).innerHTML)];"""
        alone = self.browse(go + look)
        scripts = re.findall(r'<script type=.* id="(\w+)">(.*)</script>', run)
        elsewhere = json.dumps(dict(scripts)).replace("<", "\\u003c")
        self.page("gqa", "ab", "-n", "5")  # of another shape
        got = self.browse(DO + go + f"""
            set("#own [name=prompt]", "one day");
            out.push(text("#command").split(" -n ")[1]);
            set("#own [name=prompt]", "it's $5");
            out.push(text("#command").split(".bin ")[1], $("#run").checkVisibility());
            const texts = {elsewhere};
            const bytes = (id) => Uint8Array.from(atob(texts[id]), (c) => c.charCodeAt(0)).buffer;
            explore.runner = async (wanted) => {{
              out.push(wanted.prompt, wanted.steps, wanted.temperature, wanted.topp, wanted.seed);
              return {{ data: JSON.parse(texts.data), floats: new Float32Array(bytes("floats")),
                values: new Float64Array(bytes("values")), log: new Uint32Array(bytes("log")) }};
            }};
            await click("#run");
            for (let i = 0; i < 9; i++) await null;
            return [[...out, text("#own-said")], (() => {{ {look} }})()];""")
        checkpoint = os.path.join(self.folder, "gqa.bin")
        self.assertEqual(got[0], [
            f'5 -t 0.8 -p 0.9 -s 1 {checkpoint} "one day"', "'it'\\''s $5'", False,
            "it's $5", "5", "0.8", "0.9", "1", "This page now shows your run.",
        ])
        self.assertEqual(got[1], alone)
        self.assertEqual(got[1][0], place)

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_the_default_page_opens_at_a_head_that_copies_and_at_a_choice_of_tokens(self):
        self.assertIsNone(run_it("-o", self.out)[0])
        self.assertLessEqual(os.path.getsize(self.out), 5e6)
        self.results([
            ("explore.data.tokens.length", 32),
            ("(visit('#tour=4'), /“i”: an induction head .* is “i”/.test(text('#numbers')))", True),
            ("(visit('#tour=8'), document.querySelectorAll('.nucleus i').length > 2)", True),
            # some heads always look at the same token: they do not copy
            ("(follow('#h3'), follow('#l4'), text('#numbers').includes('induction'))", False),
        ])
        self.draws([0, 15, 31])

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_other_shapes_are_drawn_too(self):
        for name in "mqa", "unshared":
            self.page(name, "ab", "-n", "4", "-p", "1")
            self.draws([0, 2, 3])

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_nothing_is_wider_than_the_window_or_smaller_than_12_pixels(self):
        self.page("gqa", "ab", "-n", "8")
        for flag in "--window-size=1600,1000", "--window-size=1000,800", "--window-size=500,844":
            self.assertEqual(self.browse("""
                const wrong = [], page = document.documentElement;
                for (let s = 0; s < explore.steps.length; s++) {
                  if (explore.steps[s].pos !== 7) continue;
                  if (s > 0) explore.go(explore.placeOf(s, explore.place), true);
                  const where = explore.blocks[explore.steps[s].block].key;
                  if (page.scrollWidth > innerWidth) wrong.push(`${where} is too wide`);
                  for (const e of document.querySelectorAll("body *")) {
                    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
                    const size = parseFloat(getComputedStyle(e).fontSize);
                    if (text && e.getClientRects().length && size < 12) wrong.push(e.outerHTML);
                  }
                }
                return wrong.slice(0, 5);""", flag), [], flag)
