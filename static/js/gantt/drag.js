// Gestures on the timeline: move, resize, progress, link; by mouse at once, by finger after a long press. What a drop
// would do is drawn while it is held and sent when it is let go.
import { extent } from "./bars.js";
import { linkKey } from "./model.js";
import { DAY, iso, minutes } from "./time.js";

const LONG_PRESS = 450; // milliseconds
const SLACK = 4; // pixels that are not yet a drag
const EDGE = 36; // pixels from the edge at which the timeline scrolls on

export class Drag {
  constructor(gantt) {
    this.gantt = gantt;
    this.now = null;
    const { svg, box } = gantt.timeline;
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointerover", (event) => this.over(event));
    svg.addEventListener("pointerleave", () => this.hover(null));
    svg.addEventListener("contextmenu", (event) => {
      if (this.now?.lifted) event.preventDefault(); // a long press is ours
    });
    // Only while something is lifted: else a finger scrolls as everywhere.
    box.addEventListener("touchmove", (event) => {
      if (this.now?.lifted || event.touches.length > 1) event.preventDefault();
    }, { passive: false });
    this.pinching(box);
    box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      gantt.zoom(event.deltaY < 0 ? 1 : -1, event.clientX);
    }, { passive: false });
  }

  // --- What is under the pointer

  over({ target }) {
    if (this.now) return;
    const link = target.closest(".g-link");
    if (link) return this.gantt.timeline.highlightLink(link);
    const owner = target.closest("[data-uid]");
    this.hover(owner ? +owner.dataset.uid : null);
  }

  hover(uid) {
    const { timeline } = this.gantt;
    timeline.highlight(uid ?? this.gantt.barAt ?? null);
    if (timeline.hovered === uid || this.now) return;
    timeline.hovered = uid;
    timeline.drawHandles();
  }

  // --- From down to up

  down(event) {
    if (event.button || this.gantt.preview) return undefined;
    if (this.now) return this.cancel(); // a second finger
    const { gantt } = this;
    const link = event.target.closest(".g-link");
    if (link) {
      gantt.selectLink(link.dataset.link);
      event.preventDefault();
      return undefined;
    }
    const owner = event.target.closest("[data-uid]");
    if (!owner) return undefined;
    const task = gantt.plan.task(+owner.dataset.uid);
    const part = event.target.closest("[data-part]")?.dataset.part ?? "move";
    this.now = { task, part, x: event.clientX, y: event.clientY, at: gantt.timeline.xAt(event.clientX), id: event.pointerId, lifted: false, moved: false };
    if (event.pointerType === "touch") {
      this.now.timer = setTimeout(() => this.lift(true), LONG_PRESS);
    } else {
      event.preventDefault();
      this.lift();
    }
    const ends = new AbortController();
    const { signal } = ends;
    this.now.ends = ends;
    // On the touched element itself: a drawing that is made anew takes it out of the page, and it still gets the moves.
    event.target.addEventListener("touchmove", (touch) => {
      if (this.now?.lifted) touch.preventDefault();
    }, { passive: false, signal });
    addEventListener("pointermove", (move) => this.move(move), { signal });
    addEventListener("pointerup", (up) => this.up(up), { signal });
    addEventListener("pointercancel", () => this.cancel(), { signal });
    addEventListener("keydown", (key) => {
      if (key.key !== "Escape") return;
      key.stopPropagation();
      this.cancel();
    }, { signal, capture: true });
    return undefined;
  }

  lift(byTouch = false) {
    const { now, gantt } = this;
    if (!now) return;
    const { task, part } = now;
    const needs = { move: "start", resize: "duration", progress: "percent", "link-start": "predecessors", "link-end": "predecessors" }[part];
    now.allowed = gantt.plan.may(needs) && !(part === "move" && task.percent === 100) && !(part === "move" && !task.active);
    now.lifted = now.allowed;
    if (byTouch && now.lifted) {
      gantt.timeline.bar(task.uid)?.classList.add("is-lifted");
      navigator.vibrate?.(15);
    }
  }

  move(event) {
    const { now } = this;
    if (!now || event.pointerId !== now.id) return;
    const far = Math.hypot(event.clientX - now.x, event.clientY - now.y);
    if (!now.lifted) {
      if (far > SLACK * 2) this.cancel(); // the finger scrolls
      return;
    }
    if (!now.moved && far < SLACK) return;
    now.moved = true;
    now.event = event;
    this.scrollOn(event);
    this.draw(event);
  }

  up(event) {
    const { now, gantt } = this;
    if (!now || event.pointerId !== now.id) return;
    this.end();
    if (!now.moved) {
      gantt.selectBar(now.task.uid, event);
      return;
    }
    const ops = this.opsOf(now);
    gantt.selectBar(now.task.uid, null, { keep: true });
    gantt.timeline.drawGhosts();
    if (ops.length) gantt.saver.propose(ops);
  }

  cancel() {
    if (!this.now) return;
    this.end();
    this.gantt.timeline.drawGhosts();
  }

  end() {
    const { now } = this;
    clearTimeout(now.timer);
    now.ends?.abort();
    this.gantt.timeline.svg.querySelector(".is-lifted")?.classList.remove("is-lifted");
    this.now = null;
    this.gantt.timeline.layers.ghost.innerHTML = "";
    this.gantt.hint("");
  }

  scrollOn({ clientX }) {
    const { timeline } = this.gantt;
    const { left, right } = timeline.box.getBoundingClientRect();
    if (clientX > right - EDGE) timeline.left += 14;
    else if (clientX < left + EDGE) timeline.left -= 14;
  }

  // --- What the gesture means

  draw(event) {
    const { now, gantt } = this;
    const { timeline, scale, plan } = gantt;
    const { task, part } = now;
    const moved = timeline.xAt(event.clientX) - now.at;
    const delta = (moved / scale.perDay) * DAY;
    const calendar = plan.calendarOf(task);
    const place = extent(task, scale, timeline.origin.x);
    const top = plan.rowOf.get(task.uid) * gantt.rowHeight - timeline.origin.y + 5;
    const high = gantt.rowHeight - 10;
    const ghost = timeline.layers.ghost;
    const box = (from, to) => {
      ghost.innerHTML = `<rect class="g-would" x="${from}" y="${top}" width="${Math.max(to - from, 4)}" height="${high}" rx="4"/>`;
    };
    const x = (at) => scale.x(at) - timeline.origin.x;
    if (part === "move") {
      const start = calendar.snapStart(minutes(task.start) + delta, scale.grain);
      now.start = start;
      const work = task.milestone ? 0 : task.elapsed ? 0 : calendar.between(minutes(task.start), minutes(task.finish));
      const finish = work ? calendar.add(start, work) : start + minutes(task.finish) - minutes(task.start);
      box(x(start), x(finish));
      gantt.hint(`${gantt.days.day(start)} – ${gantt.days.day(finish)}${scale.grain < DAY ? ` ${gantt.days.time(start)}` : ""}`, event);
    } else if (part === "resize") {
      const finish = Math.max(calendar.snapFinish(minutes(task.finish) + delta, scale.grain), calendar.add(minutes(task.start), Math.min(scale.grain, 60)));
      now.finish = finish;
      box(place.x, x(finish));
      const days = calendar.between(minutes(task.start), finish) / plan.project.minutes_per_day;
      gantt.hint(`${Math.round(days * 100) / 100} d · ${gantt.days.day(finish)}`, event);
    } else if (part === "progress") {
      const at = timeline.xAt(event.clientX) - timeline.origin.x;
      now.percent = Math.max(0, Math.min(100, Math.round(((at - place.x) / place.width) * 20) * 5));
      box(place.x, place.x + (place.width * now.percent) / 100);
      gantt.hint(`${now.percent}%`, event);
    } else {
      this.drawLink(event, place, top + high / 2);
    }
  }

  drawLink(event, place, y) {
    const { now, gantt } = this;
    const { timeline } = gantt;
    const from = now.part === "link-start" ? place.from : place.to;
    const bounds = timeline.svg.getBoundingClientRect();
    const toX = timeline.xAt(event.clientX) - timeline.origin.x;
    const toY = event.clientY - bounds.top - timeline.moving.transform.baseVal[0].matrix.f;
    const target = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".g-bar");
    now.target = null;
    let words = gantt.say("link_hint");
    if (target && +target.dataset.uid !== now.task.uid) {
      const task = gantt.plan.task(+target.dataset.uid);
      const there = extent(task, gantt.scale, timeline.origin.x);
      const end = toX < (there.from + there.to) / 2 ? "S" : "F";
      now.target = { uid: task.uid, type: (now.part === "link-start" ? "S" : "F") + end };
      words = `${now.target.type}: ${now.task.number} → ${task.number} ${task.name}`;
    }
    timeline.layers.ghost.innerHTML = `<path class="g-would-link" d="M${from} ${y}L${toX} ${toY}"/><circle class="g-dot" cx="${toX}" cy="${toY}" r="4"/>`;
    gantt.hint(words, event);
  }

  opsOf({ task, part, start, finish, percent, target }) {
    const { plan, selected } = this.gantt;
    const { uid } = task;
    switch (part) {
      case "move": {
        if (start === undefined || iso(start) === task.start) return [];
        // A bar out of a selection takes the others along.
        const others = selected.has(uid) ? [...selected].filter((one) => one !== uid) : [];
        const by = start - minutes(task.start);
        const along = others.map((one) => plan.task(one)).filter((one) => one?.start && !one.summary && one.percent < 100)
          .map((one) => ({ op: "move", uid: one.uid, start: iso(plan.calendarOf(one).next(minutes(one.start) + by)) }));
        return [{ op: "move", uid, start: iso(start) }, ...along];
      }
      case "resize":
        return finish === undefined || iso(finish) === task.finish ? [] : [{ op: "resize", uid, finish: iso(finish) }];
      case "progress":
        return percent === undefined || percent === task.percent ? [] : [{ op: "progress", uid, percent }];
      default:
        if (!target || plan.links.has(linkKey(uid, target.uid))) return [];
        return [{ op: "link", from: uid, to: target.uid, type: target.type, lag: "" }];
    }
  }

  // --- Two fingers

  pinching(box) {
    let apart = 0;
    const distance = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    box.addEventListener("touchstart", ({ touches }) => {
      if (touches.length !== 2) return;
      this.cancel();
      apart = distance(touches);
      this.perDay = this.gantt.scale.perDay;
    }, { passive: true });
    box.addEventListener("touchmove", ({ touches }) => {
      if (touches.length !== 2 || !apart) return;
      this.gantt.setScale(this.perDay * (distance(touches) / apart), (touches[0].clientX + touches[1].clientX) / 2);
    }, { passive: true });
    box.addEventListener("touchend", ({ touches }) => {
      if (touches.length < 2) apart = 0;
    }, { passive: true });
  }
}
