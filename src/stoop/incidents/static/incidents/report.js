// The phone's own place, for whoever stands there. The form works without it.
const block = document.querySelector(".here");
if (block && !(navigator.geolocation && window.isSecureContext)) {
  block.hidden = true;
} else if (block) {
  const button = block.querySelector("[data-here]");
  const said = block.querySelector("[data-said]");
  button.addEventListener("click", () => {
    said.textContent = "…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        document.querySelector("[name=lon]").value = coords.longitude.toFixed(6);
        document.querySelector("[name=lat]").value = coords.latitude.toFixed(6);
        document.querySelector(".coordinates").open = true;
        said.textContent = `± ${Math.round(coords.accuracy)} m`;
      },
      () => {
        said.textContent = "✕";
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  });
}
