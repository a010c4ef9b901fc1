// What is shown of the plan and how: zoom, span, filter, levels, what the timeline draws, which halves are seen.
import { filterOf } from "./model.js";
import { Scale } from "./scale.js";
import { DAY, minutes } from "./time.js";

export const Viewing = (Base) =>
  class extends Base {
    /** The span of the timeline around what is drawn, at a zoom. */
    setRange(perDay = this.scale?.perDay ?? 14) {
      const { from, to } = this.plan.span();
      // Room to drag into: half a window on both sides.
      const pad = Math.max(30 * DAY, ((this.timeline?.width ?? 800) / perDay / 2) * DAY);
      if (this.scale) this.scale.set(perDay, from - pad, to + pad);
      else this.scale = new Scale(perDay, from - pad, to + pad);
      const timed = this.scale.grain < DAY;
      if (timed === this.columns.timed) return;
      this.columns.timed = timed;
      this.grid?.applyWidths();
    }

    /** Where the timeline stood when the page was left, else all of it; as soon as it is seen. */
    begin() {
      if (this.begun || !this.timeline.box.clientWidth) return;
      this.begun = true;
      if (this.store.get("fit", this.store.get("zoom") === undefined)) this.fit();
      else this.timeline.left = this.scale.x(this.store.get("moment", minutes(this.plan.project.today)));
    }

    /** A zoom around a point of the screen, else around the middle of the window. */
    setScale(perDay, clientX) {
      const { timeline } = this;
      const box = timeline.box.getBoundingClientRect();
      const beside = clientX === undefined ? timeline.width / 2 : clientX - box.left;
      const at = this.scale.at(timeline.left + beside);
      this.setRange(perDay);
      timeline.applyScale();
      timeline.left = this.scale.x(at) - beside;
      this.draw({ force: true });
      this.keepZoom();
      this.store.set("fit", false);
    }

    zoom(by, clientX) {
      this.setScale(this.scale.step(by), clientX);
    }

    fit() {
      const { from, to } = this.plan.span();
      const width = Math.max(this.timeline.width - 60, 100);
      this.setRange(Scale.fitting(from, to, width));
      this.timeline.applyScale();
      this.timeline.left = this.scale.x(from) - 30;
      this.draw({ force: true });
      this.keepZoom();
      this.store.set("fit", true);
    }

    goToday() {
      this.timeline.show(minutes(this.plan.project.today), 0.33);
      this.draw();
    }

    goSelected() {
      const task = this.plan.task(this.targets()[0] ?? this.at?.uid);
      if (!task?.start) return;
      this.plan.reveal(task.uid);
      this.laidOut();
      this.showRow(this.plan.rowOf.get(task.uid));
      this.timeline.show(minutes(task.start), 0.25);
      this.draw();
    }

    keepZoom() {
      if (!this.begun) return;
      if (this.kept !== this.scale.perDay) this.store.set("zoom", (this.kept = this.scale.perDay));
      clearTimeout(this.keeping);
      this.keeping = setTimeout(() => this.store.set("moment", this.scale.at(this.timeline.left)), 300);
    }

    // --- Filter and folding

    setFilter({ q = this.asked.q, show = this.asked.show }) {
      this.asked = { q, show };
      const today = this.plan.project.today.slice(0, 10);
      this.plan.filter = filterOf(q, show, { me: this.me, today });
      this.plan.layOut();
      const address = new URL(location.href);
      for (const [key, value] of Object.entries(this.asked)) {
        if (value) address.searchParams.set(key, value);
        else address.searchParams.delete(key);
      }
      history.replaceState(history.state, "", address);
      this.scroll.scrollTop = 0;
      this.laidOut();
    }

    toggleFold(uid) {
      if (this.plan.filter) return;
      this.plan.fold(uid, !this.plan.folded.has(uid));
      this.keepFolded();
      this.laidOut();
      if (this.at?.uid === uid) this.focusCell(uid, this.at.column);
    }

    showLevels(level) {
      this.plan.showLevels(level);
      this.keepFolded();
      this.laidOut();
    }

    keepFolded() {
      this.store.set("folded", [...this.plan.folded].slice(0, 5000));
    }

    // --- The timeline

    setShow(key, on) {
      this.show[key] = on;
      this.store.set("show", this.show);
      this.draw({ force: true });
      this.drawFoot();
    }

    async setBaseline(number) {
      this.baseline = number;
      await this.reload();
    }

    columnsChanged() {
      this.grid.drawHead();
      this.draw({ force: true });
    }

    /** "both", "list" or "time"; a phone shows one of them. */
    setView(view) {
      this.view = view;
      this.store.set("view", view);
      this.dataset.view = view;
      this.split.apply();
      this.resized();
      this.begin();
      this.draw({ force: true });
      this.toolbar.refresh();
    }
  };
