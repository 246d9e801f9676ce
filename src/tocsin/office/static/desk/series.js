"use strict";
// The chart of the series page: good values as lines, thresholds as dashes, flagged values in red.
(function () {
  const place = document.getElementById("chart");
  const note = document.getElementById("chart-note");
  if (!place) return;

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const HUES = ["--accent", "--ink-orange", "--good", "--ink-red", "--ink-yellow", "--soft"];
  const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [1, 4]];

  function fail() {
    place.textContent = place.dataset.failed;
    place.className = "quiet";
  }

  // The scale holds every good value and the nearest thresholds; a flagged value may lie beyond it.
  function range(points) {
    const good = points.lines.flatMap((line) => line.values);
    for (const line of points.ahead ? points.ahead.lines : []) {
      good.push(...line.low, ...line.high);
    }
    const known = good.filter((value) => value !== null);
    let low = Math.min(...known), high = Math.max(...known);
    if (!known.length) { low = 0; high = 1; }
    const reach = Math.max(high - low, 1) * 0.6;
    for (const limit of points.thresholds) {
      if (limit.value > low - reach && limit.value < high + reach) {
        low = Math.min(low, limit.value); high = Math.max(high, limit.value);
      }
    }
    const room = Math.max((high - low) * 0.08, 0.5);
    return [low - room, high + room];
  }

  function number(value, points) {
    return value.toLocaleString(document.documentElement.lang, {
      minimumFractionDigits: points.decimals, maximumFractionDigits: points.decimals,
    });
  }

  // A return period is a value of one station's own record, so it is said whose.
  function thresholdWords(limit, points) {
    const value = limit.value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
    const level = place.dataset[limit.level];
    if (!limit.said) return `${level} ${value}`;
    const whose = points.lines.length > 1 ? `${limit.station}, ` : "";
    return `${whose}${level}: ${limit.said} (${value} ${place.dataset.unit})`;
  }

  function drawThresholds(u, points) {
    const c = u.ctx;
    c.save();
    c.lineJoin = "round";
    c.font = `${12 * devicePixelRatio}px sans-serif`;
    c.textAlign = "left";
    c.textBaseline = "alphabetic";
    const begin = u.bbox.left + 6 * devicePixelRatio;
    let left = begin;
    for (const limit of points.thresholds) {
      const y = u.valToPos(limit.value, "y", true);
      if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) continue;
      c.lineWidth = 1.5 * devicePixelRatio;
      c.strokeStyle = token(`--lv-${limit.level}`);
      c.fillStyle = token(`--ink-${limit.level}`);
      c.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      c.beginPath(); c.moveTo(u.bbox.left, y); c.lineTo(u.bbox.left + u.bbox.width, y); c.stroke();
      const words = thresholdWords(limit, points);
      const width = Math.max(c.measureText(words).width + 14 * devicePixelRatio, 110 * devicePixelRatio);
      if (left + width > u.bbox.left + u.bbox.width) left = begin;
      c.setLineDash([]);
      c.lineWidth = 4 * devicePixelRatio;
      c.strokeStyle = token("--paper");
      c.strokeText(words, left, y - 4);
      c.fillText(words, left, y - 4);
      left += width;
    }
    c.restore();
  }

  function drawFlagged(u, points) {
    const c = u.ctx, size = 6 * devicePixelRatio;
    c.save();
    c.fillStyle = c.strokeStyle = token("--flag");
    c.lineWidth = 2 * devicePixelRatio;
    c.font = `600 ${13 * devicePixelRatio}px sans-serif`;
    c.textBaseline = "alphabetic";
    c.setLineDash([]);
    const marks = points.flagged.map(([time, value, station]) => {
      const top = u.bbox.top + size, bottom = u.bbox.top + u.bbox.height - size;
      const wanted = value === null ? bottom : u.valToPos(value, "y", true);
      const arrow = wanted < top ? " ↑" : wanted > bottom ? " ↓" : "";
      const words = value === null ? "" : `${station} ${number(value, points)} ${place.dataset.unit}, ${place.dataset.flagged}${arrow}`;
      return { x: u.valToPos(time, "x", true), y: Math.min(Math.max(wanted, top), bottom), words };
    });
    for (const { x, y } of marks) {
      c.beginPath();
      c.moveTo(x - size, y - size); c.lineTo(x + size, y + size);
      c.moveTo(x + size, y - size); c.lineTo(x - size, y + size);
      c.stroke();
    }
    // Words stand where they lie over no cross and no other words; where there is no such place, none.
    const taken = marks.map(({ x, y }) => ({ from: x - size, to: x + size, y }));
    for (const { x, y, words } of marks) {
      if (!words) continue;
      const wide = c.measureText(words).width;
      for (const [align, from] of [["left", x + 2 * size], ["right", x - 2 * size - wide]]) {
        const to = from + wide;
        const isFree = from > u.bbox.left && to < u.bbox.left + u.bbox.width &&
          !taken.some((one) => from < one.to && to > one.from && Math.abs(y - one.y) < 3 * size);
        if (!isFree) continue;
        taken.push({ from, to, y });
        c.textAlign = align;
        c.fillText(words, align === "left" ? from : to, y + size);
        break;
      }
    }
    c.restore();
  }

  // Hours on the axis, and the day under the first hour of each.
  function days(splits, step, zone) {
    const lang = document.documentElement.lang;
    const day = new Intl.DateTimeFormat(lang, { timeZone: zone, day: "numeric", month: "short" });
    const hour = new Intl.DateTimeFormat(lang, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    let before = "";
    return splits.map((time) => {
      const at = new Date(time * 1000), today = day.format(at);
      const words = step >= 86400 ? today : hour.format(at) + (today === before ? "" : `\n${today}`);
      before = today;
      return words;
    });
  }

  function draw(points) {
    note.textContent = [
      points.slot_h ? place.dataset.thinned.replace("{h}", points.slot_h) : "",
      points.count ? "" : place.dataset.empty,
    ].filter(Boolean).join(" · ");
    const ahead = points.ahead || { x: [], lines: [] };
    if (!points.x.length && !points.flagged.length && !ahead.x.length) return;
    // Flagged moments belong to the axis even where no good value stands beside them.
    const times = [...new Set([...points.x, ...points.flagged.map((row) => row[0]), ...ahead.x])].sort((a, b) => a - b);
    const at = new Map(points.x.map((time, index) => [time, index]));
    const lines = points.lines.map((line) =>
      times.map((time) => (at.has(time) ? line.values[at.get(time)] : undefined)));
    const coming = new Map(ahead.x.map((time, index) => [time, index]));
    const hue = (station) => token(HUES[Math.max(points.lines.findIndex((line) => line.station === station), 0) % HUES.length]);
    // Three lines for a station: the lowest and the highest member, between them a band, and the median.
    const expected = ahead.lines.flatMap((line) => ["low", "high", "median"].map((key) =>
      times.map((time) => (coming.has(time) ? line[key][coming.get(time)] : undefined))));
    const axis = { stroke: token("--soft"), grid: { stroke: token("--line"), width: 1 }, ticks: { stroke: token("--line"), width: 1 } };
    const [low, high] = range(points);
    const chart = new uPlot({
      width: place.clientWidth, height: 360,
      tzDate: (time) => uPlot.tzDate(new Date(time * 1000), points.zone),
      scales: { y: { range: () => [low, high] } },
      axes: [{ ...axis, values: (_, splits, index, space, step) => days(splits, step, points.zone) }, { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString(document.documentElement.lang)) }],
      series: [
        { label: place.dataset.time, value: (_, time) => time === null ? "–" : new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: points.zone, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(time * 1000)) },
        ...points.lines.map((line, index) => ({
          label: line.station, stroke: token(HUES[index % HUES.length]), width: 1.6, dash: DASHES[index % DASHES.length],
          value: (_, value) => (value === null || value === undefined ? "–" : `${number(value, points)} ${place.dataset.unit}`),
        })),
        ...ahead.lines.flatMap((line) => ["low", "high", "median"].map((key) => ({
          label: `${line.station}, ${place.dataset.expected}${key === "median" ? "" : key === "low" ? " ↓" : " ↑"}`,
          class: key === "median" ? null : "edge", stroke: hue(line.station), width: key === "median" ? 1.8 : 0, dash: [5, 4], points: { show: false },
          value: (_, value) => (value === null || value === undefined ? "–" : `${number(value, points)} ${place.dataset.unit}`),
        }))),
      ],
      bands: ahead.lines.map((line, index) => {
        const first = 1 + points.lines.length + 3 * index;
        return { series: [first + 1, first], fill: `color-mix(in srgb, ${hue(line.station)} 18%, transparent)` };
      }),
      hooks: { draw: [(u) => drawThresholds(u, points), (u) => drawFlagged(u, points)] },
    }, [times, ...lines, ...expected], place);
    new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 360 })).observe(place);
    place.dataset.drawn = points.flagged.length;
  }

  fetch(place.dataset.points, { credentials: "same-origin" })
    .then((answer) => { if (!answer.ok || answer.redirected) throw new Error(answer.status); return answer.json(); })
    .then((points) => (window.uPlot ? draw(points) : fail()))
    .catch(fail);
})();
