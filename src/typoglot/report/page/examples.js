// Misspelt queries with what was found before and after. Texts may be of any script and direction, and are only texts.

const OUTCOMES = { lost: "Lost", gained: "Gained", same: "Same score" };
const shownExamples = { run: null, outcome: "lost", language: "" };

function exampleRuns() {
  const own = group();
  return runsOf(own.rows).filter((run) => data.examples.runs[run]);
}

function examplesSection() {
  const runs = exampleRuns();
  if (!runs.includes(shownExamples.run)) shownExamples.run = runs[0];
  const host = make("div");
  const again = (values) => {
    Object.assign(shownExamples, values);
    host.replaceChildren(...examplesOf(again, runs));
  };
  again({});
  return [host];
}

function examplesOf(again, runs) {
  const own = data.examples.runs[shownExamples.run];
  const counts = own.outcomes;
  const whole = Object.values(counts).reduce((sum, n) => sum + n, own.untouched);
  const spoken = [...new Set(own.examples.map(([language]) => language))].sort();
  if (!spoken.includes(shownExamples.language)) shownExamples.language = "";
  const found = own.examples.filter(([language, outcome]) => outcome === shownExamples.outcome && (!shownExamples.language || language === shownExamples.language));
  return [
    make("p", {}, `At rate ${own.rate}, of ${whole.toLocaleString("en")} queries ${counts.lost.toLocaleString("en")} lost ${own.measure}, ${counts.gained.toLocaleString("en")} gained, ${counts.same.toLocaleString("en")} kept their score though misspelt, and ${own.untouched.toLocaleString("en")} were not misspelt. Examples of each outcome are drawn by a hash of the query’s id: nobody picked them.`),
    make("div", { class: "bar" },
      runs.length > 1 ? choice("Run", runs.map((run) => ({ value: run, text: data.runs[run].label })), shownExamples.run, (run) => again({ run })) : null,
      buttons("Outcome", Object.entries(OUTCOMES).map(([value, text]) => ({ value, text })), shownExamples.outcome, (outcome) => again({ outcome })),
      choice("Language", [{ value: "", text: "All" }, ...spoken.map((value) => ({ value, text: languageName(value) }))], shownExamples.language, (language) => again({ language }))),
    ...(found.length ? found.map((one) => example(one, own)) : [make("p", { class: "muted" }, "No example of this kind.")]),
  ];
}

function example([language, , clean, misspelt, before, after, relevant, id], own) {
  const texts = data.examples.texts[own.benchmark];
  return make("article", { class: "example" },
    make("header", {}, make("span", {}, languageName(language)), make("span", {}, "query ", make("bdi", {}, id))),
    query("Clean", language, clean, "del"), query("Misspelt", language, misspelt, "mark"),
    make("div", { class: "sides" }, side("Found before", before, relevant, texts), side("Found after", after, relevant, texts)));
}

function query(label, language, pieces, mark) {
  // The label stands outside: its Latin letters would decide the direction of the text.
  return [make("p", { class: "hidden" }, `${label}:`), make("p", { class: "query", dir: "auto", lang: language.replace("_", "-") },
    pieces.map((piece, i) => (i % 2 && piece ? make(mark, {}, piece) : piece)))];
}

function side(title, [first, rank], relevant, texts) {
  return make("div", {}, make("h4", {}, `${title}: ${rank ? `the answer is at rank ${rank}` : "the answer is not in the ranking"}`),
    make("ol", {}, first.map((id) => make("li", { class: relevant.includes(id) ? "right" : "" }, relevant.includes(id) ? make("span", { class: "what" }, "✓ relevant") : null, make("span", { class: "short", dir: "auto", title: texts[id] }, texts[id])))));
}
