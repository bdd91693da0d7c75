// Training curves: each logged value over the optimizer's steps.

function trainingSection() {
  const own = group();
  const rows = drawnRows();
  const runs = new Map(rows.flatMap((i) => own.rows[i].runs.map((run) => [run, i])).reverse());
  const names = [...new Set([...runs.keys()].flatMap((run) => Object.keys(data.runs[run].training)))];
  if (!names.length) return [make("p", { class: "muted" }, "None of the ticked runs was trained here.")];
  const trained = [...runs].filter(([run]) => Object.keys(data.runs[run].training).length);
  return [legend([...new Set(trained.map(([, row]) => row))]), make("div", { class: "panels wide" }, names.map((name) => trainingFigure(own, trained, name)))];
}

function trainingFigure(own, trained, name) {
  const series = trained
    .filter(([run]) => data.runs[run].training[name])
    .map(([run, row]) => ({ label: own.rows[row].each.length ? data.runs[run].label : own.rows[row].label, slot: slotOf(row), points: data.runs[run].training[name].map(([x, y]) => ({ x, y })) }));
  return figure({
    title: name, name: `training-${name.replace(/[^\w.-]+/g, "_")}`,
    paint: (width, host) => lines({
      series, xLabel: "optimizer step", yLabel: name, height: 250, markers: series.every((one) => one.points.length < 30),
      describe: `${name} by optimizer step. ${series.map((one) => `${one.label}: from ${short(one.points[0].y)} to ${short(one.points.at(-1).y)}`).join("; ")}`,
    }, width, host),
    numbers: () => ({ columns: ["run", "step", name], rows: series.flatMap((one) => one.points.map((p) => [one.label, p.x, p.y])) }),
  });
}
