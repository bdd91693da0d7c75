// The headline: every row's score at each rate, and its difference to the baseline.

function headlineSection() {
  const own = group();
  const options = comparisons(own);
  const compared = options.find((one) => one.at === state.compared) ?? options[own.rates.length - 1];
  const rows = own.rows.map((_, i) => i);
  const tested = own.tests.found[`${state.language} ${state.measure}`] !== undefined;
  const found = Object.fromEntries(rows.map((i) => [i, difference(own, i, state.baseline, state.language, state.measure, compared.at)]));
  const values = (i, column) =>
    column === "label" ? own.rows[i].label : column === "difference" ? (found[i]?.value ?? (i === state.baseline ? 0 : -Infinity)) : score(own, own.rows[i], state.language, state.measure, column)?.value ?? -Infinity;
  if (state.sort) {
    const { column, down } = state.sort;
    const sign = down ? -1 : 1;
    rows.sort((a, b) => sign * (column === "label" ? values(a, column).localeCompare(values(b, column)) : values(a, column) - values(b, column)));
  }
  const several = own.rows.length > 1;
  const ends = Object.values(found).filter(Boolean).flatMap((one) => [one.low, one.high]).filter((end) => end !== null);
  const reach = [Math.min(-0.5, ...ends), Math.max(0.5, ...ends)];
  const body = rows.map((i) => headlineRow(own, i, { found: found[i], reach, compared, several }));
  const table = make("table", { class: "headline" },
    make("thead", {}, make("tr", {},
      sortable("label", "Run", { class: "text name" }),
      own.rates.map((rate, i) => sortable(i, rate === 0 ? "clean" : `rate ${rate}`)),
      several ? [sortable("difference", `Against baseline: ${compared.text}`, { colspan: 2, class: "text wrap" })] : null)),
    make("tbody", {}, body));
  const bar = several ? make("div", { class: "bar" },
    choice("Compare", options.map((one) => ({ value: one.at, text: one.text })), compared.at, (at) => change({ compared: at })),
    own.rows.length > MOST_DRAWN ? finder() : null) : null;
  return [bar, make("p", { class: "hint" }, headlineCaption(own)), region("Scores of all runs", table, own.rows.length > 14), make("p", { class: "hint" }, headlineHint(own, compared, tested), pointer()), saveHeadline(own, rows, found, compared, several)];
}

function headlineCaption(own) {
  const where = state.language === "all" ? "all languages together" : languageName(state.language);
  return `${state.measure} in %, ${where}, ${own.asked[state.language].toLocaleString("en")} queries; below each value its 95 % interval${own.rows.some((row) => row.each.length) ? ", and the lowest and highest of its runs" : ""}.`;
}

function headlineHint(own, compared, tested) {
  const { intervals, test, trainings } = own.covered;
  if (own.rows.length < 2) return intervals;
  if (state.language === "macro") return `${intervals} The mean of the languages is not tested; all languages together are.`;
  if (!tested) return `${intervals} Not tested here: with ${own.rows.length} rows, ${own.tests.fewer ? `only ${own.measure} over all languages is` : "single languages are not"} tested; name fewer runs, or use typoglot compare.`;
  const others = own.rows.length - 1;
  const together = others === 1 ? "one test" : `Holm-corrected for ${others} tests`;
  const family = state.language === own.languages[0] ? together : `Holm-corrected for ${others} × ${own.languages.filter((one) => !TOGETHER.includes(one)).length} tests (every language)`;
  const better = compared.loss ? "▲ loses less, ▼ loses more" : "▲ better, ▼ worse";
  return `${intervals} Against the baseline: row − baseline in points. ${better}, at p < 0.05 by ${test}, ${family}. ○ no difference is shown, which is not “equal”. ${trainings} Another measure, rate or baseline is another family: choose before looking.${own.tests.fewer ? ` ${own.tests.replicates.toLocaleString("en")} resamples and sign patterns.` : ""}`;
}

// To floors, ceilings and what else must be borne in mind.
function pointer() {
  const count = told().length;
  return count ? [" ", make("a", { href: "#care", onclick: () => drawBefore("care") }, `${count} ${count === 1 ? "thing" : "things"} to bear in mind.`)] : null;
}

function sortable(column, text, attributes = {}) {
  const down = state.sort?.column === column ? state.sort.down : null;
  const next = () => change({ sort: down === null ? { column, down: column !== "label" } : { column, down: !down } });
  return make("th", { scope: "col", "aria-sort": down === null ? "none" : down ? "descending" : "ascending", ...attributes },
    make("button", { type: "button", onclick: next }, text, down === null ? "" : down ? " ↓" : " ↑"));
}

function headlineRow(own, i, { found, reach, compared, several }) {
  const row = own.rows[i];
  const slot = slotOf(i);
  const box = make("input", { type: "checkbox", checked: slot >= 0, "aria-label": `Draw ${row.label}`, onchange: () => { toggleRow(i); change({}); } });
  const low = isLow(row, state.language, state.measure);
  const cells = own.rates.map((_, rate) => {
    const value = score(own, row, state.language, state.measure, rate);
    return make("td", {}, value ? fixed(value.value) : "–", value && low && rate === 0 ? floorMark() : null, value && value.low !== null ? make("span", { class: "between" }, `${fixed(value.low)}–${fixed(value.high)}`) : null, value?.each ? make("span", { class: "between" }, `runs ${spread(value)}`) : null);
  });
  return make("tr", { class: several && i === state.baseline ? "base" : "", "data-label": row.label.toLowerCase() },
    make("th", { scope: "row", class: "text name" }, make("label", { class: "pick" }, box, slot >= 0 ? key(slot) : null, make("span", {}, row.label))),
    cells, several ? differenceCells(own, found, i, reach, compared) : null);
}

// The lowest and the highest of a mean's runs.
function spread({ each }) {
  return `${fixed(each[0])}–${fixed(each.at(-1))}`;
}

function floorMark() {
  return make("span", { title: "near the score of a random order: a small loss says nothing", "aria-label": "near the floor" }, "°");
}

function differenceCells(own, found, i, reach, compared) {
  if (i === state.baseline) return [make("td", { class: "text muted", colspan: 2 }, "baseline")];
  if (!found) return [make("td", { class: "text muted", colspan: 2 }, "–")];
  const clear = found.p !== null && found.p < 0.05;
  const better = compared.loss ? found.value < 0 : found.value > 0;
  const mark = !clear ? "○" : better ? "▲" : "▼";
  const said = !clear ? "no difference shown" : better ? (compared.loss ? "loses less" : "better") : compared.loss ? "loses more" : "worse";
  // Where some rows are means over enough seeds, the reader must know whose difference speaks of other trainings.
  const base = own.rows[state.baseline];
  const these = own.rows.some((row) => row.covers) && !(own.rows[i].covers && base.covers) ? ", these runs" : "";
  const known = found.low !== null; // of one question alone no interval over trainings is
  const tone = clear ? (better ? "good" : "bad") : "muted";
  return [
    make("td", { class: "mark" }, make("span", { class: tone, role: "img", "aria-label": said, title: said }, mark), ` ${signed(found.value)}`,
      make("span", { class: "between" }, `${known ? `${signed(found.low)} to ${signed(found.high)}, ` : ""}p ${chance(found.p)}${these}`)),
    make("td", {}, known ? whisker(found, reach, tone) : null),
  ];
}

// The difference as a dot with its interval, around a line at 0.
function whisker(found, reach, tone) {
  const x = (value) => 6 + (108 * (value - reach[0])) / (reach[1] - reach[0]);
  const svg = draw("svg", { viewBox: "0 0 120 24", width: 120, height: 24, class: tone, "aria-hidden": "true" },
    draw("line", { class: "axis", x1: x(0), x2: x(0), y1: 1, y2: 23 }), draw("line", { class: "whisker", x1: x(found.low), x2: x(found.high), y1: 12, y2: 12 }), draw("circle", { class: "dot", cx: x(found.value), cy: 12, r: 3.6 }));
  return svg;
}

function finder() {
  const input = make("input", { type: "search", placeholder: "part of a name", oninput: () => {
    const part = input.value.toLowerCase();
    for (const row of document.querySelectorAll(".headline tbody tr")) row.hidden = !row.dataset.label.includes(part);
  } });
  return make("label", {}, "Show rows named", input);
}

function saveHeadline(own, rows, found, compared, several) {
  const means = own.rows.some((row) => row.each.length);
  const columns = ["run", ...own.rates.flatMap((rate) => [`rate ${rate}`, "low", "high", ...(means ? ["lowest run", "highest run"] : [])]), ...(several ? [`difference in ${compared.text}`, "low", "high", "p corrected"] : [])];
  const cells = () => rows.map((i) => [
    own.rows[i].label,
    ...own.rates.flatMap((_, rate) => { const value = score(own, own.rows[i], state.language, state.measure, rate); return [value?.value, value?.low, value?.high, ...(means ? [value?.each?.[0], value?.each?.at(-1)] : [])]; }),
    ...(several ? [found[i]?.value, found[i]?.low, found[i]?.high, found[i]?.p] : []),
  ]);
  return make("div", { class: "saves" }, make("button", { type: "button", "aria-label": "Save this table as CSV", onclick: () => saveText("scores.csv", csv(columns, cells()), "text/csv;charset=utf-8") }, "CSV"));
}
