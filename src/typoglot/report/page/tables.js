// What a run costs, in what the runs differ, and how to run them again.

function costSection() {
  const own = group();
  const runs = runsOf(own.rows).map((run) => data.runs[run]);
  const columns = ["run", "conditions", "first one after", "each further one", "all", "peak memory", "computed on"];
  const rows = runs.map(({ label, cost }) => [
    label, cost.points, cost.first, cost.points > 1 ? (cost.all - cost.first) / (cost.points - 1) : null, cost.all, cost.memory,
    [cost.device, cost.precision, cost.threads && `${cost.threads} threads`].filter(Boolean).join(", "),
  ]);
  const shown = ([label, points, first, each, all, memory, device]) => [label, points.toLocaleString("en"), seconds(first), each === null ? "–" : seconds(each), seconds(all), `${Math.round(memory).toLocaleString("en")} MB`, device];
  const table = make("table", {},
    make("caption", {}, "Of the evaluation. The first condition waits for misspelling and encoding; a run that found its vectors in the store encoded no passage. Peak memory is of the whole process, earlier jobs included."),
    make("thead", {}, make("tr", {}, columns.map((column, i) => make("th", { scope: "col", class: i === 0 || i === 6 ? "text" : "" }, column)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, shown(row).map((text, i) => (i === 0 ? make("th", { scope: "row", class: "text wrap" }, text) : make("td", { class: i === 6 ? "text wrap" : "" }, text)))))));
  const save = () => saveText("cost.csv", csv(["run", "conditions", "first (s)", "each further (s)", "all (s)", "peak memory (MB)", "computed on"], rows), "text/csv;charset=utf-8");
  return [region("Cost of the runs", table, rows.length > 14), make("div", { class: "saves" }, make("button", { type: "button", "aria-label": "Save the costs as CSV", onclick: save }, "CSV"))];
}

function factsSection() {
  const own = group();
  const runs = runsOf(own.rows);
  const [base] = own.rows[state.baseline].runs;
  const differing = Object.entries(data.facts).filter(([, values]) => new Set(runs.map((run) => values[run])).size > 1);
  if (!differing.length) return [make("p", { class: "muted" }, runs.length > 1 ? "The runs differ in no setting that may change a score." : "One run: there is nothing to differ from.")];
  const keys = differing.map(([key]) => key);
  const named = keys.length > 6 ? `${keys.slice(0, 6).join(", ")} and ${keys.length - 6} more` : keys.join(", ");
  // Runs stand in rows and settings in columns where there are more runs than settings.
  const upright = runs.length > differing.length;
  const cell = (values, run) => make("td", { class: `text wrap${values[run] !== values[base] ? " bad" : ""}` }, values[run] || "(empty)");
  const head = upright ? keys : runs.map((run) => data.runs[run].label);
  const body = upright
    ? runs.map((run) => [data.runs[run].label, differing.map(([, values]) => cell(values, run))])
    : differing.map(([key, values]) => [key, runs.map((run) => cell(values, run))]);
  const table = make("table", {},
    make("caption", {}, "Settings and properties of the network that are not the same in all; coloured and bold where they differ from the baseline’s. “–”: the run has no such setting."),
    make("thead", {}, make("tr", {}, make("th", { scope: "col", class: "text" }, upright ? "run" : "setting"), head.map((text) => make("th", { scope: "col", class: "text wrap" }, text)))),
    make("tbody", {}, body.map(([name, cells]) => make("tr", {}, make("th", { scope: "row", class: "text wrap" }, name), cells))));
  return [
    make("p", {}, `The runs differ in ${named}. A difference between two of them is owed to everything in which they differ, together.`),
    region("Differences between the runs", table, upright ? runs.length > 14 : differing.length > 20),
    make("div", { class: "saves" }, make("button", { type: "button", "aria-label": "Save the differences as CSV", onclick: () => saveText("differences.csv", csv(["setting", ...runs.map((run) => data.runs[run].label)], differing.map(([key, values]) => [key, ...runs.map((run) => values[run])])), "text/csv;charset=utf-8") }, "CSV")),
  ];
}

function commandsSection() {
  const own = group();
  const runs = runsOf(own.rows);
  const text = runs.map((run) => commandOf(data.runs[run])).join("\n");
  const list = runs.slice(0, 12).map((run) => commandEntry(data.runs[run]));
  const rest = runs.slice(12);
  const more = rest.length ? make("details", {}, make("summary", {}, `${rest.length} more`)) : null;
  more?.addEventListener("toggle", () => { if (more.open && more.children.length === 1) more.append(...rest.map((run) => commandEntry(data.runs[run]))); });
  return [
    make("p", {}, "Each gives its run again, in the folder of the harness; the same versions and threads on the same machine give the same numbers to the bit. A command that reads config.yaml needs the run’s folder where it was."),
    make("p", {}, copyButton("Copy all", text)), list, more,
  ];
}

function commandOf(run) {
  return run.command ?? `python ${run.kind}.py --config-path "$(realpath ${run.folder.includes(" ") ? `'${run.folder}'` : run.folder})" --config-name config`;
}

function commandEntry(run) {
  const { typoglot, python, commit, changed } = run.made;
  const made = [`typoglot ${typoglot ?? "?"}`, python && `Python ${python}`, commit && `commit ${commit.slice(0, 10)}${changed ? " with changes" : ""}`].filter(Boolean).join(" · ");
  return make("div", {}, make("h3", {}, run.label), make("div", { class: "command" }, make("pre", { tabindex: 0 }, commandOf(run)), copyButton("Copy", commandOf(run), run.label)), make("p", { class: "hint" }, `${made} · ${run.folder}`));
}

function copyButton(label, text, of = "") {
  const button = make("button", { type: "button", "aria-label": `${label}${of ? ` the command of ${of}` : ""}`, onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here";
    }
    setTimeout(() => { button.textContent = label; }, 1500);
  } }, label);
  return button;
}
