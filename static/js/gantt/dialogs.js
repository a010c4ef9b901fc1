// Small dialogs of the surface: a question, a form, a choice between two versions. Each resolves to what was chosen.
import { element, esc, icon } from "./html.js";

let count = 0;

/** `buttons`: [value, label, css]. Resolves {value, form} when one is pressed; value "" for Esc and the backdrop. */
export function ask({ say, title, body = "", buttons, wide = false }) {
  const id = `g-dialog-${++count}`;
  const acts = buttons.map(([value, label, css]) => `<button class="btn ${css ?? ""}" value="${value}"${value ? "" : " formnovalidate"}>${esc(label)}</button>`);
  const dialog = element(`<dialog class="dialog g-dialog${wide ? " is-wide" : ""}" aria-labelledby="${id}"><form method="dialog" class="stackv">
    <div class="dialog-h"><h2 id="${id}">${esc(title)}</h2><button class="iconbtn" value="" formnovalidate aria-label="${esc(say("close"))}">${icon("x")}</button></div>
    ${body}<div class="form-acts">${acts.join("")}</div></form></dialog>`);
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector(".form-acts .btn"))?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const values = Object.fromEntries(new FormData(dialog.querySelector("form")));
      dialog.remove();
      before?.focus?.({ preventScroll: true });
      resolve({ value: dialog.returnValue, values });
    });
  });
}

/** A form of a dialog that stays open until `check(values)` answers with nothing to say. */
export function errorList(errors) {
  return `<div class="errors" role="alert"><ul>${errors.map((text) => `<li>${esc(text)}</li>`).join("")}</ul></div>`;
}
