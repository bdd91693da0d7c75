// The page's data: numbers come packed as 32-bit integers (millionths) and are unpacked when first asked for.

const data = JSON.parse(document.getElementById("data").textContent);
const unpacked = new WeakMap();
const UNKNOWN = -(2 ** 31);
const TOGETHER = ["all", "macro"]; // no languages, but several of them

function unpack(owner, key, text) {
  const kept = unpacked.get(owner) ?? unpacked.set(owner, {}).get(owner);
  kept[key] ??= new Int32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  return kept[key];
}

// In percent, or points: null where it is not known.
function percent(whole) {
  return whole === undefined || whole === UNKNOWN ? null : whole / 10000;
}

// A row's value and interval at a rate, or null.
function score(group, row, language, measure, rate) {
  const at = [group.languages.indexOf(language), group.measures.indexOf(measure), rate];
  if (at.includes(-1)) return null;
  const values = unpack(row, "values", row.values);
  const start = (at[0] * group.measures.length + at[1]) * group.rates.length + at[2];
  const found = interval(values, start * 3);
  return found && row.each.length ? { ...found, each: eachOf(row, start) } : found;
}

// The values of a row's runs, where it is the mean of several: the lowest first.
function eachOf(row, place) {
  return row.each.map((text, i) => percent(unpack(row, `each${i}`, text)[place])).sort((a, b) => a - b);
}

function interval(values, start) {
  const [value, low, high] = [0, 1, 2].map((i) => percent(values[start + i]));
  return value === null ? null : { value, low, high };
}

function curve(group, row, language, measure) {
  return group.rates
    .map((rate, i) => ({ x: rate, ...score(group, row, language, measure, i) }))
    .filter((point) => point.value !== undefined);
}

function loss(group, row, language, measure, rate) {
  const clean = group.rates[0] === 0 ? score(group, row, language, measure, 0) : null;
  const typos = score(group, row, language, measure, rate);
  return clean && typos ? { value: clean.value - typos.value, clean: clean.value, share: clean.value ? (100 * (clean.value - typos.value)) / clean.value : null } : null;
}

// What is compared: scores at each rate, then losses from clean to each rate above 0.
function comparisons(group) {
  return [
    ...group.rates.map((rate, i) => ({ text: `score at rate ${rate}`, loss: false, rate, at: i })),
    ...group.tests.losses.map((rate, i) => ({ text: `loss from clean to rate ${rate}`, loss: true, rate, at: group.rates.length + i })),
  ];
}

// A row minus the baseline, tested; null where it was not.
function difference(group, row, baseline, language, measure, at) {
  const name = `${language} ${measure}`;
  const text = group.tests.found[name];
  const place = group.tests.baselines.indexOf(baseline);
  if (text === undefined || place < 0 || row === baseline) return null;
  const values = unpack(group.tests, name, text);
  const columns = group.rates.length + group.tests.losses.length;
  const start = ((place * group.rows.length + row) * columns + at) * 4;
  const found = interval(values, start);
  const p = values[start + 3];
  return found && { ...found, p: p === UNKNOWN ? null : p / 1e6 };
}

// The runs of some rows, each once, as numbers: several of a row that is their mean.
function runsOf(rows) {
  return [...new Set(rows.flatMap((row) => row.runs))];
}

function languageName(code) {
  return data.languages[code] ?? code;
}

function isLow(row, language, measure) {
  return (row.low[measure] ?? []).includes(language);
}
