// The map: outlines, shootings, watch zones; news as they come. All of it is in words below.
/* global L */
import { Dots, parse } from "./dots.js";
import { classOf, palette } from "./looks.js";
import { Stream, soon } from "../ui/live.js";

const element = document.getElementById("map");
const set = element.dataset;
const here = document.getElementById("here");
const live = document.getElementById("live");
const filters = new URLSearchParams(location.search);
filters.delete("page");

const map = L.map(element, {
  preferCanvas: true,
  zoomSnap: 0.25,
  maxZoom: 19,
  minZoom: 3,
  wheelPxPerZoomLevel: 90,
});
map.attributionControl.setPrefix(false);
const sides = set.bounds ? set.bounds.split(",").map(Number) : [-180, -60, 180, 70];
map.fitBounds([[sides[1], sides[0]], [sides[3], sides[2]]], { padding: [6, 6] });
if (set.tiles) L.tileLayer(set.tiles, { attribution: set.credit, maxZoom: 19 }).addTo(map);

map.createPane("outlines").style.zIndex = 350;
const outlines = { areas: null, catchments: null, zones: null };
const dots = new Dots().addTo(map);
let data = null;
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
  if (whole || !data) return;
  const zoom = Math.round(map.getZoom());
  const inside = covered?.part.contains(map.getBounds());
  if (inside && (covered.mode === "points" ? zoom >= covered.zoom : zoom === covered.zoom)) return;
  load();
}

function show(found) {
  data = found;
  if (data.mode === "areas") label();
  dots.show(data);
  colour();
  names();
  legend();
  element.dataset.mode = data.mode;
  element.dataset.total = data.total;
  element.dataset.drawn = data.n ?? 0;
}

function label() {
  const features = outlines.areas?.toGeoJSON().features ?? [];
  data.labels = features
    .map(({ properties }) => ({ at: properties.at, count: data.areas[properties.code] ?? 0 }))
    .filter(({ count }) => count);
}

function told() {
  const words = document.getElementById("drawn");
  words.textContent = data.mode === "points" ? set.wordPoints.replace("%", data.n) : "";
}

function legend() {
  told();
  const scale = document.getElementById("scale");
  const counts = data.mode !== "points";
  scale.hidden = !counts;
  for (const part of document.querySelectorAll('.legend [data-mode="points"]')) part.hidden = counts;
  if (!counts) return;
  const begins = data.classes;
  const swatches = begins.map((begin, i) => {
    const swatch = document.createElement("span");
    const last = begins[i + 1] === undefined ? null : begins[i + 1] - 1;
    swatch.className = `swatch swatch-${classOf(begin, begins) + 1}`;
    swatch.textContent = last === null ? `${begin} +` : last === begin ? `${begin}` : `${begin}–${last}`;
    return swatch;
  });
  scale.replaceChildren(scale.firstElementChild, ...swatches);
}

// Outlines

async function json(url) {
  const answer = await fetch(url);
  return answer.ok ? answer.json() : null;
}

function colour() {
  const colours = palette();
  outlines.areas?.setStyle(({ properties }) => {
    const count = data?.mode === "areas" ? data.areas[properties.code] : 0;
    return {
      color: colours.line,
      weight: 1,
      fill: true,
      fillColor: count ? colours.seq[classOf(count, data.classes)][0] : colours.paper,
      fillOpacity: set.tiles ? (count ? 0.6 : 0) : 1,
    };
  });
  const dashed = { color: colours.accent, weight: 2, dashArray: "6 4", fill: false };
  outlines.catchments?.setStyle(dashed);
  outlines.zones?.setStyle({ ...dashed, color: colours.due, dashArray: "2 5", weight: 2.5 });
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
  const lay = (name, found, choices) => {
    outlines[name]?.remove();
    outlines[name] = found && L.geoJSON(found, { pane: "outlines", ...choices }).addTo(map);
  };
  lay("areas", areas, { interactive: false });
  lay("catchments", catchments, { interactive: false, onEachFeature: named });
  if (data?.mode === "areas") {
    label();
    dots.draw();
  }
  colour();
  names();
  element.dataset.outlines = zoom;
}

function named({ properties }, layer) {
  layer.bindTooltip(properties.name, { permanent: true, direction: "center", opacity: 0.9 });
}

function names() {
  const close = map.getZoom() >= 12 && data?.mode !== "areas";
  outlines.catchments?.eachLayer((layer) => (close ? layer.openTooltip() : layer.closeTooltip()));
}

async function zones() {
  if (!set.zones) return;
  const found = await json(set.zones);
  outlines.zones?.remove();
  outlines.zones = L.layerGroup(
    (found?.zones ?? []).map((zone) =>
      L.circle([zone.lat, zone.lon], { radius: zone.radius_m, interactive: false, pane: "outlines" }),
    ),
  ).addTo(map);
  outlines.zones.setStyle = (style) => outlines.zones.eachLayer((layer) => layer.setStyle(style));
  document.getElementById("zone-key").hidden = !found?.zones.length;
  document.getElementById("zone-says").textContent = found?.zones.length ? found.says : "";
  colour();
}

// What lies at a place

async function open(place) {
  const corner = map.latLngToContainerPoint(place);
  const part = L.latLngBounds(
    map.containerPointToLatLng(corner.subtract([12, 12])),
    map.containerPointToLatLng(corner.add([12, 12])),
  );
  const asked = new URLSearchParams(filters);
  for (const side of ["West", "South", "East", "North"]) {
    asked.set(side.toLowerCase(), part[`get${side}`]().toFixed(6));
  }
  const answer = await fetch(`${set.here}?${asked}`, { cache: "no-store" });
  if (!answer.ok) return;
  here.innerHTML = await answer.text();
  here.hidden = false;
  const close = here.querySelector("[data-close]");
  close.addEventListener("click", shut);
  close.focus({ preventScroll: true });
}

function shut() {
  if (here.hidden) return;
  here.hidden = true;
  element.focus({ preventScroll: true });
}

map.on("click", (event) => {
  if (data?.mode === "cells") {
    map.setView(event.latlng, Math.round(map.getZoom()) + 2);
    return;
  }
  const found = set.here ? dots.nearest(event.containerPoint) : -1;
  if (found >= 0) open(dots.place(found));
  else shut();
});
document.getElementById("map-box").addEventListener("keydown", (event) => {
  if (event.key === "Escape") shut();
});
let looked = 0;
map.on("mousemove", (event) => {
  if (!set.here || event.originalEvent.timeStamp - looked < 60) return;
  looked = event.originalEvent.timeStamp;
  const over = data?.mode === "cells" || dots.nearest(event.containerPoint) >= 0;
  element.classList.toggle("map-pressable", over);
});

document.getElementById("list").addEventListener("click", (event) => {
  const row = event.target.closest("[data-go]")?.closest("[data-lon]");
  if (!row) return;
  event.preventDefault();
  const place = [Number(row.dataset.lat), Number(row.dataset.lon)];
  map.setView(place, Math.max(map.getZoom(), 15));
  document.getElementById("map-box").scrollIntoView({ block: "nearest" });
  if (set.here) open(L.latLng(place));
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

function say(words) {
  live.textContent = words;
}

const refresh = soon(() => {
  load();
  list();
  zones();
});
const stream = new Stream(set.stream, set.seq);
stream.addEventListener("change", ({ detail }) => {
  if (!detail.kind.startsWith("incident.")) return;
  const time = new Date(detail.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const fresh = detail.kind === "incident.reported" || detail.kind === "incident.confirmed";
  say(`${time} · ${fresh ? set.wordNew : set.wordChanged}`);
  refresh();
});
stream.addEventListener("lost", () => say(set.wordLost));
stream.addEventListener("back", ({ detail }) => {
  if (!detail.fresh) say(set.wordBack);
  refresh();
});

map.on("moveend", moved);
map.on("zoomend", () => {
  outline();
  names();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  dots.show(data);
  colour();
});
setInterval(load, 60_000); // "the last hours" move with the clock
await Promise.all([load(), outline(), zones()]);
document.documentElement.dataset.ready = "map";
