// Figures as SVG files and data as CSV files, from a page that lies on a disk.

const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "font-size", "font-family", "font-weight"];

function saveText(name, text, type) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function csv(columns, rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

// The figure with its styles written into it, so that it looks the same where there is no style sheet.
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const key of KEPT) {
      const value = style.getPropertyValue(key);
      if (value) element.setAttribute(key, key === "fill" || key === "stroke" ? plainColour(value) : value);
    }
    for (const name of ["class", "style", "tabindex"]) element.removeAttribute(name);
  });
  copy.querySelectorAll("[data-passing]").forEach((element) => element.remove());
  const box = svg.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  copy.prepend(draw("rect", { width: box.width, height: box.height, fill: plainColour(getComputedStyle(document.body).backgroundColor) }));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

// Mixed colours are no plain ones yet; other programs read #rrggbb alone.
function plainColour(value) {
  if (!/^(color|oklab|oklch|lab|lch)/.test(value)) return value;
  const brush = make("canvas", { width: 1, height: 1 }).getContext("2d");
  brush.fillStyle = value;
  brush.fillRect(0, 0, 1, 1);
  return `#${[...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
