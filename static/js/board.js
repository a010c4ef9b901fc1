// Boards: cards move by mouse, by long press, by keyboard; the form with id "board-move" tells the server.
(() => {
  const SLOP = 5, PRESS = 350, EDGE = 60;
  let drag = null; // {card, home, next, ghost, pointer, keys}
  let pending = null; // a press that may become a drag

  const boardOf = (element) => element.closest("[data-board]");
  const cardsOf = (column) => [...column.querySelectorAll(":scope > [data-card]")];
  const laneOf = (column) => [...column.parentElement.querySelectorAll(":scope > [data-column]")];
  const columnOf = (card) => card.closest("[data-column]");

  const say = (card, which) => {
    const column = columnOf(card), cards = cardsOf(column);
    const words = { n: card.dataset.name, c: column.dataset.title, p: cards.indexOf(card) + 1, t: cards.length };
    const live = document.getElementById("board-live");
    if (live) live.textContent = boardOf(card).dataset[which].replace(/%([ncpt])/g, (_all, key) => words[key]);
  };

  const lift = (card, keys) => {
    drag = { card, home: columnOf(card), next: card.nextElementSibling, keys };
    card.classList.add("is-lifted");
    boardOf(card).classList.add("is-moving");
    for (const column of laneOf(drag.home)) column.classList.add("is-open");
    say(card, "lifted");
  };

  const settle = () => {
    const { card, ghost } = drag;
    ghost?.remove();
    card.classList.remove("is-lifted");
    const board = boardOf(card);
    board?.classList.remove("is-moving");
    board?.querySelectorAll(".is-open").forEach((column) => column.classList.remove("is-open"));
    drag = null;
  };

  const goHome = ({ card, home, next }) => home.insertBefore(card, next?.parentElement === home ? next : null);

  const cancel = () => {
    if (!drag) return;
    const { card, keys } = drag;
    goHome(drag);
    say(card, "left");
    settle();
    if (keys) card.querySelector("[data-grip]")?.focus();
  };

  const drop = () => {
    const { card, home, next } = drag;
    const column = columnOf(card), form = document.getElementById("board-move");
    const after = card.nextElementSibling;
    const still = column === home && after === next;
    say(card, still ? "left" : "dropped");
    const back = { card, home, next };
    settle();
    if (still || !form) return;
    form.elements.card.value = card.dataset.card;
    form.elements.was.value = home.dataset.column;
    form.elements.to.value = column.dataset.column;
    form.elements.before.value = after?.dataset.card ?? "";
    form.back = back;
    form.requestSubmit();
  };

  // A move that did not reach the server, or that it refused without a board: the card goes back.
  const failed = (event) => {
    const form = document.getElementById("board-move");
    if (!form?.back) return;
    const status = event.detail.ctx?.response?.status;
    if (status === 409 || status === 422) return;
    goHome(form.back);
    form.back = null;
  };
  document.addEventListener("htmx:response:error", failed);
  document.addEventListener("htmx:error", failed);

  // --- Pointer ---

  const moveGhost = (x, y) => {
    const { ghost, dx, dy } = drag;
    ghost.style.transform = `translate(${x - dx}px, ${y - dy}px)`;
  };

  const startDrag = (card, x, y, pointer) => {
    const box = card.getBoundingClientRect();
    lift(card, false);
    const ghost = card.cloneNode(true);
    ghost.removeAttribute("id");
    ghost.querySelectorAll("[id], [autofocus]").forEach((part) => { part.removeAttribute("id"); part.removeAttribute("autofocus"); });
    ghost.classList.add("is-ghost");
    ghost.setAttribute("aria-hidden", "true");
    ghost.inert = true;
    ghost.style.inlineSize = `${box.width}px`;
    document.body.append(ghost);
    Object.assign(drag, { ghost, pointer, dx: x - box.left, dy: y - box.top });
    moveGhost(x, y);
  };

  const under = (x, y) => {
    const found = document.elementFromPoint(x, y)?.closest("[data-column]");
    return found && laneOf(drag.home).includes(found) ? found : null;
  };

  const scrollNear = (x, y) => {
    const board = boardOf(drag.card), box = board.getBoundingClientRect();
    if (x > box.right - EDGE) board.scrollLeft += 12;
    else if (x < box.left + EDGE) board.scrollLeft -= 12;
    if (y > innerHeight - EDGE) scrollBy(0, 12);
    else if (y < EDGE) scrollBy(0, -12);
  };

  const moveTo = (x, y) => {
    moveGhost(x, y);
    scrollNear(x, y);
    const column = under(x, y);
    if (!column) return;
    const others = cardsOf(column).filter((card) => card !== drag.card);
    const next = others.find((card) => { const box = card.getBoundingClientRect(); return y < box.top + box.height / 2; }) ?? null;
    if (columnOf(drag.card) === column && drag.card.nextElementSibling === next) return;
    column.insertBefore(drag.card, next);
  };

  const forget = () => { if (pending) clearTimeout(pending.timer); pending = null; };

  document.addEventListener("pointerdown", (event) => {
    const card = event.target.closest?.("[data-board] [data-card]");
    if (!card || event.button || drag || !document.getElementById("board-move")) return;
    if (event.target.closest("summary, form, input, select")) return;
    const { clientX: x, clientY: y, pointerId: pointer, pointerType: type } = event;
    pending = { card, x, y, pointer, type };
    if (type !== "mouse") {
      pending.timer = setTimeout(() => { const press = pending; pending = null; if (press) startDrag(press.card, press.x, press.y, press.pointer); }, PRESS);
    }
  });

  document.addEventListener("pointermove", (event) => {
    if (drag && drag.pointer === event.pointerId) return moveTo(event.clientX, event.clientY);
    if (!pending || pending.pointer !== event.pointerId) return;
    if (Math.hypot(event.clientX - pending.x, event.clientY - pending.y) < SLOP) return;
    const press = pending;
    forget();
    if (press.type !== "mouse") return; // a finger that moves at once scrolls
    event.preventDefault();
    startDrag(press.card, press.x, press.y, press.pointer);
    moveTo(event.clientX, event.clientY);
  });

  document.addEventListener("pointerup", (event) => {
    forget();
    if (!drag || drag.pointer !== event.pointerId) return;
    // What follows a drag is no click on the link under it.
    const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
    addEventListener("click", swallow, { capture: true, once: true });
    drop();
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
  });
  document.addEventListener("pointercancel", () => { forget(); if (drag && !drag.keys) cancel(); });
  // While a card hangs on a finger the page does not scroll.
  document.addEventListener("touchmove", (event) => { if (drag && !drag.keys) event.preventDefault(); }, { passive: false });
  document.addEventListener("contextmenu", (event) => { if ((drag || pending?.type === "touch") && event.target.closest?.("[data-card]")) event.preventDefault(); });
  document.addEventListener("dragstart", (event) => { if (event.target.closest?.("[data-board] [data-card]") && document.getElementById("board-move")) event.preventDefault(); });

  // --- Keyboard ---

  const shift = (key) => {
    const { card, home } = drag, column = columnOf(card);
    if (key === "ArrowUp" && card.previousElementSibling) column.insertBefore(card, card.previousElementSibling);
    else if (key === "ArrowDown" && card.nextElementSibling) column.insertBefore(card.nextElementSibling, card);
    else if (key === "ArrowLeft" || key === "ArrowRight") {
      const lane = laneOf(home);
      const other = lane[lane.indexOf(column) + (key === "ArrowRight" ? 1 : -1)];
      if (!other) return;
      if (other === home) goHome(drag);
      else other.insertBefore(card, other.firstElementChild);
    }
    card.querySelector("[data-grip]").focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(card, "over");
  };

  const walk = (grip, key) => {
    const card = grip.closest("[data-card]"), column = columnOf(card), lane = laneOf(column);
    const at = cardsOf(column).indexOf(card);
    let next = null;
    if (key === "ArrowUp") next = card.previousElementSibling;
    else if (key === "ArrowDown") next = card.nextElementSibling;
    else {
      const step = key === "ArrowRight" ? 1 : -1;
      for (let n = lane.indexOf(column) + step; lane[n] && !next; n += step) {
        const cards = cardsOf(lane[n]);
        next = cards[Math.min(at, cards.length - 1)] ?? null;
      }
    }
    next?.querySelector("[data-grip]")?.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) { event.preventDefault(); return cancel(); }
    const grip = event.target.closest?.("[data-grip]");
    if (!grip) return;
    const mine = drag?.keys && drag.card.contains(grip);
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (mine) drop();
      else if (!drag) lift(grip.closest("[data-card]"), true);
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      if (mine) shift(event.key);
      else walk(grip, event.key);
    } else if (event.key === "Tab" && mine) cancel();
  });
  document.addEventListener("pointerdown", () => { if (drag?.keys) cancel(); }, true);

  // "New card" puts the cursor where its name is typed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href="#quick-name"]');
    const input = link && document.getElementById("quick-name");
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.scrollIntoView({ block: "center" });
  });

  // One menu at a time; Escape and a click elsewhere close it.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.kmenu[open]")) document.querySelectorAll("details.kmenu[open]").forEach((menu) => { if (menu !== event.target) menu.open = false; });
  }, true);
  document.addEventListener("click", (event) => document.querySelectorAll("details.kmenu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.kmenu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
})();
