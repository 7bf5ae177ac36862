// The page that explore.py writes: data comes in, `place` and `wish` are all that changes, draw()
// shows it. The place is also the address behind #, so that a link leads there, and Back goes back.
"use strict";
window.explore = (function () {
  // ---------------------------------------------------------------------------
  // data in

  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const { blocks, vocab, tokens, config: p } = data;
  const headSize = p.dim / p.n_heads;
  const kvMul = p.n_heads / p.n_kv_heads;
  const NONE = 65535; // no layer, no head

  // The bytes that a text in base 85 stands for.
  function bytes(id) {
    const digits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%.()*+-;,=>?@^_`{|}~";
    const value = new Uint8Array(128);
    for (let i = 0; i < 85; i++) value[digits.charCodeAt(i)] = i;
    const text = byId(id).textContent;
    const out = new DataView(new ArrayBuffer((text.length / 5) * 4));
    for (let i = 0, o = 0; i < text.length; o += 4) {
      let n = 0;
      for (let k = 0; k < 5; k++) n = n * 85 + value[text.charCodeAt(i++)];
      out.setUint32(o, n);
    }
    return out.buffer;
  }

  const floats = new Float32Array(bytes("floats"));
  const values = new Float64Array(bytes("values").slice(0, data.counts.values * 8));
  const log = data.wide ? new Uint32Array(bytes("log")) : new Uint16Array(bytes("log"));

  // A row of a weight: weights("wq", 2, 5) is w.wq[2][5].
  function weights(name, ...index) {
    const [start, ...shape] = data.weights[name];
    const n = shape[shape.length - 1];
    let row = 0;
    index.forEach((i, k) => (row = row * shape[k] + i));
    return floats.subarray(start + row * n, start + (row + 1) * n);
  }

  const steps = []; // {pos, block, l, h, changed: Set of keys}: each block that ran, in order
  const begin = []; // the first step of each position
  const versions = new Map(); // key of a list -> [{step, first, end, values}], one for each change
  const attention = []; // [layer][head][position]: the weights after softmax
  const SAMPLE = blocks.length - 1; // the last block is not forward's

  const isCache = (list) => list.endsWith("_cache");
  const keyOf = (list, row, l, pos) => (isCache(list) ? `${list}:${l}:${pos}` : `${list}:${row}`);

  (function read() {
    for (let l = 0; l < p.n_layers; l++) {
      attention.push(Array.from({ length: p.n_heads }, () => []));
    }
    let offset = 0;
    for (let i = 0; i < data.counts.log;) {
      const [pos, block, l, h, n] = log.subarray(i, (i += 5));
      if (pos === begin.length) {
        if (pos) steps.push({ pos: pos - 1, block: SAMPLE, l: NONE, h: NONE, changed: new Set() });
        begin.push(steps.length);
      }
      const step = { pos, block, l, h, changed: new Set() };
      for (let k = 0; k < n; k++) {
        const [list, row, first, count] = log.subarray(i, (i += 4));
        const name = data.lists[list];
        const key = keyOf(name, row, row, pos);
        if (!versions.has(key)) versions.set(key, []);
        const known = versions.get(key);
        const old = known.length ? known[known.length - 1].values : new Float64Array(0);
        const now = new Float64Array(Math.max(old.length, first + count));
        now.set(old);
        now.set(values.subarray(offset, (offset += count)), first);
        known.push({ step: steps.length, first, end: first + count, values: now });
        step.changed.add(key);
        if (name === "att" && l !== NONE) attention[l][row][pos] = now.slice(0, pos + 1);
      }
      steps.push(step);
    }
    steps.push({ pos: begin.length - 1, block: SAMPLE, l: NONE, h: NONE, changed: new Set() });
  })();
  const positions = begin.length;

  // The version of a list that holds after a step; index i: the last one that wrote element i.
  function version(key, step, i) {
    const known = versions.get(key) || [];
    for (let k = known.length - 1; k >= 0; k--) {
      const v = known[k];
      if (v.step <= step && (i === undefined || (v.first <= i && i < v.end))) return v;
    }
    return undefined;
  }

  const SIZES = {
    x: p.dim,
    xb: p.dim,
    xb2: p.dim,
    q: p.dim,
    hb: p.hidden_dim,
    hb2: p.hidden_dim,
    key_cache: p.dim / kvMul,
    value_cache: p.dim / kvMul,
    logits: p.vocab_size,
  };

  // The numbers of a list after a step; row: a head of att, a position of a cache.
  function numbers(list, row, step) {
    const { pos, l } = steps[Math.min(step, steps.length - 1)];
    const v = version(keyOf(list, row, l, row), step);
    const n = list === "att" ? pos + 1 : SIZES[list] || (v ? v.values.length : 0);
    if (!v) return new Float64Array(n);
    return v.values.length >= n ? v.values.subarray(0, n) : v.values;
  }

  // ---------------------------------------------------------------------------
  // one state

  // where the reader is; cell: "list:row:i", with ":before" for what it was before the block
  let place = { pos: 0, block: 0, l: 0, h: 0, cell: null };
  // what the reader wants of the sampler, null: what the run had; and which coin, of which position
  let wish = { temperature: null, topp: null, coin: null };
  let playing = null;

  // The index of the step at a place, or of the nearest one.
  function stepAt({ pos, block, l, h }) {
    const end = pos + 1 < positions ? begin[pos + 1] : steps.length;
    let best = begin[pos];
    let bestScore = -1;
    for (let i = begin[pos]; i < end; i++) {
      const s = steps[i];
      const score = (s.block === block) * 4 + (s.l === l) * 2 + (s.h === h);
      if (s.block === block && score > bestScore) [best, bestScore] = [i, score];
    }
    return best;
  }

  // The place of a step, with the layer and the head of `from` where the step has none.
  function placeOf(step, from, cell) {
    const { pos, block, l, h } = steps[step];
    return {
      pos,
      block,
      l: l === NONE ? from.l : l,
      h: h === NONE ? from.h : h,
      cell: cell || null,
    };
  }

  function address({ pos, block, l, h, cell }) {
    const words = `#pos=${pos}&block=${blocks[block].key}&layer=${l}&head=${h}`;
    return cell ? `${words}&cell=${encodeURIComponent(cell)}` : words;
  }

  function placeFrom(hash) {
    const words = new URLSearchParams(hash.slice(1));
    const clamp = (name, n) => {
      const i = parseInt(words.get(name), 10);
      return i >= 0 ? Math.min(i, n - 1) : 0;
    };
    const block = blocks.findIndex((b) => b.key === words.get("block"));
    const to = {
      pos: clamp("pos", positions),
      block: Math.max(block, 0),
      l: clamp("layer", p.n_layers),
      h: clamp("head", p.n_heads),
      cell: null,
    };
    if (!words.has("pos")) Object.assign(to, start());
    const step = stepAt(to);
    const there = placeOf(step, to);
    there.cell = visible(words.get("cell"), step);
    return there;
  }

  // Where the page begins: where the model first speaks, at a softmax. If the token has been there
  // before, at the head that looks most at what then came behind it: it may be copying.
  function start() {
    const block = blocks.findIndex((b) => b.key === "303-304");
    const best = {
      pos: Math.min(data.prompt, positions) - 1,
      block: Math.max(block, 0),
      l: 0,
      h: 0,
    };
    let most = -1;
    for (let t = 1; t < best.pos; t++) {
      if (tokens[t - 1] !== tokens[best.pos]) continue;
      attention.forEach((heads, l) =>
        heads.forEach((rows, h) => {
          if (rows[best.pos][t] > most) [most, best.l, best.h] = [rows[best.pos][t], l, h];
        }),
      );
    }
    return best;
  }

  // A cell, if the block of a step shows it; else null.
  function visible(cell, step) {
    if (!cell) return null;
    const [list, row, i, before] = cell.split(":");
    const found = panes(step).find(
      (pane) => pane.list === list && pane.rows.includes(+row) && Boolean(before) === pane.before,
    );
    if (!found || !(+i >= 0 && +i < found.numbers(+row).length)) return null;
    return cell;
  }

  function go(to, replace) {
    if (to.pos !== place.pos) wish.coin = null;
    place = to;
    if (replace) history.replaceState(null, "", address(to));
    else if (address(to) !== location.hash) location.hash = address(to);
    draw();
  }

  function goStep(step, replace) {
    step = Math.max(0, Math.min(steps.length - 1, step));
    go(placeOf(step, place, visible(place.cell, step)), replace);
  }

  function goTo(change) {
    const to = { ...place, cell: null, ...change };
    const step = stepAt(to);
    go({ ...placeOf(step, to), cell: visible("cell" in change ? to.cell : place.cell, step) });
  }

  // Another layer; from a block outside of the layers, to the layer's first.
  function layerPlace(l) {
    const to = { ...place, l, cell: null };
    if (steps[stepAt(place)].l === NONE) to.block = steps.find((s) => s.l !== NONE).block;
    return to;
  }

  // ---------------------------------------------------------------------------
  // what a block works on

  // the blocks without a call that change a list of which they read the numbers before
  const IN_PLACE = {
    "264-279": ["q", "key_cache"],
    "324-327": ["x"],
    "337-345": ["hb"],
    "350-354": ["x"],
    "303-304": ["att"],
    "356-357": ["x"],
  };

  // The lists that stand on the page for a step: what is read, then what is written.
  function panes(step) {
    const { pos, block, l, h, changed } = steps[step];
    const key = blocks[block].key;
    const read = [],
      written = [];
    const lists =
      block === SAMPLE ? [{ name: "s.logits", list: "logits", row: "0" }] : blocks[block].lists;
    for (const { name, list, row, weight, index } of lists) {
      if (weight) {
        const shape = data.weights[weight].slice(1);
        const at = index === "l" && l !== NONE ? l : index === "token" ? tokens[pos] : null;
        const label = index ? `${name}[${index}]` : name;
        const rest = shape.slice(at === null ? 0 : 1);
        if (rest.length > 1) {
          read.push({ matrix: weight, label, at, shape: rest });
        } else {
          const numbers = () => (at === null ? weights(weight) : weights(weight, at));
          read.push({
            list: `w.${weight}`,
            label,
            rows: [at || 0],
            numbers,
            shape: rest,
            before: false,
          });
        }
        continue;
      }
      const own = row !== null;
      let rows = [0];
      if (isCache(list)) rows = own ? [pos] : Array.from({ length: pos + 1 }, (_, t) => t);
      if (list === "att") rows = h !== NONE ? [h] : Array.from({ length: p.n_heads }, (_, i) => i);
      const label =
        list === "att" && rows.length === 1
          ? "s.att[h]"
          : isCache(list) && !own
            ? `${name}[l]`
            : name;
      const isChanged = rows.some((r) => changed.has(keyOf(list, r, l, r)));
      const n = numbers(list, rows[0], step).length;
      const pane = {
        list,
        label,
        rows,
        changed: isChanged,
        before: false,
        own,
        shape: rows.length > 1 || (isCache(list) && !own) ? [rows.length, n] : [n],
        numbers: (r) => numbers(list, r, step),
        old: (r) => numbers(list, r, step - 1),
      };
      if (isChanged && (IN_PLACE[key] || []).includes(list)) {
        if (list !== "att") pane.other = pane.old; // both in the same colours, but for scores and weights
        read.push({
          ...pane,
          changed: false,
          before: true,
          numbers: pane.old,
          other: pane.other && pane.numbers,
        });
      }
      (isChanged ? written : read).push(pane);
    }
    return [...read, ...written];
  }

  // Which elements of a list are the current head's: [first, end], or null.
  function part(list, step) {
    const { h } = steps[step];
    if (h === NONE) return null;
    if (isCache(list))
      return [Math.floor(h / kvMul) * headSize, (Math.floor(h / kvMul) + 1) * headSize];
    return list === "q" || list === "xb" ? [h * headSize, (h + 1) * headSize] : null;
  }

  // ---------------------------------------------------------------------------
  // where a number comes from

  const esc = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const minus = (text) => text.replace("-", "−");

  // A number with six digits, as it stands in a sum.
  function six(v) {
    if (!Number.isFinite(v) || v === 0) return minus(String(v));
    const size = Math.abs(v);
    return minus(size >= 1e6 || size < 1e-4 ? v.toExponential(5) : v.toPrecision(6));
  }

  // A number for a small cell.
  function short(v) {
    if (!Number.isFinite(v)) return minus(String(v));
    const size = Math.abs(v);
    if (size < 0.005) return "0.00";
    return minus(
      size >= 9999.5 ? v.toExponential(0) : v.toFixed(size >= 99.5 ? 0 : size >= 9.995 ? 1 : 2),
    );
  }

  // A token as a reader sees it: a space that begins it is a dot, a line break an arrow.
  function word(id) {
    const text = vocab[id].replace(/^\n(<.*>)\n$/, "$1"); // BOS and EOS have line breaks around them
    return esc(text.replace(/^ /, "·").replace(/\n|<0x0A>/g, "⏎"));
  }

  const name = (list) => list.replace(/^own /, "").replace(/^w\./, "");

  // The name of a cell, as Python would write it.
  function cellName(list, row, i) {
    if (list === "att") return `att[${i}]`;
    if (isCache(list)) return `${list}[l][${row}][${i}]`;
    if (list.startsWith("w.") && data.weights[list.slice(2)].length > 2)
      return `${name(list)}[${row}][${i}]`;
    return `${name(list)}[${i}]`;
  }

  const b = (v) => `<b>${six(v)}</b>`;
  const products = (what, terms, size) => ({
    // terms: [label, a, b, cell of b, cell of a]
    head: what,
    rows: terms.map(([label, a, x, cell]) => ({
      label,
      columns: [six(a), six(x), six(a * x)],
      size: a * x,
      cell,
    })),
  });

  // How each block without a call makes its numbers: step, list, row, i -> {lines, ..., result}.
  const explain = {
    "244-246"(s, list, row, i) {
      const token = tokens[steps[s].pos];
      const v = weights("token_embedding_table", token)[i];
      return {
        result: v,
        lines: [`x[${i}] = token_embedding_table[${token}][${i}] = ${b(v)}`],
        say: `Row ${token} of the table belongs to the token “${word(token)}”. It was learned in training.`,
      };
    },
    "264-279"(s, list, row, i) {
      const { pos } = steps[s];
      const before = numbers(list, row, s - 1);
      const even = i - (i % 2);
      const headDim = even % headSize;
      const freq = 1 / 10000 ** (headDim / headSize);
      const angle = pos * freq;
      const [c, d, v0, v1] = [Math.cos(angle), Math.sin(angle), before[even], before[even + 1]];
      const vec = list === "q" ? "q" : "k";
      const result = i % 2 ? v0 * d + v1 * c : v0 * c - v1 * d;
      const [first, sign, second] = i % 2 ? ["sin", "+", "cos"] : ["cos", "−", "sin"];
      return {
        result,
        lines: [
          `freq = 1 / 10000<sup>${headDim}/${headSize}</sup> = ${b(freq)}`,
          `val = pos · freq = ${pos} · ${six(freq)} = ${b(angle)} radians = ${b((angle * 180) / Math.PI)}°`,
          `${vec}[${i}] = ${vec}[${even}] · ${first} ${sign} ${vec}[${even + 1}] · ${second} (both from before)`,
          `= ${six(v0)} · ${six(i % 2 ? d : c)} ${sign} ${six(v1)} · ${six(i % 2 ? c : d)} = ${b(result)}`,
        ],
        cells: [even, even + 1].map((k) => [
          `${vec}[${k}] before`,
          `${list}:${row}:${k}:before`,
          s,
        ]),
      };
    },
    "281-288"(s, list, row, i) {
      const at = steps[s].h * headSize + i;
      const result = numbers("q", 0, s)[at];
      return {
        result,
        lines: [`q[${i}] = s.q[hoff + ${i}] = s.q[${at}] = ${b(result)}`],
        cells: [[`s.q[${at}]`, `q:0:${at}`, s]],
      };
    },
    "289-301"(s, list, row, t) {
      const { h } = steps[s];
      const head = Math.floor(h / kvMul) * headSize;
      const q = numbers("own q", 0, s),
        k = numbers("key_cache", t, s);
      let score = 0;
      const terms = [];
      for (let i = 0; i < headSize; i++) {
        score += q[i] * k[head + i];
        terms.push([`i = ${i}`, q[i], k[head + i], [`key_cache:${t}:${head + i}`, s]]);
      }
      const result = score / Math.sqrt(headSize);
      return {
        result,
        ...products(["", `q[i]`, `k[${head} + i]`, "product"], terms),
        sum: score,
        say: `The query of this token times the key of “${word(tokens[t])}” at position ${t}.`,
        lines: [`att[${t}] = score / √head_size = ${six(score)} / √${headSize} = ${b(result)}`],
      };
    },
    "306-319"(s, list, row, i) {
      const { pos, h } = steps[s];
      const at = Math.floor(h / kvMul) * headSize + (i - h * headSize);
      const att = numbers("att", h, s);
      let result = 0;
      const terms = [];
      for (let t = 0; t <= pos; t++) {
        const v = numbers("value_cache", t, s);
        result += att[t] * v[at];
        terms.push([
          `${t} <q>${word(tokens[t])}</q>`,
          att[t],
          v[at],
          [`value_cache:${t}:${at}`, s],
        ]);
      }
      return {
        result,
        ...products(["position", "att[t]", `v[${at}]`, "product"], terms),
        sum: result,
        say: `What this head takes from each token: the weight times number ${at} of its value.`,
        lines: [`xb[${i}] = Σ att[t] · v[${at}] = ${b(result)}`],
      };
    },
    "324-327": (s, list, row, i) => residual(s, i, "xb2"),
    "337-345"(s, list, row, i) {
      const h1 = numbers("hb", 0, s - 1)[i],
        h2 = numbers("hb2", 0, s)[i];
      const sigmoid = 1 / (1 + (-h1 > 700 ? Infinity : Math.exp(-h1)));
      const result = h1 * sigmoid * h2;
      return {
        result,
        lines: [
          `silu = hb[${i}] · 1 / (1 + e<sup>−hb[${i}]</sup>) = ${six(h1)} · ${six(sigmoid)} = ${b(h1 * sigmoid)}`,
          `hb[${i}] = silu · hb2[${i}] = ${six(h1 * sigmoid)} · ${six(h2)} = ${b(result)}`,
        ],
        cells: [
          [`hb[${i}] before`, `hb:0:${i}:before`, s],
          [`hb2[${i}]`, `hb2:0:${i}`, s],
        ],
      };
    },
    "350-354": (s, list, row, i) => residual(s, i, "xb"),
  };

  function residual(s, i, branch) {
    const x = numbers("x", 0, s - 1)[i],
      y = numbers(branch, 0, s)[i];
    return {
      result: x + y,
      lines: [`x[${i}] = x[${i}] + ${branch}[${i}] = ${six(x)} + ${six(y)} = ${b(x + y)}`],
      cells: [
        [`x[${i}] before`, `x:0:${i}:before`, s],
        [`${branch}[${i}]`, `${branch}:0:${i}`, s],
      ],
    };
  }

  // The same for the functions that blocks call; args: what stands for their parameters.
  const explainCall = {
    matmul(s, [out, x, w], i) {
      const row = weightRow(w, s, i),
        numbersX = numbers(x.list, x.row, s);
      let result = 0;
      const terms = [];
      for (let j = 0; j < row.length; j++) {
        result += row[j] * numbersX[j];
        terms.push([`j = ${j}`, row[j], numbersX[j], [`${x.list}:${x.row}:${j}`, s]]);
      }
      const label = out.list === "logits" ? ` This row belongs to the token “${word(i)}”.` : "";
      const [o, m] = [`${shortName(out)}[${i}]`, w.label.replace(/^w\./, "")];
      return {
        result,
        ...products(["", `${m}[${i}][j]`, `${shortName(x)}[j]`, "product"], terms),
        sum: result,
        say: `Row ${i} of the matrix times the list: ${row.length} products, added up.${label}`,
        lines: [`${o} = Σ ${m}[${i}][j] · ${shortName(x)}[j] = ${b(result)}`],
      };
    },
    rmsnorm(s, [out, x, w], j) {
      const weight = weightRow(w, s),
        from = numbers(x.list, x.row, out.list === x.list ? s - 1 : s);
      let ss = 0;
      for (const v of from) ss += v * v;
      const squares = ss;
      ss = 1 / Math.sqrt(ss / from.length + 1e-5);
      const result = weight[j] * (ss * from[j]);
      const before = out.list === x.list ? ":before" : "";
      return {
        result,
        lines: [
          `mean of the squares = ${six(squares)} / ${from.length} = ${b(squares / from.length)}`,
          `ss = 1 / √(${six(squares / from.length)} + 0.00001) = ${b(ss)}`,
          `${shortName(out)}[${j}] = weight[${j}] · (ss · x[${j}]) = ${six(weight[j])} · (${six(ss)} · ${six(from[j])}) = ${b(result)}`,
        ],
        cells: [
          [`x[${j}]`, `x:0:${j}${before}`, s],
          [`weight[${j}]`, `w.${w.weight}:${w.index === "l" ? steps[s].l : 0}:${j}`, s],
        ],
      };
    },
    softmax(s, [x], i) {
      const from = numbers(x.list, x.row, s - 1);
      let max = from[0];
      for (const v of from) if (v > max) max = v;
      const e = Array.from(from, (v) => Math.exp(v - max));
      let sum = 0;
      for (const v of e) sum += v;
      return {
        result: e[i] / sum,
        head: ["position", "score", "e<sup>score − max</sup>", "weight"],
        rows: e.map((v, t) => ({
          label: `${t} <q>${word(tokens[t])}</q>`,
          size: v / sum,
          columns: [six(from[t]), six(v), six(v / sum)],
          cell: [`att:${x.row}:${t}:before`, s],
          on: t === i,
        })),
        lines: [
          `max = ${six(max)}, sum = ${six(sum)}`,
          `att[${i}] = e<sup>${six(from[i])} − ${max < 0 ? `(${six(max)})` : six(max)}</sup> / sum = ${six(e[i])} / ${six(sum)} = ${b(e[i] / sum)}`,
        ],
      };
    },
  };

  const shortName = (arg) => ({ key_cache: "k", value_cache: "v" })[arg.list] || name(arg.list);

  function weightRow({ weight, index }, s, i) {
    const at = index === "l" ? [steps[s].l] : [];
    return weights(weight, ...at, ...(i === undefined ? [] : [i]));
  }

  // An argument of a call, as its block names it: {list, row} or {weight, index, label}.
  function argument(text, s) {
    const entry = blocks[steps[s].block].lists.find((e) => e.name === text.replace(/\[.*/, ""));
    if (!entry) return {};
    if (entry.weight) return { ...entry, label: text };
    const row = isCache(entry.list) ? steps[s].pos : entry.list === "att" ? steps[s].h : 0;
    return { list: entry.list, row };
  }

  // Where the number of a cell that a step shows comes from: {step, value, ...} with its sum.
  function why(cell, step) {
    const [list, row, index, before] = cell.split(":");
    const i = +index;
    if (list.startsWith("w.")) {
      const pane = panes(step).find((pane) => pane.list === list);
      return { step, value: pane.numbers()[i], lines: [], say: "A weight: learned in training." };
    }
    const until = before ? step - 1 : step;
    const found = version(keyOf(list, +row, steps[step].l, +row), until, i);
    if (!found) return { step, value: 0, lines: [], say: "Nothing has been written here yet." };
    const made = { step: found.step, value: found.values[i], lines: [], say: "" };
    const block = blocks[steps[found.step].block];
    for (const [f, ...args] of block.calls) {
      if (!explainCall[f]) continue;
      const parts = args.map((text) => argument(text, found.step));
      if (parts[0].list === list) return { ...made, ...explainCall[f](found.step, parts, i) };
    }
    if (explain[block.key]) return { ...made, ...explain[block.key](found.step, list, +row, i) };
    return made;
  }

  // ---------------------------------------------------------------------------
  // the sampler, as llama2.sample and what it calls

  const lastStep = (pos) => (pos + 1 < positions ? begin[pos + 1] : steps.length) - 1;
  const logitsAt = (pos) => numbers("logits", 0, lastStep(pos));

  function softmax(x) {
    let max = x[0];
    for (const v of x) if (v > max) max = v;
    const e = Float64Array.from(x, (v) => Math.exp(v - max));
    let sum = 0;
    for (const v of e) sum += v;
    return e.map((v) => v / sum);
  }

  // The settings that hold: the reader's, or else the run's.
  function settings(pos) {
    const coin = wish.coin ?? data.coins[pos] ?? 0.5;
    return {
      temperature: wish.temperature ?? data.temperature,
      topp: wish.topp ?? data.topp,
      coin,
    };
  }

  // The token drawn at a position: {token, order: [[probability, id], …], nucleus: how many, mass}.
  function sample(pos, { temperature, topp, coin }) {
    const logits = logitsAt(pos);
    const probabilities = softmax(temperature === 0 ? logits : logits.map((v) => v / temperature));
    const all = Array.from(probabilities, (v, id) => [v, id]);
    const sorted = all.slice().sort((a, z) => z[0] - a[0]);
    if (temperature === 0) {
      let best = 0;
      for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
      return { token: best, order: sorted, nucleus: 1, mass: sorted[0][0], draws: [[1, best]] };
    }
    const whole = topp <= 0 || topp >= 1;
    let order = all,
      nucleus = all.length,
      mass = 1;
    if (!whole) {
      const cutoff = (1 - topp) / (all.length - 1);
      order = sorted.filter(([v]) => v >= cutoff);
      if (!order.length) return { token: 0, order: sorted, nucleus: 0, mass: 0, draws: [] };
      mass = 0;
      nucleus = order.length;
      for (let i = 0; i < order.length; i++) {
        mass += order[i][0];
        if (mass > topp) {
          nucleus = i + 1;
          break;
        }
      }
    }
    const draws = order.slice(0, nucleus);
    const r = coin * mass;
    let cdf = 0;
    const hit = draws.find(([v]) => r < (cdf += v)) || draws[draws.length - 1];
    return { token: hit[1], order: sorted, nucleus, mass, draws };
  }

  // ---------------------------------------------------------------------------
  // what would be said if the network stopped after a layer

  const lenses = new Map();
  function lens(pos, l) {
    // l: -1 for the embedding
    const key = `${pos}:${l}`;
    if (!lenses.has(key)) {
      const end = lastStep(pos);
      let at = begin[pos];
      for (let i = at; i < end; i++) {
        const s = steps[i];
        if (s.changed.has("x:0") && (s.l === l || (l < 0 && s.l === NONE && i < begin[pos] + 4)))
          at = i;
      }
      const x = numbers("x", 0, at);
      let ss = 0;
      for (const v of x) ss += v * v;
      ss = 1 / Math.sqrt(ss / p.dim + 1e-5);
      const weight = weights("rms_final_weight");
      const normed = x.map((v, j) => weight[j] * (ss * v));
      const logits = new Float64Array(p.vocab_size);
      for (let i = 0; i < p.vocab_size; i++) {
        const row = weights("wcls", i);
        let val = 0;
        for (let j = 0; j < p.dim; j++) val += row[j] * normed[j];
        logits[i] = val;
      }
      const likeliest = Array.from(softmax(logits), (v, id) => [v, id]).sort((a, z) => z[0] - a[0]);
      lenses.set(key, { step: at, x, top: likeliest.slice(0, 5) });
    }
    return lenses.get(key);
  }

  // ---------------------------------------------------------------------------
  // drawing

  const link = (to, text, more = "") => `<a href="${esc(address(to))}" ${more}>${text}</a>`;
  const largest = (...lists) => {
    let max = 0;
    for (const list of lists) for (const v of list) if (Math.abs(v) > max) max = Math.abs(v);
    return max;
  };

  // How a number is coloured: blue below zero, orange above, paler towards zero.
  function tint(v, max) {
    const a = max ? Math.min(1, Math.abs(v) / max) ** 0.7 : 0;
    return `class="${v < 0 ? "neg" : "pos"}" style="--a:${a.toFixed(3)}"`;
  }

  function drawText() {
    const { pos, l, h } = place;
    const weight = attention[l][h][pos] || [];
    let out = "";
    for (let t = 0; t < positions; t++) {
      const a = t <= pos ? weight[t] : 0;
      const said = t >= data.prompt ? "by the model" : "of the prompt";
      out += link(
        { ...place, pos: t, cell: null },
        `<q>${word(tokens[t])}</q><small>${t}</small>`,
        `id="t${t}" class="token${t >= data.prompt ? " said" : ""}${t > pos ? " later" : ""}" style="--a:${a.toFixed(3)}"
        ${t === pos ? 'aria-current="true"' : ""} aria-label="position ${t}: ${word(tokens[t])}, ${said}${
          t <= pos ? `, weight ${a.toFixed(2)}` : ""
        }"`,
      );
    }
    const last = data.nexts[positions - 1];
    if (last !== null)
      out += `<span class="token next" title="drawn last; forward has not seen it">${word(last)}</span>`;
    byId("text").innerHTML =
      `<div>${out}</div><p>shaded: where head ${h} of layer ${l} looks from here;
      <u>underlined</u>: said by the model</p>`;
  }

  function drawWay(step) {
    const at = steps[step];
    const other = (to, id, sign, label) =>
      to < 0 || to >= steps.length
        ? `<a id="${id}" role="link" aria-disabled="true" aria-label="${label}">${sign}</a>`
        : link(
            { ...placeOf(to, place), cell: visible(place.cell, to) },
            sign,
            `id="${id}" aria-label="${label}" title="${label}"`,
          );
    const token = (d) => {
      const pos = place.pos + d;
      return pos < 0 || pos >= positions ? -1 : stepAt({ ...place, pos });
    };
    const layers = Array.from({ length: p.n_layers }, (_, l) =>
      link(
        layerPlace(l),
        l,
        `id="l${l}" ${l === place.l ? 'aria-current="true"' : ""} aria-label="layer ${l}"`,
      ),
    ).join("");
    let heads = "";
    for (let h = 0; h < p.n_heads; h++) {
      heads +=
        (h % kvMul ? "" : "<span>") +
        link(
          { ...place, h, cell: null },
          h,
          `id="h${h}" ${h === place.h ? 'aria-current="true"' : ""} aria-label="head ${h}, of key and value head ${Math.floor(h / kvMul)}"`,
        ) +
        (h % kvMul === kvMul - 1 ? "</span>" : "");
    }
    byId("way").innerHTML = `<div class="steps" role="group" aria-label="Steps">
      ${other(token(-1), "token-back", "«", "token before (Shift and ←)")}
      ${other(step - 1, "back", "‹", "block before (←)")}
      <button id="play" type="button" aria-pressed="${Boolean(playing)}" title="play (space)">${playing ? "Pause" : "Play"}</button>
      ${other(step + 1, "on", "›", "next block (→)")}
      ${other(token(1), "token-on", "»", "next token (Shift and →)")}</div>
      <div class="pick${at.l === NONE ? " off" : ""}" role="group" aria-label="Layer"><b>Layer</b><span>${layers}</span></div>
      <div class="pick heads${at.h === NONE ? " off" : ""}" role="group" aria-label="Head"><b>Head</b>${heads}</div>
      <label class="jump"><b>Block</b><select id="block">${blocks
        .map(
          (block, i) =>
            `<option value="${i}" ${i === at.block ? "selected" : ""}>${block.key} ${esc(block.title)}</option>`,
        )
        .join("")}</select></label>`;
  }

  function drawCode(step) {
    const key = blocks[steps[step].block].key;
    const pane = byId("code");
    for (const row of pane.querySelectorAll("[data-block]")) {
      const now = row.dataset.block === key;
      if (now && !row.classList.contains("now") && pane.scrollHeight > pane.clientHeight) {
        const above = row.offsetTop - pane.offsetTop - (pane.clientHeight - row.offsetHeight) / 2;
        pane.scrollTo({ top: above, behavior: playing || calm.matches ? "auto" : "smooth" });
      }
      row.classList.toggle("now", now);
      if (now) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    }
  }

  const WITH_NUMBERS = 256; // more cells than that are drawn small, without their number
  const MOST = 2048,
    MOST_ROWS = 64; // more than that are not drawn

  // The cells of one row of a list.
  function cells(pane, row, max, step, small) {
    const now = pane.numbers(row).slice(0, MOST),
      old = pane.changed ? pane.old(row) : null;
    const partly = old && now.some((v, i) => v === old[i]); // else all of it is new: no need to mark it
    const mine = part(pane.list, step);
    const before = pane.before ? ":before" : "";
    const labelled = pane.list === "att";
    let out = "";
    for (let i = 0; i < now.length; i++) {
      const id = `${pane.list}:${row}:${i}${before}`;
      const isNew = old && old[i] !== now[i];
      const names =
        (isNew && partly ? " new" : "") + (mine && (i < mine[0] || i >= mine[1]) ? " aside" : "");
      const chosen = id === place.cell;
      out += `<i id="${esc(id)}" ${tint(now[i], max).replace('class="', `class="cell${names} `)} role="option"
        aria-selected="${chosen}" tabindex="-1" aria-label="${esc(cellName(pane.list, row, i))} = ${six(now[i])}${isNew ? ", changed" : ""}">${
          labelled ? `<q>${word(tokens[i])}</q>` : ""
        }${small ? "" : short(now[i])}</i>`;
    }
    const count = now.length;
    return `<div class="cells${small ? " small" : ""}${labelled ? " labelled" : ""}" role="listbox" style="--n:${count}"
      aria-orientation="horizontal" aria-label="${esc(pane.label)}, ${count} numbers${pane.before ? ", before" : ""}">${out}</div>`;
  }

  function drawPane(pane, step) {
    const title = `<code>${esc(pane.label)}</code> <span class="shape">(${pane.shape.join(", ")}${
      pane.shape.length === 1 ? "," : ""
    })</span>`;
    if (pane.matrix) {
      return `<figure class="list matrix"><figcaption>${title}</figcaption><div class="weights"
        data-weight="${pane.matrix}" data-at="${pane.at ?? ""}" data-label="${esc(pane.label)}"><canvas role="img"
        aria-label="${esc(pane.label)}: ${pane.shape[0]} rows of ${pane.shape[1]} weights"></canvas><div class="row-mark" hidden></div></div></figure>`;
    }
    const all = pane.rows.map((row) => pane.numbers(row));
    const max = largest(...all, ...(pane.other ? pane.rows.map(pane.other) : []));
    const grid = isCache(pane.list) && !pane.own;
    const note = pane.changed ? "<em>written here</em>" : pane.before ? "<em>before</em>" : "";
    let body;
    if (grid || pane.rows.length > 1) {
      const { pos, l, h } = steps[step];
      const weight =
        steps[step].h !== NONE && pane.list === "value_cache" ? attention[l][h][pos] : null;
      body = pane.rows
        .slice(-MOST_ROWS)
        .map(
          (row) =>
            `<div class="of"><span class="${weight ? "weighed" : ""}" style="--a:${
              weight ? weight[row].toFixed(3) : 0
            }">${pane.list === "att" ? `head ${row}` : `${row} <q>${word(tokens[row])}</q>`}</span>${cells(
              pane,
              row,
              max,
              step,
              pane.list !== "att" || pane.shape[1] > 16,
            )}</div>`,
        )
        .join("");
    } else {
      body = cells(pane, pane.rows[0], max, step, all[0].length > WITH_NUMBERS);
    }
    const more =
      all[0].length > MOST
        ? `the first ${MOST}`
        : all.length > MOST_ROWS
          ? `the last ${MOST_ROWS} rows`
          : "";
    const whose = part(pane.list, step) && steps[step].h !== NONE ? " dimmed" : "";
    return `<figure class="list${pane.changed ? " changed" : ""}${whose}"><figcaption>${title} ${note} <span class="shape">${more}</span>
      <span class="scale">${short(-max)}<i></i>${short(max)}</span></figcaption>${body}</figure>`;
  }

  function drawWhy(step) {
    if (!place.cell) {
      return `<aside id="why" class="hint"><p>Choose a number, and read where it comes from.</p></aside>`;
    }
    const [list, row, index, before] = place.cell.split(":");
    const made = why(place.cell, step);
    const there = steps[made.step];
    let from = "";
    if (made.step !== step && made.lines.length) {
      const where = `${there.pos !== place.pos ? `position ${there.pos}, ` : ""}${there.l !== NONE ? `layer ${there.l}, ` : ""}${
        blocks[there.block].key
      } ${esc(blocks[there.block].title)}`;
      from = `<p class="from">written in ${link(placeOf(made.step, place, `${list}:${list === "att" && there.h !== NONE ? there.h : row}:${index}`), where)}</p>`;
    }
    const go = ([cell, s], text) => link(placeOf(s, place, cell), text);
    let table = "";
    if (made.rows) {
      const sorted = made.rows.slice().sort((a, z) => Math.abs(z.size) - Math.abs(a.size));
      const max = Math.abs(sorted[0].size);
      const line = (
        r,
      ) => `<tr${r.on ? ' class="on"' : ""}><th scope="row">${r.cell ? go(r.cell, r.label) : r.label}</th>${r.columns
        .map((c) => `<td>${c}</td>`)
        .join("")}<td class="bar"><i ${tint(r.size, max)}
        data-w="${max ? Math.round((Math.abs(r.size) / max) * 100) : 0}"></i></td></tr>`;
      const shown = sorted.slice(0, 8),
        rest = sorted.slice(8);
      const others = rest.reduce((sum, r) => sum + r.size, 0);
      table = `<table><thead><tr>${made.head.map((text) => `<th scope="col">${text}</th>`).join("")}<th></th></tr></thead><tbody>${shown
        .map(line)
        .join("")}${
        rest.length
          ? `<tr><th scope="row">${rest.length} smaller ones</th>${"<td></td>".repeat(
              made.head.length - 2,
            )}<td>${six(others)}</td><td></td></tr>`
          : ""
      }${
        made.sum === undefined
          ? ""
          : `<tr class="total"><th scope="row">total</th>${"<td></td>".repeat(made.head.length - 2)}
          <td>${six(made.sum)}</td><td></td></tr>`
      }</tbody></table>${
        rest.length
          ? `<details><summary>all ${sorted.length} in order</summary><table><tbody>${made.rows.map(line).join("")}</tbody></table></details>`
          : ""
      }`;
    }
    const cellLinks = (made.cells || []).map(([text, cell, s]) => go([cell, s], text)).join(" · ");
    return `<aside id="why" aria-label="Where the number comes from"><header><h3><code>${esc(cellName(list, row, +index))}</code>
      = <b>${six(made.value)}</b>${before ? " <em>before</em>" : ""}</h3><span class="exact">${minus(String(made.value))}</span>
      ${link({ ...place, cell: null }, "×", 'id="close" aria-label="close"')}</header>${from}${
        made.say ? `<p>${made.say}</p>` : ""
      }${made.lines.map((text) => `<p class="sum">${text}</p>`).join("")}${table}${
        cellLinks ? `<p class="from">from ${cellLinks}</p>` : ""
      }</aside>`;
  }

  function drawNumbers(step) {
    const at = steps[step];
    const block = blocks[at.block];
    const where = [
      `position ${at.pos}`,
      at.l !== NONE ? `layer ${at.l}` : "",
      at.h !== NONE ? `head ${at.h}` : "",
    ];
    const all = panes(step);
    const matrices = all.filter((pane) => pane.matrix),
      lists = all.filter((pane) => !pane.matrix);
    const read = lists.filter((pane) => !pane.changed),
      written = lists.filter((pane) => pane.changed);
    const matrixRow = matrices.length
      ? `<div class="matrices">${matrices.map((pane) => drawPane(pane, step)).join("")}</div>`
      : "";
    const picture = pictures[block.key]
      ? `<section class="picture">${pictures[block.key](step)}</section>`
      : "";
    const listsHtml =
      read.map((pane) => drawPane(pane, step)).join("") +
      matrixRow +
      written.map((pane) => drawPane(pane, step)).join("");
    byId("numbers").innerHTML = `<header><h2><span>${block.key}</span> ${esc(block.title)}</h2>
      <p class="where">${where.filter(Boolean).join(" · ")}</p>
      <p class="say">${esc(block.say)} <a class="more" href="${esc(block.link)}">read more</a></p></header>
      ${at.block === SAMPLE ? picture + listsHtml : listsHtml + picture}
      <p class="legend"><i class="neg" style="--a:1"></i><i class="neg" style="--a:.5"></i><i></i><i class="pos" style="--a:.5"></i><i class="pos" style="--a:1"></i>
      blue below zero, orange above; ▁ an underlined cell was changed here</p>${drawWhy(step)}`;
    for (const bar of byId("numbers").querySelectorAll("[data-w]"))
      bar.style.width = `${bar.dataset.w}%`;
    for (const box of byId("numbers").querySelectorAll(".weights")) drawMatrix(box, step);
    for (const canvas of byId("numbers").querySelectorAll("canvas[data-layer]"))
      drawTriangle(canvas);
    for (const list of byId("numbers").querySelectorAll(".cells")) {
      (list.querySelector("[aria-selected=true]") || list.firstChild).tabIndex = 0;
    }
  }

  // The colours on a canvas, which does not heed the style: good on white and on black. at: -1 … 1
  const ORANGE = [222, 120, 22],
    BLUE = [54, 118, 200];

  function paint(canvas, rows, columns, at) {
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext("2d");
    const image = context.createImageData(columns, rows),
      pixels = image.data;
    for (let r = 0, o = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const v = at(r, c),
          colour = v < 0 ? BLUE : ORANGE;
        pixels[o++] = colour[0];
        pixels[o++] = colour[1];
        pixels[o++] = colour[2];
        pixels[o++] = Math.abs(v) * 255;
      }
    }
    context.putImageData(image, 0, 0);
  }

  function drawMatrix(box, step) {
    const { weight, at } = box.dataset;
    const index = at === "" ? [] : [+at];
    const [d, n] = data.weights[weight].slice(1 + index.length);
    const rows = Array.from({ length: d }, (_, i) => weights(weight, ...index, i));
    const max = largest(...rows);
    paint(box.firstChild, d, n, (r, c) =>
      max ? Math.sign(rows[r][c]) * (Math.abs(rows[r][c]) / max) ** 0.7 : 0,
    );
    const out = outOf(box, step);
    if (place.cell && out && place.cell.startsWith(`${out}:`)) {
      const i = +place.cell.split(":")[2];
      box.lastChild.hidden = false;
      box.lastChild.style.top = `${(i / d) * 100}%`;
      box.lastChild.style.height = `${100 / d}%`;
    }
    box.style.setProperty("--wide", `${n * 4}px`);
    box.style.setProperty("--high", `${Math.max(96, Math.min(300, d * 3))}px`);
  }

  // The list and the row that a matrix makes: what its call of matmul writes.
  function outOf(box, step) {
    const call = blocks[steps[step].block].calls.find(
      (c) => c[0] === "matmul" && c[3] === box.dataset.label,
    );
    const out = call && argument(call[1], step);
    return out ? `${out.list}:${out.row}` : null;
  }

  // ---------------------------------------------------------------------------
  // pictures

  function drawTriangle(canvas) {
    const rows = attention[+canvas.dataset.layer][+canvas.dataset.head];
    paint(canvas, positions, positions, (r, c) => (c <= r ? 0.06 + 0.94 * rows[r][c] : 0));
  }

  function attentionPicture() {
    const { pos, l, h } = place;
    const labels = positions <= 40;
    const list = (cls) =>
      labels
        ? `<ol class="${cls}" aria-hidden="true">${tokens
            .map((t, i) => `<li class="${i === pos ? "now" : ""}">${word(t)}</li>`)
            .join("")}</ol>`
        : "";
    let small = "";
    for (let layer = 0; layer < p.n_layers; layer++) {
      small += `<div class="heads-of"><span>layer ${layer}</span>`;
      for (let g = 0; g < p.n_kv_heads; g++) {
        small += `<span class="group" title="share key and value head ${g}">`;
        for (let head = g * kvMul; head < (g + 1) * kvMul; head++) {
          const on = layer === l && head === h;
          small += link(
            { ...place, l: layer, h: head, cell: null },
            `<canvas data-layer="${layer}" data-head="${head}"></canvas><small>${head}</small>`,
            `id="a${layer}-${head}" ${on ? 'aria-current="true"' : ""} aria-label="layer ${layer}, head ${head}, of key and value head ${g}"`,
          );
        }
        small += "</span>";
      }
      small += "</div>";
    }
    const row = attention[l][h][pos];
    const most = row.indexOf(Math.max(...row));
    const copies =
      row[most] > 0.3 && tokens[most - 1] === tokens[pos]
        ? ` The same token stood at ${most - 1}, and what came behind it can now be copied: this is an induction head at work.`
        : "";
    return `<h3>Where head ${h} of layer ${l} looks</h3>
      <p>A row for each token that asks, a column for each that it looks at: from “${word(tokens[pos])}” at ${pos} most at
      “${word(tokens[most])}” at ${most}, with ${row[most].toFixed(2)}. What comes later cannot be seen.${copies}</p>
      <div class="attention"><div class="triangle">${list("rows")}<div class="big"><canvas data-layer="${l}" data-head="${h}" role="img"
      aria-label="attention weights of layer ${l}, head ${h}"></canvas><div class="row-mark" style="top:${(pos / positions) * 100}%;height:${100 / positions}%"></div></div></div>
      <div class="all-heads"><h4>All heads; those in a frame share key and value</h4>${small}</div></div>`;
  }

  function clock(x0, y0, x1, y1, size, angle) {
    const long = Math.hypot(x1, y1) || 1; // as long as the pair is large, but never too short to see
    const r = (12 + (18 * long) / size) / long;
    const [a, c] = [
      [x0 * r, -y0 * r],
      [x1 * r, -y1 * r],
    ];
    const from = Math.atan2(y0, x0),
      turn = ((angle % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);
    const [sx, sy] = [Math.cos(from) * 12, -Math.sin(from) * 12];
    const [ex, ey] = [Math.cos(from + turn) * 12, -Math.sin(from + turn) * 12];
    return `<svg viewBox="-34 -34 68 68" aria-hidden="true"><circle r="31" class="dial"/>
      <path class="turn" d="M${sx.toFixed(2)} ${sy.toFixed(2)} A12 12 0 ${turn > Math.PI ? 1 : 0} 0 ${ex.toFixed(2)} ${ey.toFixed(2)}"/>
      <line class="was" x2="${a[0].toFixed(2)}" y2="${a[1].toFixed(2)}"/><line class="is" x2="${c[0].toFixed(2)}" y2="${c[1].toFixed(2)}"/></svg>`;
  }

  function ropePicture(step) {
    const { pos, l } = steps[step];
    const { h } = place;
    const strip = (title, list, row, start) => {
      const was = numbers(list, row, step - 1),
        is = numbers(list, row, step);
      let size = 0;
      for (let i = start; i < start + headSize; i += 2)
        size = Math.max(size, Math.hypot(is[i], is[i + 1]));
      let out = "";
      for (let i = 0; i < headSize; i += 2) {
        const k = start + i,
          freq = 1 / 10000 ** (i / headSize),
          angle = pos * freq;
        out += `<figure role="img" aria-label="${title} ${k} and ${k + 1}, turned by ${six(angle)} radians">
          ${clock(was[k], was[k + 1], is[k], is[k + 1], size || 1, angle)}
          <figcaption>${list === "q" ? "q" : "k"}[${k}, ${k + 1}]<br>${Number(freq.toPrecision(3))} · ${pos}<br>= ${Number(angle.toPrecision(3))} rad</figcaption></figure>`;
      }
      return `<h4>${title}</h4><div class="clocks">${out}</div>`;
    };
    const g = Math.floor(h / kvMul);
    return `<h3>The hands of head ${h}</h3><p>Each pair is a hand: <span class="was-key">thin</span> before the turn,
      <b class="is-key">thick</b> after it. The first pair turns by 1 radian for each position, the last by
      ${Number((1 / 10000 ** ((headSize - 2) / headSize)).toPrecision(2))}: below each clock its frequency times the position.</p>
      ${strip(`query of head ${h}`, "q", 0, h * headSize)}
      ${strip(`key of key head ${g}${kvMul > 1 ? `, shared by heads ${g * kvMul} to ${(g + 1) * kvMul - 1}` : ""}`, "key_cache", pos, g * headSize)}`;
  }

  function residualPicture(step) {
    const { pos } = place;
    const rows = [];
    for (let l = -1; l < p.n_layers; l++) rows.push([l, lens(pos, l)]);
    const max = largest(...rows.map(([, r]) => r.x));
    const next = data.nexts[pos] ?? tokens[pos + 1];
    return `<h3>The residual stream at “${word(tokens[pos])}”</h3><p>x after each layer, and what would be said next if the network
      stopped there: the last norm and the classifier on it, the five likeliest tokens. What comes next in the text:
      ${next === undefined ? "nothing" : `<q class="hit">${word(next)}</q>`}.</p><div class="stream">${rows
        .map(
          ([l, r]) =>
            `<div class="level${r.step <= step && steps[step].l === l ? " now" : ""}"><span>${link(placeOf(r.step, place), l < 0 ? "embedding" : `layer ${l}`, `id="r${l}"`)}</span>
      <div class="strip" role="img" aria-label="x, ${p.dim} numbers">${Array.from(r.x, (v) => `<i ${tint(v, max)}></i>`).join("")}</div>
      <ol>${r.top.map(([v, id]) => `<li class="${id === next ? "hit" : ""}"><q>${word(id)}</q> ${(v * 100).toFixed(v < 0.0995 ? 1 : 0)}%</li>`).join("")}</ol></div>`,
        )
        .join("")}</div>`;
  }

  function samplePicture() {
    const { pos } = place;
    const s = settings(pos);
    const slider = (
      id,
      label,
      value,
      max,
      stepSize,
    ) => `<label for="${id}">${label} <output id="${id}-out">${Number(value.toPrecision(4))}</output>
      <input type="range" id="${id}" min="0" max="${max}" step="${stepSize}" value="${value}"></label>`;
    return `<h3>The next token</h3><div class="sliders">${slider("temperature", "temperature", s.temperature, 2, 0.01)}
      ${slider("topp", "top-p", s.topp, 1, 0.01)}${slider("coin", "coin", s.coin, 0.999, 0.001)}
      <button type="button" id="reset">as in the run</button></div><div id="drawn">${drawn(pos)}</div>`;
  }

  // What the sliders lead to.
  function drawn(pos) {
    const s = settings(pos);
    const { token, order, nucleus, mass, draws } = sample(pos, s);
    const own = wish.temperature === null && wish.topp === null && wish.coin === null;
    const ran = data.nexts[pos];
    const greedy = s.temperature === 0;
    let note;
    if (ran === null)
      note = `The prompt goes on with “${word(tokens[pos + 1])}”: the run threw no coin here.`;
    else if (token === ran)
      note = `“${word(ran)}” is what the run drew${own ? ", with these settings" : ", too"}.`;
    else note = `The run drew “${word(ran)}”.`;
    const max = order[0][0];
    const inside = new Set(draws.map(([, id]) => id));
    const strip = draws
      .slice(0, 60)
      .map(([v, id]) => {
        const width = (v / mass) * 100;
        const out = `<i class="${id === token ? "hit" : ""}" data-w="${width}" title="${word(id)}">${width > 7 ? `<q>${word(id)}</q>` : ""}</i>`;
        return out;
      })
      .join("");
    const rows = order
      .slice(0, 12)
      .map(
        ([v, id]) => `<tr class="${id === token ? "hit" : ""}${inside.has(id) ? "" : " out"}">
      <th scope="row"><q>${word(id)}</q></th><td>${short(logitsAt(pos)[id])}</td><td>${(v * 100).toFixed(2)}%</td><td class="bar"><i data-w="${(v / max) * 100}"></i></td></tr>`,
      )
      .join("");
    return `<p class="draw">${
      greedy
        ? "Temperature 0: always the likeliest"
        : nucleus === order.length
          ? "From all tokens"
          : `From a nucleus of ${nucleus} ${nucleus === 1 ? "token" : "tokens"} with ${(mass * 100).toFixed(1)}% together`
    }, drawn: <q class="hit" id="token" data-id="${token}">${word(token)}</q></p>
      <p>${note}</p>${greedy ? "" : `<div class="coin"><div class="nucleus">${strip}</div><div class="pointer" data-left="${s.coin * 100}">coin ${Number(s.coin.toPrecision(4))}</div></div>`}
      <table><thead><tr><th>token</th><th>logit</th><th>probability</th><th></th></tr></thead><tbody>${rows}</tbody></table>
      <p class="quiet">the 12 likeliest of ${order.length}; pale: outside of the nucleus</p>`;
  }

  function setWidths(root) {
    for (const bar of root.querySelectorAll("[data-w]")) bar.style.width = `${bar.dataset.w}%`;
    for (const mark of root.querySelectorAll("[data-left]"))
      mark.style.left = `${mark.dataset.left}%`;
  }

  const pictures = {
    "244-246": residualPicture,
    "248-249": residualPicture,
    "324-327": residualPicture,
    "350-354": residualPicture,
    "356-357": residualPicture,
    "264-279": ropePicture,
    "281-288": attentionPicture,
    "289-301": attentionPicture,
    "303-304": attentionPicture,
    "306-319": attentionPicture,
    "321-322": attentionPicture,
    "359-362": samplePicture,
    [blocks[SAMPLE].key]: samplePicture,
  };

  // ---------------------------------------------------------------------------
  // the one function that draws, and what the reader does

  let shown = -1; // the step that has been drawn last
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  function draw() {
    const step = stepAt(place);
    const at = document.activeElement;
    const focus = at && at.id;
    const scrolled = byId("numbers").scrollTop;
    drawText();
    drawWay(step);
    drawNumbers(step);
    drawCode(step);
    setWidths(byId("numbers"));
    byId("numbers").scrollTop = shown === step ? scrolled : 0;
    shown = step;
    uncover(place.cell && byId(place.cell));
    const again = focus && byId(focus);
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    const current = byId(`t${place.pos}`);
    const strip = byId("text").firstChild;
    strip.scrollLeft = current.offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
    byId("tip").hidden = true;
    const { l, h, block } = steps[step];
    byId("said").textContent =
      `${blocks[block].title}${l === NONE ? "" : `, layer ${l}`}${h === NONE ? "" : `, head ${h}`}`;
  }

  // Scroll so that the chosen cell is not behind the header or the sum below.
  function uncover(cell) {
    if (!cell) return;
    const scrolls =
      getComputedStyle(byId("numbers")).overflowY === "auto"
        ? byId("numbers")
        : document.scrollingElement;
    const r = cell.getBoundingClientRect();
    const top = document.querySelector("body > header").getBoundingClientRect().bottom + 30;
    const bottom = Math.min(innerHeight, byId("why").getBoundingClientRect().top) - 8;
    if (r.bottom > bottom) scrolls.scrollTop += r.bottom - bottom;
    else if (r.top < top) scrolls.scrollTop -= top - r.top;
  }

  function play(on) {
    clearInterval(playing);
    playing = on
      ? setInterval(() => {
          const step = stepAt(place);
          if (step + 1 < steps.length) goStep(step + 1, true);
          if (step + 2 >= steps.length) play(false);
        }, 900)
      : null;
    drawWay(stepAt(place));
  }

  // Show the exact value of what is under the pointer or has the focus.
  function tip(target, text) {
    const box = byId("tip");
    box.hidden = !text;
    if (!text) return;
    box.innerHTML = text;
    const r = target.getBoundingClientRect ? target.getBoundingClientRect() : target;
    const width = box.offsetWidth,
      high = box.offsetHeight;
    box.style.left = `${Math.max(4, Math.min(innerWidth - width - 4, r.left))}px`;
    box.style.top = `${r.top > high + 8 ? r.top - high - 4 : r.bottom + 4}px`;
  }

  function cellTip(cell) {
    const step = stepAt(place);
    const [list, row, i, before] = cell.id.split(":");
    const pane = panes(step).find(
      (q) => q.list === list && q.rows.includes(+row) && q.before === Boolean(before),
    );
    if (!pane) return;
    const now = pane.numbers(+row)[+i];
    const extra =
      list === "logits"
        ? ` for <q>${word(+i)}</q>`
        : list === "att" || (isCache(list) && !pane.own)
          ? ` at <q>${word(tokens[list === "att" ? +i : +row])}</q>`
          : "";
    const was =
      pane.changed && pane.old(+row)[+i] !== now
        ? `<br>before: ${minus(String(pane.old(+row)[+i] ?? 0))}`
        : "";
    tip(cell, `${esc(cellName(list, +row, +i))}${extra} = <b>${minus(String(now))}</b>${was}`);
  }

  function overWeights(event, box) {
    const r = box.getBoundingClientRect();
    const { weight, at, label } = box.dataset;
    const index = at === "" ? [] : [+at];
    const [d, n] = data.weights[weight].slice(1 + index.length);
    const i = Math.max(0, Math.min(d - 1, Math.floor(((event.clientY - r.top) / r.height) * d)));
    const j = Math.max(0, Math.min(n - 1, Math.floor(((event.clientX - r.left) / r.width) * n)));
    const here = { left: event.clientX + 8, top: event.clientY - 4, bottom: event.clientY + 12 };
    return {
      i,
      here,
      text: `${esc(label)}[${i}][${j}] = <b>${minus(String(weights(weight, ...index, i)[j]))}</b>`,
    };
  }

  function overTriangle(event, canvas) {
    const r = canvas.getBoundingClientRect();
    const at = (x, size) =>
      Math.max(0, Math.min(positions - 1, Math.floor((x / size) * positions)));
    const row = at(event.clientY - r.top, r.height),
      t = at(event.clientX - r.left, r.width);
    const here = { left: event.clientX + 8, top: event.clientY - 4, bottom: event.clientY + 12 };
    const { l, h } = place;
    return {
      row,
      t,
      here,
      text:
        t > row
          ? ""
          : `“${word(tokens[row])}” at ${row} looks at “${word(tokens[t])}” at ${t}: <b>${attention[l][h][row][t].toFixed(4)}</b>`,
    };
  }

  function listen() {
    const main = document.querySelector("main");
    main.addEventListener("pointermove", (event) => {
      const cell = event.target.closest(".cell"),
        box = event.target.closest(".weights");
      const big = event.target.closest(".big");
      if (cell) cellTip(cell);
      else if (box) {
        const o = overWeights(event, box);
        tip(o.here, o.text);
      } else if (big) {
        const o = overTriangle(event, big);
        tip(o.here, o.text);
      } else byId("tip").hidden = true;
    });
    main.addEventListener("pointerleave", () => (byId("tip").hidden = true));
    main.addEventListener("scroll", () => (byId("tip").hidden = true), true);
    main.addEventListener(
      "focusin",
      (event) => event.target.matches(".cell") && cellTip(event.target),
    );
    main.addEventListener("click", (event) => {
      const cell = event.target.closest(".cell"),
        box = event.target.closest(".weights");
      const big = event.target.closest(".big"),
        row = event.target.closest("[data-block]");
      if (cell) goTo({ cell: cell.id });
      else if (box) {
        const out = outOf(box, stepAt(place));
        if (out) goTo({ cell: `${out}:${overWeights(event, box).i}` });
      } else if (big) {
        const o = overTriangle(event, big);
        if (o.text)
          goTo({
            pos: o.row,
            block: blocks.findIndex((q) => q.key === "303-304"),
            cell: `att:${place.h}:${o.t}`,
          });
      } else if (row && !event.target.closest("details") && !String(getSelection())) {
        goTo({ block: blocks.findIndex((q) => q.key === row.dataset.block), cell: null });
      } else if (event.target.id === "reset") {
        wish = { temperature: null, topp: null, coin: null };
        draw();
      }
    });
    main.addEventListener("input", (event) => {
      if (!(event.target.id in wish)) return;
      const value = +event.target.value;
      wish[event.target.id] = event.target.id === "coin" ? value : Math.fround(value);
      byId(`${event.target.id}-out`).textContent = value;
      byId("drawn").innerHTML = drawn(place.pos);
      setWidths(byId("drawn"));
    });
    byId("way").addEventListener("click", (event) => event.target.id === "play" && play(!playing));
    byId("way").addEventListener("change", (event) =>
      goTo({ block: +event.target.value, cell: null }),
    );
    for (const callee of document.querySelectorAll(".callee")) {
      callee.addEventListener("toggle", () => {
        if (callee.children.length > 1) return;
        callee.insertAdjacentHTML(
          "beforeend",
          data.functions[callee.dataset.name].map((text) => `<div>${text}</div>`).join(""),
        );
      });
    }
    addEventListener("hashchange", () => {
      const there = placeFrom(location.hash);
      if (address(there) !== address(place)) {
        if (there.pos !== place.pos) wish.coin = null;
        place = there;
        draw();
      }
    });
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const { target, key } = event;
      if (target.matches("input, select")) return;
      if (target.matches(".cell")) {
        const row = target.parentElement;
        const columns = getComputedStyle(row).gridTemplateColumns.split(" ").length;
        const by = {
          ArrowLeft: -1,
          ArrowRight: 1,
          ArrowUp: -columns,
          ArrowDown: columns,
          Home: -1e9,
          End: 1e9,
        }[key];
        if (by) {
          const all = [...row.children],
            at = all.indexOf(target);
          const to =
            Math.abs(by) > 1e8 || Math.abs(by) === 1
              ? Math.max(0, Math.min(all.length - 1, at + by))
              : at + by in all
                ? at + by
                : at;
          target.tabIndex = -1;
          all[to].tabIndex = 0;
          all[to].focus();
        } else if (key === "Enter" || key === " ") goTo({ cell: target.id });
        else if (key === "Escape") byId("on").focus();
        else return;
        event.preventDefault();
        return;
      }
      const step = stepAt(place);
      const onButton = target.matches("button, summary, a");
      if (key === "ArrowRight" && event.shiftKey)
        goTo({ pos: Math.min(positions - 1, place.pos + 1) });
      else if (key === "ArrowLeft" && event.shiftKey) goTo({ pos: Math.max(0, place.pos - 1) });
      else if (key === "ArrowDown" && event.shiftKey)
        go(layerPlace(Math.min(p.n_layers - 1, place.l + 1)));
      else if (key === "ArrowUp" && event.shiftKey) go(layerPlace(Math.max(0, place.l - 1)));
      else if (key === "ArrowRight") goStep(step + 1);
      else if (key === "ArrowLeft") goStep(step - 1);
      else if (key === " " && !onButton) play(!playing);
      else if (key === "Escape") goTo({ cell: null });
      else return;
      event.preventDefault();
    });
  }

  const { temperature, topp } = data;
  byId("settings").textContent =
    `${positions} tokens, temperature ${Number(temperature.toPrecision(4))}, top-p ${Number(
      topp.toPrecision(4),
    )}, ${p.n_layers} layers, ${p.n_heads} heads, dim ${p.dim}${data.warning ? `. ${data.warning}` : ""}`;
  byId("keys").textContent = "← → block · Shift ← → token · Shift ↑ ↓ layer · space plays";
  listen();
  place = placeFrom(location.hash);
  draw();

  // for tests, and for who would like to ask the console
  return {
    data,
    steps,
    blocks,
    panes,
    numbers,
    why,
    sample,
    settings,
    stepAt,
    placeOf,
    address,
    go,
    lens,
    get place() {
      return place;
    },
    get wish() {
      return wish;
    },
  };
})();
