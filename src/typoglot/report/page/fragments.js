// The tokenizer's part: how misspelt queries fall into pieces, and what was lost with them.

function fragmentsSection() {
  const own = group();
  const rows = drawnRows().filter((i) => own.fragments[i]);
  if (!rows.length) return [make("p", { class: "muted" }, "None of the ticked runs has counts of pieces in per_query.parquet.")];
  const missing = drawnRows().length - rows.length;
  return [
    legend(rows),
    make("div", { class: "panels wide" }, binsFigure(own, rows), spreadFigure(own, rows)),
    make("p", { class: "hint" }, `Measure: ${own.measure}. An edited piece: one that must be inserted, deleted or replaced to turn the clean query's pieces into the misspelt one's. This is what goes together, not what causes what: longer queries have more pieces and more slips, and languages differ in much else.${missing ? ` ${missing} of the ticked rows have no such counts.` : ""}`),
  ];
}

function binsFigure(own, rows) {
  const names = [...new Map(rows.flatMap((i) => own.fragments[i].bins.map(([name]) => [name, 1]))).keys()].sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
  const series = rows.map((i) => ({
    label: own.rows[i].label, slot: slotOf(i),
    points: own.fragments[i].bins.map(([name, n, value, low, high]) => ({ x: names.indexOf(name), y: 100 * value, low: 100 * low, high: 100 * high, note: `n = ${n.toLocaleString("en")}`, n })),
  }));
  return figure({
    title: "Loss by edited pieces", name: "loss-by-edited-pieces",
    caption: "All languages and rates above 0. Bands: 95 % bootstrap intervals over questions, of these very runs; bins of fewer than five queries are left out.",
    paint: (width, host) => lines({
      series, bands: true, names, xTicks: names.map((_, i) => i), xRange: [0, Math.max(1, names.length - 1)], xLabel: "edited pieces of a query", yLabel: `lost points of ${own.measure}`, height: 300,
      describe: `Loss by number of edited pieces. ${series.map((one) => `${one.label}: ${one.points.map((p) => `${names[p.x]} pieces ${fixed(p.y)}`).join(", ")}`).join("; ")}`,
    }, width, host),
    numbers: () => ({ columns: ["run", "edited pieces", "queries", "loss", "low", "high"], rows: series.flatMap((one) => one.points.map((p) => [one.label, names[p.x], p.n, p.y, p.low, p.high])) }),
  });
}

function spreadFigure(own, rows) {
  const named = rows.length <= 3;
  const series = rows.map((i) => ({
    label: own.rows[i].label, slot: slotOf(i), dots: true,
    points: own.fragments[i].languages.map(([language, more, unknown, truncated, value]) => ({ x: 100 * more, y: 100 * value, language, text: named ? language : "", note: languageName(language), unknown, truncated })),
  }));
  const across = series.flatMap((one) => one.points.map((p) => p.x));
  const room = 0.08 * (Math.max(...across) - Math.min(...across) || 1);
  const rate = own.fragments[rows[0]].rate;
  return figure({
    title: "Languages: more pieces against loss", name: "loss-by-more-pieces",
    caption: `At the highest rate (${rate}): by how much the number of pieces grows, and what is lost. Each mark is a language${named ? "" : "; with more than three runs the marks have no names, the table has"}.`,
    paint: (width, host) => lines({
      series, xLabel: "more pieces than when clean, in %", yLabel: `lost points of ${own.measure}`, height: 300, xRange: [Math.min(...across) - room, Math.max(...across) + room],
      describe: `Growth of pieces against loss, by language. ${series.map((one) => `${one.label}: ${one.points.map((p) => `${languageName(p.language)} ${fixed(p.x)} % more pieces, ${fixed(p.y)} points lost`).join(", ")}`).join("; ")}`,
    }, width, host),
    numbers: () => ({ columns: ["run", "language", "more pieces %", "unknown pieces %", "truncated queries %", "loss"], rows: series.flatMap((one) => one.points.map((p) => [one.label, p.language, p.x, 100 * p.unknown, 100 * p.truncated, p.y])) }),
  });
}
