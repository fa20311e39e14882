// The panel that says in words what lies at a place of the map.
/* global L */

const NEAR = 12; // pixels around the place

export class Here {
  #box = document.getElementById("here");

  constructor(map, path, filters) {
    this.map = map;
    this.path = path;
    this.filters = filters;
  }

  async open(place) {
    const corner = this.map.latLngToContainerPoint(place);
    const part = L.latLngBounds(
      this.map.containerPointToLatLng(corner.subtract([NEAR, NEAR])),
      this.map.containerPointToLatLng(corner.add([NEAR, NEAR])),
    );
    const asked = new URLSearchParams(this.filters);
    for (const side of ["West", "South", "East", "North"]) {
      asked.set(side.toLowerCase(), part[`get${side}`]().toFixed(6));
    }
    const answer = await fetch(`${this.path}?${asked}`, { cache: "no-store" });
    if (!answer.ok) return;
    this.#box.innerHTML = await answer.text();
    this.#box.querySelector(".list").append(...this.#also(place, part));
    this.#box.hidden = false;
    this.#uncover(place);
    const close = this.#box.querySelector("[data-close]");
    close.addEventListener("click", () => this.shut());
    close.focus({ preventScroll: true });
  }

  // On a phone the panel lies over the lower part of the map.
  #uncover(place) {
    const { width, height } = this.#box.getBoundingClientRect();
    if (width < this.map.getSize().x * 0.8) return;
    this.map.panInside(place, { padding: [24, 24], paddingBottomRight: [24, height + 24] });
  }

  // Responses at the place, and watch zones that hold it, as the lists below have them.
  #also(place, part) {
    const rows = [...document.querySelectorAll("[data-words] [data-lon]")];
    const lies = ({ dataset }) => {
      const at = L.latLng(Number(dataset.lat), Number(dataset.lon));
      if (dataset.radius) return this.map.distance(at, place) <= Number(dataset.radius);
      return part.contains(at);
    };
    return rows.filter(lies).map((row) => {
      const copy = row.cloneNode(true);
      copy.querySelector("[data-go]")?.remove();
      return copy;
    });
  }

  shut() {
    if (this.#box.hidden) return;
    this.#box.hidden = true;
    document.getElementById("map").focus({ preventScroll: true });
  }
}
