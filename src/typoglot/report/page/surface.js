// Generated queries: the score by how many are mixed in and how heavily, for each run that tried several.

function surfaceSection() {
  const own = group();
  const panels = own.surfaces.flatMap((surface) => {
    const figures = own.rates.map((_, rate) => surfaceFigure(own, surface, rate)).filter(Boolean);
    return [...new Set([figures[0], figures.at(-1)])].filter(Boolean);
  });
  return [make("div", { class: "panels" }, panels), make("p", { class: "hint" }, `${state.measure} in %, all languages together. Fuller colour is higher; each panel has its own scale. The best cell was found on these very queries: choose count and α on others before claiming it.`)];
}

function surfaceFigure(own, surface, rate) {
  const values = unpack(surface, "values", surface.values);
  const measure = own.measures.indexOf(state.measure);
  const at = (c, a) => interval(values, (((c * surface.alphas.length + a) * own.measures.length + measure) * own.rates.length + rate) * 3);
  const found = surface.counts.map((_, c) => surface.alphas.map((_, a) => at(c, a)));
  const known = found.flat().filter(Boolean).map((one) => one.value);
  if (!known.length) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const cells = found.map((row, c) => row.map((one, a) => one && {
    value: 0.08 + (0.92 * (one.value - low)) / (high - low || 1), text: fixed(one.value),
    title: `${surface.counts[c]} queries, α ${surface.alphas[a]}: ${fixed(one.value)}${one.low === null ? "" : ` [${fixed(one.low)}–${fixed(one.high)}]`}`,
  }));
  const name = surface.label;
  const when = own.rates[rate] === 0 ? "clean queries" : `typo rate ${own.rates[rate]}`;
  return figure({
    title: `${name}, ${when}`, name: `surface-${state.measure}-rate${own.rates[rate]}-${own.surfaces.indexOf(surface)}`,
    paint: (width) => heat({
      rows: surface.counts.map(String), columns: surface.alphas.map((alpha) => short(alpha)), cells, most: 1, kind: "height", rowTitle: "count", columnTitle: "weight α of the generated queries",
      describe: `${state.measure} of ${name} by count and α, ${when}. ${surface.counts.map((count, c) => `${count} queries: ${cells[c].map((cell) => cell?.text ?? "not known").join(", ")}`).join("; ")}`,
    }, width),
    numbers: () => ({ columns: ["count", "alpha", "value", "low", "high"], rows: surface.counts.flatMap((count, c) => surface.alphas.map((alpha, a) => [count, alpha, found[c][a]?.value, found[c][a]?.low, found[c][a]?.high])) }),
  });
}
