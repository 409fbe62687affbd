/** The little that the demo website does by itself, with the widget's function (VS-5). */

import { offerPeople } from "./pretend.ts";

type Frontdesk = ((...call: unknown[]) => void) & { q?: unknown[][] };
const page = window as unknown as { frontdesk?: Frontdesk };

/** May be called before the widget is there: what it is told waits in a queue. */
function frontdesk(...call: unknown[]): void {
  if (page.frontdesk === undefined) {
    const queue: Frontdesk = (...later: unknown[]) => void queue.q?.push(later);
    queue.q = [];
    page.frontdesk = queue;
  }
  page.frontdesk(...call);
}

const current = document.body.dataset["page"] ?? "";
document.querySelector(`nav [data-page="${current}"]`)?.setAttribute("aria-current", "page");

for (const button of document.querySelectorAll("[data-open-chat]")) {
  button.addEventListener("click", () => frontdesk("open"));
}

offerPeople((fields) => frontdesk("identify", fields));

const form = document.querySelector<HTMLFormElement>("#contact");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, email, company, question } = Object.fromEntries(new FormData(form));
  if (!form.checkValidity()) {
    form.reportValidity();
    return;
  }
  frontdesk("saveFormData", { name, email, company, question });
  form.reset();
  const sent = document.querySelector("#sent");
  if (sent) sent.textContent = "Thank you. If you open the chat now, we know who is asking.";
});
