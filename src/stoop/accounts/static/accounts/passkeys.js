// A passkey needs a script to talk to the phone or key: only with one are its buttons shown.
for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;

// The sign-in library says what went wrong by this event; say it where the person looks.
document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-trouble]");
  if (place) {
    event.preventDefault();
    place.hidden = false;
    place.focus();
  }
});
