// The right half: head, shading, grid lines, links, bars, today. Drawn for the window and a little around it. Scrolling
// moves the drawing; rows and links that come into the window are added to it and those that left are taken out. Only
// what changes the scale or goes far to the side draws all of it anew.
import { barHtml, extent } from "./bars.js";
import { drawn, element, esc, svg } from "./html.js";
import { linkPath } from "./links.js";
import { Scale, tickLabel } from "./scale.js";
import { DAY, minutes } from "./time.js";

export const HEAD = 46;
const SPARE_ROWS = 6;
const SPARE = 400; // pixels
const MOST_LINKS = 400; // in one drawing: more is a grey surface that nobody reads

export class Timeline {
  constructor(gantt) {
    this.gantt = gantt;
    this.box = element(`<div class="g-time" role="group" tabindex="-1" aria-label="${esc(gantt.say("timeline"))}"><div class="g-wide"></div></div>`);
    this.wide = this.box.firstElementChild;
    this.svg = svg("svg");
    this.svg.setAttribute("class", "g-svg");
    this.wide.append(this.svg);
    this.layers = {};
    const layer = (name, into) => {
      this.layers[name] = svg("g");
      this.layers[name].setAttribute("class", `g-${name}`);
      into.append(this.layers[name]);
    };
    // What lies behind and today's line go through all rows: they move to the side alone. That line lies below the
    // bars, or it would strike out the names beside them.
    layer("back", this.svg);
    layer("rules", this.svg);
    layer("marks", this.svg);
    this.moving = svg("g");
    this.svg.append(this.moving);
    for (const name of ["chosen", "links", "bars", "ghost", "over"]) layer(name, this.moving);
    this.bars = new Map(); // uid → group of its row, null where a row has none
    this.drawnLinks = new Map(); // key → group, null where it lies beside the window
    this.headBack = svg("rect");
    this.headBack.setAttribute("class", "g-head-back");
    this.head = svg("g");
    this.head.setAttribute("class", "g-head-t");
    this.head.setAttribute("aria-hidden", "true");
    this.svg.append(this.headBack, this.head);
    this.box.addEventListener("scroll", () => {
      this.box.scrollTop = 0;
      this.known = null;
      this.gantt.scrolled();
    });
    this.origin = { x: 0, y: 0 };
    this.window = null;
  }

  /** How far it is scrolled to the side. Kept: asking the page in the middle of a drawing would lay it out anew. */
  get left() {
    this.known ??= this.box.scrollLeft;
    return this.known;
  }

  set left(left) {
    this.box.scrollLeft = left;
    this.known = null;
  }

  resized(width, height) {
    this.known = null;
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", height);
    this.headBack.setAttribute("width", width);
    this.headBack.setAttribute("height", HEAD);
    this.window = null;
  }

  applyScale() {
    this.wide.style.inlineSize = `${this.gantt.scale.width}px`;
    this.known = null;
    this.window = null;
  }

  /** Follows the scroll boxes; draws anew where the drawing no longer covers the window. */
  draw(top, { force = false, all = false } = {}) {
    const { gantt } = this;
    if (gantt.quiet) return;
    const row = gantt.rowHeight;
    const left = this.left;
    const count = gantt.plan.rows.length;
    const first = all ? 0 : Math.floor(top / row);
    const last = all ? count : Math.min(count, Math.ceil((top + this.height - HEAD) / row));
    const aside = !this.window || force || left < this.window.left || left + this.width > this.window.right;
    if (aside || first < this.window.first || last > this.window.last) {
      this.window = {
        ...(aside ? { left: left - SPARE, right: left + this.width + SPARE } : this.window),
        first: Math.max(0, first - SPARE_ROWS), last: Math.min(count, last + SPARE_ROWS),
      };
      if (aside) this.redraw();
      else this.follow();
    }
    const dx = this.origin.x - left;
    this.moving.setAttribute("transform", `translate(${dx} ${HEAD - top})`);
    this.layers.rules.setAttribute("transform", `translate(0 ${HEAD - (top % row)})`);
    if (dx === this.shifted) return;
    this.shifted = dx;
    for (const name of ["back", "marks"]) this.layers[name].setAttribute("transform", `translate(${dx} ${HEAD})`);
    this.head.setAttribute("transform", `translate(${dx} 0)`);
  }

  view() {
    const { gantt } = this;
    return {
      scale: gantt.scale, origin: this.origin.x, row: gantt.rowHeight, show: gantt.show, selected: gantt.selected,
      barAt: gantt.barAt, days: gantt.days, say: gantt.say, calendarOf: (task) => gantt.plan.calendarOf(task),
    };
  }

  redraw() {
    const { window, layers } = this;
    const { scale } = this.gantt;
    const focused = layers.bars.contains(document.activeElement) ? document.activeElement.dataset.uid : null;
    this.origin = { x: window.left, y: 0 };
    this.shifted = null;
    this.bars.clear();
    this.drawnLinks.clear();
    layers.bars.replaceChildren();
    layers.links.replaceChildren();
    layers.back.innerHTML = this.back(scale.at(window.left), scale.at(window.right));
    layers.rules.innerHTML = this.rules();
    layers.marks.innerHTML = this.marks();
    this.drawHead(scale.at(window.left), scale.at(window.right));
    this.follow();
    if (focused) this.bar(focused)?.focus({ preventScroll: true });
  }

  /** Adds what has come into the window of rows and takes out what has left it. */
  follow() {
    const view = this.view();
    this.followBars(view);
    this.followLinks(view);
    this.layers.chosen.innerHTML = this.chosen();
    this.drawGhosts();
    this.drawHandles();
  }

  followBars(view) {
    const { plan } = this.gantt;
    const { first, last } = this.window;
    for (const [uid, bar] of this.bars) {
      const index = plan.rowOf.get(uid);
      // The bar in focus stays when it scrolls away, else the keyboard would lose its place.
      if ((index >= first && index < last) || (bar && bar === document.activeElement)) continue;
      bar?.remove();
      this.bars.delete(uid);
    }
    const fresh = [];
    const html = [];
    for (let index = first; index < last; index++) {
      const task = plan.rows[index];
      if (this.bars.has(task.uid)) continue;
      const one = barHtml(task, index * view.row, view);
      this.bars.set(task.uid, null);
      if (one) fresh.push(task.uid);
      html.push(one);
    }
    const made = drawn(html.join(""));
    made.forEach((bar, index) => this.bars.set(fresh[index], bar));
    const top = this.layers.bars.firstElementChild;
    // In the order of the rows: a window that moves up adds above what is there.
    if (top && made.length && plan.rowOf.get(fresh[0]) < plan.rowOf.get(+top.dataset.uid)) top.before(...made);
    else this.layers.bars.append(...made);
  }

  followLinks(view) {
    const { show, plan } = this.gantt;
    const { first, last } = this.window;
    const wanted = new Map();
    for (const seen of show.links ? plan.linksNear(first, last) : []) {
      const { from, to } = seen;
      const inside = (from >= first && from < last) || (to >= first && to < last);
      if (!inside && wanted.size > MOST_LINKS / 2) continue; // passing by
      wanted.set(seen.key, seen);
      if (wanted.size >= MOST_LINKS) break;
    }
    for (const [key, link] of this.drawnLinks) {
      if (wanted.has(key)) continue;
      link?.remove();
      this.drawnLinks.delete(key);
    }
    const fresh = [];
    const html = [];
    for (const [key, seen] of wanted) {
      if (this.drawnLinks.has(key)) continue;
      const one = this.link(seen, view);
      this.drawnLinks.set(key, null);
      if (one) fresh.push(key);
      html.push(one);
    }
    const made = drawn(html.join(""));
    made.forEach((link, index) => this.drawnLinks.set(fresh[index], link));
    this.layers.links.append(...made);
  }

  // --- What lies behind

  back(from, to) {
    const { scale, plan } = this.gantt;
    const { height } = this;
    const parts = [];
    const x = (at) => n(scale.x(at) - this.origin.x);
    if (scale.perDay >= 5) {
      const days = scale.perDay < 90;
      for (const [a, b] of plan.calendar.idle(from, to, days)) {
        parts.push(`<rect class="g-idle" x="${x(a)}" y="0" width="${n(x(b) - x(a))}" height="${height}"/>`);
      }
    }
    const lines = [];
    for (const at of Scale.ticks(scale.level.minor, from, to)) lines.push(`M${x(at)} 0V${height}`);
    parts.push(`<path class="g-line" d="${lines.join("")}"/>`);
    const strong = [];
    for (const at of Scale.ticks(scale.level.major, from, to)) strong.push(`M${x(at)} 0V${height}`);
    if (strong.length) parts.push(`<path class="g-line is-strong" d="${strong.join("")}"/>`);
    return parts.join("");
  }

  /** A line below each row; all rows are alike, so that they only move by parts of one. */
  rules() {
    const row = this.gantt.rowHeight;
    const seen = Math.ceil(this.height / row) + 1;
    const rules = [];
    for (let index = 0; index < Math.min(seen, this.gantt.plan.rows.length); index++) rules.push(`M0 ${(index + 1) * row - 0.5}H${this.width}`);
    return `<path class="g-rule" d="${rules.join("")}"/>`;
  }

  chosen() {
    const { selected, plan, rowHeight } = this.gantt;
    if (!selected.size) return "";
    const parts = [];
    for (let index = this.window.first; index < this.window.last; index++) {
      if (selected.has(plan.rows[index].uid)) {
        parts.push(`<rect class="g-selrow" x="0" y="${index * rowHeight}" width="${this.width + 2 * SPARE}" height="${rowHeight}"/>`);
      }
    }
    return parts.join("");
  }

  marks() {
    const { scale, plan, say } = this.gantt;
    const line = (at, css) => `<path class="${css}" d="M${n(scale.x(at) - this.origin.x)} 0V${this.height}"><title>${esc(say(css))}</title></path>`;
    const parts = [line(minutes(plan.project.today), "g-today")];
    if (plan.project.status_date) parts.push(line(minutes(plan.project.status_date), "g-status"));
    return parts.join("");
  }

  drawHead(from, to) {
    const { scale, days, plan, say } = this.gantt;
    const parts = [];
    const x = (at) => scale.x(at) - this.origin.x;
    for (const [unit, y, css] of [[scale.level.major, 17, "is-major"], [scale.level.minor, 37, ""]]) {
      if (!unit) continue;
      const ticks = [...Scale.ticks(unit, from, to)];
      ticks.forEach((at, index) => {
        const room = (ticks[index + 1] ? x(ticks[index + 1]) : x(at) + 200) - x(at);
        const left = css ? this.left - this.origin.x : -Infinity;
        const cut = x(at) < left && x(at) + room - left < 60; // no room for its label in sight
        const label = cut ? "" : tickLabel(unit, at, days, room);
        const edge = css ? 0 : 26;
        parts.push(`<path class="g-line" d="M${n(x(at))} ${edge}v${css ? 26 : 20}"/>`);
        if (label) parts.push(`<text class="${css}" x="${n(Math.max(x(at), css ? this.stuck(x(at), room, label) : -1e6) + 5)}" y="${y}">${esc(label)}</text>`);
      });
    }
    parts.push(`<path class="g-line is-strong" d="M0 ${HEAD - 0.5}H${this.width + 2 * SPARE}"/>`);
    const today = n(x(minutes(plan.project.today)));
    parts.push(`<path class="g-today-mark" d="M${today - 4} ${HEAD - 6}h8l-4 6z"><title>${esc(say("g-today"))}</title></path>`);
    this.head.innerHTML = parts.join("");
  }

  /** The label of a long span that began left of the window stays in sight. */
  stuck(x, room, label) {
    const left = this.left - this.origin.x;
    return Math.min(left, x + room - label.length * 7 - 14);
  }

  // --- Links

  link({ link, from, to }, view) {
    const { plan, show, say } = this.gantt;
    const { scale, origin, row } = view;
    const [before, after] = [plan.rows[from], plan.rows[to]];
    const ends = [before, after].map((task, index) => {
      const place = extent(task, scale, origin);
      return place && { ...place, y: (index ? to : from) * row - this.origin.y + row / 2 - (show.baseline ? 2 : 0) };
    });
    if (!ends[0] || !ends[1]) return "";
    const right = this.width + 2 * SPARE;
    if (Math.max(ends[0].to, ends[1].to) < 0 || Math.min(ends[0].from, ends[1].from) > right) return "";
    const css = ["g-link"];
    if (show.critical && before.critical && after.critical && !before.summary && after.percent < 100) css.push("is-crit");
    const violated = after.violated && this.isViolated(link, before, after);
    if (violated) css.push("is-violated");
    if (this.gantt.linkAt === `${link[0]}>${link[1]}`) css.push("is-sel");
    if (this.hot === link[0] || this.hot === link[1]) css.push("is-hot");
    const { path, head } = linkPath(link[2], ends[0], ends[1], row / 2);
    const words = say("link_words", { from: `${before.number} ${before.name}`, to: `${after.number} ${after.name}`, type: link[2] });
    return `<g class="${css.join(" ")}" data-link="${link[0]}>${link[1]}"><title>${esc(words)}${violated ? `\n${esc(after.violated)}` : ""}</title><path class="g-link-hit" d="${path}"/><path class="g-link-line" d="${path}"/><path class="g-link-head" d="${head}"/></g>`;
  }

  /** Whether the dates break the link; the server has said that the task breaks something. */
  isViolated(link, before, after) {
    const end = minutes(link[2][0] === "F" ? before.finish : before.start);
    const begin = minutes(link[2][1] === "S" ? after.start : after.finish);
    const calendar = this.gantt.plan.calendarOf(after);
    const lag = typeof link[3] === "number" ? link[3] : 0;
    const due = link[4] === "working" ? calendar.add(end, lag) : link[4] === "elapsed" ? end + lag : end;
    return calendar.next(begin) < calendar.next(due);
  }

  // --- What comes and goes above

  /** Bars where a previewed change would put them. */
  drawGhosts() {
    const { gantt } = this;
    if (!this.window) return; // drawn anew in a moment
    const ghosts = [];
    for (const [uid, row] of gantt.preview?.rows ?? []) {
      const index = gantt.plan.rowOf.get(uid);
      if (index === undefined || index < this.window.first || index >= this.window.last) continue;
      const task = new gantt.plan.Task(row);
      const place = extent(task, gantt.scale, this.origin.x);
      if (!place) continue;
      const y = index * gantt.rowHeight - this.origin.y + 5;
      ghosts.push(`<rect class="g-would" x="${n(place.from)}" y="${y}" width="${n(place.to - place.from)}" height="${gantt.rowHeight - 10}" rx="4"/>`);
    }
    this.layers.ghost.innerHTML = ghosts.join("");
  }

  /** The handles of the bar under the pointer or in focus: nobody else's are needed. */
  drawHandles() {
    const { gantt } = this;
    const task = gantt.plan.task(this.hovered ?? gantt.barAt);
    const index = task && gantt.plan.rowOf.get(task.uid);
    if (!task || !this.window || index === undefined || !gantt.plan.may("percent") || index < this.window.first || index >= this.window.last) {
      this.layers.over.innerHTML = "";
      return;
    }
    const place = extent(task, gantt.scale, this.origin.x);
    if (!place) return;
    const middle = index * gantt.rowHeight - this.origin.y + gantt.rowHeight / 2 - (gantt.show.baseline ? 2 : 0);
    const parts = [];
    const knob = (part, x) => parts.push(`<g class="g-knob" data-part="${part}" data-uid="${task.uid}"><circle class="g-knob-hit" cx="${n(x)}" cy="${n(middle)}" r="8"/><circle class="g-dot" cx="${n(x)}" cy="${n(middle)}" r="4"/></g>`);
    const bar = !task.summary && !task.milestone;
    if (bar && gantt.plan.may("duration")) parts.push(`<rect class="g-edge" data-part="resize" data-uid="${task.uid}" x="${n(place.to - Math.min(7, place.width / 3))}" y="${n(middle - 8)}" width="${n(Math.min(7, place.width / 3) + 2)}" height="16"/>`);
    if (bar && place.width > 24) {
      const at = place.x + (place.width * task.percent) / 100;
      parts.push(`<path class="g-grab" data-part="progress" data-uid="${task.uid}" d="M${n(at)} ${n(middle + 3)}l5 6h-10z"/>`);
    }
    if (gantt.plan.may("predecessors")) {
      knob("link-start", place.from - 7);
      knob("link-end", place.to + 7);
    }
    this.layers.over.innerHTML = parts.join("");
  }

  /** Highlights the links of a task and what stands at their other ends. */
  highlight(uid) {
    if (this.hot === uid) return;
    this.hot = uid;
    for (const hot of this.svg.querySelectorAll(".is-hot")) hot.classList.remove("is-hot");
    if (uid == null) return;
    for (const link of this.layers.links.children) {
      const [from, to] = link.dataset.link.split(">").map(Number);
      if (from !== uid && to !== uid) continue;
      link.classList.add("is-hot");
      for (const end of [from, to]) this.bar(end)?.classList.add("is-hot");
    }
  }

  highlightLink(element) {
    for (const hot of this.svg.querySelectorAll(".is-hot")) hot.classList.remove("is-hot");
    this.hot = null;
    if (!element) return;
    element.classList.add("is-hot");
    for (const end of element.dataset.link.split(">")) this.bar(end)?.classList.add("is-hot");
  }

  bar(uid) {
    return this.bars.get(+uid) ?? null;
  }

  /** The moment under a pointer. */
  momentAt(clientX) {
    return this.gantt.scale.at(this.xAt(clientX));
  }

  xAt(clientX) {
    return clientX - this.box.getBoundingClientRect().left + this.left;
  }

  /** Scrolls so that a moment stands at this part of the width. */
  show(at, part = 0.5) {
    this.left = this.gantt.scale.x(at) - this.width * part;
  }

  /** Brings a task's bar into sight if it is not. */
  reveal(task) {
    const place = extent(task, this.gantt.scale, this.left);
    if (!place) return;
    if (place.to < 20 || place.from > this.width - 20) this.left += place.from - Math.min(120, this.width / 4);
  }
}

export const wholeDays = (from, to) => (to - from) / DAY;
const n = (number) => Math.round(number * 10) / 10;
