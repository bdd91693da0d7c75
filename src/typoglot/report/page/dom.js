"use strict";
// Elements and formats. All texts are set as texts: nothing that a run contains is ever read as HTML.

function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function choice(label, options, chosen, change, attributes = {}) {
  const select = make("select", { onchange: () => change(options[select.selectedIndex].value), ...attributes });
  for (const { value, text, disabled } of options) {
    select.append(make("option", { selected: value === chosen, disabled }, text));
  }
  return make("label", { class: attributes.class ?? "" }, label, select);
}

function buttons(label, options, chosen, change) {
  const group = make("div", { class: "group", role: "group", "aria-label": label });
  for (const { value, text } of options) {
    group.append(make("button", { type: "button", "aria-pressed": String(value === chosen), onclick: () => change(value) }, text));
  }
  return group;
}

function check(label, checked, change) {
  const box = make("input", { type: "checkbox", checked, onchange: () => change(box.checked) });
  return make("label", { class: "check" }, box, label);
}

// Numbers: rounded as Python does, so that the page and the terminal agree; a minus that is one, a dash for what is not known.
const formats = [0, 1, 2, 3, 4, 5, 6].map((digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfEven", useGrouping: false, signDisplay: "negative" }));

function fixed(value, digits = 1) {
  return value === null || Number.isNaN(value) ? "–" : formats[Math.min(6, digits)].format(value).replace("-", "−");
}

function signed(value, digits = 1) {
  if (value === null || Number.isNaN(value)) return "–";
  const text = fixed(value, digits);
  return value > 0 && Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

function short(value) {
  return Number(value.toPrecision(6)).toString().replace("-", "−");
}

function chance(p) {
  return p === null ? "–" : p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}

function seconds(value) {
  if (value < 600) return `${value.toFixed(1)} s`;
  return value < 5400 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`;
}
