// Filter forms: short addresses, and the way back to a list keeps its filter.
(() => {
  const empty = (value) => value === "";

  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    if (!sourceElement.matches?.("[data-filter]")) return;
    for (const [name, value] of [...request.body]) if (empty(value)) request.body.delete(name);
  });
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-filter]")) return;
    for (const [name, value] of [...event.formData]) if (empty(value)) event.formData.delete(name);
  });

  const remember = () => {
    if (document.querySelector("[data-filter]")) sessionStorage.setItem(`list:${location.pathname}`, location.search);
  };
  document.addEventListener("htmx:after:history:update", remember);
  addEventListener("pagehide", remember);
  document.querySelectorAll(".crumb a").forEach((link) => {
    if (!link.search) link.search = sessionStorage.getItem(`list:${link.pathname}`) ?? "";
  });
})();
