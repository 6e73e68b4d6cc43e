// The desk's keyboard, its dialogs, dragging, and where the focus goes after an action. Without this
// script every button is a plain form.
(() => {
  "use strict";

  const dialog = document.getElementById("desk-dialog");
  let count = ""; // the number typed before a key: 3 l lists at the third place
  let here = null; // the id of the row that had the focus, and its place in its list

  // --- Rows ---

  const rowsOf = (list) => [...(list?.querySelectorAll(".desk-row:not([hidden])") ?? [])];
  const lists = () => ["queue-rows", "day-rows"].map((id) => document.getElementById(id));

  function current() {
    return document.activeElement?.closest(".desk-row") ?? document.getElementById(here?.id ?? "");
  }

  function focus(row) {
    if (!row) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest(".desk-row");
    if (row) here = { id: row.id, list: row.parentElement.id, place: rowsOf(row.parentElement).indexOf(row) };
  });

  function walk(step) {
    const row = current();
    const rows = rowsOf(row?.parentElement ?? lists()[0]);
    const place = rows.indexOf(row);
    focus(rows[place < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, place + step))]);
    if (step > 0 && place === rows.length - 1) document.querySelector("#more a")?.click();
  }

  function restore() {
    if (!here || dialog.open || document.activeElement !== document.body) return;
    const row = document.getElementById(here.id);
    const rows = rowsOf(document.getElementById(here.list));
    const next = row && !row.hidden ? row : rows[Math.min(here.place, rows.length - 1)];
    next?.focus({ preventScroll: true }); // it stands where the other one stood
  }

  // --- One request after the other: what is pressed meanwhile waits, and finds the focus moved on ---

  let busy = false;
  const waiting = [];

  function whenFree(step) {
    if (busy) waiting.push(step);
    else step();
  }

  function post(form, fields) {
    const values = new FormData(form);
    for (const [name, value] of Object.entries(fields)) values.set(name, value);
    busy = true;
    htmx.ajax("POST", form.action, { source: document.body, swap: "none", values }).finally(() =>
      requestAnimationFrame(() => {
        busy = false;
        restore();
        while (!busy && waiting.length) waiting.shift()();
      }),
    );
  }

  document.addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter } = event;
      if (!form.matches("#queue-form, #day-form, #undo-form, .desk-ask-form, .desk-pair")) return;
      event.preventDefault();
      whenFree(() => post(form, submitter?.name ? { [submitter.name]: submitter.value } : {}));
    },
    true,
  );

  // --- Keys. Caught before the theme hears them: it takes "t" for its search ---

  function press(key) {
    const row = current();
    const form = row?.closest("form") ?? document.getElementById("queue-form");
    const ticked = form.querySelector("[name=paper]:checked");
    const button = (ticked ? form.querySelector(".desk-tools") : row)?.querySelector(`[data-key="${key}"]`);
    if (button?.href) button.click(); // a dialog that is no action: notes
    else if (button) post(form, { do: button.value, place: key === "l" ? count : "" });
  }

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    ArrowLeft: () => focus(rowsOf(lists()[0])[0]),
    ArrowRight: () => focus(rowsOf(lists()[1])[0]),
    x: () => current()?.querySelector("[name=paper]").click(),
    o: () => current()?.querySelector("details")?.toggleAttribute("open"),
    u: () => post(document.getElementById("undo-form"), {}),
    "?": () => document.getElementById("desk-keys").showModal(),
  };
  for (const key of "lpshtmnqJK") keys[key] = () => press(key);
  const isDigit = (key) => /^[0-9]$/.test(key);

  addEventListener(
    "keydown",
    (event) => {
      const { key, target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (target.matches?.("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])")) return;
      if (!Object.hasOwn(keys, key) && !isDigit(key)) return;
      if (document.querySelector("dialog[open]") && !isDigit(key)) return event.stopImmediatePropagation();
      event.preventDefault();
      event.stopImmediatePropagation();
      whenFree(() => {
        if (dialog.open) return answer(key);
        if (isDigit(key)) return void (count = (count + key).slice(-3));
        keys[key]();
        count = "";
      });
    },
    true,
  );

  // In a dialog a digit takes that choice; a reason that needs no words is sent at once.
  function answer(key) {
    const choice = dialog.querySelectorAll("[type=radio], [type=checkbox]")[Number(key) - 1];
    if (!isDigit(key) || !choice) return;
    choice.click();
    choice.focus();
    if (choice.type !== "radio") return;
    if (choice.value === "other") dialog.querySelector("[name=words]")?.focus();
    else choice.form.requestSubmit();
  }

  // --- Dialogs and what comes back from the server ---

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "desk-dialog-body") return;
    if (!dialog.open) dialog.showModal();
    const fields = "[autofocus], [type=radio]:checked, [type=radio], [type=checkbox], button";
    dialog.querySelector(fields)?.focus();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const kept = event.detail.xhr.getResponseHeader("HX-Retarget") === "#desk-dialog-body";
    if (!kept && dialog.open) dialog.close();
  });

  document.addEventListener("htmx:afterSettle", restore);
  document.addEventListener("htmx:oobAfterSwap", () => {
    changeDay();
    requestAnimationFrame(restore);
  });

  // The server sends the rows of the day that changed, and the order of all: the others stay as they
  // are, with their ticks. A row that is not here was listed by another curator: the day is loaded anew.
  function changeDay() {
    const changes = document.getElementById("day-changes");
    const list = lists()[1];
    if (changes.dataset.order === undefined) return;
    const order = changes.dataset.order.split(" ").filter(Boolean);
    delete changes.dataset.order;
    for (const row of [...changes.children]) {
      list.querySelector(`#${row.id}`)?.remove();
      list.append(row);
    }
    const rows = order.map((key) => list.querySelector(`#listed-${key}`));
    if (rows.includes(null)) return void document.querySelector("#desk-tabs [aria-current]").click();
    rows.forEach((row, place) => {
      if (list.children[place] !== row) list.insertBefore(row, list.children[place]);
    });
    while (list.children.length > rows.length) list.lastElementChild.remove();
  }

  dialog.addEventListener("close", () => requestAnimationFrame(restore));
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close]")) return;
    event.preventDefault();
    dialog.close();
  });

  // A paper that comes back to the queue without a row here stands at its head.
  document.addEventListener("htmx:oobErrorNoTarget", (event) => {
    const row = event.detail.content?.querySelector?.(".desk-row") ?? event.detail.content;
    if (row?.classList?.contains("desk-row")) document.getElementById("queue-rows").prepend(row);
  });

  function failed() {
    const status = document.getElementById("desk-status");
    status.className = "desk-status desk-error";
    status.textContent = "The site did not answer. Nothing was changed; try again.";
  }
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);

  // --- Dragging: onto a row of the day means its place, onto the day its end, onto the queue back ---

  let dragged = null;
  const target = (event) => event.target.closest?.("#day-rows .desk-row, #day-form, #queue");

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".desk-row") ?? null;
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    if (!dragged || !target(event)) return;
    event.preventDefault();
    document.querySelector(".desk-over")?.classList.remove("desk-over");
    target(event).classList.add("desk-over");
  });
  document.addEventListener("dragend", () => {
    document.querySelector(".desk-over")?.classList.remove("desk-over");
    dragged = null;
  });
  document.addEventListener("drop", (event) => {
    const onto = target(event);
    if (!dragged || !onto) return;
    event.preventDefault();
    const form = dragged.closest("form");
    const send = (action, place) => whenFree(() => post(form, { do: action, place }));
    const fromQueue = form.id === "queue-form";
    const place = rowsOf(lists()[1]).indexOf(onto) + 1;
    if (onto.id === "queue") {
      if (!fromQueue) send(`queue ${dragged.dataset.ref}`, "");
    } else if (fromQueue) send(`list ${dragged.dataset.ref}`, place || "");
    else if (place) send(`drop ${dragged.dataset.ref}`, place);
  });
})();
