// Lines with bands over a common axis, read off by pointer or arrow keys.

function niceSteps(low, high, count) {
  const raw = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((part) => part * power).find((part) => part >= raw - 1e-12);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}

// `series`: {label, slot, points: [{x, y, low, high, each}], dots}; `each`: the values that y is the mean of. `names`: texts of x where it counts categories.
function lines(wanted, width, host) {
  const { series, bands, height, describe, markers = true } = wanted;
  const tall = height ?? Math.max(250, Math.min(430, width * 0.5));
  const scale = scales(wanted, width, tall);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${tall}`, role: "img", tabindex: 0, "aria-label": describe }, ...axes(wanted, scale));
  if (bands) svg.append(...series.map((one) => band(one, scale)).filter(Boolean));
  svg.append(...series.flatMap((one) => eachDot(one, scale)), ...series.map((one) => line(one, scale, markers)));
  if (host) readOff(svg, host, wanted, scale);
  return svg;
}

// Where numbers lie: `sx`, `sy` and the box of the axes.
function scales({ series, yRange, xRange, bands }, width, tall) {
  const points = series.flatMap((one) => one.points);
  const ends = (values, range) => range ?? [Math.min(...values), Math.max(...values)];
  const [x0, x1] = ends(points.map((p) => p.x), xRange);
  let [y0, y1] = ends(points.flatMap((p) => [p.y, ...(bands ? [p.low ?? p.y, p.high ?? p.y] : []), ...(p.each ?? [])]), yRange);
  if (!yRange) {
    const room = (y1 - y0 || 1) * 0.07;
    [y0, y1] = [y0 - room, y1 + room];
  }
  const yTicks = niceSteps(y0, y1, tall < 260 ? 4 : 6);
  const digits = Math.max(0, ...yTicks.map((tick) => (String(tick).split(".")[1] ?? "").length));
  const left = 18 + 7.4 * Math.max(...yTicks.map((tick) => fixed(tick, digits).length));
  const box = { left, right: width - 14, top: 26, bottom: tall - 46 };
  const sx = (x) => box.left + 8 + ((x - x0) / (x1 - x0 || 1)) * (box.right - box.left - 16);
  const sy = (y) => box.bottom - ((y - y0) / (y1 - y0 || 1)) * (box.bottom - box.top);
  return { width, tall, box, sx, sy, x0, x1, y0, y1, yTicks, digits };
}

function axes({ xLabel, yLabel, xTicks, names }, { width, tall, box, sx, sy, x0, x1, y0, y1, yTicks, digits }) {
  const found = yTicks.flatMap((tick) => [
    draw("line", { class: "grid", x1: box.left, x2: box.right, y1: sy(tick), y2: sy(tick) }),
    draw("text", { class: "soft", x: box.left - 7, y: sy(tick) + 4, "text-anchor": "end" }, fixed(tick, digits)),
  ]);
  const level = (y) => draw("line", { class: "axis", x1: box.left, x2: box.right, y1: y, y2: y });
  if (y0 < 0 && y1 > 0) found.push(level(sy(0)));
  found.push(level(box.bottom));
  let free = -Infinity;
  for (const tick of xTicks ?? niceSteps(x0, x1, width < 420 ? 4 : 7)) {
    const text = names ? names[tick] : short(tick);
    found.push(draw("line", { class: "axis", x1: sx(tick), x2: sx(tick), y1: box.bottom, y2: box.bottom + 5 }));
    const half = text.length * 3.7;
    if (sx(tick) - half < free) continue;
    free = sx(tick) + half + 6;
    found.push(draw("text", { class: "soft", x: sx(tick), y: box.bottom + 19, "text-anchor": "middle" }, text));
  }
  // A long title loses what stands in brackets: SVG does not wrap.
  const title = xLabel.length * 6.6 > box.right - box.left ? plainly(xLabel) : xLabel;
  return [...found, draw("text", { class: "soft", x: (box.left + box.right) / 2, y: tall - 8, "text-anchor": "middle" }, title), draw("text", { class: "soft", x: 4, y: 14 }, yLabel)];
}

function plainly(label) {
  return label.replace(/ \(.*\)$/, "");
}

// An interval of few runs may reach beyond what a score can be, and so beyond the axis.
function band(one, { sx, sy, y0, y1 }) {
  const own = one.points.filter((p) => p.low !== undefined && p.low !== null);
  if (!own.length) return null;
  const within = (y) => Math.max(y0, Math.min(y1, y));
  const edge = [...own.map((p) => [p.x, within(p.high)]), ...own.toReversed().map((p) => [p.x, within(p.low)])];
  return draw("path", { class: `band c${one.slot % 7}`, d: `M${edge.map(([x, y]) => `${round(sx(x))} ${round(sy(y))}`).join("L")}Z` });
}

// Beside the mark of their mean, which would hide them.
function eachDot(one, { sx, sy }) {
  return one.points.flatMap((p) => (p.each ?? []).map((y) => draw("circle", { class: `each c${one.slot % 7}`, cx: round(sx(p.x)) + 7, cy: round(sy(y)), r: 2.4 })));
}

function line(one, { sx, sy, width }, markers) {
  const path = `M${one.points.map((p) => `${round(sx(p.x))} ${round(sy(p.y))}`).join("L")}`;
  const marks = one.points.length > 40 || !markers ? [] : one.points.map((p) => marker(one.slot, round(sx(p.x)), round(sy(p.y)), width < 420 ? 3.6 : 4.2));
  const texts = one.points.filter((p) => p.text).map((p) => draw("text", { x: sx(p.x) + 7, y: sy(p.y) + 4 }, p.text));
  return draw("g", { class: `c${one.slot % 7}`, "data-series": one.label },
    one.dots ? [] : draw("path", { class: "line", d: path, "stroke-dasharray": DASHES[one.slot % DASHES.length] }), marks, texts);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

// The values at the place of the pointer, or of the arrow keys, in a box beside the line.
function readOff(svg, host, { series, xLabel, names }, { sx, box, width }) {
  const places = [...new Set(series.flatMap((one) => one.points.map((p) => p.x)))].sort((a, b) => a - b);
  const cursor = draw("line", { class: "cursor", y1: box.top - 6, y2: box.bottom, "data-passing": true, visibility: "hidden" });
  svg.append(cursor);
  let at = -1;
  let tip = null;
  const hide = () => {
    at = -1;
    cursor.setAttribute("visibility", "hidden");
    tip?.remove();
  };
  const show = (place, aloud) => {
    if (place === at) return;
    hide();
    at = place;
    const x = places[at];
    for (const [key, value] of Object.entries({ visibility: "visible", x1: sx(x), x2: sx(x) })) cursor.setAttribute(key, value);
    tip = tipOf(series, x, names ? names[x] : `${plainly(xLabel)} ${short(x)}`, aloud);
    host.append(tip);
    const beside = sx(x) / width;
    tip.style[beside < 0.5 ? "left" : "right"] = `calc(${(100 * Math.min(beside, 1 - beside)).toFixed(1)}% + 12px)`;
  };
  const nearest = (x) => places.reduce((best, place, i) => (Math.abs(sx(place) - x) < Math.abs(sx(places[best]) - x) ? i : best), 0);
  svg.addEventListener("pointermove", (event) => {
    const frame = svg.getBoundingClientRect();
    show(nearest(((event.clientX - frame.left) / frame.width) * width), false);
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") hide();
    if (!step) return;
    event.preventDefault();
    show(Math.max(0, Math.min(places.length - 1, at < 0 ? 0 : at + step)), true);
  });
}

// The values of all series at x, the highest first.
function tipOf(series, x, heading, aloud) {
  const found = series
    .map((one) => ({ one, point: one.points.find((p) => p.x === x) }))
    .filter(({ point }) => point)
    .sort((a, b) => b.point.y - a.point.y);
  return make("div", { class: "tip", role: aloud ? "status" : null }, make("b", {}, heading),
    found.map(({ one, point }) => make("div", {}, make("span", { class: `c${one.slot % 7}` }, one.label), make("span", {}, reading(point)))));
}

function reading(point) {
  const bounds = point.low === undefined || point.low === null ? "" : ` [${fixed(point.low)}–${fixed(point.high)}]`;
  const plain = Math.abs(point.y) < 10 && point.low === undefined && !point.note;
  return `${plain ? short(Number(point.y.toPrecision(4))) : fixed(point.y)}${bounds}${point.note ? ` ${point.note}` : ""}`;
}
