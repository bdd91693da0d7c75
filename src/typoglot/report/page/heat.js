// Cells of a table as colours, each with its number: losses against gains, or heights.

// `cells[row][column]`: {value, text, low, title} or null. `most`: the value of full colour.
function heat({ rows, columns, cells, most, kind, describe, rowTitle, columnTitle, title }, width) {
  const left = Math.min(width * 0.42, 20 + 7 * Math.max(4, ...rows.map((row) => row.length)));
  const side = Math.max(34, Math.min(92, (width - left - 6) / columns.length));
  const line = 25;
  const top = title ? 62 : 42;
  const bottom = top + rows.length * line;
  const across = Math.max(left + columns.length * side + 6, 120);
  const svg = draw("svg", { viewBox: `0 0 ${Math.max(width, across)} ${bottom + 6}`, role: "img", "aria-label": describe });
  if (title) svg.append(draw("text", { class: "title", x: 2, y: 15 }, clipped(title, width / 7.2), draw("title", {}, title)));
  svg.append(draw("text", { class: "soft", x: left, y: top - 25 }, columnTitle), draw("text", { class: "soft", x: left - 8, y: top - 8, "text-anchor": "end" }, rowTitle));
  const skip = Math.ceil(Math.max(...columns.map((column) => column.length)) * 7.4 / side);
  columns.forEach((column, i) => {
    if (i % skip === 0) svg.append(draw("text", { class: "soft", x: left + (i + 0.5) * side, y: top - 8, "text-anchor": "middle" }, column));
  });
  rows.forEach((row, r) => {
    svg.append(draw("text", { x: left - 8, y: top + r * line + 17, "text-anchor": "end" }, clipped(row, (left - 10) / 7)));
    columns.forEach((_, c) => {
      const cell = cells[r][c];
      const x = left + c * side;
      const y = top + r * line;
      const part = cell ? Math.min(1, Math.abs(cell.value) / (most || 1)) : 0;
      const hue = kind === "height" ? "--height" : cell && cell.value < 0 ? "--gain" : "--loss";
      const square = draw("rect", { class: "cell", x, y, width: side, height: line, rx: 4 }, cell ? draw("title", {}, cell.title) : null);
      square.style.fill = `color-mix(in oklab, var(${hue}) ${(4 + 88 * part).toFixed(0)}%, var(--paper))`;
      if (!cell) square.style.fill = "none";
      const text = draw("text", { x: x + side / 2, y: y + 17, "text-anchor": "middle", "pointer-events": "none" }, cell ? cell.text : "–");
      svg.append(square, text);
    });
  });
  return svg;
}

function clipped(text, room) {
  return text.length <= room ? text : `${text.slice(0, Math.max(1, Math.floor(room) - 1))}…`;
}
