// Puts the page together: what all figures share above, the sections below, each drawn when it comes into sight.

const SECTIONS = [
  { id: "scores", title: "Scores", make: headlineSection, there: () => true, now: true },
  { id: "curves", title: "Robustness curves", make: curvesSection, there: () => group().rates.length > 1 },
  { id: "care", title: "Read with care", make: careSection, there: () => told().length > 0 },
  { id: "loss", title: "Loss by language", make: lossSection, there: () => group().rates.length > 1 },
  { id: "surface", title: "Generated queries: count × α", make: surfaceSection, there: () => group().surfaces.length > 0 },
  { id: "fragments", title: "Pieces of the tokenizer, and loss", make: fragmentsSection, there: () => group().fragments.some(Boolean) },
  { id: "training", title: "Training", make: trainingSection, there: () => group().rows.some((row) => row.runs.some((run) => Object.keys(data.runs[run].training).length)) },
  { id: "examples", title: "Misspelt queries, before and after", make: examplesSection, there: () => exampleRuns().length > 0 },
  { id: "cost", title: "Cost", make: costSection, there: () => true },
  { id: "differences", title: "What differs between the runs", make: factsSection, there: () => data.runs.length > 1 },
  { id: "commands", title: "Commands", make: commandsSection, there: () => true },
];

function told() {
  return [...(group().cautions[state.measure] ?? []), ...group().notes];
}

function careSection() {
  const found = told();
  const list = (items) => make("ul", { class: "care" }, items.map((text) => make("li", { dir: "auto" }, text)));
  if (found.length <= 6) return [list(found)];
  return [list(found.slice(0, 4)), make("details", {}, make("summary", {}, `${found.length - 4} more`), list(found.slice(4)))];
}

function lede() {
  const own = group();
  const runs = runsOf(own.rows).length;
  const first = own.rows[state.baseline];
  const whole = own.languages[0];
  const start = score(own, first, whole, state.measure, 0);
  const end = score(own, first, whole, state.measure, own.rates.length - 1);
  const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
  const spoken = own.languages.filter((language) => !TOGETHER.includes(language)).length;
  const means = own.rows.some((row) => row.each.length) ? ", averaged over seeds," : "";
  const asked = `${count(runs, "run")}${means} on ${own.benchmark}: ${count(own.queries, "query").replace("querys", "queries")} (${count(own.questions, "question")} in ${count(spoken, "language")}), typo rates ${own.rates.join(", ")}: the ${own.unit}.`;
  if (!start || !end || own.rates.length < 2) return asked;
  const fell = end.value < start.value ? "falls" : end.value > start.value ? "rises" : "stays";
  const known = start.low !== null && end.low !== null;
  const between = known ? ` (intervals ${fixed(start.low)}–${fixed(start.high)} and ${fixed(end.low)}–${fixed(end.high)})` : "";
  return `${asked} From ${own.rates[0] === 0 ? "clean queries" : `rate ${own.rates[0]}`} to rate ${own.rates.at(-1)}, ${state.measure} of ${first.label} ${fell} from ${fixed(start.value)} to ${fixed(end.value)} %${between}.`;
}

function controls() {
  const own = group();
  const named = (i) => ({ value: i, text: own.rows[i].label });
  return [
    data.groups.length > 1 ? choice("Asked", data.groups.map((one, value) => ({ value, text: `${one.benchmark}, ${one.queries.toLocaleString("en")} queries, ${one.rows.length} rows` })), state.group, (number) => change({ group: number }), { class: "wide" }) : null,
    choice("Measure", own.measures.map((value) => ({ value, text: value })), state.measure, (measure) => change({ measure })),
    own.languages.length > 1 ? choice("Language", own.languages.map((value) => ({ value, text: languageName(value) })), state.language, (language) => change({ language })) : null,
    own.rows.length > 1 ? choice("Baseline", own.tests.baselines.map(named), state.baseline, (baseline) => change({ baseline }), { class: "wide" }) : null,
  ].filter(Boolean);
}

function banners() {
  const out = [];
  if (data.every) out.push(make("p", { class: "banner", role: "status" }, `Runs are still going on: this page loads itself again every ${data.every} s. `, pauseButton()));
  if (data.groups.length > 1) out.push(make("p", { class: "banner" }, `The runs were asked ${data.groups.length} different sets of queries; runs are compared within one set only. Choose it under “Asked”.`));
  out.push(named(data.leftOut, "not shown"), named(data.apart, "not averaged with runs of other seeds"));
  return out.filter(Boolean);
}

// Folders with their reasons, folded where they are many.
function named(found, what) {
  if (!found.length) return null;
  const list = make("ul", {}, found.map(({ folder, reason }) => make("li", {}, make("code", {}, folder), `: ${reason}`)));
  const text = `${found.length} ${found.length === 1 ? "folder is" : "folders are"} ${what}`;
  return make("div", { class: "banner warn" }, found.length > 5 ? make("details", {}, make("summary", {}, text), list) : [make("strong", {}, `${text}:`), list]);
}

function pauseButton() {
  let waiting = setTimeout(() => location.reload(), data.every * 1000);
  const button = make("button", { type: "button", onclick: () => {
    if (waiting) clearTimeout(waiting);
    waiting = waiting ? null : setTimeout(() => location.reload(), data.every * 1000);
    button.textContent = waiting ? "Pause" : "Go on";
  } }, "Pause");
  return button;
}

// The place of the focus survives a drawing: a keyboard user stays where they were.
function keepingFocus(work) {
  const path = [];
  for (let node = document.activeElement; node && node !== document.body; node = node.parentNode) path.unshift([...node.parentNode.children].indexOf(node));
  work();
  let node = document.body;
  for (const i of path) node = node?.children[i];
  if (path.length && node && document.activeElement !== node) node.focus({ preventScroll: true });
}

const waiting = new Set();
const sight = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting && waiting.has(entry.target)) drawSection(entry.target);
}, { rootMargin: "300px" });

function drawSection(element) {
  waiting.delete(element);
  const section = SECTIONS.find((one) => one.id === element.id);
  element.querySelector(".body").replaceChildren(...section.make().flat().filter(Boolean));
  element.style.minHeight = "";
  for (const whole of element.querySelectorAll("figure")) whole.paintNow();
}

// What lies above must have its height before the page can jump to a section.
function drawBefore(id) {
  for (const { id: one } of SECTIONS) {
    const element = document.getElementById(one);
    if (waiting.has(element)) drawSection(element);
    if (one === id) return;
  }
}

function update() {
  keepingFocus(() => {
    document.getElementById("lede").textContent = lede();
    document.getElementById("controls").replaceChildren(...controls());
    for (const section of SECTIONS) {
      const element = document.getElementById(section.id);
      element.hidden = !section.there();
      waiting.delete(element);
      const box = element.getBoundingClientRect();
      if (element.hidden) continue;
      if (section.now || (element.querySelector(".body").children.length && box.top < innerHeight + 300 && box.bottom > -300)) drawSection(element);
      else {
        if (!element.querySelector(".body").children.length) element.style.minHeight = "34rem";
        waiting.add(element);
        sight.unobserve(element);
        sight.observe(element);
      }
    }
    document.getElementById("contents").replaceChildren(...SECTIONS.filter((one) => one.there()).map((one) => make("li", {}, make("a", { href: `#${one.id}`, onclick: () => drawBefore(one.id) }, one.title))));
  });
}

function chooseTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll(".theme button")) button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
}

function start() {
  for (const button of document.querySelectorAll(".theme button")) button.addEventListener("click", () => { state.theme = button.dataset.theme; chooseTheme(state.theme); remember(); });
  document.getElementById("banners").append(...banners());
  document.getElementById("footer").append(make("p", {}, `Written by typoglot ${data.version} on ${data.made.slice(0, 16).replace("T", " ")} UTC. One file: it loads nothing. Tests and intervals: docs/statistics.md.`));
  if (!data.groups.length) {
    document.getElementById("lede").textContent = data.every ? "No run has finished yet." : "There is no run to show.";
    document.getElementById("controls").hidden = true;
    return;
  }
  chooseGroup(0);
  recall();
  chooseTheme(state.theme);
  document.querySelector(".top").append(make("nav", { "aria-label": "Sections" }, make("ul", { class: "contents", id: "contents" })));
  for (const { id, title } of SECTIONS) {
    document.getElementById("main").append(make("section", { id, "aria-labelledby": `${id}-title` }, make("h2", { id: `${id}-title` }, title), make("div", { class: "body" })));
  }
  listeners.push(update);
  update();
  addEventListener("beforeprint", () => {
    for (const element of [...waiting]) if (!element.hidden) drawSection(element);
    for (const folded of document.querySelectorAll("#care details, #banners details")) folded.open = true;
    for (const whole of document.querySelectorAll("figure")) whole.paintNow();
  });
}

start();
