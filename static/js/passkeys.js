/* Shows on the page why a passkey was not used: allauth's script only logs it. */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const reason = event.detail.exception?.name;
  const place = document.querySelector("[data-passkey-error]");
  place.textContent =
    reason === "SecurityError"
      ? "Your browser allows passkeys only over https, or on localhost."
      : reason === "InvalidStateError"
        ? "This device has a passkey for your account already."
        : "No passkey was used. Try again, or go on without one.";
  place.hidden = false;
});
