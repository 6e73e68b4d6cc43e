// What the page cannot do alone: remember colours and visits, listen to the keyboard, say what changed.
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

  // --- Keyboard: j and k walk the titles, o opens, u votes, s saves, / searches, ? explains ---

  let here = null;

  function walk(step) {
    const papers = [...document.querySelectorAll(".paper:not(details:not([open]) > *)")];
    if (!papers.length) document.querySelector(`.trail [rel=${step > 0 ? "next" : "prev"}]`)?.click();
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
    s: () => current()?.querySelector("a.save, .save button")?.click(),
    "/": () => document.querySelector("#find, .box [type=search]")?.select(),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  addEventListener("keydown", (event) => {
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (busy || event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (!Object.hasOwn(keys, event.key) || (event.key !== "?" && kept.read("keys") === "off")) return;
    event.preventDefault();
    keys[event.key]();
  });

  // --- htmx: fetched when it is first needed. Until it is here every link and form is a plain one ---

  const { htmx } = document.currentScript.dataset;
  let fetched = !htmx; // the page of our own mistakes has none

  function fetchHtmx() {
    if (fetched) return;
    fetched = true;
    const script = Object.assign(document.createElement("script"), { src: htmx });
    // Not between the reading of the page and its end: there htmx would wait for what is over.
    if (document.readyState === "complete") document.head.append(script);
    else addEventListener("load", () => setTimeout(() => document.head.append(script)));
  }

  for (const name of ["pointerover", "focusin"]) {
    addEventListener(name, (event) => {
      if (event.target.closest?.("[data-hx-get], [data-hx-boost]")) fetchHtmx();
    });
  }

  // --- What came since the last visit; who is signed in is told by the site itself ---

  const VISIT = 30 * 60; // seconds of silence that end one
  const now = Math.floor(Date.now() / 1000);
  const visit = { at: Number(kept.read("visit")), before: Number(kept.read("visit-before")) };
  if (now - visit.at > VISIT) kept.write("visit-before", (visit.before = visit.at));
  kept.write("visit", now);

  const onlyNew = new URLSearchParams(location.search).get("since") === "visit";
  if (visit.before) root.dataset.visited = onlyNew ? "filter" : "mark"; // at once, so that nothing jumps

  function markNew() {
    if (!visit.before) return;
    const papers = [...document.querySelectorAll(".paper[data-at]")];
    for (const paper of papers) {
      paper.toggleAttribute("data-new", Number(paper.dataset.at) > visit.before);
    }
    countNew(papers.filter((paper) => paper.hasAttribute("data-new")).length, papers.at(-1));
  }

  // Without a number where more of them may stand on the next page.
  function countNew(number, last) {
    const line = document.querySelector(".since[data-visit]");
    if (!line) return;
    const goesOn = document.querySelector(".pager [rel=next]") && (!onlyNew || last?.hasAttribute("data-new"));
    const count = number || !onlyNew ? number : "Nothing";
    line.querySelector("span").textContent = `${goesOn ? "New" : `${count} new`} since your last visit`;
    line.toggleAttribute("data-shown", Boolean(goesOn || number || onlyNew));
  }

  // --- Clicks, and what htmx cannot know ---

  function say(words) {
    const said = document.getElementById("said");
    if (said) said.textContent = words;
  }

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
    markNew();
    if (document.querySelector("form.vote, [data-hx-trigger^=every]")) fetchHtmx();
    const listening = document.querySelector("[data-keys]");
    if (listening) listening.checked = kept.read("keys") !== "off";
  });

  // --- The reader's own time zone, proposed where a form asks for one ---

  addEventListener("DOMContentLoaded", () => {
    const asked = document.querySelector("select[data-guess-zone]");
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (asked && [...asked.options].some((zone) => zone.value === here)) asked.value = here;
  });

  // Beside a list, at the time of sending, as htmx may have replaced the list with its form. It also
  // makes elements of what stands in <noscript>, and those are sent too.
  addEventListener("submit", (event) => {
    const zone = event.target.querySelector("[data-own-zone]");
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || !here) return;
    for (const select of event.target.querySelectorAll("noscript select")) select.disabled = true;
    Object.assign(zone, { name: "time_zone", value: here });
  });

  // A button that was answered by anything but its like (the session ended) is sent as a page.
  addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.target;
    if (!form.matches?.("form.vote, form.save, form.follow")) return;
    if (event.detail.xhr.responseText.includes(`class="${form.classList[0]}"`)) return;
    event.detail.shouldSwap = false;
    form.submit();
  });

  addEventListener("htmx:load", (event) => {
    const part = event.detail.elt;
    if (!part.matches) return;
    markNew();
    if (part.matches("form.vote")) {
      const button = part.querySelector("button");
      const deed = button.getAttribute("aria-pressed") === "true" ? "Upvoted" : "Vote taken back";
      say(`${deed}: ${button.querySelector("data").value} upvotes`);
    } else if (part.matches("form.save")) {
      say(part.querySelector("[aria-pressed=true]") ? "Saved" : "No longer saved");
    } else if (part.matches("form.follow")) {
      const deeds = { unfollow: "Followed", follow: "No longer followed", unmute: "Muted", mute: "No longer muted" };
      say(deeds[part.querySelector("button").className]);
    }
  });

  // More papers came: go on reading at the first of them.
  let last = null;
  addEventListener("htmx:beforeSwap", (event) => {
    last = event.detail.target.matches?.(".pager") ? event.detail.target.previousElementSibling : null;
  });
  addEventListener("htmx:afterSettle", () => {
    if (!last) return;
    last.nextElementSibling?.querySelector("h2 a")?.focus({ preventScroll: true });
    document.querySelector(".pager [rel=prev]")?.remove(); // it is above, now
    say(document.querySelector(".pager [rel=next]") ? "More papers follow" : "The last papers follow");
    last = null;
  });
})();
