"use strict";
// The desk's keys and its slider. Everything here has a way without a script: links and forms.
(function () {
  document.documentElement.classList.add("js");
  const keys = document.getElementById("keys");
  const opener = document.getElementById("keys-open");
  const slider = document.getElementById("hour");
  const menu = document.querySelector("details.menu");

  if (menu && window.matchMedia("(max-width: 900px)").matches) menu.open = false;
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => keys.showModal());
  }

  function isTyping(target) {
    return target.closest("input:not([type=range]), select, textarea, [contenteditable], dialog[open]");
  }

  // A table that is wider than its place can be scrolled by keys: one without a link gets a stop.
  function reachable() {
    for (const box of document.querySelectorAll(".scroll:not([tabindex])")) {
      if (box.scrollWidth <= box.clientWidth || box.querySelector("a, button, input, select")) continue;
      const head = box.closest("section, form")?.querySelector("h2");
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      if (head) box.setAttribute("aria-label", head.textContent.trim());
    }
  }
  reachable();
  document.addEventListener("htmx:afterSettle", reachable);

  // What the slider says while it moves; the server's answer has the last word.
  function tell() {
    const at = new Date(new Date(slider.dataset.first).getTime() + slider.value * 3600000);
    const words = new Intl.DateTimeFormat(document.documentElement.lang, {
      timeZone: slider.dataset.zone, weekday: "short", day: "numeric", month: "short",
      year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    }).format(at);
    slider.setAttribute("aria-valuetext", words);
    const moment = document.querySelector("#moment b");
    if (moment) moment.textContent = words;
  }

  function step(hours) {
    const before = slider.value;
    slider.value = Number(slider.value) + hours;
    if (slider.value === before) return;
    tell();
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  }

  if (slider) {
    slider.addEventListener("input", tell);
    slider.addEventListener("change", () => { if (!window.htmx) slider.form.requestSubmit(); });
    // A link moved the hour: the slider follows. Its own answers never move it, since a hand or a key
    // may already have gone further.
    document.addEventListener("htmx:afterSettle", (event) => {
      const board = document.getElementById("board");
      const asked = event.detail.requestConfig;
      if (board && asked && asked.elt !== slider.form) slider.value = board.dataset.hour;
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("desk-search").focus();
    } else if (event.key === "?") {
      event.preventDefault();
      keys.showModal();
    } else if (slider && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      step((event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 24 : 1));
    }
  });
})();
