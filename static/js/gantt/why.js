// Why a task stands where it stands: the engine's own explanation, beside the cell or the bar.
import { element, esc, icon } from "./html.js";
import { Offline } from "./api.js";

export class Why {
  constructor(gantt) {
    this.gantt = gantt;
  }

  async open(uid = this.gantt.at?.uid) {
    const { gantt } = this;
    const task = gantt.plan.task(uid);
    if (!task) return;
    this.close();
    const before = document.activeElement;
    const title = `${gantt.say("why_title")}: ${task.number} ${task.name}`;
    this.box = element(`<div class="g-popover" role="dialog" tabindex="-1" aria-label="${esc(title)}" aria-busy="true"><div class="g-popover-h"><b>${esc(title)}</b><button type="button" class="iconbtn" aria-label="${esc(gantt.say("close"))}">${icon("x")}</button></div><div class="g-popover-b"><p class="muted">${esc(gantt.say("loading"))}</p></div></div>`);
    gantt.append(this.box);
    this.place(uid);
    const close = () => {
      this.close();
      before?.focus?.({ preventScroll: true });
    };
    this.box.querySelector("button").addEventListener("click", close);
    this.box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") close();
    });
    this.box.focus({ preventScroll: true });
    const body = this.box.querySelector(".g-popover-b");
    let answer;
    try {
      answer = await gantt.api.why(uid);
    } catch (error) {
      if (!(error instanceof Offline)) throw error;
      answer = { kind: "failed" };
    }
    if (!body.isConnected) return;
    this.box.removeAttribute("aria-busy");
    body.innerHTML = answer.kind === "done" ? paragraphs(gantt, answer) : `<p>${esc(gantt.say("why_failed"))}</p>`;
    this.place(uid);
  }

  place(uid) {
    const { gantt } = this;
    const anchor = (gantt.timeline.bar(uid)?.contains(document.activeElement) && gantt.timeline.bar(uid)) || gantt.grid.cell(uid, gantt.at?.column ?? "name") || gantt;
    const there = anchor.getBoundingClientRect();
    const here = gantt.getBoundingClientRect();
    const width = this.box.offsetWidth;
    const left = Math.max(8, Math.min(there.left - here.left, here.width - width - 8));
    const below = there.bottom - here.top + 6;
    const over = there.top - here.top - this.box.offsetHeight - 6;
    this.box.style.left = `${left}px`;
    this.box.style.top = `${there.bottom + this.box.offsetHeight + 6 > innerHeight && over > 0 ? over : below}px`;
  }

  close() {
    this.box?.remove();
    this.box = null;
  }
}

function paragraphs(gantt, answer) {
  const part = (key, css = "") => {
    const value = answer[key];
    if (!value) return "";
    const texts = Array.isArray(value) ? value : [value];
    return texts.map((text) => `<p class="${css}"><b>${esc(gantt.say(`why_${key}`))}</b> ${esc(text)}</p>`).join("");
  };
  return part("violated", "is-act") + part("start") + part("finish") + part("float");
}
