// The reader's actions: every way to another place, the pointer, the sliders, the keys.

function arrive(to) {
  if (to.pos !== place.pos) wish.coin = null;
  place = to;
  if (place.tour) left = place.tour % page.tour.length || 1;
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

// Go to the place with some changes; the cell stays selected if it is still there.
function goTo(change) {
  const { cell, ...to } = { ...place, ...change };
  const step = stepAt(to);
  go(placeOf(step, to, visible(cell, step)));
}

// For each playing mode: the next step, and how many such steps a token takes.
const UNITS = {
  block: () => [stepAt(place) + 1, lastStep(place.pos) - begin[place.pos] + 1],
  layer: () => { // to the same block in the next layer
    const l = steps[stepAt(place)].l === NONE ? p.n_layers : place.l + 1;
    if (l < p.n_layers) return [stepAt({ ...place, l }), p.n_layers];
    return [UNITS.token({ l: l === place.l + 1 ? 0 : place.l })[0], p.n_layers];
  },
  token: (change) => {
    const pos = place.pos + 1;
    return [pos < positions ? stepAt({ ...place, ...change, pos }) : steps.length, 1];
  },
};

let playing = null; // the timer while it plays

// Play at the selected speed, but take at most a minute per token.
function play(on) {
  clearTimeout(playing);
  playing = null;
  byId("play").textContent = on ? "Pause" : "Play";
  if (!on) return;
  const [step, count] = UNITS[byId("unit").value]();
  if (step >= steps.length) return void play(false);
  playing = setTimeout(() => {
    goStep(step, true);
    play(true);
  }, Math.min(+byId("speed").value, 60000 / count));
}

// ---------------------------------------------------------------------------
// the pointer: exact values, and what a click selects

// Show a text next to the element that is under the pointer or has the focus.
function tip(r, text) {
  const box = byId("tip");
  box.hidden = !text;
  if (!text) return;
  box.innerHTML = text;
  const above = r.top > box.offsetHeight + 8;
  box.style.left = `${Math.max(4, Math.min(innerWidth - box.offsetWidth - 4, r.left))}px`;
  box.style.top = `${above ? r.top - box.offsetHeight - 4 : r.bottom + 4}px`;
}

function cellTip(cell) {
  const { list, row, i } = parseCell(cell.id);
  const pane = paneOf(cell.id, stepAt(place));
  if (!pane) return;
  let whose = "";
  if (list === "logits") whose = ` for ${quote(i)}`;
  else if (list === "att") whose = ` at ${quote(tokens[i])}`;
  else if (isCache(list) && !pane.own) whose = ` at ${quote(tokens[row])}`;
  const was = pane.changed ? `<br>before: ${minus(pane.old(row)[i] ?? 0)}` : "";
  const text = `${esc(cellName(list, row, i))}${whose} = <b>${minus(pane.numbers(row)[i])}</b>`;
  tip(cell.getBoundingClientRect(), text + was);
}

// Where the pointer is in the picture of a head: the row, and the token t that it looks at.
function overTriangle(event, box) {
  const r = box.getBoundingClientRect();
  const at = (part) => Math.max(0, Math.min(positions - 1, Math.floor(part * positions)));
  return { row: at((event.clientY - r.top) / r.height), t: at((event.clientX - r.left) / r.width) };
}

function onMove(event) {
  const [cell, big] = [".cell", ".big"].map((name) => event.target.closest(name));
  if (cell) return cellTip(cell);
  const { row, t } = big ? overTriangle(event, big) : {};
  if (!(t <= row)) return tip();
  const weight = attention[place.l][place.h][row][t].toFixed(4);
  const at = { left: event.clientX + 8, top: event.clientY - 4, bottom: event.clientY + 12 };
  return tip(at, `“${word(tokens[row])}” at ${row} looks at “${word(tokens[t])}” at ${t}:
    <b>${weight}</b>`);
}

function onClick(event) {
  const names = [".cell", ".big", "[data-block]"];
  const [cell, big, code] = names.map((name) => event.target.closest(name));
  if (cell) goTo({ cell: cell.id });
  else if (big) {
    const { row, t } = overTriangle(event, big);
    if (t <= row) goTo({ pos: row, block: softmaxBlock(), cell: `att:${place.h}:${t}` });
  } else if (code && !event.target.closest("details") && !String(getSelection())) {
    go(here({ block: blockOf(code.dataset.block) }));
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

// The code of a function that a block calls is inserted when the reader opens it.
function onOpen({ target: callee }) {
  if (!callee.matches(".callee") || callee.children.length > 1) return;
  const texts = data.functions[callee.dataset.name];
  callee.insertAdjacentHTML("beforeend", each(texts, (text) => `<div>${text}</div>`));
}

// ---------------------------------------------------------------------------
// the keys

// In a list of cells: move to another one, or select this one. Returns whether the key did that.
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
  const { pos, l, tour } = place;
  const keys = {
    ArrowRight: () => goStep(step + 1),
    ArrowLeft: () => goStep(step - 1),
    "Shift ArrowRight": () => goTo({ pos: Math.min(positions - 1, pos + 1) }),
    "Shift ArrowLeft": () => goTo({ pos: Math.max(0, pos - 1) }),
    "Shift ArrowDown": () => go(layerPlace(Math.min(p.n_layers - 1, l + 1))),
    "Shift ArrowUp": () => go(layerPlace(Math.max(0, l - 1))),
    Escape: () => goTo({ cell: null }),
  };
  if (tour !== null) { // through the tour, from the opening to its end
    keys.ArrowRight = () => go(stop(tour < page.tour.length ? tour + 1 : null));
    keys.ArrowLeft = () => go(stop(Math.max(0, tour - 1)));
    keys.Escape = () => go(stop(null));
  }
  if (!target.matches("button, summary, a")) keys[" "] = () => play(!playing);
  const act = keys[shiftKey && key.startsWith("Arrow") ? `Shift ${key}` : key];
  if (!act) return;
  act();
  event.preventDefault();
}

// ---------------------------------------------------------------------------
// own words

// The reader's input: {prompt, steps, temperature, topp, seed}, all of them strings.
const wanted = () => Object.fromEntries(new FormData(byId("own")));

// The command for it. Every shell takes double quotes if they contain no special character.
function drawCommand() {
  const { prompt, steps, temperature, topp, seed } = wanted();
  const special = /["'$`\\!%]/.test(prompt);
  const quoted = special ? `'${prompt.replace(/'/g, "'\\''")}'` : `"${prompt}"`;
  const [command, checkpoint] = page.command;
  byId("command").textContent = `${command} -n ${steps} -t ${temperature} -p ${topp} -s ${seed}${
    when(prompt.startsWith("-"), " --")} ${checkpoint} ${quoted}`;
}

function copyCommand() {
  getSelection().selectAllChildren(byId("command"));
  if (navigator.clipboard) navigator.clipboard.writeText(byId("command").textContent);
  byId("own-said").textContent = "Copied.";
}

// A second script can set explore.runner to a function that runs llama2.py in the browser. It gets
// wanted() and a function that shows a message while it runs, and returns a promise of a run for
// show(). A file opened from disk has no runner, and the form shows only the command.
let runner = null;

async function runWanted(event) {
  event.preventDefault();
  if (!runner) return;
  const say = (text) => (byId("own-said").textContent = text);
  byId("run").disabled = true;
  try {
    show(await runner(wanted(), say));
    say("This page now shows your run.");
  } catch (error) {
    say(error.message);
  }
  byId("run").disabled = false;
}

// ---------------------------------------------------------------------------
// the run on show

// Show a run, {data, floats, values, log} as embeddedRun returns it, in place of the previous one.
// The reader stays in the same place if the new run has it.
function show(run) {
  const at = steps ? address(place) : location.hash;
  play(false);
  read(run);
  wish = { ...AS_RUN };
  shown = -1;
  const round = (v) => Number(v.toPrecision(4));
  const { temperature, topp, seed } = data;
  byId("settings").textContent = `${positions} tokens, temperature ${round(temperature)},
    top-p ${round(topp)}, ${p.n_layers} layers, ${p.n_heads} heads, dim ${p.dim}${
    when(page.warning, `. ${page.warning}`)}`;
  const form = { steps: positions, temperature: round(temperature), topp: round(topp), seed };
  form.prompt = data.text;
  for (const [name, value] of Object.entries(form)) byId("own").elements[name].value = value;
  drawCommand();
  arrive(placeFrom(at));
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
  byId("play").addEventListener("click", () => play(!playing));
  for (const id of ["unit", "speed"]) byId(id).addEventListener("change", () => play(playing));
  byId("own").addEventListener("input", drawCommand);
  byId("own").addEventListener("submit", runWanted);
  byId("copy").addEventListener("click", copyCommand);
  addEventListener("keydown", onKey);
  addEventListener("hashchange", () => {
    const to = placeFrom(location.hash);
    if (address(to) !== address(place)) arrive(to);
  });
}

listen();
show(embedded);

// for a second script, for tests, and for the console
window.explore = {
  show, panes, numbers, why, sample, settings, stepAt, placeOf, address, go, lens,
  get data() { return data; },
  get steps() { return steps; },
  get blocks() { return blocks; },
  get place() { return place; },
  get wish() { return wish; },
  set runner(f) {
    runner = f;
    byId("run").hidden = !f;
  },
};
