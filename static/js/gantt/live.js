// Other people's saves arrive within seconds while the page is seen; what is being typed is left alone.
import { Offline } from "./api.js";

const EVERY = 2500; // milliseconds
const SLOWEST = 30000;

export class Live {
  constructor(gantt) {
    this.gantt = gantt;
    this.wait = EVERY;
    this.online = true;
    this.look = this.look.bind(this);
  }

  start() {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.soon();
    });
    addEventListener("online", () => this.soon());
    addEventListener("offline", () => this.lost());
    this.soon(EVERY);
  }

  soon(after = 0) {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.look, after);
  }

  async look() {
    const { gantt } = this;
    if (!gantt.isConnected) return;
    if (document.hidden) return; // visibilitychange begins again
    // While an own save is under way its answer says more than a look would.
    if (!gantt.saver.sending) {
      try {
        const answer = await gantt.api.changes(gantt.plan.seen);
        this.reached();
        await this.take(answer);
      } catch (error) {
        if (!(error instanceof Offline)) throw error;
        this.lost();
      }
    }
    this.soon(this.wait);
  }

  async take(answer) {
    const { gantt } = this;
    if (answer.kind !== "done") {
      // Nobody is sent to the sign-in page while typing.
      if (answer.kind === "away") gantt.banner("away", gantt.say("away"));
      if (answer.kind !== "nothing") this.wait = Math.min(this.wait * 2, SLOWEST);
      return;
    }
    if (gantt.saver.sending) return; // asked before our own save: its answer is on the way
    if (answer.reload) {
      await gantt.reload();
      gantt.toasts.say(gantt.say("reloaded"), { kind: "who" });
      return;
    }
    const fresh = gantt.plan.merge(answer);
    gantt.plan.seen = Math.max(gantt.plan.seen, answer.revision);
    gantt.plan.revision = Math.max(gantt.plan.revision, answer.revision);
    gantt.changed(fresh);
    if (answer.sentence) gantt.toasts.say(answer.sentence, { kind: "who" });
  }

  reached() {
    this.wait = EVERY;
    if (this.online) return;
    this.online = true;
    this.gantt.banner("offline", "");
    this.gantt.toasts.say(this.gantt.say("online"));
    this.soon();
  }

  lost() {
    this.wait = Math.min(this.wait * 2, SLOWEST);
    if (!this.online) return;
    this.online = false;
    this.gantt.banner("offline", this.gantt.say("offline"));
  }
}
