// The sign-in library says what went wrong by this event; say it where the person looks.
document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-trouble]");
  if (place) {
    event.preventDefault();
    place.hidden = false;
    place.focus();
  }
});
