// The sentences that edits answer with: read out by the live region, seen for a while, with the way back.
import { element, esc, icon } from "./html.js";

const STAYS = 8000; // milliseconds
const MOST = 3;

export class Toasts {
  constructor(gantt) {
    this.gantt = gantt;
    this.box = element('<div class="g-toasts" role="status" aria-live="polite"></div>');
  }

  say(text, { kind = "", undo = false } = {}) {
    const sign = { act: "circle-alert", watch: "triangle-alert", who: "users" }[kind];
    const toast = element(`<div class="g-toast ${kind}">${sign ? icon(sign) : ""}<span>${esc(text)}</span></div>`);
    if (undo && this.gantt.plan.may("name")) {
      const button = element(`<button type="button" class="linkbtn">${esc(this.gantt.say("undo"))}</button>`);
      button.addEventListener("click", () => {
        toast.remove();
        this.gantt.saver.step("undo");
      });
      toast.append(button);
    }
    this.box.append(toast);
    while (this.box.children.length > MOST) this.box.firstElementChild.remove();
    const go = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(go, STAYS / 2);
      else toast.remove();
    };
    setTimeout(go, kind === "act" ? 2 * STAYS : STAYS);
  }
}
