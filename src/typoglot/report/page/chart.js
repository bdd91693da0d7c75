// Lines with bands over a common axis, read off by pointer or arrow keys.

function niceSteps(low, high, count) {
  const raw = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((part) => part * power).find((part) => part >= raw - 1e-12);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}

// `series`: {label, slot, points: [{x, y, low, high}], dots}. `names`: texts of x where it counts categories.
function lines({ series, xLabel, yLabel, xTicks, names, yRange, bands, height, describe, xRange, markers = true }, width, host) {
  const points = series.flatMap((one) => one.points);
  const tall = height ?? Math.max(250, Math.min(430, width * 0.5));
  const ends = (values, range) => range ?? [Math.min(...values), Math.max(...values)];
  const [x0, x1] = ends(points.map((p) => p.x), xRange);
  let [y0, y1] = yRange ?? ends(points.flatMap((p) => (bands ? [p.low ?? p.y, p.high ?? p.y] : [p.y])));
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
  const svg = draw("svg", { viewBox: `0 0 ${width} ${tall}`, role: "img", tabindex: 0, "aria-label": describe });
  for (const tick of yTicks) {
    svg.append(draw("line", { class: "grid", x1: box.left, x2: box.right, y1: sy(tick), y2: sy(tick) }),
      draw("text", { class: "soft", x: box.left - 7, y: sy(tick) + 4, "text-anchor": "end" }, fixed(tick, digits)));
  }
  if (y0 < 0 && y1 > 0) svg.append(draw("line", { class: "axis", x1: box.left, x2: box.right, y1: sy(0), y2: sy(0) }));
  svg.append(draw("line", { class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }));
  let free = -Infinity;
  for (const tick of xTicks ?? niceSteps(x0, x1, width < 420 ? 4 : 7)) {
    const text = names ? names[tick] : short(tick);
    svg.append(draw("line", { class: "axis", x1: sx(tick), x2: sx(tick), y1: box.bottom, y2: box.bottom + 5 }));
    const half = text.length * 3.7;
    if (sx(tick) - half < free) continue;
    free = sx(tick) + half + 6;
    svg.append(draw("text", { class: "soft", x: sx(tick), y: box.bottom + 19, "text-anchor": "middle" }, text));
  }
  svg.append(...axisTitle(xLabel, (box.left + box.right) / 2, tall - 8, box.right - box.left),
    draw("text", { class: "soft", x: 4, y: 14 }, yLabel));
  for (const one of bands ? series : []) {
    const own = one.points.filter((p) => p.low !== undefined && p.low !== null);
    if (!own.length) continue;
    const edge = [...own.map((p) => [p.x, p.high]), ...own.toReversed().map((p) => [p.x, p.low])];
    svg.append(draw("path", { class: `band c${one.slot % 7}`, d: `M${edge.map(([x, y]) => `${round(sx(x))} ${round(sy(y))}`).join("L")}Z` }));
  }
  for (const one of series) {
    const path = `M${one.points.map((p) => `${round(sx(p.x))} ${round(sy(p.y))}`).join("L")}`;
    const marks = one.points.length > 40 || !markers ? [] : one.points.map((p) => marker(one.slot, round(sx(p.x)), round(sy(p.y)), width < 420 ? 3.6 : 4.2));
    const whiskers = one.dots ? one.points.filter((p) => p.low !== undefined).map((p) => draw("line", { class: "whisker", x1: sx(p.x), x2: sx(p.x), y1: sy(p.low), y2: sy(p.high) })) : [];
    const texts = one.points.filter((p) => p.text).map((p) => draw("text", { x: sx(p.x) + 7, y: sy(p.y) + 4 }, p.text));
    svg.append(draw("g", { class: `c${one.slot % 7}`, "data-series": one.label }, whiskers,
      one.dots ? [] : draw("path", { class: "line", d: path, "stroke-dasharray": DASHES[one.slot % DASHES.length] }), marks, texts));
  }
  if (host) readOff(svg, host, series, { sx, box, width, xLabel, names });
  return svg;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

// A title that is too long loses what stands in brackets: SVG does not wrap.
function axisTitle(text, x, y, room) {
  const fits = Math.floor(room / 6.6);
  const shown = text.length > fits ? text.replace(/ \(.*\)$/, "") : text;
  return [draw("text", { class: "soft", x, y, "text-anchor": "middle" }, shown)];
}

// The values at the place of the pointer, or of the arrow keys, in a box beside the line.
function readOff(svg, host, series, { sx, box, width, xLabel, names }) {
  const places = [...new Set(series.flatMap((one) => one.points.map((p) => p.x)))].sort((a, b) => a - b);
  const cursor = draw("line", { class: "cursor", y1: box.top - 6, y2: box.bottom, "data-passing": true, visibility: "hidden" });
  svg.append(cursor);
  let at = -1;
  let tip = null;
  const hide = () => {
    at = -1;
    cursor.setAttribute("visibility", "hidden");
    tip?.remove();
    tip = null;
  };
  const show = (place, aloud) => {
    if (place === at) return;
    at = place;
    const x = places[at];
    cursor.setAttribute("visibility", "visible");
    cursor.setAttribute("x1", sx(x));
    cursor.setAttribute("x2", sx(x));
    const found = series
      .map((one) => ({ one, point: one.points.find((p) => p.x === x) }))
      .filter(({ point }) => point)
      .sort((a, b) => b.point.y - a.point.y);
    tip?.remove();
    tip = make("div", { class: "tip", role: aloud ? "status" : null },
      make("b", {}, names ? names[x] : `${xLabel.replace(/ \(.*\)$/, "")} ${short(x)}`),
      found.map(({ one, point }) => make("div", {}, make("span", { class: `c${one.slot % 7}` }, one.label), make("span", {}, reading(point)))));
    host.append(tip);
    const beside = sx(x) / width;
    if (beside < 0.5) tip.style.left = `calc(${(100 * beside).toFixed(1)}% + 12px)`;
    else tip.style.right = `calc(${(100 * (1 - beside)).toFixed(1)}% + 12px)`;
  };
  svg.addEventListener("pointermove", (event) => {
    const frame = svg.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * width;
    const near = places.reduce((best, place, i) => (Math.abs(sx(place) - x) < Math.abs(sx(places[best]) - x) ? i : best), 0);
    show(near, false);
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

function reading(point) {
  const bounds = point.low === undefined || point.low === null ? "" : ` [${fixed(point.low)}–${fixed(point.high)}]`;
  const plain = Math.abs(point.y) < 10 && point.low === undefined && !point.note;
  return `${plain ? short(Number(point.y.toPrecision(4))) : fixed(point.y)}${bounds}${point.note ? ` ${point.note}` : ""}`;
}
