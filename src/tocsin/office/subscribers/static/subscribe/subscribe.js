// Makes the form quicker where scripts run; without them everything on it works as it is.
"use strict";
(() => {
  const find = document.getElementById("find-area");
  const areas = document.getElementById("areas");
  if (find && areas && areas.querySelectorAll("li").length > 12) {
    find.hidden = false;
    find.querySelector("input").addEventListener("input", (event) => {
      const words = event.target.value.trim().toLowerCase();
      for (const item of [...areas.querySelectorAll("li")].reverse()) {
        const own = item.querySelector("label").textContent.toLowerCase().includes(words);
        const within = [...item.querySelectorAll("li")].some((one) => !one.hidden);
        item.hidden = Boolean(words) && !own && !within;
        const details = item.querySelector("details");
        if (details && words && within) details.open = true;
      }
    });
  }

  // The place is rounded here already: what is exact does not leave the device.
  const here = document.getElementById("here");
  if (here && "geolocation" in navigator) {
    here.hidden = false;
    here.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        document.getElementById("id_lat").value = coords.latitude.toFixed(2);
        document.getElementById("id_lon").value = coords.longitude.toFixed(2);
      });
    });
  }

  const push = document.getElementById("push");
  const said = document.getElementById("push-said");
  if (!push || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  push.hidden = false;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };

  push.addEventListener("click", async () => {
    const form = new FormData(push.form);
    try {
      const worker = await navigator.serviceWorker.register(push.dataset.worker);
      await new Promise((ready) => {
        const state = worker.active ? null : worker.installing || worker.waiting;
        if (!state) return ready();
        state.addEventListener("statechange", () => state.state === "activated" && ready());
      });
      const made = await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(push.dataset.key),
      });
      form.set("channel", "web_push");
      form.set("address", JSON.stringify(made));
    } catch (error) {
      said.textContent = `${push.dataset.refused} (${error.name})`;
      return;
    }
    const answer = await fetch(push.dataset.to, { method: "POST", body: form });
    const read = await answer.json();
    said.textContent = `${read.done || read.error} `;
    if (!read.href) return;
    const change = document.createElement("a");
    change.href = read.href;
    change.textContent = read.change;
    said.append(change);
  });
})();
