// Keyboard: Ctrl/Cmd-K and / search, ? lists the keys, c creates, j and k walk the rows of a list.
(() => {
  const typing = (element) => element.isContentEditable || element.matches?.("input, textarea, select");
  const openDialog = (id) => {
    const dialog = document.getElementById(id);
    if (!dialog) return false;
    if (!dialog.open) dialog.showModal();
    return true;
  };

  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-rows] a.row-link")];
    if (!rows.length) return false;
    const here = document.activeElement.closest?.("tr, li");
    const at = rows.findIndex((link) => here?.contains(link));
    rows[Math.max(0, Math.min(rows.length - 1, at + by))].focus();
    return true;
  };

  // Single letters can be switched off (WCAG 2.1.4): speech input would fire them.
  const store = "single-keys-off";
  const box = document.querySelector("[data-single-keys]");
  if (box) {
    box.checked = !localStorage.getItem(store);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(store) : localStorage.setItem(store, "1")));
  }

  const actions = {
    "?": () => openDialog("keys"),
    "/": () => {
      const search = document.querySelector("main [data-search]");
      if (!search) return openDialog("palette");
      search.focus();
      return true;
    },
    c: () => {
      const link = document.querySelector("main [data-create]");
      link?.click();
      return Boolean(link);
    },
    j: () => step(1),
    k: () => step(-1),
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      if (openDialog("palette")) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || localStorage.getItem(store) || document.querySelector("dialog[open]")) return;
    if (Object.hasOwn(actions, event.key) && actions[event.key]()) event.preventDefault();
  });
})();
