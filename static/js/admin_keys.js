// The theme's menu search takes the key "t" also in a list of choices, where it means the next choice
// with that letter: there it is kept from the theme. The choice itself does not need the event.
addEventListener(
  "keydown",
  (event) => {
    const inList = event.target.closest?.("select, .select2, [role=listbox], [role=menu]");
    if (event.key === "t" && inList) event.stopPropagation();
  },
  true,
);
