// A figure with its heading, its buttons, its numbers as a table, and a drawing that follows the page's width.

// `paint(width)` returns the SVG; `numbers()` returns {columns, rows} of what is drawn.
function figure({ title, caption, paint, numbers, name }) {
  const host = make("div", { class: "host" });
  const heading = title ? make("h3", {}, title) : null;
  const saves = make("div", { class: "saves" },
    make("button", { type: "button", "aria-label": `Save “${title ?? name}” as SVG`, onclick: () => saveText(`${name}.svg`, standalone(host.querySelector("svg")), "image/svg+xml") }, "SVG"),
    make("button", { type: "button", "aria-label": `Save the numbers of “${title ?? name}” as CSV`, onclick: () => saveText(`${name}.csv`, csv(numbers().columns, numbers().rows), "text/csv;charset=utf-8") }, "CSV"));
  const table = make("details", {}, make("summary", {}, "Numbers as a table"));
  table.addEventListener("toggle", () => {
    if (table.open && !table.querySelector("table")) table.append(plainTable(title ?? name, numbers()));
  });
  const whole = make("figure", { "aria-label": title ?? name },
    make("div", { class: "figurehead" }, heading ?? make("span", {}), saves), host,
    caption ? make("figcaption", {}, caption) : null, table);
  let drawnAt = 0;
  const observer = new ResizeObserver(() => {
    const width = Math.round(host.clientWidth);
    if (!host.isConnected) observer.disconnect();
    else if (width && width !== drawnAt) {
      drawnAt = width;
      host.replaceChildren(paint(width, host));
    }
  });
  observer.observe(host);
  whole.paintNow = () => {
    drawnAt = Math.round(host.clientWidth) || 640;
    host.replaceChildren(paint(drawnAt, host));
  };
  return whole;
}

function plainTable(name, { columns, rows }) {
  return make("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": `Numbers of ${name}` },
    make("table", {},
      make("thead", {}, make("tr", {}, columns.map((column, i) => make("th", { scope: "col", class: typeof rows[0]?.[i] === "string" ? "text" : "" }, column)))),
      make("tbody", {}, rows.map((row) => make("tr", {}, row.map((value) => make("td", { class: typeof value === "string" ? "text" : "" }, typeof value === "number" ? short(value) : value ?? "–")))))));
}

function region(label, table, tall = false) {
  return make("div", { class: tall ? "scroll tall" : "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
}

// Colour, dash and marker of a slot.
const DASHES = ["none", "7 4", "2 4", "9 3 2 3", "12 5"];

function marker(slot, x, y, size = 4.2) {
  const s = size;
  const shapes = [
    () => draw("circle", { cx: x, cy: y, r: s }),
    () => draw("rect", { x: x - s, y: y - s, width: 2 * s, height: 2 * s }),
    () => draw("path", { d: `M${x} ${y - s * 1.25}L${x + s * 1.2} ${y + s}H${x - s * 1.2}Z` }),
    () => draw("path", { d: `M${x} ${y - s * 1.35}L${x + s * 1.35} ${y}L${x} ${y + s * 1.35}L${x - s * 1.35} ${y}Z` }),
    () => draw("path", { d: `M${x} ${y + s * 1.25}L${x + s * 1.2} ${y - s}H${x - s * 1.2}Z` }),
    () => draw("path", { d: `M${x - s} ${y - s}L${x + s} ${y + s}M${x - s} ${y + s}L${x + s} ${y - s}` }),
  ];
  const shape = shapes[slot % shapes.length]();
  shape.setAttribute("class", "dot");
  return shape;
}

function key(slot) {
  return draw("svg", { viewBox: "0 0 34 14", class: `c${slot % 7}`, "aria-hidden": "true" },
    draw("line", { class: "line", x1: 1, y1: 7, x2: 33, y2: 7, "stroke-dasharray": DASHES[slot % DASHES.length] }), marker(slot, 17, 7));
}

function legend(rows) {
  return make("ul", { class: "legend", "aria-label": "Rows that are drawn" }, rows.map((row) => make("li", {}, key(slotOf(row)), group().rows[row].label)));
}
