// Takes reloads away from the list's buttons and from a run at work, and counts down to a list's end; without it
// everything works the same.
"use strict";
(() => {
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  told.className = "skip";
  document.querySelector("main").append(told);

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches("[data-quick]") || !button) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    fields.append(button.name, button.value);
    const name = button.getAttribute("aria-label");
    try {
      const answer = await fetch(form.action, {method: "POST", body: fields, redirect: "follow"});
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main");
      if (!answer.ok || !main) throw new Error(answer.status);
      document.querySelector("main").replaceChildren(...main.childNodes);
      document.querySelector("main").append(told);
      const again = [...document.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === name && !one.disabled);
      (again || document.querySelector("main")).focus({preventScroll: true});
      told.textContent = name;
      history.replaceState(null, "", answer.url.split("#")[0]);
    } catch {
      // As without this script; the button's field goes along.
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = button.name;
      field.value = button.value;
      form.append(field);
      form.submit();
    }
  });

  // A run at work: every event of it brings the page's own words about it.
  const work = document.querySelector("[data-events]");
  if (work) {
    const events = new EventSource(work.dataset.events);
    let asked = false;
    events.addEventListener("stage", async () => {
      if (asked) return;
      asked = true;
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      asked = false;
      const now = page.querySelector("[data-events]");
      if (answer.ok && now) work.replaceChildren(...now.childNodes);
    });
    events.addEventListener("end", () => {
      events.close();
      location.reload();
    });
  }

  for (const time of document.querySelectorAll("[data-closes]")) {
    const ahead = Number(time.dataset.now) - Date.now();
    const text = time.textContent;
    const show = () => {
      const left = Number(time.dataset.closes) - Date.now() - ahead;
      if (left < 0) return;
      const minutes = Math.floor(left / 60000);
      const parts = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60].map((part) => String(part).padStart(2, "0"));
      time.textContent = text + " (" + parts.join(":") + ")";
    };
    show();
    setInterval(show, 30000);
  }
})();
