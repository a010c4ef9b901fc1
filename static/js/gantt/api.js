// The plan's addresses. Answers are told apart by kind, so that nobody has to know a status number.
export class Offline extends Error {}

export class Api {
  constructor(base) {
    this.base = base;
    this.queue = Promise.resolve();
  }

  async ask(path, options = {}) {
    let response;
    try {
      response = await fetch(this.base + path, { credentials: "same-origin", ...options });
    } catch (error) {
      throw new Offline(String(error));
    }
    const away = response.headers.get("HX-Redirect") ?? (response.redirected ? response.url : "");
    if (away) return { kind: "away", url: away }; // the session has ended
    if (response.status === 204) return { kind: "nothing" };
    const kind = { 200: "done", 409: "conflict", 422: "refused" }[response.status] ?? "failed";
    let body = {};
    try {
      body = await response.json();
    } catch {
      if (kind === "done") return { kind: "failed", status: response.status };
    }
    return { ...body, kind, status: response.status };
  }

  load(baseline) {
    return this.ask(`data.json${baseline == null ? "" : `?baseline=${encodeURIComponent(baseline)}`}`);
  }

  /** One after the other, in the order they were made: the second edit is about what the first left. */
  post(path, body) {
    const send = () =>
      this.ask(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token() },
        body: JSON.stringify(body),
      });
    const answer = this.queue.then(send, send);
    this.queue = answer.catch(() => {});
    return answer;
  }

  // The page carries the token for htmx; the cookie may be closed to scripts.
  token() {
    const headers = document.body.getAttribute("hx-headers:inherited");
    return headers ? JSON.parse(headers)["X-CSRFToken"] : "";
  }

  edits(revision, ops, preview = false) {
    return this.post("edits/", { revision, preview, ops });
  }

  undo() {
    return this.post("undo/", {});
  }

  redo() {
    return this.post("redo/", {});
  }

  changes(since) {
    return this.ask(`changes/?since=${since}`);
  }

  why(uid) {
    return this.ask(`tasks/${uid}/why/`);
  }
}
