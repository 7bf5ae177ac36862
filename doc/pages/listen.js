// What the reader does: every way to another place, the pointer, the sliders, the keys.

function arrive(to) {
  if (to.pos !== place.pos) wish.coin = null;
  place = to;
  draw();
}

function go(to, replace) {
  if (replace) history.replaceState(null, "", address(to));
  else if (address(to) !== location.hash) location.hash = address(to);
  arrive(to);
}

function goStep(step, replace) {
  step = Math.max(0, Math.min(steps.length - 1, step));
  go(placeOf(step, place, visible(place.cell, step)), replace);
}

// To the place with some change; the cell stays chosen if it is still there.
function goTo(change) {
  const { cell, ...to } = { ...place, ...change };
  const step = stepAt(to);
  go(placeOf(step, to, visible(cell, step)));
}

// Another layer; from a block outside of the layers, to the layer's first.
function layerPlace(l) {
  const to = { ...place, l, cell: null };
  if (steps[stepAt(place)].l === NONE) to.block = steps.find((s) => s.l !== NONE).block;
  return to;
}

let playing = null; // the timer while it plays

function play(on) {
  clearInterval(playing);
  const next = () => {
    const step = stepAt(place) + 1;
    if (step < steps.length) goStep(step, true);
    if (step + 1 >= steps.length) play(false);
  };
  playing = on ? setInterval(next, 900) : null;
  drawWay(stepAt(place));
}

// ---------------------------------------------------------------------------
// the pointer: exact values, and what a click chooses

// Show a text beside what is under the pointer or has the focus.
function tip(r, text) {
  const box = byId("tip");
  box.hidden = !text;
  if (!text) return;
  box.innerHTML = text;
  const left = Math.min(innerWidth - box.offsetWidth - 4, r.left);
  const above = r.top > box.offsetHeight + 8;
  box.style.left = `${Math.max(4, left)}px`;
  box.style.top = `${above ? r.top - box.offsetHeight - 4 : r.bottom + 4}px`;
}

function cellTip(cell) {
  const { list, row, i } = parseCell(cell.id);
  const pane = paneOf(cell.id, stepAt(place));
  if (!pane) return;
  const now = pane.numbers(row)[i];
  let whose = "";
  if (list === "logits") whose = ` for ${quote(i)}`;
  else if (list === "att") whose = ` at ${quote(tokens[i])}`;
  else if (isCache(list) && !pane.own) whose = ` at ${quote(tokens[row])}`;
  const old = pane.changed ? pane.old(row)[i] : now;
  const was = when(old !== now, `<br>before: ${minus(old ?? 0)}`);
  const text = `${esc(cellName(list, row, i))}${whose} = <b>${minus(now)}</b>${was}`;
  tip(cell.getBoundingClientRect(), text);
}

// The row and the column of a picture of rows and columns that the pointer is at.
function under(event, box, rows, columns) {
  const r = box.getBoundingClientRect();
  const at = (part, n) => Math.max(0, Math.min(n - 1, Math.floor(part * n)));
  const row = at((event.clientY - r.top) / r.height, rows);
  return [row, at((event.clientX - r.left) / r.width, columns)];
}

function overWeights(event, box) {
  const { weight, label } = box.dataset;
  const { index, d, n } = matrixOf(box);
  const [i, j] = under(event, box, d, n);
  const value = minus(weights(weight, ...index, i)[j]);
  return { i, text: `${esc(label)}[${i}][${j}] = <b>${value}</b>` };
}

function overTriangle(event, box) {
  const [row, t] = under(event, box, positions, positions);
  if (t > row) return { row, t, text: "" };
  const weight = attention[place.l][place.h][row][t].toFixed(4);
  const [from, to] = [word(tokens[row]), word(tokens[t])];
  return { row, t, text: `“${from}” at ${row} looks at “${to}” at ${t}: <b>${weight}</b>` };
}

function onMove(event) {
  const [cell, box, big] = [".cell", ".weights", ".big"].map((name) => event.target.closest(name));
  if (cell) return cellTip(cell);
  const here = { left: event.clientX + 8, top: event.clientY - 4, bottom: event.clientY + 12 };
  const over = box ? overWeights(event, box) : big ? overTriangle(event, big) : { text: "" };
  return tip(here, over.text);
}

function onClick(event) {
  const names = [".cell", ".weights", ".big", "[data-block]"];
  const [cell, box, big, row] = names.map((name) => event.target.closest(name));
  if (cell) goTo({ cell: cell.id });
  else if (box) {
    const out = outOf(box, stepAt(place));
    if (out) goTo({ cell: `${out}:${overWeights(event, box).i}` });
  } else if (big) {
    const { row, t } = overTriangle(event, big);
    if (t <= row) goTo({ pos: row, block: softmaxBlock(), cell: `att:${place.h}:${t}` });
  } else if (row && !event.target.closest("details") && !String(getSelection())) {
    goTo({ block: blockOf(row.dataset.block), cell: null });
  } else if (event.target.id === "reset") {
    wish = { ...AS_RUN };
    draw();
  }
}

function onSlide({ target: { id, value } }) {
  if (!(id in wish)) return;
  wish[id] = id === "coin" ? +value : Math.fround(value);
  byId(`${id}-out`).textContent = +value;
  byId("drawn").innerHTML = drawToken(place.pos);
}

// A function that a block calls is put into its place when that is opened.
function onOpen({ target: callee }) {
  if (!callee.matches(".callee") || callee.children.length > 1) return;
  const texts = data.functions[callee.dataset.name];
  callee.insertAdjacentHTML("beforeend", each(texts, (text) => `<div>${text}</div>`));
}

// ---------------------------------------------------------------------------
// the keys

// In a list of cells: another one, or the choice of this one. Returns whether the key means that.
function onCellKey(cell, key) {
  const all = [...cell.parentElement.children], at = all.indexOf(cell), end = all.length - 1;
  const columns = getComputedStyle(cell.parentElement).gridTemplateColumns.split(" ").length;
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  const to = { Home: 0, End: end }[key] ?? (by && at + by);
  if (to !== undefined) {
    const next = all[to] || cell;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  } else if (key === "Enter" || key === " ") goTo({ cell: cell.id });
  else if (key === "Escape") byId("on").focus();
  else return false;
  return true;
}

function onKey(event) {
  const { target, key, shiftKey } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || target.matches("input, select")) return;
  if (target.matches(".cell")) {
    if (onCellKey(target, key)) event.preventDefault();
    return;
  }
  const step = stepAt(place);
  const { pos, l } = place;
  const keys = {
    ArrowRight: () => goStep(step + 1),
    ArrowLeft: () => goStep(step - 1),
    "Shift ArrowRight": () => goTo({ pos: Math.min(positions - 1, pos + 1) }),
    "Shift ArrowLeft": () => goTo({ pos: Math.max(0, pos - 1) }),
    "Shift ArrowDown": () => go(layerPlace(Math.min(p.n_layers - 1, l + 1))),
    "Shift ArrowUp": () => go(layerPlace(Math.max(0, l - 1))),
    Escape: () => goTo({ cell: null }),
  };
  if (!target.matches("button, summary, a")) keys[" "] = () => play(!playing);
  const act = keys[shiftKey && key.startsWith("Arrow") ? `Shift ${key}` : key];
  if (!act) return;
  act();
  event.preventDefault();
}

function listen() {
  const main = document.querySelector("main");
  const hide = () => tip();
  main.addEventListener("pointermove", onMove);
  main.addEventListener("pointerleave", hide);
  main.addEventListener("scroll", hide, true);
  main.addEventListener("focusin", ({ target }) => target.matches(".cell") && cellTip(target));
  main.addEventListener("click", onClick);
  main.addEventListener("input", onSlide);
  main.addEventListener("toggle", onOpen, true);
  const way = byId("way");
  way.addEventListener("click", ({ target }) => target.id === "play" && play(!playing));
  way.addEventListener("change", ({ target }) => goTo({ block: +target.value, cell: null }));
  addEventListener("keydown", onKey);
  addEventListener("hashchange", () => {
    const to = placeFrom(location.hash);
    if (address(to) !== address(place)) arrive(to);
  });
}

// ---------------------------------------------------------------------------
// the run on show

// Show a run, {data, floats, values, log} as embeddedRun returns it, in place of the one before.
// The reader stays in the same place, as far as the new run has it.
function show(run) {
  const at = steps ? address(place) : location.hash;
  if (playing) play(false);
  read(run);
  wish = { ...AS_RUN };
  shown = -1;
  const round = (v) => Number(v.toPrecision(4));
  const { temperature, topp, warning } = data;
  byId("settings").textContent = `${positions} tokens, temperature ${round(temperature)},
    top-p ${round(topp)}, ${p.n_layers} layers, ${p.n_heads} heads, dim ${p.dim}${
    when(warning, `. ${warning}`)}`;
  arrive(placeFrom(at));
}

byId("keys").textContent = "← → block · Shift ← → token · Shift ↑ ↓ layer · space plays";
listen();
show(embeddedRun());

// for tests, and for who would like to ask the console
window.explore = {
  show, panes, numbers, why, sample, settings, stepAt, placeOf, address, go, lens,
  get data() { return data; },
  get steps() { return steps; },
  get blocks() { return blocks; },
  get place() { return place; },
  get wish() { return wish; },
};
