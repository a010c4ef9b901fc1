// What went wrong, said once in the live region; one send for one click.
(() => {
  const words = (status) =>
    (document.querySelector(`#words [data-word="${status}"]`) ?? document.querySelector('#words [data-word="other"]'))?.textContent;

  const say = (text) => {
    const box = document.getElementById("messages");
    if (!box) return;
    const line = document.createElement("div");
    line.className = "alert act";
    line.append(Object.assign(document.createElement("div"), { textContent: text }));
    box.replaceChildren(line);
    box.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx.response.status;
    if (status !== 409 && status !== 422) say(words(status));
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.status?.startsWith("error")) say(words(0));
  });

  // A form sent twice by a double click is sent once; back in history it can be sent again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "true";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // The same for what htmx sends: a second click while the first is under way is dropped, not queued.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    if (request.method === "GET") return;
    if (sourceElement.dataset.sending) event.preventDefault();
    else sourceElement.dataset.sending = "true";
  });
  document.addEventListener("htmx:finally:request", (event) => delete event.detail.ctx.sourceElement.dataset.sending);

  // A page that renews itself keeps what is being typed and which folds are open. What was sent and taken is over.
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, request, response } = event.detail.ctx;
    if (request.method === "GET" || response.status >= 400 || !sourceElement.matches("form")) return;
    sourceElement.reset();
    sourceElement.closest("details")?.removeAttribute("open");
  });

  // Native forms ask too: htmx has hx-confirm for its own.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
})();
