// Dialogs: [data-opens="id"] opens one in place of following its link; [data-open-on-load] arrives open.
(() => {
  const open = (dialog) => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.querySelector("input[type=search]")?.select();
  };

  const outside = ({ clientX: x, clientY: y }, box) => x < box.left || x > box.right || y < box.top || y > box.bottom;

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog) {
      event.preventDefault();
      open(dialog);
      const input = dialog.querySelector("input[type=search]");
      if (input && opener.value) input.value = opener.value;
    } else if (event.target.matches?.("dialog[open]") && outside(event, event.target.getBoundingClientRect())) {
      event.target.close(); // a click on the backdrop
    }
  });

  const arrive = (root) => root.querySelectorAll?.("dialog[data-open-on-load]").forEach(open);
  document.addEventListener("htmx:after:settle", (event) => arrive(event.target));
  arrive(document);

  // Up and down walk the links of a result list; typing goes on in the box.
  document.addEventListener("keydown", (event) => {
    const dialog = event.target.closest?.("dialog.palette");
    if (!dialog || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
    const links = [...dialog.querySelectorAll(".results a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Enter") {
      if (at < 0 && links.length && dialog.querySelector("input").value) {
        event.preventDefault();
        links[0].click();
      }
      return;
    }
    event.preventDefault();
    const next = event.key === "ArrowDown" ? at + 1 : at - 1;
    (next < 0 ? dialog.querySelector("input") : links[Math.min(next, links.length - 1)])?.focus();
  });
})();
