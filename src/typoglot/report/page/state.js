// What the reader has chosen. Every change draws again what is in sight, and waits with the rest.

const MOST_DRAWN = 8;
const state = { group: 0, measure: null, language: null, baseline: 0, compared: 0, drawn: [], bands: true, fromZero: true, each: false, share: false, sort: null, theme: "auto" };
const listeners = [];

function group() {
  return data.groups[state.group];
}

// Each drawn row keeps its slot, which decides colour, dash and marker.
function slotOf(row) {
  return state.drawn.indexOf(row);
}

function drawnRows() {
  return state.drawn.filter((row) => row !== null);
}

function toggleRow(row) {
  const slot = slotOf(row);
  if (slot >= 0) state.drawn[slot] = null;
  else {
    const free = state.drawn.indexOf(null);
    state.drawn[free < 0 ? state.drawn.length : free] = row;
  }
}

// With many rows: the baseline, the ends and the even steps between, by score at the highest rate.
function firstDrawn(own) {
  const rows = own.rows.map((_, i) => i);
  if (rows.length <= MOST_DRAWN) return rows;
  const last = own.rates.length - 1;
  const height = (i) => score(own, own.rows[i], own.languages[0], own.measure, last)?.value ?? -1;
  const ranked = rows.filter((i) => i !== own.baseline).sort((a, b) => height(b) - height(a));
  const steps = Array.from({ length: MOST_DRAWN - 1 }, (_, i) => ranked[Math.round((i * (ranked.length - 1)) / (MOST_DRAWN - 2))]);
  return [own.baseline, ...new Set(steps)];
}

function chooseGroup(number) {
  const own = data.groups[number];
  const last = own.rates.length - 1;
  Object.assign(state, { group: number, measure: own.measure, language: own.languages[0], baseline: own.baseline, compared: last, drawn: firstDrawn(own), sort: null });
}

function change(values) {
  if (values.group !== undefined && values.group !== state.group) chooseGroup(values.group);
  Object.assign(state, values);
  remember();
  for (const listener of listeners) listener();
}

// A page that loads itself again (--watch) keeps what was chosen.
function remember() {
  try {
    sessionStorage.setItem(location.pathname, JSON.stringify(state));
  } catch { /* no storage for local files here: a reload forgets */ }
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(location.pathname) ?? "null");
    const own = kept && data.groups[kept.group];
    if (!own || !own.languages.includes(kept.language) || !own.measures.includes(kept.measure)) return;
    kept.drawn = kept.drawn.filter((row) => row === null || row < own.rows.length);
    if (kept.baseline < own.rows.length && kept.compared < own.rates.length + own.tests.losses.length) Object.assign(state, kept);
  } catch { /* as above */ }
}
