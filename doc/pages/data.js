// A run: the blocks in the order in which they ran, and what each list held after each of them. And
// the reader's place in the run, which is also the address after #.

const NONE = 65535; // no layer, no head
const byId = (id) => document.getElementById(id);
const range = (n, f = (i) => i) => Array.from({ length: n }, (_, i) => f(i));
const argmax = (row) => row.reduce((best, v, i) => (v > row[best] ? i : best), 0);

let data, blocks, vocab, tokens, p; // what explore.py recorded of the run; p: the Config
let headSize, kvMul, sampling, positions; // sampling: the last block, which is not forward's
let floats; // all weights
let steps; // {pos, block, l, h, changed: Set of keys}: each block that ran
let begin; // the first step of each position
let versions; // key of a list -> [{step, first, end, values}], one for each change
let attention; // [layer][head][position]: the weights after softmax
let sizes; // of lists
let lenses; // what lens() has computed

// The reader's place. cell: "list:row:i", with ":before" for its value before the block; tour: the
// stop of the tour, 0 for the opening picture, null for neither.
let place = { pos: 0, block: 0, l: 0, h: 0, cell: null, tour: null };
let left = 1; // the stop of the tour to return to: the one visited last, or 1 after the end
let shown = -1; // the step that was drawn last
// The reader's settings for the sampler; null: as in the run. The coin is for one position.
const AS_RUN = { temperature: null, topp: null, coin: null };
let wish = { ...AS_RUN };

// The run that is embedded in the page: {data, floats, values, log}.
function embeddedRun() {
  const numbers = (Type, id) => {
    const text = atob(byId(id).textContent);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new Type(bytes.buffer);
  };
  return {
    data: JSON.parse(byId("data").textContent),
    floats: numbers(Float32Array, "floats"),
    values: numbers(Float64Array, "values"),
    log: numbers(Uint32Array, "log"),
  };
}

const embedded = embeddedRun();
const page = embedded.data; // the tour, the functions: the same for every run that is shown here

const isCache = (list) => list.endsWith("_cache");
const keyOf = (list, row, l, pos) => (isCache(list) ? `${list}:${l}:${pos}` : `${list}:${row}`);
const lastStep = (pos) => (pos + 1 < positions ? begin[pos + 1] : steps.length) - 1;

// Read a run in place of the previous one.
function read(run) {
  ({ data, floats } = run);
  ({ blocks, vocab, tokens, config: p } = data);
  headSize = p.dim / p.n_heads;
  kvMul = p.n_heads / p.n_kv_heads;
  sampling = blocks.length - 1;
  const [dim, kv, hidden] = [p.dim, p.dim / kvMul, p.hidden_dim];
  sizes = { x: dim, xb: dim, xb2: dim, q: dim, hb: hidden, hb2: hidden };
  Object.assign(sizes, { key_cache: kv, value_cache: kv, logits: p.vocab_size });
  [steps, begin, versions, lenses] = [[], [], new Map(), new Map()];
  attention = range(p.n_layers, () => range(p.n_heads, () => []));
  const add = (step) => steps.push({ l: NONE, h: NONE, changed: new Set(), ...step });
  let offset = 0;
  for (let i = 0; i < run.log.length; ) {
    const [pos, block, l, h, n] = run.log.subarray(i, (i += 5));
    if (pos === begin.length) {
      if (pos) add({ pos: pos - 1, block: sampling });
      begin.push(steps.length);
    }
    const changed = new Set();
    for (let k = 0; k < n; k++) {
      const [list, row, first, count] = run.log.subarray(i, (i += 4));
      const end = first + count;
      const name = data.lists[list];
      const key = keyOf(name, row, row, pos);
      const known = versions.get(key) || [];
      const old = known.length ? known[known.length - 1].values : [];
      const values = new Float64Array(Math.max(old.length, end));
      values.set(old);
      values.set(run.values.subarray(offset, (offset += count)), first);
      versions.set(key, known);
      known.push({ step: steps.length, first, end, values });
      changed.add(key);
      if (name === "att" && l !== NONE) attention[l][row][pos] = values.slice(0, pos + 1);
    }
    add({ pos, block, l, h, changed });
  }
  positions = begin.length;
  add({ pos: positions - 1, block: sampling });
}

// A row of a weight: weights("wq", 2, 5) is w.wq[2][5].
function weights(name, ...index) {
  const [start, ...shape] = data.weights[name];
  const n = shape[shape.length - 1];
  const row = index.reduce((row, i, k) => row * shape[k] + i, 0);
  return floats.subarray(start + row * n, start + (row + 1) * n);
}

// The version of a list after a step; index i: the last version that wrote element i.
function version(key, step, i) {
  const holds = (v) => v.step <= step && (i === undefined || (v.first <= i && i < v.end));
  return (versions.get(key) || []).findLast(holds);
}

// The numbers of a list after a step; row: a head of att, a position of a cache.
function numbers(list, row, step) {
  const { pos, l } = steps[Math.min(step, steps.length - 1)];
  const v = version(keyOf(list, row, l, row), step);
  const n = list === "att" ? pos + 1 : sizes[list] || (v ? v.values.length : 0);
  return v ? v.values.subarray(0, n) : new Float64Array(n);
}

// ---------------------------------------------------------------------------
// places

// The step at a place, or the nearest one of its block.
function stepAt({ pos, block, l, h }) {
  let best = begin[pos], most = -1;
  for (let i = best; i <= lastStep(pos); i++) {
    const s = steps[i], score = (s.l === l) * 2 + (s.h === h);
    if (s.block === block && score > most) [best, most] = [i, score];
  }
  return best;
}

// The place of a step, with the layer and the head of `from` if the step has none. A step that is
// not shown now is not on the tour.
function placeOf(step, from, cell = null) {
  const { pos, block, l, h } = steps[step];
  const tour = (step === stepAt(place) && from.tour) || null;
  return { pos, block, l: l === NONE ? from.l : l, h: h === NONE ? from.h : h, cell, tour };
}

// The current place with some changes, off the tour.
const here = (change) => ({ ...place, cell: null, tour: null, ...change });

// A stop of the tour, at the place where the page begins. 0: the opening; null: the end.
function stop(tour) {
  const { block, cell } = page.tour[tour - 1] || {};
  if (!block) return here({ tour: tour === 0 ? 0 : null });
  const to = { ...start(), block: Math.max(0, blockOf(block)), tour };
  return { ...to, cell: cell ? `att:${to.h}:${argmax(attention[to.l][to.h][to.pos])}` : null };
}

// Another layer; from a block outside the layers, go to the layer's first block.
function layerPlace(l) {
  const outside = steps[stepAt(place)].l === NONE;
  return here(outside ? { l, block: steps.find((s) => s.l !== NONE).block } : { l });
}

const blockOf = (key) => blocks.findIndex((block) => block.key === key);
// The block that computes the attention weights, or the first one.
const softmaxBlock = () =>
  Math.max(0, blocks.findIndex(({ calls }) => calls.some(([name]) => name === "softmax")));

function address({ pos, block, l, h, cell, tour }) {
  const words = { pos, block: blocks[block].key, layer: l, head: h };
  if (cell) words.cell = cell;
  if (tour !== null) words.tour = tour;
  return `#${new URLSearchParams(words)}`;
}

function placeFrom(hash) {
  const words = new URLSearchParams(hash.slice(1));
  const clamp = (name, n) => Math.min(Math.max(parseInt(words.get(name), 10) || 0, 0), n - 1);
  const tour = words.has("tour") ? clamp("tour", page.tour.length + 1) : null;
  if (!words.has("pos")) return tour ? stop(tour) : { ...start(), cell: null, tour: 0 };
  const block = Math.max(blockOf(words.get("block")), 0);
  const to = { pos: clamp("pos", positions), block, l: clamp("layer", p.n_layers) };
  to.h = clamp("head", p.n_heads);
  const step = stepAt(to);
  return { ...placeOf(step, to, visible(words.get("cell"), step)), tour };
}

// Whether a head looks at t from pos twice as much as it did before on average: some heads always
// look at the same token.
function turnsTo(l, h, pos, t) {
  const rows = attention[l][h].slice(t, pos);
  return rows.reduce((sum, row) => sum + row[t], 0) / rows.length < attention[l][h][pos][t] / 2;
}

// Where the page begins: at the softmax before the model's first token. If the current token has
// appeared before, at the head that looks most at the token that followed it: it may be copying.
function start() {
  const pos = Math.min(data.prompt.length, positions) - 1;
  const best = { pos, block: softmaxBlock(), l: 0, h: 0 };
  let most = -1;
  for (let t = 1; t < pos; t++) {
    if (tokens[t - 1] !== tokens[pos]) continue;
    for (let l = 0; l < p.n_layers; l++) {
      for (let h = 0; h < p.n_heads; h++) {
        const weight = attention[l][h][pos][t];
        if (weight > most && turnsTo(l, h, pos, t)) [most, best.l, best.h] = [weight, l, h];
      }
    }
  }
  return best;
}

function parseCell(cell) {
  const [list, row, i, before] = cell.split(":");
  return { list, row: +row, i: +i, before: Boolean(before) };
}

// The pane of a step that shows a cell.
function paneOf(cell, step) {
  const { list, row, before } = parseCell(cell);
  const shows = (q) => q.list === list && q.rows.includes(row) && q.before === before;
  return panes(step).find(shows);
}

// A cell, if a step shows it; else null.
function visible(cell, step) {
  const pane = cell && paneOf(cell, step);
  const { row, i } = parseCell(cell || "");
  return pane && i >= 0 && i < pane.numbers(row).length ? cell : null;
}
