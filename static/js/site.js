// What the page cannot do alone: remember the colours, and listen to the keyboard.
(() => {
  "use strict";

  const root = document.documentElement;
  const kept = {
    read(name) {
      try {
        return localStorage.getItem(name);
      } catch {
        return null; // storage is refused: the choice lives as long as the page
      }
    },
    write(name, value) {
      try {
        localStorage.setItem(name, value);
      } catch {}
    },
  };

  // --- Colours: set at once, before anything is drawn ---

  const themes = { auto: "as the system", light: "light", dark: "dark" };
  const theme = kept.read("theme");
  root.dataset.theme = theme in themes ? theme : "auto";

  function labelTheme() {
    document.querySelector(".theme")?.setAttribute("aria-label", `Colours: ${themes[root.dataset.theme]}`);
  }

  function nextTheme() {
    const names = Object.keys(themes);
    root.dataset.theme = names[(names.indexOf(root.dataset.theme) + 1) % names.length];
    kept.write("theme", root.dataset.theme);
    labelTheme();
  }

  // --- Keyboard: j and k walk the titles, o opens, u votes, ? explains ---

  let here = null;

  function walk(step) {
    const papers = [...document.querySelectorAll(".paper")];
    const now = papers.indexOf(current());
    const paper = papers[Math.max(0, Math.min(papers.length - 1, now < 0 ? 0 : now + step))];
    if (!paper) return;
    here = paper;
    paper.querySelector("h2 a").focus({ preventScroll: true });
    paper.scrollIntoView({ block: "nearest" });
  }

  function current() {
    const paper = document.activeElement?.closest(".paper") ?? here;
    return paper?.isConnected ? paper : document.querySelector(".sheet");
  }

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    o: () => current()?.querySelector(".abstract details")?.toggleAttribute("open"),
    u: () => current()?.querySelector("a.vote, .vote button")?.click(),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  addEventListener("keydown", (event) => {
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (busy || event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (!Object.hasOwn(keys, event.key) || (event.key !== "?" && kept.read("keys") === "off")) return;
    event.preventDefault();
    keys[event.key]();
  });

  // --- Clicks, and what htmx cannot know ---

  addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.matches(".theme")) nextTheme();
    if (button?.dataset.opens) document.getElementById(button.dataset.opens).showModal();
    if (button?.matches("[data-closes]")) button.closest("dialog").close();
  });

  addEventListener("change", (event) => {
    if (event.target.matches("[data-keys]")) kept.write("keys", event.target.checked ? "on" : "off");
  });

  addEventListener("DOMContentLoaded", () => {
    labelTheme();
    const listening = document.querySelector("[data-keys]");
    if (listening) listening.checked = kept.read("keys") !== "off";
  });

  // --- The reader's own time zone, proposed where a form asks for one ---

  addEventListener("DOMContentLoaded", () => {
    const asked = document.querySelector("select[data-guess-zone]");
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (asked && [...asked.options].some((zone) => zone.value === here)) asked.value = here;
  });

  // A vote that was answered by anything but a vote (the session ended) is sent as a page.
  addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.target;
    if (!form.matches?.("form.vote") || event.detail.xhr.responseText.includes('class="vote"')) return;
    event.detail.shouldSwap = false;
    form.submit();
  });
})();
