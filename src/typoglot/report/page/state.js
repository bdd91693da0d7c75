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

// A page that loads itself again (--watch) keeps what was chosen. Rows may have come between: they are kept by name.
function nameOf(row) {
  return row && `${row.name} ${row.count} ${row.alpha}`;
}

function remember() {
  const own = group();
  const kept = { ...state, asked: own.queries, known: own.rows.map(nameOf), drawn: state.drawn.map((row) => (row === null ? null : nameOf(own.rows[row]))), baseline: nameOf(own.rows[state.baseline]) };
  try {
    sessionStorage.setItem(location.pathname, JSON.stringify(kept));
  } catch { /* no storage for local files here: a reload forgets */ }
}

function recall() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(location.pathname) ?? "null");
  } catch { /* as above */ }
  const number = data.groups.findIndex((one) => one.queries === kept?.asked && one.rows.some((row) => kept.known.includes(nameOf(row))));
  if (number < 0) return;
  chooseGroup(number);
  const own = group();
  const names = own.rows.map(nameOf);
  if (!own.languages.includes(kept.language) || !own.measures.includes(kept.measure)) return;
  const drawn = kept.drawn.map((name) => (names.includes(name) ? names.indexOf(name) : null));
  const fresh = names.length > MOST_DRAWN ? [] : names.map((_, i) => i).filter((i) => !kept.known.includes(names[i]));
  const baseline = names.includes(kept.baseline) ? names.indexOf(kept.baseline) : own.baseline;
  const compared = kept.compared < own.rates.length + own.tests.losses.length ? kept.compared : state.compared;
  Object.assign(state, kept, { group: number, drawn: [...drawn, ...fresh], baseline, compared, sort: null });
}
