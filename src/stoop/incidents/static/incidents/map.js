// The map: outlines, shootings, watch zones, responses; news as they come. All of it is in words
// below: what is drawn of zones and responses is read from those words.
/* global L */
import { Dots, parse } from "./dots.js";
import { Ground } from "./ground.js";
import { Here } from "./here.js";
import { classOf } from "./looks.js";
import { Sheet } from "./sheet.js";
import { Stream, soon } from "../ui/live.js";

const element = document.getElementById("map");
const set = element.dataset;
const live = document.getElementById("live");
const filters = new URLSearchParams(location.search);
filters.delete("page");

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const map = L.map(element, {
  zoomSnap: 0.25,
  maxZoom: 19,
  minZoom: 3,
  wheelPxPerZoomLevel: 90,
  zoomAnimation: !still,
  inertia: !still,
  zoomControl: false,
});
L.control.zoom({ zoomInTitle: set.wordIn, zoomOutTitle: set.wordOut }).addTo(map);
map.attributionControl.setPrefix(false);
const sides = set.bounds ? set.bounds.split(",").map(Number) : [-180, -60, 180, 70];
map.fitBounds([[sides[1], sides[0]], [sides[3], sides[2]]], { padding: [6, 6] });
if (set.tiles) L.tileLayer(set.tiles, { attribution: set.credit, maxZoom: 19 }).addTo(map);

const ground = new Ground();
ground.tiles = Boolean(set.tiles);
const under = new Sheet("ground", (pen, frame) => ground.paint(pen, frame)).addTo(map);
const dots = new Dots();
const over = new Sheet("dots", (pen, frame) => dots.paint(pen, frame)).addTo(map);
let mark = "";
let whole = true; // the answer holds the whole city, so moving asks nothing
let covered = null; // else the part that it holds, and for which zoom

// Shootings

function question() {
  const asked = new URLSearchParams(filters);
  asked.set("zoom", Math.round(map.getZoom()));
  if (whole) return [asked, null];
  const part = map.getBounds().pad(0.5);
  asked.set("west", Math.max(-180, part.getWest()).toFixed(4));
  asked.set("south", Math.max(-85, part.getSouth()).toFixed(4));
  asked.set("east", Math.min(180, part.getEast()).toFixed(4));
  asked.set("north", Math.min(85, part.getNorth()).toFixed(4));
  return [asked, part];
}

let running = null;
async function load() {
  running?.abort();
  running = new AbortController();
  const [asked, part] = question();
  const url = `${set.incidents}?${asked}`;
  try {
    const answer = await fetch(url, {
      signal: running.signal,
      cache: "no-store",
      headers: mark.startsWith(url) ? { "If-None-Match": mark.slice(url.length + 1) } : {},
    });
    if (answer.status === 304 || !answer.ok) return;
    const found = parse(await answer.arrayBuffer());
    mark = `${url} ${answer.headers.get("ETag")}`;
    if (whole && found.mode === "cells") whole = false;
    covered = part && { part, zoom: Math.round(map.getZoom()), mode: found.mode };
    show(found);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

function moved() {
  if (whole || !dots.data) return;
  const zoom = Math.round(map.getZoom());
  const inside = covered?.part.contains(map.getBounds());
  if (inside && (covered.mode === "points" ? zoom >= covered.zoom : zoom === covered.zoom)) return;
  load();
}

function show(found) {
  dots.show(found);
  const counts = found.mode === "areas" ? found : null;
  if (counts) label();
  if (counts || ground.counts) {
    ground.counts = counts;
    under.draw();
  }
  over.draw();
  legend(found);
  element.dataset.mode = found.mode;
  element.dataset.total = found.total;
  element.dataset.drawn = found.n ?? 0;
}

function label() {
  const { areas } = dots.data;
  dots.data.labels = ground.areas
    .map(({ at, code }) => ({ at, count: areas[code] ?? 0 }))
    .filter(({ count }) => count);
}

function legend({ mode, n, classes }) {
  const points = mode === "points";
  const words = document.getElementById("drawn");
  words.textContent = points ? set.wordPoints.replace("%", n) : "";
  const scale = document.getElementById("scale");
  scale.hidden = points;
  for (const part of document.querySelectorAll('.legend [data-mode="points"]')) part.hidden = !points;
  if (points) return;
  const swatches = classes.map((begin, i) => {
    const swatch = document.createElement("span");
    const last = classes[i + 1] === undefined ? null : classes[i + 1] - 1;
    swatch.className = `swatch swatch-${classOf(begin, classes) + 1}`;
    swatch.textContent = last === null ? `${begin} +` : last === begin ? `${begin}` : `${begin}–${last}`;
    return swatch;
  });
  scale.replaceChildren(scale.firstElementChild, ...swatches);
}

// Layers

async function json(url) {
  const answer = await fetch(url);
  return answer.ok ? answer.json() : null;
}

let fine = 0;
async function outline() {
  const zoom = Math.min(16, Math.ceil(map.getZoom() / 2) * 2);
  if (zoom <= fine) return;
  fine = zoom;
  const [areas, catchments] = await Promise.all(
    [set.areas, set.catchments].map((url) => (url ? json(`${url}?zoom=${zoom}`) : null)),
  );
  if (zoom < fine) return;
  ground.lay("areas", areas);
  ground.lay("catchments", catchments);
  if (dots.data?.mode === "areas") {
    label();
    over.draw();
  }
  under.draw();
  element.dataset.outlines = zoom;
}

// A part of the page in words, made by the server; what it names with a place is drawn.
async function words(part) {
  const asked = { headers: { "HX-Request": "true" }, cache: "no-store" };
  const answer = await fetch(part.dataset.words, asked);
  if (!answer.ok || part.contains(document.activeElement)) return;
  const open = part.querySelector("details")?.open;
  part.innerHTML = await answer.text();
  if (open) part.querySelector("details").open = true;
  const layer = part.dataset.layer;
  ground[layer] = [...part.querySelectorAll("[data-lon]")].map(({ dataset }) => ({
    lon: Number(dataset.lon),
    lat: Number(dataset.lat),
    radius: Number(dataset.radius),
    look: dataset.look,
  }));
  under.draw();
  element.dataset[layer] = ground[layer].length;
}

const told = [...document.querySelectorAll("[data-words]")];

document.querySelector(".legend").addEventListener("change", ({ target }) => {
  ground.off[target.checked ? "delete" : "add"](target.dataset.show);
  under.draw();
});

// What lies at a place

const here = new Here(map, set.here, filters);
// While the map glides this speaks of where it will come to rest.
function answer(at) {
  if (dots.data?.mode === "cells") {
    map.setView(map.containerPointToLatLng(at), Math.round(map.getZoom()) + 2);
    return;
  }
  const found = set.here ? dots.nearest(map, at) : -1;
  const place = found >= 0 ? dots.place(map, found) : ground.responseAt(map, at);
  if (place) here.open(place);
  else here.shut();
}

map.on("click", ({ containerPoint }) => answer(containerPoint));
element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target === element) answer(map.getSize().divideBy(2));
});
document.getElementById("map-box").addEventListener("keydown", ({ key }) => {
  if (key === "Escape") here.shut();
});
let looked = 0;
map.on("mousemove", ({ originalEvent, containerPoint }) => {
  if (!set.here || originalEvent.timeStamp - looked < 60) return;
  looked = originalEvent.timeStamp;
  const found = dots.data?.mode === "cells" || dots.nearest(map, containerPoint) >= 0;
  element.classList.toggle("map-pressable", found);
});

document.getElementById("main").addEventListener("click", (event) => {
  const row = event.target.closest("[data-go]")?.closest("[data-lon]");
  if (!row) return;
  event.preventDefault();
  const place = L.latLng(Number(row.dataset.lat), Number(row.dataset.lon));
  map.setView(place, Math.max(map.getZoom(), 15), { animate: false });
  document.getElementById("map-box").scrollIntoView({ block: "nearest" });
  if (set.here) here.open(place);
});

// News

async function list() {
  const part = document.getElementById("list");
  const box = part.getBoundingClientRect();
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" }, cache: "no-store" });
  if (!answer.ok) return;
  const fresh = document.createElement("div");
  fresh.innerHTML = await answer.text();
  // What stands under the eye stays there: only the count changes, the rest waits to be out of it.
  const counts = fresh.querySelector("#counts");
  document.getElementById("counts")?.replaceWith(counts ?? "");
  const away = box.top > window.innerHeight || box.bottom < 0;
  if (away || document.hidden) part.replaceChildren(...fresh.childNodes);
  else pending = fresh;
}
let pending = null;
new IntersectionObserver(([entry]) => {
  if (entry.isIntersecting || !pending) return;
  document.getElementById("list").replaceChildren(...pending.childNodes);
  pending = null;
}).observe(document.getElementById("list"));

// The city's clock, written as everywhere in the house, whatever the telephone is set to.
const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: set.zone,
  numberingSystem: "latn",
});

const refresh = soon(() => {
  load();
  list();
  told.forEach(words);
});
const stream = new Stream(set.stream, set.seq);
stream.addEventListener("change", ({ detail }) => {
  if (detail.kind.startsWith("response.")) refresh();
  if (!detail.kind.startsWith("incident.")) return;
  const fresh = detail.kind === "incident.reported" || detail.kind === "incident.confirmed";
  live.textContent = `${clock.format(new Date(detail.at))} · ${fresh ? set.wordNew : set.wordChanged}`;
  refresh();
});
stream.addEventListener("lost", () => (live.textContent = set.wordLost));
stream.addEventListener("back", ({ detail }) => {
  if (!detail.fresh) live.textContent = set.wordBack;
  refresh();
});

map.on("moveend", moved);
map.on("zoomend", outline);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  dots.show(dots.data);
  under.draw();
  over.draw();
});
setInterval(load, 60_000); // "the last hours" move with the clock
await Promise.allSettled([load(), outline(), ...told.map(words)]);
document.documentElement.dataset.ready = "map";
