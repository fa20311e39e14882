// Small helps that every page has. Each page works without them.

// "12 minutes ago" stays true while the page is open.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const auto = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const STEPS = [
  ["minute", 60, 60],
  ["hour", 3600, 48],
  ["day", 86400, Infinity],
];

export function ago(moment, now = Date.now()) {
  const seconds = (moment - now) / 1000;
  for (const [unit, length, most] of STEPS) {
    const count = Math.trunc(seconds / length);
    if (count === 0) return auto.format(0, "second");
    if (Math.abs(count) < most) return relative.format(count, unit);
  }
  return "";
}

function refresh() {
  if (document.hidden) return;
  for (const each of document.querySelectorAll("[data-ago]")) {
    each.textContent = ago(Date.parse(each.dataset.ago));
  }
}
setInterval(refresh, 30_000);
document.addEventListener("visibilitychange", refresh);

// A menu closes with Escape, and when the reader turns elsewhere.
const menus = () => document.querySelectorAll("details[data-closes][open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A choice in a filter acts at once; its button is for those without scripts.
document.addEventListener("change", ({ target }) => {
  if (target.matches("form[data-auto] select")) target.form.requestSubmit();
});

if (document.querySelector("[data-live]")) import("./live.js");

document.documentElement.dataset.ready = "page";
