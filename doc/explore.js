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

  // Whether a head looks at t from pos twice as much as it did before on average: some heads look
  // at one token all the time.
  function turnsTo(l, h, pos, t) {
    const rows = attention[l][h].slice(t, pos);
    return rows.reduce((sum, row) => sum + row[t], 0) / rows.length < attention[l][h][pos][t] / 2;
  }

  // Where the page begins: where the model first speaks, at a softmax. If the token has been there
  // before, at the head that looks most at what then came behind it: it may be copying.
  function start() {
    const block = blocks.findIndex((b) => b.key === "303-304");
    const best = {
      pos: Math.min(data.prompt.length, positions) - 1,
      block: Math.max(block, 0),
      l: 0,
      h: 0,
    };
    let most = -1;
    for (let t = 1; t < best.pos; t++) {
      if (tokens[t - 1] !== tokens[best.pos]) continue;
      attention.forEach((heads, l) =>
        heads.forEach((rows, h) => {
          if (rows[best.pos][t] > most && turnsTo(l, h, best.pos, t))
            [most, best.l, best.h] = [rows[best.pos][t], l, h];
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

  // A token as a reader sees it: a space that begins it is ␣, a line break ⏎.
  function word(id) {
    const text = vocab[id].replace(/^\n(<.*>)\n$/, "$1"); // BOS and EOS have line breaks around them
    return esc(text.replace(/^ /, "␣").replace(/\n|<0x0A>/g, "⏎"));
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

  const when = (ok, text) => (ok ? text : "");
  const each = (list, f) => Array.from(list, f).join("");
  const current = (ok) => when(ok, 'aria-current="true"');
  const link = (to, text, more = "") => `<a href="${esc(address(to))}" ${more}>${text}</a>`;
  const largest = (...lists) => {
    let max = 0;
    for (const list of lists) for (const v of list) if (Math.abs(v) > max) max = Math.abs(v);
    return max;
  };

  // How a number is coloured: orange below zero, blue above, paler towards zero.
  function tint(v, max, names = "") {
    const a = max ? Math.min(1, Math.abs(v) / max) ** 0.7 : 0;
    return `class="${v < 0 ? "neg" : "pos"}${names}" style="--a:${a.toFixed(3)}"`;
  }

  function drawText() {
    const { pos, l, h } = place;
    const weight = attention[l][h][pos];
    const words = each(tokens, (token, t) => {
      const said = t >= data.prompt.length;
      const a = t <= pos ? weight[t] : 0;
      const whose = said ? "by the model" : "of the prompt";
      const label = `position ${t}: ${word(token)}, ${whose}${when(t <= pos, `, weight ${a.toFixed(2)}`)}`;
      const names = `token${when(said, " said")}${when(t > pos, " later")}`;
      return link({ ...place, pos: t, cell: null }, `<q>${word(token)}</q><small>${t}</small>`,
        `id="t${t}" class="${names}" style="--a:${a.toFixed(3)}" ${current(t === pos)} aria-label="${label}"`);
    });
    const last = data.nexts[positions - 1];
    const title = "drawn last; forward has not seen it";
    const next = last === null ? "" : `<span class="token next" title="${title}">${word(last)}</span>`;
    byId("text").innerHTML = `<div>${words}${next}</div>
      <p>shaded: where head ${h} of layer ${l} looks from here; <u>underlined</u>: said by the model</p>`;
  }

  function drawWay(step) {
    const at = steps[step];
    const other = (to, id, sign, label) => {
      const more = `id="${id}" aria-label="${label}" title="${label}"`;
      if (to < 0 || to >= steps.length) return `<a role="link" aria-disabled="true" ${more}>${sign}</a>`;
      return link(placeOf(to, place, visible(place.cell, to)), sign, more);
    };
    const token = (d) => {
      const pos = place.pos + d;
      return pos < 0 || pos >= positions ? -1 : stepAt({ ...place, pos });
    };
    const layers = each({ length: p.n_layers }, (_, l) =>
      link(layerPlace(l), l, `id="l${l}" ${current(l === place.l)} aria-label="layer ${l}"`));
    const heads = each({ length: p.n_kv_heads }, (_, g) => `<span>${each({ length: kvMul }, (_, i) => {
      const h = g * kvMul + i;
      return link({ ...place, h, cell: null }, h,
        `id="h${h}" ${current(h === place.h)} aria-label="head ${h}, of key and value head ${g}"`);
    })}</span>`);
    const options = each(blocks, ({ key, title }, i) =>
      `<option value="${i}" ${when(i === at.block, "selected")}>${key} ${esc(title)}</option>`);
    byId("way").innerHTML = `
      <div class="steps" role="group" aria-label="Steps">
        ${other(token(-1), "token-back", "«", "token before (Shift and ←)")}
        ${other(step - 1, "back", "‹", "block before (←)")}
        <button id="play" type="button" title="play or pause (space)">${playing ? "Pause" : "Play"}</button>
        ${other(step + 1, "on", "›", "next block (→)")}
        ${other(token(1), "token-on", "»", "next token (Shift and →)")}
      </div>
      <div class="pick${when(at.l === NONE, " off")}" role="group" aria-label="Layer">
        <b>Layer</b><span>${layers}</span></div>
      <div class="pick heads${when(at.h === NONE, " off")}" role="group" aria-label="Head">
        <b>Head</b>${heads}</div>
      <label class="jump"><b>Block</b><select id="block">${options}</select></label>`;
  }

  function drawCode(step) {
    const key = blocks[steps[step].block].key;
    const pane = byId("code");
    for (const row of pane.querySelectorAll("[data-block]")) {
      const now = row.dataset.block === key;
      if (now && !row.classList.contains("now") && pane.scrollHeight > pane.clientHeight) {
        const top = row.offsetTop - pane.offsetTop - (pane.clientHeight - row.offsetHeight) / 2;
        pane.scrollTo({ top, behavior: playing || calm.matches || shown < 0 ? "auto" : "smooth" });
      }
      row.classList.toggle("now", now);
      if (now) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    }
  }

  const WITH_NUMBERS = 256; // more cells than that are drawn small, without their number
  const MOST = 2048; // more cells in a row than that are not drawn
  const MOST_ROWS = 64; // nor are more rows

  // The cells of one row of a list.
  function cells(pane, row, max, step, small) {
    const now = pane.numbers(row).slice(0, MOST);
    const old = pane.changed ? pane.old(row) : null;
    const partly = old && now.some((v, i) => v === old[i]); // if all are new, none needs a mark
    const mine = part(pane.list, step);
    const labelled = pane.list === "att";
    const all = each(now, (v, i) => {
      const id = `${pane.list}:${row}:${i}${when(pane.before, ":before")}`;
      const isNew = old && old[i] !== v;
      const aside = mine && (i < mine[0] || i >= mine[1]);
      const names = ` cell${when(isNew && partly, " new")}${when(aside, " aside")}`;
      const label = `${esc(cellName(pane.list, row, i))} = ${six(v)}${when(isNew, ", changed")}`;
      return `<i id="${esc(id)}" ${tint(v, max, names)} role="option" tabindex="-1"
        aria-selected="${id === place.cell}" aria-label="${label}">${
        labelled ? `<q>${word(tokens[i])}</q>` : ""}${when(!small, short(v))}</i>`;
    });
    const label = `${esc(pane.label)}, ${now.length} numbers${when(pane.before, ", before")}`;
    return `<div class="cells${when(small, " small")}${when(labelled, " labelled")}" style="--n:${now.length}"
      role="listbox" aria-orientation="horizontal" aria-label="${label}">${all}</div>`;
  }

  function drawPane(pane, step) {
    const { label, rows, shape } = pane;
    const title = `<code>${esc(label)}</code>
      <span class="shape">(${shape.join(", ")}${when(shape.length === 1, ",")})</span>`;
    if (pane.matrix) {
      return `<figure class="list matrix"><figcaption>${title}</figcaption>
        <div class="weights" data-weight="${pane.matrix}" data-at="${pane.at ?? ""}" data-label="${esc(label)}">
        <canvas role="img" aria-label="${esc(label)}: ${shape[0]} rows of ${shape[1]} weights"></canvas>
        <div class="row-mark" hidden></div></div></figure>`;
    }
    const { pos, l, h } = steps[step];
    const all = rows.map(pane.numbers);
    const max = largest(...all, ...(pane.other ? rows.map(pane.other) : []));
    const isAtt = pane.list === "att";
    let body, more = "";
    if (rows.length > 1 || (isCache(pane.list) && !pane.own)) {
      const weight = h !== NONE && pane.list === "value_cache" ? attention[l][h][pos] : null;
      body = each(rows.slice(-MOST_ROWS), (row) => {
        const whose = isAtt ? `head ${row}` : `${row} <q>${word(tokens[row])}</q>`;
        const shade = weight ? `class="weighed" style="--a:${weight[row].toFixed(3)}"` : "";
        const small = !isAtt || shape[1] > 16;
        return `<div class="of"><span ${shade}>${whose}</span>${cells(pane, row, max, step, small)}</div>`;
      });
      if (rows.length > MOST_ROWS) more = `the last ${MOST_ROWS} rows`;
    } else {
      body = cells(pane, rows[0], max, step, all[0].length > WITH_NUMBERS);
      if (all[0].length > MOST) more = `the first ${MOST}`;
    }
    const note = pane.changed ? "<em>written here</em>" : when(pane.before, "<em>before</em>");
    const names = `list${when(pane.changed, " changed")}${when(part(pane.list, step), " dimmed")}`;
    return `<figure class="${names}"><figcaption>${title} ${note} <span class="shape">${more}</span>
      <span class="scale">${short(-max)}<i></i>${short(max)}</span></figcaption>${body}</figure>`;
  }

  // The terms of a sum: the largest, what the others have together, and all of them to open.
  function drawTerms({ head, rows, sum }, go) {
    const sorted = rows.slice().sort((a, z) => Math.abs(z.size) - Math.abs(a.size));
    const rest = sorted.splice(8);
    const max = Math.abs(sorted[0].size);
    const empty = "<td></td>".repeat(head.length - 2);
    const total = (names, label, v) =>
      `<tr class="${names}"><th scope="row">${label}</th>${empty}<td>${six(v)}</td><td></td></tr>`;
    const line = ({ on, cell, label, columns, size }) => `<tr class="${when(on, "on")}">
      <th scope="row">${go(cell, label)}</th>${each(columns, (text) => `<td>${text}</td>`)}
      <td class="bar"><i ${tint(size, max)} data-w="${max ? (Math.abs(size) / max) * 100 : 0}"></i></td></tr>`;
    const others = rest.reduce((sum, r) => sum + r.size, 0);
    return `<table><thead><tr>${each(head, (text) => `<th scope="col">${text}</th>`)}<th></th></tr></thead>
      <tbody>${each(sorted, line)}
      ${when(rest.length, total("", `${rest.length} smaller ones`, others))}
      ${when(sum !== undefined, total("total", "total", sum))}</tbody></table>
      ${when(rest.length, `<details><summary>all ${rows.length} in order</summary>
        <table><tbody>${each(rows, line)}</tbody></table></details>`)}`;
  }

  function drawWhy(step) {
    if (!place.cell) {
      return `<aside id="why" class="hint"><p>Choose a number, and read where it comes from.</p></aside>`;
    }
    const [list, row, index, before] = place.cell.split(":");
    const made = why(place.cell, step);
    const go = ([cell, s], text) => link(placeOf(s, place, cell), text);
    let from = "";
    if (made.step !== step && made.lines.length) {
      const { pos, l, h, block } = steps[made.step];
      const cell = `${list}:${list === "att" && h !== NONE ? h : row}:${index}`;
      const where = `${when(pos !== place.pos, `position ${pos}, `)}${when(l !== NONE, `layer ${l}, `)}${
        blocks[block].key} ${esc(blocks[block].title)}`;
      from = `<p class="from">written in ${go([cell, made.step], where)}</p>`;
    }
    const links = (made.cells || []).map(([text, cell, s]) => go([cell, s], text)).join(" · ");
    return `<aside id="why" aria-label="Where the number comes from"><header>
      <h3><code>${esc(cellName(list, row, +index))}</code> = <b>${six(made.value)}</b>
      ${when(before, "<em>before</em>")}</h3><span class="exact">${minus(String(made.value))}</span>
      ${link({ ...place, cell: null }, "×", 'id="close" aria-label="close"')}</header>
      ${from}${when(made.say, `<p>${made.say}</p>`)}
      ${each(made.lines, (text) => `<p class="sum">${text}</p>`)}
      ${when(made.rows, made.rows && drawTerms(made, go))}
      ${when(links, `<p class="from">from ${links}</p>`)}</aside>`;
  }

  const LEGEND = `<p class="legend"><i class="neg" style="--a:1"></i><i class="neg" style="--a:.5"></i><i></i>
    <i class="pos" style="--a:.5"></i><i class="pos" style="--a:1"></i>
    orange below zero, blue above; where a part of a list is new, it is underlined</p>`;

  function drawNumbers(step) {
    const { pos, block, l, h } = steps[step];
    const { key, title, say, link: more } = blocks[block];
    const where = `position ${pos}${when(l !== NONE, ` · layer ${l}`)}${when(h !== NONE, ` · head ${h}`)}`;
    const all = panes(step);
    const draw = (wanted) => each(all.filter(wanted), (pane) => drawPane(pane, step));
    const lists = `${draw((pane) => !pane.matrix && !pane.changed)}
      <div class="matrices">${draw((pane) => pane.matrix)}</div>${draw((pane) => pane.changed)}`;
    const picture = pictures[key] ? `<section class="picture">${pictures[key](step)}</section>` : "";
    const root = byId("numbers");
    root.innerHTML = `<header><h2><span>${key}</span> ${esc(title)}</h2><p class="where">${where}</p>
      <p class="say">${esc(say)} <a class="more" href="${esc(more)}">read more</a></p></header>
      ${block === SAMPLE ? picture + lists : lists + picture}${LEGEND}${drawWhy(step)}`;
    for (const box of root.querySelectorAll(".weights")) drawMatrix(box, step);
    for (const canvas of root.querySelectorAll("canvas[data-layer]")) drawTriangle(canvas);
    for (const list of root.querySelectorAll(".cells")) {
      (list.querySelector("[aria-selected=true]") || list.firstChild).tabIndex = 0;
    }
    setWidths(root);
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
          colour = v < 0 ? ORANGE : BLUE;
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
    paint(box.firstElementChild, d, n, (r, c) =>
      max ? Math.sign(rows[r][c]) * (Math.abs(rows[r][c]) / max) ** 0.7 : 0,
    );
    const out = outOf(box, step);
    if (place.cell && out && place.cell.startsWith(`${out}:`)) {
      const i = +place.cell.split(":")[2];
      box.lastElementChild.hidden = false;
      box.lastElementChild.style.top = `${(i / d) * 100}%`;
      box.lastElementChild.style.height = `${100 / d}%`;
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
    const labels = when(positions <= 34, `<ol aria-hidden="true">${each(tokens, (token, t) =>
      `<li class="${when(t === pos, "now")}">${word(token)}</li>`)}</ol>`);
    const small = (layer, head) => link({ ...place, l: layer, h: head, cell: null },
      `<canvas data-layer="${layer}" data-head="${head}"></canvas><small>${head}</small>`,
      `id="a${layer}-${head}" ${current(layer === l && head === h)} aria-label="layer ${layer}, head ${head}"`);
    const group = (layer, g) => `<span class="group" title="share key and value head ${g}">${
      each({ length: kvMul }, (_, i) => small(layer, g * kvMul + i))}</span>`;
    const layers = each({ length: p.n_layers }, (_, layer) => `<div class="heads-of">
      <span>layer ${layer}</span>${each({ length: p.n_kv_heads }, (_, g) => group(layer, g))}</div>`);
    const row = attention[l][h][pos];
    const most = row.indexOf(Math.max(...row));
    const copies = row[most] > 0.3 && tokens[most - 1] === tokens[pos] && turnsTo(l, h, pos, most);
    const n = 100 / positions;
    return `<h3>Where head ${h} of layer ${l} looks</h3>
      <p>A row for each token that asks, a column for each that it looks at: from “${word(tokens[pos])}”
      at ${pos} most at “${word(tokens[most])}” at ${most}, with ${row[most].toFixed(2)}. What comes later
      cannot be seen. ${when(copies, `The same token stood at ${most - 1}, and what came behind it can now
      be copied: this is an induction head at work.`)}</p>
      <div class="attention"><div class="triangle">${labels}<div class="big">
      <canvas data-layer="${l}" data-head="${h}" role="img" aria-label="its weights, all positions"></canvas>
      <div class="row-mark" style="top:${pos * n}%;height:${n}%"></div></div></div>
      <div class="all-heads"><h4>All heads; those in a frame share key and value</h4>${layers}</div></div>`;
  }

  // A pair of numbers as a hand, before and after the turn; size: the longest hand.
  function clock(x0, y0, x1, y1, size, angle) {
    const long = Math.hypot(x1, y1) || 1;
    const r = (12 + (18 * long) / size) / long; // never too short to see
    const hand = (names, x, y) =>
      `<line class="${names}" x2="${(x * r).toFixed(2)}" y2="${(-y * r).toFixed(2)}"/>`;
    const from = Math.atan2(y0, x0), turn = angle % (2 * Math.PI);
    const on = (a) => `${(Math.cos(a) * 12).toFixed(2)} ${(-Math.sin(a) * 12).toFixed(2)}`;
    const arc = `M${on(from)} A12 12 0 ${turn > Math.PI ? 1 : 0} 0 ${on(from + turn)}`;
    return `<svg viewBox="-34 -34 68 68" aria-hidden="true"><circle r="31" class="dial"/>
      <path class="turn" d="${arc}"/>${hand("was", x0, y0)}${hand("is", x1, y1)}</svg>`;
  }

  function ropePicture(step) {
    const { pos } = steps[step];
    const { h } = place;
    const g = Math.floor(h / kvMul);
    const round = (v) => Number(v.toPrecision(3));
    const frequency = (i) => 1 / 10000 ** (i / headSize);
    const strip = (title, name, list, row, start) => {
      const was = numbers(list, row, step - 1), is = numbers(list, row, step);
      const pairs = Array.from({ length: headSize / 2 }, (_, i) => start + 2 * i);
      const size = Math.max(...pairs.map((k) => Math.hypot(is[k], is[k + 1]))) || 1;
      return `<h4>${title}</h4><div class="clocks">${each(pairs, (k) => {
        const freq = frequency(k - start), angle = pos * freq;
        return `<figure role="img" aria-label="${name}[${k}] and ${k + 1}, turned by ${round(angle)} radians">
          ${clock(was[k], was[k + 1], is[k], is[k + 1], size, angle)}
          <figcaption>${name}[${k}, ${k + 1}]<br>${round(freq)} · ${pos}<br>= ${round(angle)} rad</figcaption></figure>`;
      })}</div>`;
    };
    const shared = when(kvMul > 1, `, shared by heads ${g * kvMul} to ${(g + 1) * kvMul - 1}`);
    return `<h3>The hands of head ${h}</h3><p>Each pair is a hand: <span class="was-key">thin</span>
      before the turn, <b class="is-key">thick</b> after it. The first pair turns by 1 radian for each
      position, the last by ${round(frequency(headSize - 2))}: below each clock its frequency times the
      position.</p>${strip(`query of head ${h}`, "q", "q", 0, h * headSize)}
      ${strip(`key of key head ${g}${shared}`, "k", "key_cache", pos, g * headSize)}`;
  }

  function residualPicture(step) {
    const { pos } = place;
    const rows = Array.from({ length: p.n_layers + 1 }, (_, i) => ({ l: i - 1, ...lens(pos, i - 1) }));
    const max = largest(...rows.map((row) => row.x));
    const next = data.nexts[pos] ?? data.prompt[pos + 1];
    const percent = (v) => `${(v * 100).toFixed(v < 0.0995 ? 1 : 0)}%`;
    const level = ({ l, x, top, step: made }) => {
      const name = l < 0 ? "embedding" : `layer ${l}`;
      return `<div class="level${when(made <= step && steps[step].l === l, " now")}">
        <span>${link(placeOf(made, place), name, `id="r${l}"`)}</span>
        <div class="strip" role="img" aria-label="x, ${p.dim} numbers">${each(x, (v) => `<i ${tint(v, max)}></i>`)}</div>
        <ol>${each(top, ([v, id]) =>
          `<li class="${when(id === next, "hit")}"><q>${word(id)}</q> ${percent(v)}</li>`)}</ol></div>`;
    };
    return `<h3>The residual stream at “${word(tokens[pos])}”</h3>
      <p>x after each layer, and what would be said next if the network stopped there: the last norm and the
      classifier on it, the five likeliest tokens. What comes next in the text: <q class="hit">${word(next)}</q>.</p>
      <div class="stream">${each(rows, level)}</div>`;
  }

  function samplePicture() {
    const s = settings(place.pos);
    const slider = (id, label, max, by) => `<label for="${id}">${label}
      <output id="${id}-out">${Number(s[id].toPrecision(4))}</output>
      <input type="range" id="${id}" min="0" max="${max}" step="${by}" value="${s[id]}"></label>`;
    return `<h3>The next token</h3><div class="sliders">${slider("temperature", "temperature", 2, 0.01)}
      ${slider("topp", "top-p", 1, 0.01)}${slider("coin", "coin", 0.999, 0.001)}
      <button type="button" id="reset">as in the run</button></div><div id="drawn">${drawn(place.pos)}</div>`;
  }

  // What the sliders lead to.
  function drawn(pos) {
    const s = settings(pos);
    const { token, order, nucleus, mass, draws } = sample(pos, s);
    const own = Object.values(wish).every((v) => v === null);
    const ran = data.nexts[pos];
    let note = `The run drew “${word(ran ?? 0)}”.`;
    if (ran === null) note = `The prompt goes on with “${word(data.prompt[pos + 1])}”: the run threw no coin here.`;
    else if (token === ran) note = `“${word(ran)}” is what the run drew${own ? ", with these settings" : ", too"}.`;
    let how = `From a nucleus of ${nucleus} ${nucleus === 1 ? "token" : "tokens"} with
      ${(mass * 100).toFixed(1)}% together`;
    if (s.temperature === 0) how = "Temperature 0: always the likeliest";
    else if (nucleus === order.length) how = "From all tokens";
    const hit = (id) => when(id === token, "hit");
    const logits = logitsAt(pos);
    const inside = new Set(draws.map(([, id]) => id));
    const drawable = draws.slice(0, 60), rest = draws.length - drawable.length;
    let strip = each(drawable, ([v, id]) => `<i class="${hit(id)}" title="${word(id)}"
      data-w="${(v / mass) * 100}">${when(v / mass > 0.07, `<q>${word(id)}</q>`)}</i>`);
    strip += when(rest, `<span>${rest} more, too thin to draw</span>`);
    const rows = each(order.slice(0, 12), ([v, id]) => `<tr class="${hit(id)}${when(!inside.has(id), " out")}">
      <th scope="row"><q>${word(id)}</q></th><td>${short(logits[id])}</td><td>${(v * 100).toFixed(2)}%</td>
      <td class="bar"><i data-w="${(v / order[0][0]) * 100}"></i></td></tr>`);
    const coin = `<div class="coin"><div class="nucleus">${strip}</div>
      <div class="pointer" data-left="${s.coin * 100}">coin ${Number(s.coin.toPrecision(4))}</div></div>`;
    return `<p class="draw">${how}, drawn: <q class="hit" id="token" data-id="${token}">${word(token)}</q></p>
      <p>${note}</p>${when(s.temperature !== 0, coin)}
      <table><thead><tr><th>token</th><th>logit</th><th>probability</th><th></th></tr></thead>
      <tbody>${rows}</tbody></table>
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
    byId("numbers").scrollTop = shown === step ? scrolled : 0;
    shown = step;
    uncover(place.cell && byId(place.cell));
    const again = focus && byId(focus);
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    const token = byId(`t${place.pos}`), text = byId("text").firstChild;
    text.scrollLeft = token.offsetLeft - text.clientWidth / 2;
    text.scrollTop = token.offsetTop - text.clientHeight / 2;
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
