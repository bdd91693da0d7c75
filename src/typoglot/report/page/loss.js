// What is lost, language by language: one panel for each drawn row.

function lossSection() {
  const own = group();
  if (own.rates[0] !== 0 || own.rates.length < 2) return [make("p", { class: "muted" }, "A loss needs rate 0 and a higher one; these runs have not both.")];
  const bar = make("div", { class: "bar" }, buttons("Loss as", [{ value: false, text: "Points" }, { value: true, text: "Share of the clean score" }], state.share, (share) => change({ share })));
  const rows = drawnRows();
  const found = rows.map((i) => lossCells(own, own.rows[i]));
  const most = Math.max(1, ...found.flat(2).filter(Boolean).map((cell) => Math.abs(cell.value)));
  const panels = make("div", { class: "panels" }, rows.map((i, n) => lossFigure(own, own.rows[i], found[n], most)));
  return [bar, panels, make("p", { class: "hint" }, `Clean score minus misspelt score, ${state.share ? "as % of the clean score" : "in points"} of ${state.measure}; all panels share one scale of colour. Blue with a minus: misspelt queries did better. °: the clean score is near that of a random order, so nothing could be lost there. Each number is of few queries; its interval is in the curves.`)];
}

function lossCells(own, row) {
  return own.languages.map((language) => own.rates.slice(1).map((rate, i) => {
    const lost = loss(own, row, language, state.measure, i + 1);
    const value = lost && (state.share ? lost.share : lost.value);
    if (value === null) return null;
    const low = isLow(row, language, state.measure) ? "°" : "";
    return { value, text: fixed(value) + low, title: `${languageName(language)}, rate ${rate}: ${fixed(lost.value)} points of ${fixed(lost.clean)} lost${low ? "; near the floor" : ""}` };
  }));
}

function lossFigure(own, row, cells, most) {
  const names = own.languages.map(languageName);
  const rates = own.rates.slice(1).map(String);
  return figure({
    title: row.label, name: `loss-${state.measure}-${row.label.replace(/[^\w.-]+/g, "_")}`,
    paint: (width) => heat({
      rows: names, columns: rates, cells, most, kind: "loss", rowTitle: "", columnTitle: "lost at typo rate",
      describe: `Loss of ${state.measure} of ${row.label} by language and typo rate. ${names.map((name, i) => `${name}: ${cells[i].map((cell) => cell?.text ?? "not known").join(", ")}`).join("; ")}`,
    }, width),
    numbers: () => ({ columns: ["language", ...rates.map((rate) => `lost at ${rate}`)], rows: own.languages.map((language, i) => [language, ...cells[i].map((cell) => cell?.value)]) }),
  });
}
