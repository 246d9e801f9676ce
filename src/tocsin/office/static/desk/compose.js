// The composer: keys, finding areas, drawing, who else is here, and text kept in this browser.
// Without a script all of it is done with the lists, the text area of shapes and the buttons.
"use strict";
(() => {
  const form = document.getElementById("compose");
  const byId = (id) => document.getElementById(id);

  // Keys: data-key on a link, field or button names its key; no key acts while somebody types.
  const isTyping = (target) => target.closest("input:not([type=radio],[type=checkbox]), select, textarea, dialog[open]");
  document.addEventListener("keydown", (event) => {
    if (form && (event.ctrlKey || event.metaKey) && (event.key === "s" || event.key === "Enter")) {
      event.preventDefault();
      const button = form.querySelector(`button[value=${event.key === "s" ? "save" : "submit"}]`);
      if (button) form.requestSubmit(button);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || event.key.length > 1) return;
    const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input, select")) target.focus();
    else target.click();
  });
  const more = byId("more-keys");
  if (more) document.querySelector("#keys dl").prepend(more.content.cloneNode(true));
  byId("errors")?.focus();
  if (!form) return;

  // Findings beside the field that causes them: the preview brings them along.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "preview") return;
    for (const box of document.querySelectorAll("[data-said]")) {
      const found = event.target.querySelector(`[data-for="${CSS.escape(box.dataset.said)}"]`);
      box.replaceChildren(...(found ? found.children : []));
    }
  });

  // Areas.
  const areas = [...document.querySelectorAll(".area-list li")];
  const paint = (select) => { select.className = `form-select form-select-sm lv-${select.value}`; };
  byId("area-find")?.addEventListener("input", (event) => {
    event.stopPropagation();
    const words = event.target.value.toLowerCase().split(/\s+/);
    for (const area of areas) area.hidden = !words.every((word) => area.dataset.name.includes(word));
  });
  byId("area-find")?.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  byId("area-all")?.addEventListener("change", (event) => {
    if (event.target.value === "-") return;
    // An area that holds others is left alone: naming it and its parts would say it twice.
    const shown = areas.filter((area) => !area.hidden);
    const leaves = shown.filter((area, at) => {
      const depth = (one) => parseFloat(one.querySelector("label").style.paddingLeft) || 0;
      return !(areas[areas.indexOf(area) + 1] && depth(areas[areas.indexOf(area) + 1]) > depth(area));
    });
    for (const area of event.target.value ? leaves : shown) {
      const select = area.querySelector("select");
      select.value = event.target.value;
      paint(select);
    }
    event.target.value = "-";
  });
  form.addEventListener("change", (event) => { if (event.target.closest(".area-list")) paint(event.target); });
  byId("drill")?.addEventListener("change", (event) => { byId("drill-note").hidden = !event.target.checked; });

  // Text kept in this browser until it is saved: a crash or a sign-out loses nothing.
  const key = `tocsin-draft-${form.dataset.draft}`;
  const held = () => JSON.stringify([...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "revision"].includes(name)));
  const opened = held();
  const kept = JSON.parse(localStorage.getItem(key) || "null");
  const justSaved = sessionStorage.getItem(key) === "saving" && !byId("errors");
  sessionStorage.removeItem(key);
  if (kept && kept.fields === opened) localStorage.removeItem(key);
  else if (kept && justSaved && kept.revision !== form.dataset.revision) localStorage.removeItem(key);
  else if (kept) byId("restore").hidden = false;
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (held() === opened) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ revision: form.dataset.revision, fields: held() }));
    }, 300);
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    if (held() !== opened) localStorage.setItem(key, JSON.stringify({ revision: form.dataset.revision, fields: held() }));
    sessionStorage.setItem(key, "saving");
  });
  byId("restore-no").addEventListener("click", () => { localStorage.removeItem(key); byId("restore").hidden = true; });
  byId("restore-yes").addEventListener("click", () => {
    const fields = JSON.parse(kept.fields);
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = fields.some(([name, value]) => name === box.name && value === box.value);
    for (const [name, value] of fields) {
      const field = form.elements[name];
      if (field && field.type && field.type !== "checkbox") field.value = value;
    }
    document.querySelectorAll(".area-list select").forEach(paint);
    byId("restore").hidden = true;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Who else has it open: a beat every ten seconds while the page is seen.
  // One mark a tab, so that a page loaded again is not taken for another officer.
  const mark = sessionStorage.getItem("tocsin-tab") || Math.random().toString(36).slice(2);
  sessionStorage.setItem("tocsin-tab", mark);
  const beat = async () => {
    if (document.hidden) return;
    const body = new URLSearchParams({ page: mark, revision: form.dataset.revision, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    try {
      const answer = await fetch(form.dataset.presence, { method: "POST", body, redirect: "manual" });
      // The server escapes what it says; an answer that is none (signed out) changes nothing.
      if (answer.ok) {
        const said = await answer.text();
        if (byId("presence").innerHTML !== said) byId("presence").innerHTML = said;
      }
    } catch { /* offline: the next beat tries again, and saving says so itself */ }
  };
  beat();
  setInterval(beat, 10_000);

  // The map. It only ever writes lines into the text area, which stays the one truth.
  const box = byId("draw-map");
  const details = byId("draw");
  const shapes = byId("shapes");
  if (!box) return;
  const script = (src) => new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src, onload: resolve });
    element.onerror = () => reject(new Error(`could not load ${src}`));
    document.head.append(element);
  });
  const COLOUR = (level) => getComputedStyle(document.documentElement).getPropertyValue(`--lv-${level}`).trim();
  const KM = 111.32;
  const ring = (lat, lon, km) => Array.from({ length: 65 }, (_, n) => {
    const turn = (n % 64) * Math.PI / 32;
    return [lon + km / KM / Math.cos(lat * Math.PI / 180) * Math.sin(turn), lat + km / KM * Math.cos(turn)];
  });
  const drawn = () => shapes.value.split("\n").flatMap((line) => {
    const [level, kind, ...rest] = line.trim().split(/\s+/);
    const pairs = rest.filter((part) => part.includes(",")).map((part) => part.split(",").map(Number));
    if (!pairs.length || pairs.flat().some(Number.isNaN)) return [];
    const corners = kind === "circle" ? ring(...pairs[0], Number(rest[1])) : [...pairs, pairs[0]].map(([lat, lon]) => [lon, lat]);
    return [{ type: "Feature", properties: { colour: COLOUR(level) }, geometry: { type: "Polygon", coordinates: [corners] } }];
  });
  const add = (line) => {
    shapes.value = [shapes.value.trim(), line].filter(Boolean).join("\n");
    shapes.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const bounds = (features) => {
    const all = features.flatMap((one) => one.geometry ? one.geometry.coordinates.flat(Infinity) : []);
    const xs = all.filter((_, n) => n % 2 === 0), ys = all.filter((_, n) => n % 2 === 1);
    return [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
  };
  const finished = (draw, id) => {
    const shape = draw.getSnapshot().find((one) => one.id === id);
    if (!shape || shape.geometry.type !== "Polygon") return;
    const points = shape.geometry.coordinates[0];
    const level = byId("draw-level").value;
    if (shape.properties.mode === "circle") {
      const lon = (Math.min(...points.map((p) => p[0])) + Math.max(...points.map((p) => p[0]))) / 2;
      const lat = (Math.min(...points.map((p) => p[1])) + Math.max(...points.map((p) => p[1]))) / 2;
      const km = (Math.max(...points.map((p) => p[1])) - lat) * KM;
      add(`${level} circle ${lat.toFixed(4)},${lon.toFixed(4)} ${Math.max(km, 0.1).toFixed(1)}`);
    } else add(`${level} polygon ${points.slice(0, -1).map(([lon, lat]) => `${lat.toFixed(4)},${lon.toFixed(4)}`).join(" ")}`);
    draw.removeFeatures([id]);
  };
  const build = async () => {
    const areasFound = await (await fetch(box.dataset.areas)).json();
    await script(box.dataset.lib);
    await script(box.dataset.draw);
    await script(box.dataset.adapter);
    maplibregl.setWorkerUrl(box.dataset.worker);
    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const map = new maplibregl.Map({
      container: box, attributionControl: false, dragRotate: false, bounds: bounds(areasFound.features), fitBoundsOptions: { padding: 16 },
      style: { version: 8,
        sources: { areas: { type: "geojson", data: areasFound }, drawn: { type: "geojson", data: { type: "FeatureCollection", features: drawn() } } },
        layers: [
          { id: "ground", type: "background", paint: { "background-color": token("--wash") } },
          { id: "land", type: "fill", source: "areas", paint: { "fill-color": token("--lv-none") } },
          { id: "border", type: "line", source: "areas", paint: { "line-color": token("--soft"), "line-width": 1.2 } },
          { id: "drawn", type: "fill", source: "drawn", paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.5 } },
          { id: "drawn-edge", type: "line", source: "drawn", paint: { "line-color": ["get", "colour"], "line-width": 3 } },
        ] },
    });
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    const show = () => map.getSource("drawn")?.setData({ type: "FeatureCollection", features: drawn() });
    shapes.addEventListener("input", show);
    map.once("load", () => {
      show();
      const draw = new terraDraw.TerraDraw({
        adapter: new terraDrawMaplibreGlAdapter.TerraDrawMapLibreGLAdapter({ map }),
        modes: [new terraDraw.TerraDrawPolygonMode(), new terraDraw.TerraDrawCircleMode()],
      });
      draw.start();
      draw.setMode("static");
      draw.on("finish", (id) => finished(draw, id));
      for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => {
        draw.setMode(button.dataset.mode);
        document.querySelectorAll("[data-mode]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
      });
      box.dataset.live = "yes";
    });
  };
  byId("undo-shape").addEventListener("click", () => {
    shapes.value = shapes.value.trim().split("\n").slice(0, -1).join("\n");
    shapes.dispatchEvent(new Event("input", { bubbles: true }));
  });
  let asked = false;
  const ask = () => {
    if (asked || !details.open) return;
    asked = true;
    build().catch((error) => { console.warn(error); box.textContent = box.dataset.failed; });
  };
  details.addEventListener("toggle", ask);
  ask();
})();
