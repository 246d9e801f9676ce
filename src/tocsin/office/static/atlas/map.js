// The living map: taken over from the drawn one once the page is at rest. If anything fails, the
// drawn map simply stays.
"use strict";
(() => {
  const box = document.getElementById("map");
  if (!box || (navigator.connection && navigator.connection.saveData)) return;
  const chinese = document.documentElement.lang.startsWith("zh");
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  const LEVELS = ["none", "blue", "yellow", "orange", "red"];

  const say = (names) =>
    (chinese ? names["zh-Hans"] || names.zh : names.en) || Object.values(names)[0] || "";

  const load = (make) =>
    new Promise((resolve, reject) => {
      const element = make();
      element.onload = resolve;
      element.onerror = () => reject(new Error(`could not load ${element.src || element.href}`));
      document.head.append(element);
    });

  const script = (src) => load(() => Object.assign(document.createElement("script"), { src }));
  const sheet = (href) =>
    load(() => Object.assign(document.createElement("link"), { rel: "stylesheet", href }));

  const fetched = async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.json();
  };

  // A hatch for each level, as in the drawn map: told apart without colour.
  const hatch = (level) => {
    const size = 16;
    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const pen = canvas.getContext("2d");
    pen.fillStyle = token(`--lv-${level}`);
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = pen.fillStyle = "rgba(0,0,0,.22)";
    pen.lineWidth = 2.5;
    pen.beginPath();
    const stroke = (x1, y1, x2, y2) => { pen.moveTo(x1, y1); pen.lineTo(x2, y2); };
    if (level === "blue") stroke(0, 8, 16, 8);
    if (level === "orange" || level === "red") { stroke(-4, 4, 4, -4); stroke(-4, 20, 20, -4); stroke(12, 20, 20, 12); }
    if (level === "red") { stroke(-4, 12, 4, 20); stroke(-4, -4, 20, 20); stroke(12, -4, 20, 4); }
    pen.stroke();
    if (level === "yellow") for (const [x, y] of [[4, 4], [12, 12]]) { pen.beginPath(); pen.arc(x, y, 1.8, 0, 7); pen.fill(); }
    return pen.getImageData(0, 0, size, size);
  };

  const bounds = (areas) => {
    let [w, s, e, n] = [180, 90, -180, -90];
    const walk = (part) => {
      if (typeof part[0] === "number") {
        w = Math.min(w, part[0]); e = Math.max(e, part[0]);
        s = Math.min(s, part[1]); n = Math.max(n, part[1]);
      } else part.forEach(walk);
    };
    areas.features.forEach((area) => area.geometry && walk(area.geometry.coordinates));
    return [[w, s], [e, n]];
  };

  const fill = ["match", ["get", "level"], 1, "hatch-blue", 2, "hatch-yellow", 3, "hatch-orange", 4, "hatch-red", "hatch-none"];
  const drawing = (areas, places) => ({
    version: 8,
    sources: {
      areas: { type: "geojson", data: areas },
      places: { type: "geojson", data: places },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": token("--paper") } },
      { id: "plain", type: "fill", source: "areas", filter: ["==", ["get", "level"], 0], paint: { "fill-color": token("--land") } },
      { id: "level", type: "fill", source: "areas", filter: [">", ["get", "level"], 0], paint: { "fill-pattern": fill } },
      { id: "border", type: "line", source: "areas", paint: { "line-color": token("--border"), "line-width": 1.6 } },
      { id: "settlement", type: "circle", source: "places", minzoom: 8.5, filter: ["==", ["get", "kind"], "settlement"],
        paint: { "circle-radius": ["interpolate", ["linear"], ["get", "population"], 15000, 1.5, 1000000, 4], "circle-color": token("--ink"), "circle-opacity": 0.45 } },
      { id: "station", type: "circle", source: "places", filter: ["==", ["get", "kind"], "station"],
        paint: { "circle-radius": 4, "circle-color": token("--paper"), "circle-stroke-color": token("--ink"), "circle-stroke-width": 2 } },
    ],
  });

  const text = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
  const wordOf = (level) => (level ? box.dataset[LEVELS[level]] : box.dataset.none);

  const label = (area) => {
    const mark = text("div", area.short);
    mark.className = "label";
    if (area.level) mark.append(text("small", wordOf(area.level)));
    return mark;
  };

  const card = (area) => {
    const inside = document.createElement("div");
    inside.append(text("strong", say(area.names)), text("div", wordOf(area.level)));
    for (const slug of area.warnings) {
      const link = text("a", slug);
      link.href = box.dataset.warnings + encodeURIComponent(slug) + "/";
      inside.append(link, document.createElement("br"));
    }
    return inside;
  };

  // As on the drawn map: without the word that all names share, and without brackets.
  const shorten = (areas) => {
    const named = areas.features.filter((area) => area.properties.code); // drawn shapes have no name
    const heads = named.map((area) => say(area.properties.names).split(/ \(|（/)[0]);
    const last = new Set(heads.map((name) => name.slice(name.lastIndexOf(" ") + 1)));
    const cut = heads.length > 1 && last.size === 1 && heads.every((name) => name.includes(" ")) ? [...last][0].length + 1 : 0;
    named.forEach((area, at) => { area.properties.short = heads[at].slice(0, heads[at].length - cut); });
  };

  const build = (areas, places) => {
    shorten(areas);
    const live = Object.assign(document.createElement("div"), { className: "map-live" });
    box.append(live);
    const map = new maplibregl.Map({
      container: live, style: drawing(areas, places), bounds: bounds(areas),
      fitBoundsOptions: { padding: 14 }, attributionControl: false, cooperativeGestures: true,
      dragRotate: false, pitchWithRotate: false, maxZoom: 13, minZoom: 5,
      locale: {
        "NavigationControl.ZoomIn": box.dataset.zoomIn, "NavigationControl.ZoomOut": box.dataset.zoomOut,
        "CooperativeGesturesHandler.WindowsHelpText": box.dataset.ctrl,
        "CooperativeGesturesHandler.MacHelpText": box.dataset.cmd,
        "CooperativeGesturesHandler.MobileHelpText": box.dataset.fingers,
      },
    });
    for (const level of LEVELS.slice(1)) map.on("styleimagemissing", ({ id }) => {
      if (id === `hatch-${level}` && !map.hasImage(id)) map.addImage(id, hatch(level), { pixelRatio: 2 });
    });
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.getCanvas().setAttribute("aria-label", box.dataset.label);
    for (const { properties } of areas.features) {
      if (!properties.label) continue;
      const mark = new maplibregl.Marker({ element: label(properties) }).setLngLat(properties.label).addTo(map).getElement();
      for (const name of ["role", "tabindex", "aria-label"]) mark.removeAttribute(name);
      mark.setAttribute("aria-hidden", "true"); // the cards beside the map say the same in words
    }
    map.on("click", ({ point, lngLat }) => {
      const hit = map.queryRenderedFeatures(point, { layers: ["plain", "level"] }).find((one) => one.properties.code); // not a drawn shape
      const area = hit && areas.features.find((one) => one.properties.code === hit.properties.code);
      if (area) new maplibregl.Popup({ maxWidth: "260px" }).setLngLat(lngLat).setDOMContent(card(area.properties)).addTo(map);
    });
    map.once("idle", () => {
      live.classList.add("ready");
      box.dataset.live = "yes";
      box.querySelector("svg.map").setAttribute("aria-hidden", "true");
    });
    map.on("error", ({ error }) => { console.warn(error); if (!box.dataset.live) { map.remove(); live.remove(); } });
  };

  const start = async () => {
    try {
      const [areas, places] = await Promise.all([
        fetched(box.dataset.areas), fetched(box.dataset.places), script(box.dataset.lib), sheet(box.dataset.css),
      ]);
      maplibregl.setWorkerUrl(box.dataset.worker);
      build(areas, places);
    } catch (error) {
      console.warn("The drawn map stays:", error);
      box.querySelector(".map-live")?.remove();
    }
  };

  // Not before the page has been painted: the library must never keep a reader waiting.
  const painted = () =>
    new Promise((resolve) => {
      if (!PerformanceObserver.supportedEntryTypes?.includes("paint")) return resolve();
      new PerformanceObserver((seen, observer) => {
        if (!seen.getEntriesByName("first-contentful-paint").length) return;
        observer.disconnect();
        resolve();
      }).observe({ type: "paint", buffered: true });
    });
  const atRest = window.requestIdleCallback || ((run) => setTimeout(run, 200));
  const begin = () => painted().then(() => atRest(start));
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
})();
