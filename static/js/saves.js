// What a reader without an account saves is kept in this browser, until they sign in.
(() => {
  "use strict";

  const MAX_KEYS = 1000; // as in library/views/browser_saves.py

  // The keys of the saved papers, the newest last.
  function savedHere() {
    try {
      const keys = JSON.parse(localStorage.getItem("saved"));
      return Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
    } catch {
      return []; // storage is refused, or something else wrote there
    }
  }

  function keep(keys) {
    try {
      if (keys.length) localStorage.setItem("saved", JSON.stringify(keys.slice(-MAX_KEYS)));
      else localStorage.removeItem("saved");
      return true;
    } catch {
      return false;
    }
  }

  function mark() {
    const keys = savedHere();
    for (const link of document.querySelectorAll("a.save")) {
      link.setAttribute("role", "button");
      link.setAttribute("aria-pressed", keys.includes(link.dataset.key));
    }
    const way = document.querySelector("[data-saved-here]");
    if (!way) return;
    way.hidden = !keys.length;
    way.querySelector("data").textContent = keys.length;
  }

  function toggle(link) {
    const key = link.dataset.key;
    const others = savedHere().filter((other) => other !== key);
    const saved = link.getAttribute("aria-pressed") !== "true";
    if (!keep(saved ? [...others, key] : others)) return false; // the link leads to sign in
    mark();
    const said = document.getElementById("said");
    said.textContent = saved ? "Saved in this browser" : "No longer saved";
    return true;
  }

  async function handOver() {
    const form = document.getElementById("saved-here");
    const keys = savedHere();
    if (!form || !keys.length) return;
    form.elements.keys.value = keys.join(" ");
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (response.status !== 204) return; // they stay here; the next page tries again
    keep(savedHere().filter((key) => !keys.includes(key)));
    location.replace(location.href);
  }

  addEventListener("click", (event) => {
    const link = event.target.closest("a.save");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (toggle(link)) event.preventDefault();
  });

  // A button is pressed by the space bar too.
  addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("a.save")) return;
    event.preventDefault();
    event.target.click();
  });

  addEventListener("htmx:load", mark); // more rows came
  mark();
  handOver();
})();
