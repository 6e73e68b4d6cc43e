// Buttons that copy a citation or an address, or share a page; hidden where the browser cannot.
(() => {
  "use strict";

  const said = document.getElementById("copied");

  function say(button, words) {
    const label = button.textContent;
    said.textContent = words;
    button.textContent = words;
    setTimeout(() => (button.textContent = label), 2000);
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(source.textContent);
      say(button, "Copied");
    } catch {
      getSelection().selectAllChildren(source); // refused: the reader's own copy works
      say(button, "Selected");
    }
  }

  async function copyLink(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copiesLink);
      say(button, "Copied");
    } catch {
      say(button, "Not allowed by the browser");
    }
  }

  async function share(button) {
    try {
      await navigator.share({ title: button.dataset.title, url: button.dataset.shares });
    } catch {} // the reader closed the sheet
  }

  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
  for (const button of document.querySelectorAll("[data-shares]")) {
    button.hidden = !navigator.share;
    button.addEventListener("click", () => share(button));
  }
  for (const button of document.querySelectorAll("[data-copies-link]")) {
    button.hidden = Boolean(navigator.share); // whose sheet can copy it too
    button.addEventListener("click", () => copyLink(button));
  }
})();
