// Robustness curves: one language at a time, or every language side by side.

function curvesSection() {
  const own = group();
  const rows = drawnRows();
  const bar = make("div", { class: "bar" },
    own.languages.length > 1 ? buttons("Which languages", [{ value: false, text: languageName(state.language) }, { value: true, text: "Every language" }], state.each, (each) => change({ each })) : null,
    check("95 % bands", state.bands, (bands) => change({ bands })),
    check("axis from 0", state.fromZero, (fromZero) => change({ fromZero })));
  if (!rows.length) return [bar, make("p", { class: "muted" }, "No run is ticked in the table of scores.")];
  const means = rows.some((i) => own.rows[i].each.length);
  const caption = make("p", { class: "hint" }, `Rate: the ${own.unit}. Bands: ${own.covered.bands}${means ? "; dots beside a mark: the single runs of its mean" : ""}; whether two runs differ is tested in the table, and overlapping bands do not answer it. A curve that starts near the floor cannot fall.`);
  const panels = state.each
    ? make("div", { class: "panels" }, own.languages.map((language) => curveFigure(own, rows, language, 215)))
    : curveFigure(own, rows, state.language);
  return [bar, legend(rows), panels, caption];
}

function curveFigure(own, rows, language, height) {
  const { measure, bands, fromZero } = state;
  const series = rows.map((i) => ({
    label: own.rows[i].label, slot: slotOf(i),
    points: curve(own, own.rows[i], language, measure).map((p) => ({ x: p.x, y: p.value, low: p.low, high: p.high, each: p.each, note: p.each && `runs ${spread(p)}` })),
  })).filter((one) => one.points.length);
  const name = languageName(language);
  const means = series.some((one) => one.points[0].each);
  const said = series.map((one) => `${one.label}: ${one.points.map((p) => `${fixed(p.y)} at ${p.x}`).join(", ")}`).join("; ");
  // Side by side, all languages have one axis.
  const seen = state.each ? own.languages : [language];
  const highest = Math.max(1, ...seen.flatMap((one) => rows.flatMap((i) => curve(own, own.rows[i], one, measure).map((p) => Math.max(bands ? (p.high ?? p.value) : p.value, p.each?.at(-1) ?? 0)))));
  return figure({
    title: name, name: `curve-${measure}-${language}`,
    paint: (width, host) => lines({
      series, bands, height, xLabel: `typo rate (${own.unit})`, yLabel: `${measure} in %`, xTicks: own.rates, xRange: [own.rates[0], own.rates.at(-1)],
      yRange: fromZero ? [0, Math.min(100, Math.ceil(highest / 10) * 10)] : null, describe: `${measure} in % by typo rate, ${name}. ${said}`,
    }, width, host),
    numbers: () => ({
      columns: ["run", "language", "measure", "rate", "value", "low", "high", ...(means ? ["lowest run", "highest run"] : [])],
      rows: series.flatMap((one) => one.points.map((p) => [one.label, language, measure, p.x, p.y, p.low, p.high, ...(means ? [p.each?.[0], p.each?.at(-1)] : [])])),
    }),
  });
}
