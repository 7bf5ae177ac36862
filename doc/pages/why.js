// What a block works on, and where each of its numbers comes from: the same sums as in forward, in
// the same order, so that they agree in every digit.

const esc = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const minus = (v) => String(v).replace("-", "−");

// A number with six digits, for a sum.
function six(v) {
  const size = Math.abs(v);
  if (!Number.isFinite(v) || v === 0) return minus(v);
  return minus(size >= 1e6 || size < 1e-4 ? v.toExponential(5) : v.toPrecision(6));
}
const bold = (v) => `<b>${six(v)}</b>`;

// A number for a small cell.
function short(v) {
  const size = Math.abs(v);
  if (!Number.isFinite(v)) return minus(v);
  if (size < 0.005) return "0.00";
  if (size >= 9999.5) return minus(v.toExponential(0));
  return minus(v.toFixed(size >= 99.5 ? 0 : size >= 9.995 ? 1 : 2));
}

// A token as a reader sees it: a leading space is ␣, a line break ⏎.
function word(id) {
  const text = vocab[id].replace(/^\n(<.*>)\n$/, "$1"); // BOS and EOS have line breaks around them
  return esc(text.replace(/^ /, "␣").replace(/\n|<0x0A>/g, "⏎"));
}

// The name of a list, and of a cell, as Python would write it.
const listName = (list) => list.replace(/^own |^w\./, "");

function cellName(list, row, i) {
  if (isCache(list)) return `${list}[l][${row}][${i}]`;
  const ofLayers = list.startsWith("w.") && data.weights[list.slice(2)].length > 2;
  return `${listName(list)}${ofLayers ? `[${row}]` : ""}[${i}]`;
}

// ---------------------------------------------------------------------------
// what a block works on

// The lists and matrices shown for a step: what is read, then what is written.
function panes(step) {
  const { lists, inPlace } = blocks[steps[step].block];
  const read = [], written = [];
  for (const entry of lists) {
    const pane = entry.weight ? weightPane(entry, step) : listPane(entry, step);
    if (pane.changed && inPlace.includes(pane.list)) {
      const before = { ...pane, changed: false, before: true, numbers: pane.old };
      if (pane.list !== "att") [pane.other, before.other] = [pane.old, pane.numbers];
      read.push(before);
    }
    (pane.changed ? written : read).push(pane);
  }
  return [...read, ...written];
}

function weightPane({ name, weight, index }, step) {
  const { pos, l } = steps[step];
  const at = index === "l" && l !== NONE ? l : index === "token" ? tokens[pos] : null;
  const label = index ? `${name}[${index}]` : name;
  const shape = data.weights[weight].slice(at === null ? 1 : 2);
  if (shape.length > 1) return { matrix: weight, label, at, shape };
  const numbers = () => weights(weight, ...(at === null ? [] : [at]));
  return { list: `w.${weight}`, label, rows: [at || 0], numbers, shape, before: false };
}

// other: numbers with the same scale of colours; own: one row of a cache, which has its own name.
function listPane({ name, list, row }, step) {
  const { pos, l, h, changed } = steps[step];
  const own = row !== null;
  let rows = [0], label = name;
  if (isCache(list)) rows = own ? [pos] : range(pos + 1);
  if (isCache(list) && !own) label = `${name}[l]`;
  if (list === "att") rows = h === NONE ? range(p.n_heads) : [h];
  if (list === "att" && rows.length === 1) label = "s.att[h]";
  const many = rows.length > 1 || (isCache(list) && !own);
  const n = numbers(list, rows[0], step).length;
  const last = version(keyOf(list, rows[0], l, rows[0]), step);
  return {
    list, label, rows, own, many,
    before: false,
    since: last ? steps[last.step].pos : null, // the position that wrote it
    changed: rows.some((r) => changed.has(keyOf(list, r, l, r))),
    shape: many ? [rows.length, n] : [n],
    numbers: (r) => numbers(list, r, step),
    old: (r) => numbers(list, r, step - 1),
  };
}

// Where the key/value head that a head reads begins in a row of a cache, and which heads share it.
const kvStart = (h) => Math.floor(h / kvMul) * headSize;
const sharedBy = (h) => when(kvMul > 1, `, which heads ${
  range(kvMul, (i) => h - (h % kvMul) + i).join(", ")} share (grouped-query attention)`);

// Which elements of a list are the current head's: [first, end], or null.
function part(list, step) {
  const { h } = steps[step];
  if (h === NONE || !(isCache(list) || list === "q" || list === "xb")) return null;
  const first = isCache(list) ? kvStart(h) : h * headSize;
  return [first, first + headSize];
}

// ---------------------------------------------------------------------------
// where a number comes from: {result, lines, ...}. cells: {text: cell} of its inputs; head, rows,
// sum: a table of terms

// A table of products; term: i -> [label, a, b, cell of b, cell of a if there is one].
function products(head, n, term) {
  let sum = 0;
  const rows = range(n, (i) => {
    const [label, a, b, cell, other] = term(i);
    sum += a * b;
    return { label, columns: [a, b, a * b].map(six), of: [other, cell], size: a * b, cell };
  });
  return { head: [...head, "product"], rows, sum, result: sum };
}

const asker = (t) => `${t} <q>${word(tokens[t])}</q>`;
// The inputs of a sum: an element before the step, and an element of another list after it.
const both = (list, other, i) => (
  { [`${list}[${i}] before`]: `${list}:0:${i}:before`, [`${other}[${i}]`]: `${other}:0:${i}` });

// Explanations by the function that a block calls, with the arguments of the call, or, if it calls
// none of these, by the name in `explain` in blocks.json.
const explain = {
  embedding(s, { i }) {
    const token = tokens[steps[s].pos], result = weights("token_embedding_table", token)[i];
    const say = `Row ${token} of the table belongs to the token “${word(token)}”.
      It was learned in training.`;
    return { result, say, lines: [`x[${i}] = token_embedding_table[${token}][${i}] = ${
      bold(result)}`] };
  },

  rope(s, { list, row, i }) {
    const { pos } = steps[s];
    const before = numbers(list, row, s - 1);
    const even = i - (i % 2), headDim = even % headSize;
    const freq = 1 / 10000 ** (headDim / headSize), angle = pos * freq;
    const [cos, sin, v0, v1] = [Math.cos(angle), Math.sin(angle), before[even], before[even + 1]];
    const result = i % 2 ? v0 * sin + v1 * cos : v0 * cos - v1 * sin;
    const [first, sign, second] = i % 2 ? ["sin", "+", "cos"] : ["cos", "−", "sin"];
    const [a, b] = i % 2 ? [sin, cos] : [cos, sin];
    const vec = list === "q" ? "q" : "k";
    const cell = (k) => [`${vec}[${k}] before`, `${list}:${row}:${k}:before`];
    return {
      result,
      lines: [
        `freq = 1 / 10000<sup>${headDim}/${headSize}</sup> = ${bold(freq)}`,
        `val = pos · freq = ${pos} · ${six(freq)} = ${bold(angle)} radians = ${
          bold((angle * 180) / Math.PI)}°`,
        `${vec}[${i}] = ${vec}[${even}] · ${first} ${sign} ${vec}[${even + 1}] · ${second}
          (both old values)`,
        `= ${six(v0)} · ${six(a)} ${sign} ${six(v1)} · ${six(b)} = ${bold(result)}`,
      ],
      cells: Object.fromEntries([even, even + 1].map(cell)),
    };
  },

  scores(s, { i: t }) {
    const { h } = steps[s];
    const start = kvStart(h);
    const q = numbers("q", 0, s).subarray(h * headSize), k = numbers("key_cache", t, s);
    const table = products(["term", "q[qoff + i]", `k[${start} + i]`], headSize,
      (i) => [`i = ${i}`, q[i], k[start + i], `key_cache:${t}:${start + i}`,
        `q:0:${h * headSize + i}`]);
    const result = table.sum / Math.sqrt(headSize);
    const say = `The dot product of this query and the key of “${word(tokens[t])}”, at position ${t}${
      sharedBy(h)}.`;
    return { ...table, result, say, lines: [
      `att[${t}] = score / √head_size = ${six(table.sum)} / √${headSize} = ${bold(result)}`] };
  },

  weightedSum(s, { i }) {
    const { pos, h } = steps[s];
    const at = kvStart(h) + (i - h * headSize), att = numbers("att", h, s);
    const value = (t) => numbers("value_cache", t, s)[at];
    const table = products(["position", "att[t]", `v[${at}]`], pos + 1,
      (t) => [asker(t), att[t], value(t), `value_cache:${t}:${at}`, `att:${h}:${t}`]);
    const say = `What this head takes from each token: weight times element ${at} of its value.`;
    return { ...table, say, lines: [`xb[${i}] = Σ att[t] · v[${at}] = ${bold(table.sum)}`] };
  },

  residual(s, { i }) {
    const branch = blocks[steps[s].block].lists.find((entry) => entry.list !== "x").list;
    const x = numbers("x", 0, s - 1)[i], y = numbers(branch, 0, s)[i];
    const sum = `x[${i}] = x[${i}] + ${branch}[${i}] = ${six(x)} + ${six(y)} = ${bold(x + y)}`;
    return { result: x + y, lines: [sum], cells: both("x", branch, i) };
  },

  swiglu(s, { i }) {
    const h1 = numbers("hb", 0, s - 1)[i], h2 = numbers("hb2", 0, s)[i];
    const sigmoid = 1 / (1 + (-h1 > 700 ? Infinity : Math.exp(-h1)));
    const silu = h1 * sigmoid, result = silu * h2;
    return { result, cells: both("hb", "hb2", i), lines: [
      `silu = hb[${i}] · 1 / (1 + e<sup>−hb[${i}]</sup>) =
        ${six(h1)} · ${six(sigmoid)} = ${bold(silu)}`,
      `hb[${i}] = silu · hb2[${i}] = ${six(silu)} · ${six(h2)} = ${bold(result)}`,
    ] };
  },

  matmul(s, { i }, [out, x, w]) {
    const row = weightRow(w, s, i), from = numbers(x.list, x.row, s);
    const [o, v, m] = [shortName(out), shortName(x), w.label.replace(/^w\./, "")];
    const table = products(["term", `${m}[${i}][j]`, `${v}[j]`], row.length,
      (j) => [`j = ${j}`, row[j], from[j], `${x.list}:${x.row}:${j}`]);
    const whose = out.list === "logits" ? ` This row belongs to the token “${word(i)}”.` : "";
    const say = `Row ${i} of the matrix times the list: the sum of ${row.length} products.${whose}`;
    const line = `${o}[${i}] = Σ ${m}[${i}][j] · ${v}[j] = ${bold(table.sum)}`;
    return { ...table, say, lines: [line] };
  },

  rmsnorm(s, { i }, [out, x, w]) {
    const inPlace = out.list === x.list;
    const weight = weightRow(w, s), from = numbers(x.list, x.row, inPlace ? s - 1 : s);
    const { squares, ss, normed } = rmsnorm(from, weight);
    const mean = squares / from.length, result = normed[i];
    const cells = {
      [`x[${i}]`]: `x:0:${i}${inPlace ? ":before" : ""}`,
      [`weight[${i}]`]: `w.${w.weight}:${w.index === "l" ? steps[s].l : 0}:${i}`,
    };
    return { result, cells, lines: [
      `mean of the squares = ${six(squares)} / ${from.length} = ${bold(mean)}`,
      `ss = 1 / √(${six(mean)} + 0.00001) = ${bold(ss)}`,
      `${shortName(out)}[${i}] = weight[${i}] · (ss · x[${i}]) =
        ${six(weight[i])} · (${six(ss)} · ${six(from[i])}) = ${bold(result)}`,
    ] };
  },

  softmax(s, { i }, [x]) {
    const from = numbers(x.list, x.row, s - 1);
    const { max, powers, sum, weights } = softmax(from);
    const ofMax = max < 0 ? `(${six(max)})` : six(max);
    const row = (t) => ({
      label: asker(t), columns: [from[t], powers[t], weights[t]].map(six), size: weights[t],
      cell: `att:${x.row}:${t}:before`, on: t === i,
    });
    return {
      result: weights[i],
      head: ["position", "score", "e<sup>score − max</sup>", "weight"],
      rows: range(from.length, row),
      lines: [
        `max = ${six(max)}, sum = ${six(sum)}`,
        `att[${i}] = e<sup>${six(from[i])} − ${ofMax}</sup> / sum =
          ${six(powers[i])} / ${six(sum)} = ${bold(weights[i])}`,
      ],
    };
  },
};

const shortName = ({ list }) => ({ key_cache: "k", value_cache: "v" })[list] || listName(list);

function weightRow({ weight, index }, s, ...i) {
  return weights(weight, ...(index === "l" ? [steps[s].l] : []), ...i);
}

// An argument of a call, as its block names it: {list, row} or {weight, index, label}.
function argument(text, s) {
  const { pos, block, h } = steps[s];
  const entry = blocks[block].lists.find(({ name }) => name === text.replace(/\[.*/, ""));
  if (!entry || entry.weight) return { ...entry, label: text };
  return { list: entry.list, row: isCache(entry.list) ? pos : entry.list === "att" ? h : 0 };
}

// Where the number in a cell of a step comes from: {step, value, ...} with its sum.
function why(id, step) {
  const cell = parseCell(id), { list, row, i, before } = cell;
  const from = (step, value, say) => ({ step, value, lines: [], say });
  if (list.startsWith("w.")) {
    return from(step, paneOf(id, step).numbers()[i], "A weight, learned in training.");
  }
  const found = version(keyOf(list, row, steps[step].l, row), before ? step - 1 : step, i);
  if (!found) return from(step, 0, "Nothing has been written here yet.");
  const at = found.step, block = blocks[steps[at].block];
  const calls = block.calls.filter(([name]) => name in explain)
    .map(([name, ...texts]) => [name, texts.map((text) => argument(text, at))]);
  const [name, args] = calls.find(([, [out]]) => out.list === list) || [block.explain, []];
  return { ...from(at, found.values[i], ""), ...(name && explain[name](at, cell, args)) };
}

// ---------------------------------------------------------------------------
// llama2.py's functions

function softmax(x) {
  const max = x.reduce((max, v) => (v > max ? v : max));
  const powers = Float64Array.from(x, (v) => Math.exp(v - max));
  const sum = powers.reduce((sum, v) => sum + v, 0);
  return { max, powers, sum, weights: powers.map((v) => v / sum) };
}

function rmsnorm(x, weight) {
  const squares = x.reduce((sum, v) => sum + v * v, 0);
  const ss = 1 / Math.sqrt(squares / x.length + 1e-5);
  return { squares, ss, normed: x.map((v, j) => weight[j] * (ss * v)) };
}

const logitsAt = (pos) => numbers("logits", 0, lastStep(pos));
const likeliest = (probabilities) =>
  Array.from(probabilities, (v, id) => [v, id]).sort((a, z) => z[0] - a[0]);

// The current settings: the reader's, or else the run's.
function settings(pos) {
  return {
    temperature: wish.temperature ?? data.temperature,
    topp: wish.topp ?? data.topp,
    coin: wish.coin ?? data.coins[pos] ?? 0.5,
  };
}

// The token drawn at a position: its id, all [probability, id] in order, and those that the coin
// chooses from, with their total.
function sample(pos, { temperature, topp, coin }) {
  const logits = logitsAt(pos);
  if (temperature === 0) {
    const token = argmax(logits);
    const order = likeliest(softmax(logits).weights);
    return { token, order, mass: order[0][0], draws: [[1, token]] };
  }
  const { weights } = softmax(logits.map((v) => v / temperature));
  const order = likeliest(weights);
  let draws = Array.from(weights, (v, id) => [v, id]);
  let mass = 1;
  if (topp > 0 && topp < 1) { // sample_topp
    const cutoff = (1 - topp) / (draws.length - 1);
    draws = order.filter(([v]) => v >= cutoff);
    if (!draws.length) return { token: 0, order, mass: 0, draws };
    mass = 0;
    const end = draws.findIndex(([v]) => (mass += v) > topp);
    if (end >= 0) draws.length = end + 1;
  }
  const r = coin * mass;
  let cdf = 0;
  const [, token] = draws.find(([v]) => r < (cdf += v)) || draws[draws.length - 1];
  return { token, order, mass, draws };
}

// The logit lens: the predictions if the network stopped after layer l; -1 is the embedding.
function lens(pos, l) {
  const key = `${pos}:${l}`;
  if (lenses.has(key)) return lenses.get(key);
  const first = begin[pos];
  let step = first;
  for (let i = first; i < lastStep(pos); i++) {
    const here = steps[i].l === l || (l < 0 && steps[i].l === NONE && i < first + 4);
    if (here && steps[i].changed.has("x:0")) step = i;
  }
  const x = numbers("x", 0, step);
  const { normed } = rmsnorm(x, weights("rms_final_weight"));
  const logit = (i) => weights("wcls", i).reduce((sum, w, j) => sum + w * normed[j], 0);
  const top = likeliest(softmax(range(p.vocab_size, logit)).weights).slice(0, 5);
  lenses.set(key, { step, x, top });
  return lenses.get(key);
}
