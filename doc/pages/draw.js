// Everything that is drawn, as HTML, for the current place in the run. draw() draws all of it.

const when = (ok, text) => (ok ? text : "");
const each = (list, f) => Array.from(list, f).join("");
const current = (ok) => when(ok && place.tour !== 0, 'aria-current="true"'); // opening: nothing
const link = (to, text, more = "") => `<a href="${esc(address(to))}" ${more}>${text}</a>`;
const nextOf = (pos) => data.nexts[pos] ?? data.prompt[pos + 1];
const quote = (id, more = "") => `<q${more}>${word(id)}</q>`;

function largest(...lists) {
  let max = 0;
  for (const list of lists) for (const v of list) if (Math.abs(v) > max) max = Math.abs(v);
  return max;
}

// How a number is coloured: orange below zero, blue above, paler near zero.
function tint(v, max, names = "", style = "") {
  const a = max ? Math.min(1, Math.abs(v) / max) ** 0.7 : 0;
  return `class="${v < 0 ? "neg" : "pos"}${names}" style="--a:${a.toFixed(3)}${style}"`;
}

const shade = (weight) => `style="--a:${weight.toFixed(3)}"`;

// ---------------------------------------------------------------------------
// above: the text, and the way through the steps

function drawText() {
  const { pos, l, h } = place;
  const token = (id, t) => {
    const said = t >= data.prompt.length, later = t > pos || place.tour === 0;
    const weight = later ? 0 : attention[l][h][pos][t];
    const whose = said ? "from the model" : "from the prompt";
    const title = `${whose}${when(!later, `, weight ${weight.toFixed(2)}`)}`;
    return link(here({ pos: t }), `${quote(id)} <small>${t}</small>`, `id="t${t}" title="${title}"
      class="token${when(said, " said")}" ${shade(weight)} ${current(t === pos)}`);
  };
  const id = data.nexts[positions - 1];
  const title = "the last token drawn; forward has not run on it";
  const next = id === null ? "" : `<span class="token next" title="${title}">${word(id)}</span>`;
  const blue = when(place.tour !== 0, `blue: where head ${h} of layer ${l} looks; `);
  byId("text").innerHTML = `<div>${each(tokens, token)}${next}</div>
    <p>${blue}<u>underlined</u>: written by the model</p>`;
}

function drawSteps(step) {
  const to = (step, id, sign, label) => {
    const more = `id="${id}" aria-label="${label}" title="${label}"`;
    if (step in steps) return link(placeOf(step, place, visible(place.cell, step)), sign, more);
    return `<a role="link" aria-disabled="true" ${more}>${sign}</a>`;
  };
  const tokenAt = (pos) => (pos in begin ? stepAt({ ...place, pos }) : -1);
  byId("ways").innerHTML = `
    ${link(stop(0), "☰ Picture", `id="whole" ${when(place.tour === 0, 'aria-current="true"')}`)}
    ${link(stop(place.tour || left), !place.tour && left > 1 ? `Back to stop ${left}` : "Tour",
      `id="tour" ${current(place.tour)}`)}`;
  byId("back-steps").innerHTML = `
    ${to(tokenAt(place.pos - 1), "token-back", "«", "previous token (Shift and ←)")}
    ${to(step - 1, "back", "‹", "previous block (←)")}`;
  byId("on-steps").innerHTML = `
    ${to(step + 1, "on", "›", "next block (→)")}
    ${to(tokenAt(place.pos + 1), "token-on", "»", "next token (Shift and →)")}`;
}

// The picture of the network: the opening, and then the way to every block. A frame holds what
// runs once for each layer, or for each head.
function drawMap(step) {
  const at = steps[step];
  const layer = (l) => link(layerPlace(l), l,
    `id="l${l}" ${current(l === place.l)} aria-label="layer ${l}"`);
  const head = (h, g) => link(here({ h }), h,
    `id="h${h}" ${current(h === place.h)} aria-label="head ${h}, key/value head ${g}"`);
  const group = (g) => `<span>${each(range(kvMul), (i) => head(g * kvMul + i, g))}</span>`;
  const picks = [
    `<span class="pick">${each(range(p.n_layers), layer)}</span>`,
    `<span class="pick">${each(range(p.n_kv_heads), group)}</span>`,
  ];
  const wire = (name, words, id) =>
    `<li class="wire"><span>${name} ${quote(id)}</span><small>${words}</small></li>`;
  let html = wire("token", `at position ${place.pos}`, tokens[place.pos]), depth = 0;
  blocks.forEach(({ key, title, code = "", say }, i) => {
    const s = steps[stepAt({ ...place, block: i })];
    const deep = (s.l !== NONE) + (s.h !== NONE);
    let pick = "";
    for (; depth > deep; depth--) html += "</ol></li>";
    for (; depth < deep; depth++) {
      pick = picks[depth];
      html += `<li class="frame"><ol>`;
    }
    const box = link(here({ block: i }), `<b>${esc(title)}</b> <code>${esc(code)}</code>`,
      `id="b${key}" ${current(i === at.block)} title="run.c ${key}"`);
    html += `<li class="${when(s.changed.has("x:0"), "on-x")}">${box}${pick}
      <small>${esc(say.split(/(?<=[.?]) /)[0])}</small></li>`;
  });
  const last = wire("next token", "then back to the top", nextOf(place.pos));
  byId("map").innerHTML = `<ol>${html}${last}</ol>`;
  if (place.tour !== 0) byId(`b${blocks[at.block].key}`).scrollIntoView({ block: "nearest" });
}

// ---------------------------------------------------------------------------
// left: the code

function drawCode(step) {
  const { key } = blocks[steps[step].block];
  const pane = byId("code");
  for (const row of pane.querySelectorAll("[data-block]")) {
    const now = row.dataset.block === key;
    if (now && !row.classList.contains("now") && pane.scrollHeight > pane.clientHeight) {
      const top = row.offsetTop - pane.offsetTop - (pane.clientHeight - row.offsetHeight) / 2;
      const atOnce = playing || shown < 0 || matchMedia("(prefers-reduced-motion: reduce)").matches;
      pane.scrollTo({ top, behavior: atOnce ? "auto" : "smooth" });
    }
    row.classList.toggle("now", now);
    if (now) row.setAttribute("aria-current", "step");
    else row.removeAttribute("aria-current");
  }
}

// ---------------------------------------------------------------------------
// right: the numbers

const WITH_NUMBERS = 256; // if there are more cells, they are small and have no number
const MOST = 2048; // of a longer row, only these cells are drawn
const MOST_ROWS = 64; // of more rows, only these are drawn

// The cells of one row of a list.
function drawCells(pane, row, max, step, small) {
  const now = pane.numbers(row).slice(0, MOST);
  const old = pane.changed ? pane.old(row) : now;
  const isNew = (v, i) => v !== old[i];
  const partly = !now.every(isNew); // if all are new, none is marked
  const mine = pane.changed ? null : part(pane.list, step);
  const labelled = pane.list === "att";
  const cell = (v, i) => {
    const id = `${pane.list}:${row}:${i}${when(pane.before, ":before")}`;
    const aside = mine && (i < mine[0] || i >= mine[1]);
    const names = ` cell${when(partly && isNew(v, i), " new")}${when(aside, " aside")}`;
    const label = `${labelled ? word(tokens[i]) : ""} ${small ? six(v) : short(v)},
      ${esc(cellName(pane.list, row, i))}${when(isNew(v, i), ", changed")}`;
    return `<i id="${esc(id)}" ${tint(v, max, names)} role="option" tabindex="-1"
      aria-selected="${id === place.cell}" aria-label="${label}">${
      labelled ? quote(tokens[i]) : ""} ${when(!small, short(v))}</i>`;
  };
  const names = `cells${when(small, " small")}${when(labelled, " labelled")}`;
  const label = `${esc(pane.label)}, ${now.length} numbers${when(pane.before, ", before")}`;
  return `<div class="${names}" style="--n:${now.length}" role="listbox"
    aria-orientation="horizontal" aria-label="${label}">${each(now, cell)}</div>`;
}

function drawPane(pane, step) {
  const { label, rows, shape, list } = pane;
  const title = `<code>${esc(label)}</code>
    <span class="shape">(${shape.join(", ")}${when(shape.length === 1, ",")})</span>`;
  if (pane.matrix) {
    return `<figure class="list"><figcaption>${title}</figcaption><canvas role="img"
      data-weight="${pane.matrix}" data-at="${pane.at ?? ""}" aria-label="${esc(label)}, ${
      shape[0]} rows of ${shape[1]} weights"></canvas></figure>`;
  }
  const { pos, l, h } = steps[step];
  const all = rows.map(pane.numbers);
  const max = largest(...all, ...(pane.other ? rows.map(pane.other) : []));
  const weight = h !== NONE && list === "value_cache" ? attention[l][h][pos] : null;
  const small = pane.many ? list !== "att" || shape[1] > 16 : all[0].length > WITH_NUMBERS;
  const line = (row) => {
    const cells = drawCells(pane, row, max, step, small);
    if (!pane.many) return cells;
    const whose = list === "att" ? `head ${row}` : asker(row);
    return `<div class="of"><span ${weight ? `class="pos" ${shade(weight[row])}` : ""}>${
      whose}</span>${cells}</div>`;
  };
  const notes = [];
  if (pane.changed) notes.push(`<em>written here</em>${when(part(list, step), ", underlined")}`);
  else if (pane.before) notes.push("before");
  else if (!isCache(list) && pane.since !== undefined && pane.since !== pos) {
    notes.push(pane.since === null ? "not yet written" : `left over from position ${pane.since}`);
  }
  if (part(list, step) && !pane.changed) notes.push(`pale: not part of head ${h}`);
  if (rows.length > MOST_ROWS) notes.push(`the last ${MOST_ROWS} rows`);
  else if (!pane.many && all[0].length > MOST) notes.push(`the first ${MOST}`);
  const signed = all.some((row) => row.some((v) => v < 0));
  return `<figure class="list${when(pane.changed, " changed")}" data-list="${esc(label)}">
    <figcaption>${title} <span>${notes.join(" · ")}</span> <span class="scale">${
    signed ? `${short(-max)}<i></i>` : '0<i class="up"></i>'}${short(max)}</span></figcaption>${
    each(rows.slice(-MOST_ROWS), line)}</figure>`;
}

function drawNumbers(step) {
  const { pos, block, l, h } = steps[step];
  const { key, title, say, picture } = blocks[block];
  const where = [`position ${pos}`, ...layerAndHead(l, h)].join(" · ");
  const all = panes(step);
  const draw = (wanted) => each(all.filter(wanted), (pane) => drawPane(pane, step));
  const root = byId("numbers");
  root.innerHTML = `<header><h2><span>run.c ${key}</span> ${esc(title)}</h2>
    <p class="where">${where}</p><p>${esc(say)}</p>${
    when(!place.cell && all.some((pane) => !pane.matrix),
      '<p class="hint">Click any number to see how it was computed.</p>')}</header>
    ${picture && `<section class="picture">${pictures[picture](step)}</section>`}
    ${draw((pane) => !pane.matrix && !pane.changed)}
    <div class="matrices">${draw((pane) => pane.matrix)}</div>${draw((pane) => pane.changed)}
    ${drawWhy(step)}`;
  for (const canvas of root.querySelectorAll("[data-weight]")) paintMatrix(canvas);
  for (const canvas of root.querySelectorAll("canvas[data-layer]")) paintTriangle(canvas);
  for (const list of root.querySelectorAll(".cells")) {
    (list.querySelector("[aria-selected=true]") || list.firstChild).tabIndex = 0;
  }
}

// A stop of the tour: a card above the elements that it explains, which are framed.
function drawCard() {
  const n = place.tour, end = page.tour.length, { at, say } = page.tour[n - 1];
  const target = document.querySelector(at) || byId("numbers").firstChild;
  const button = (n, text, id) => link(stop(n), text, `id="${id}" class="button"`);
  const next = n < end ? button(n + 1, "Next ›", "tour-on") : button(null, "Finish", "tour-on");
  const leave = when(n < end, button(null, "Leave the tour", "tour-end"));
  target.insertAdjacentHTML("beforebegin", `<aside id="card" aria-label="Tour, ${n} of ${end}">
    <p><b>${n} of ${end}</b> ${esc(say)}</p>
    <p>${button(n - 1, "‹ Back", "tour-back")} ${next} ${leave}</p></aside>`);
  for (const framed of document.querySelectorAll(at)) framed.classList.add("spoken-of");
  byId("card").scrollIntoView({ block: "start" });
}

// ["layer 1", "head 2"], or only part of this if a step has no layer or head.
const layerAndHead = (l, h) =>
  [when(l !== NONE, `layer ${l}`), when(h !== NONE, `head ${h}`)].filter((text) => text);

// ---------------------------------------------------------------------------
// below: where a number comes from

// The terms of a sum: the largest, the total of the others, and a list of all that can be opened.
function drawTerms({ head, rows, sum }, go) {
  const sorted = rows.slice().sort((a, z) => Math.abs(z.size) - Math.abs(a.size));
  const rest = sorted.splice(8);
  const max = Math.abs(sorted[0].size) || 1;
  const line = ({ on, cell, label, columns, of = [], size }) => `<tr class="${when(on, "on")}">
    <th scope="row">${go(cell, label)}</th>${
    each(columns, (text, k) => `<td>${of[k] ? go(of[k], text) : text}</td>`)}
    <td class="bar"><i ${tint(size, max, "", `;width:${(Math.abs(size) / max) * 100}%`)}></i></td>
    </tr>`;
  const total = (names, label, v) => `<tr class="${names}"><th scope="row">${label}</th>${
    "<td></td>".repeat(head.length - 2)}<td>${six(v)}</td><td></td></tr>`;
  const others = rest.reduce((sum, { size }) => sum + size, 0);
  return `<table><thead><tr>${each(head, (text) => `<th scope="col">${text}</th>`)}<td></td></tr>
    </thead><tbody>${each(sorted, line)}
    ${when(rest.length, total("", `${rest.length} smaller ones`, others))}
    ${when(sum !== undefined, total("total", "total", sum))}</tbody></table>
    ${when(rest.length, `<details><summary>all ${rows.length} in order</summary>
      <table><tbody>${each(rows, line)}</tbody></table></details>`)}`;
}

function drawWhy(step) {
  if (!place.cell) return "";
  const { list, row, i, before } = parseCell(place.cell);
  const from = why(place.cell, step);
  const go = (cell, text) => link(placeOf(from.step, place, cell), text);
  let origin = "";
  if (from.step !== step && from.lines.length) {
    const { pos, l, h, block } = steps[from.step];
    const cell = `${list}:${list === "att" && h !== NONE ? h : row}:${i}`;
    const { key, title } = blocks[block];
    const where = [...layerAndHead(l, NONE), `${esc(title)} (run.c ${key})`].join(", ");
    origin = `<p class="quiet">written in ${
      go(cell, `${when(pos !== place.pos, `position ${pos}, `)}${where}`)}</p>`;
  }
  const links = Object.entries(from.cells || {}).map(([text, cell]) => go(cell, text)).join(" · ");
  return `<aside id="why" aria-label="Where the number comes from"><header>
    <h3><code>${esc(cellName(list, row, i))}</code> = ${bold(from.value)}
    ${when(before, "<em>before</em>")}</h3><span class="exact">${minus(from.value)}</span>
    ${link({ ...place, cell: null }, "×", 'id="close" aria-label="close"')}</header>
    ${origin}${when(from.say, `<p>${from.say}</p>`)}
    ${each(from.lines, (text) => `<p class="sum">${text}</p>`)}
    ${from.rows ? drawTerms(from, go) : ""}
    ${when(links, `<p class="quiet">from ${links}</p>`)}</aside>`;
}

// ---------------------------------------------------------------------------
// canvases: a pixel for each number

// Canvases ignore the style sheet; these colours work on white and on black. at: -1 to 1
const ORANGE = [222, 120, 22], BLUE = [54, 118, 200];

function paint(canvas, rows, columns, at) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let r = 0, o = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, o += 4) {
      const v = at(r, c);
      image.data.set([...(v < 0 ? ORANGE : BLUE), Math.abs(v) * 255], o);
    }
  }
  context.putImageData(image, 0, 0);
}

function paintMatrix(canvas) {
  const { weight, at } = canvas.dataset;
  const [d, n] = data.weights[weight].slice(-2);
  const rows = range(d, (i) => weights(weight, ...(at ? [+at, i] : [i])));
  const max = largest(...rows) || 1;
  paint(canvas, d, n, (r, c) => Math.sign(rows[r][c]) * (Math.abs(rows[r][c]) / max) ** 0.7);
  canvas.style.width = `${Math.max(180, n * 4)}px`;
  canvas.style.height = `${Math.max(96, Math.min(300, d * 3))}px`;
}

function paintTriangle(canvas) {
  const rows = attention[canvas.dataset.layer][canvas.dataset.head];
  paint(canvas, positions, positions, (r, c) => (c <= r ? 0.06 + 0.94 * rows[r][c] : 0));
}

// ---------------------------------------------------------------------------
// pictures, by the names in explore.py's table

const pictures = {
  attention() {
    const { pos, l, h } = place;
    const row = attention[l][h][pos];
    const most = argmax(row);
    const labels = (now) => when(positions <= 34, `<ol aria-hidden="true">${each(tokens, (id, t) =>
      `<li class="${when(t === now, "now")}">${word(id)}</li>`)}</ol>`);
    const head = (layer, head) => link(here({ l: layer, h: head }),
      `<canvas data-layer="${layer}" data-head="${head}"></canvas><small>${head}</small>`,
      `id="a${layer}-${head}" ${current(layer === l && head === h)}
      aria-label="layer ${layer}, head ${head}"`);
    const group = (layer, g) => `<span class="group" title="these share key/value head ${g}">${
      each(range(kvMul), (i) => head(layer, g * kvMul + i))}</span>`;
    const layer = (layer) => `<div class="heads-of"><span>layer ${layer}</span>${
      each(range(p.n_kv_heads), (g) => group(layer, g))}</div>`;
    const high = 100 / positions;
    const copies = row[most] > 0.3 && tokens[most - 1] === tokens[pos] && turnsTo(l, h, pos, most);
    const induction = `The same token is at ${most - 1}, and this head votes for what came after it,
      “${word(tokens[most])}”: an induction head at work. Other heads vote, too; what comes next is
      “${word(nextOf(pos))}”.`;
    return `<h3>Where head ${h} of layer ${l} looks</h3>
      <div class="attention"><div class="triangle">${labels(most)}${labels(pos)}<div class="big">
      <canvas role="img" data-layer="${l}" data-head="${h}" aria-label="its weights, all positions">
      </canvas><div class="row-mark" style="top:${pos * high}%;height:${high}%"></div></div></div>
      <div class="all-heads"><p>Each row is a token, and each column is a token that it can
      look at: “${word(tokens[pos])}” at ${pos} looks most at “${word(tokens[most])}” at ${most},
      with weight ${row[most].toFixed(2)}. A token cannot look at later ones. ${
      when(copies, induction)}</p>
      <h4>All heads; the heads in a frame share a key and a value</h4>
      ${each(range(p.n_layers), layer)}</div></div>`;
  },

  rope(step) {
    const { pos, h } = place;
    const g = Math.floor(h / kvMul);
    const round = (v) => Number(v.toPrecision(3));
    const frequency = (i) => 1 / 10000 ** (i / headSize);
    const strip = (title, name, list, row, start) => {
      const was = numbers(list, row, step - 1), is = numbers(list, row, step);
      const pairs = range(headSize / 2, (i) => start + 2 * i);
      const size = Math.max(...pairs.map((k) => Math.hypot(is[k], is[k + 1]))) || 1;
      const pair = (k) => {
        const freq = frequency(k - start), angle = pos * freq;
        return `<figure>${clock(was[k], was[k + 1], is[k], is[k + 1], size, angle)}<figcaption>${
          name}[${k}, ${k + 1}]<br>${round(freq)} · ${pos}<br>= ${round(angle)} rad</figcaption>
          </figure>`;
      };
      return `<h4>${title}</h4><div class="clocks">${each(pairs, pair)}</div>`;
    };
    return `<h3>The hands of head ${h}</h3><p>Each pair is a clock hand:
      <span class="was-key">thin</span> before the rotation, <b class="is-key">thick</b> after it.
      The first pair rotates by 1 radian per position, the last by
      ${round(frequency(headSize - 2))}. Below each clock is its frequency times the position.</p>
      ${strip(`query of head ${h}`, "q", "q", 0, h * headSize)}
      ${strip(`key of key/value head ${g}${sharedBy(h)}`, "k", "key_cache", pos, g * headSize)}`;
  },

  residual(step) {
    const { pos } = place;
    const levels = range(p.n_layers + 1, (i) => ({ l: i - 1, ...lens(pos, i - 1) }));
    const max = largest(...levels.map(({ x }) => x));
    const next = nextOf(pos);
    const percent = (v) => `${(v * 100).toFixed(v < 0.0995 ? 1 : 0)}%`;
    const guess = ([v, id]) =>
      `<li class="${when(id === next, "hit")}">${quote(id)} ${percent(v)}</li>`;
    const level = ({ l, x, top, step: after }) => {
      const name = l < 0 ? "embedding" : `layer ${l}`;
      return `<div class="level${when(after <= step && steps[step].l === l, " now")}">
        <span>${link(placeOf(after, place), name, `id="r${l}"`)}</span>
        <div class="strip" role="img" aria-label="x, ${p.dim} numbers">${
        each(x, (v) => `<i ${tint(v, max)}></i>`)}</div><ol>${each(top, guess)}</ol></div>`;
    };
    return `<h3>The residual stream at “${word(tokens[pos])}”</h3>
      <p>x after each layer, and the five most likely next tokens at temperature 1 if the network
      stopped there (the last norm and the classifier, applied to this x). The next token is
      ${quote(next, ' class="hit"')}.</p><div class="stream">${each(levels, level)}</div>`;
  },

  sample() {
    const s = settings(place.pos);
    const slider = (id, label, max, by) => `<label for="${id}">${label}
      <output id="${id}-out">${Number(s[id].toPrecision(4))}</output>
      <input type="range" id="${id}" min="0" max="${max}" step="${by}" value="${s[id]}"></label>`;
    return `<h3>The next token</h3><div class="sliders">
      ${slider("temperature", "temperature", 2, 0.01)}
      ${slider("topp", "top-p", 1, 0.01)}${slider("coin", "coin", 0.999, 0.001)}
      <button type="button" id="reset">reset</button></div>
      <div id="drawn">${drawToken(place.pos)}</div>`;
  },
};

// A pair of numbers as a hand, before and after the rotation; size: the longest hand.
function clock(x0, y0, x1, y1, size, angle) {
  const long = Math.hypot(x1, y1) || 1;
  const r = (12 + (18 * long) / size) / long; // never too short to see
  const at = (x, y) => [x.toFixed(2), (-y).toFixed(2)];
  const hand = (name, [x, y]) => `<line class="${name}" x2="${x}" y2="${y}"/>`;
  const from = Math.atan2(y0, x0), turn = angle % (2 * Math.PI);
  const on = (a) => at(Math.cos(a) * 12, Math.sin(a) * 12).join(" ");
  const arc = `M${on(from)} A12 12 0 ${turn > Math.PI ? 1 : 0} 0 ${on(from + turn)}`;
  return `<svg viewBox="-34 -34 68 68" aria-hidden="true"><circle r="31" class="dial"/>
    <path class="turn" d="${arc}"/>
    ${hand("was", at(x0 * r, y0 * r))}${hand("is", at(x1 * r, y1 * r))}</svg>`;
}

// The token that the settings select, and how.
function drawToken(pos) {
  const s = settings(pos);
  const { token, order, mass, draws } = sample(pos, s);
  const next = word(nextOf(pos));
  const note = data.nexts[pos] !== null ? `The run drew “${next}”.`
    : `The prompt continues with “${next}”, so the run drew nothing here.`;
  let how = `Drawn from the nucleus, the most likely tokens (${draws.length} of ${order.length},
    ${(mass * 100).toFixed(1)}% in total)`;
  if (s.temperature === 0) how = "Not drawn: temperature 0 takes the most likely token";
  else if (draws.length === order.length) how = "Drawn from all tokens";
  const hit = (id) => when(id === token, "hit");
  const logits = logitsAt(pos);
  const inside = new Set(draws.map(([, id]) => id));
  const drawable = draws.slice(0, 60), rest = draws.length - drawable.length;
  const row = ([v, id]) => `<tr class="${hit(id)}${when(!inside.has(id), " out")}">
    <th scope="row">${quote(id)}</th><td>${short(logits[id])}</td><td>${(v * 100).toFixed(2)}%</td>
    <td class="bar"><i style="width:${(v / order[0][0]) * 100}%"></i></td></tr>`;
  const stripe = ([v, id]) => `<i class="${hit(id)}" title="${word(id)}"
    style="width:${(v / mass) * 100}%">${when(v / mass > 0.07, quote(id))}</i>`;
  const coin = `<div class="coin"><div class="nucleus">${each(drawable, stripe)}${
    when(rest, `<span>${rest} more, too thin to show</span>`)}</div><div class="pointer"
    style="--at:${s.coin}">coin ${Number(s.coin.toPrecision(4))}</div></div>`;
  return `<p class="draw">${how}: ${quote(token, ` class="hit" id="token" data-id="${token}"`)}</p>
    <p>${note}</p>${when(s.temperature !== 0, coin)}
    <table><thead><tr><th>token</th><th>logit</th><th>probability at temperature
    ${Number(s.temperature.toPrecision(4)) || 1}</th><td></td></tr></thead>
    <tbody>${each(order.slice(0, 12), row)}</tbody></table>
    <p class="quiet">the 12 most likely of ${order.length}; pale: outside the nucleus</p>`;
}

// ---------------------------------------------------------------------------
// all of it

function draw() {
  const step = stepAt(place);
  const { l, h, block } = steps[step];
  const focus = document.activeElement && document.activeElement.id;
  const scrolled = byId("numbers").scrollTop;
  const opening = place.tour === 0;
  document.body.classList.toggle("opening", opening);
  drawText();
  drawSteps(step);
  drawMap(step);
  if (!opening) {
    drawNumbers(step);
    drawCode(step);
  }
  byId("numbers").scrollTop = shown === step ? scrolled : 0;
  shown = opening ? -1 : step;
  if (place.tour) drawCard();
  else if (place.cell) byId(place.cell)?.scrollIntoView({ block: "nearest" });
  const again = focus && byId(focus);
  if (again && again !== document.activeElement) again.focus({ preventScroll: true });
  const token = byId(`t${place.pos}`), text = byId("text").firstChild;
  text.scrollTop = token.offsetTop - (text.clientHeight - token.offsetHeight) / 2;
  byId("tip").hidden = true;
  const words = place.tour ? page.tour[place.tour - 1].say : blocks[block].title;
  byId("said").textContent = [words, ...layerAndHead(l, h)].join(", ");
}
