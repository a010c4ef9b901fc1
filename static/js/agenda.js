// Calendars: arrow keys walk the days, Page Up and Page Down the months or weeks.
(() => {
  document.addEventListener("keydown", (event) => {
    const day = event.target.closest?.("[data-agenda] [data-day]");
    if (!day || event.ctrlKey || event.metaKey || event.altKey) return;
    const agenda = day.closest("[data-agenda]");
    const days = [...agenda.querySelectorAll("[data-day]")];
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
    const turn = { PageUp: "[data-before]", PageDown: "[data-after]" }[event.key];
    if (turn) {
      event.preventDefault();
      agenda.querySelector(turn).click();
    } else if (Object.hasOwn(steps, event.key)) {
      event.preventDefault();
      days[days.indexOf(day) + steps[event.key]]?.focus();
    }
  });
})();
