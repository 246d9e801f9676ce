// Shows a warning that was pushed to this browser: {title, body, tag, lang, acknowledge} as JSON.
"use strict";
self.addEventListener("push", (event) => {
  const sent = event.data ? event.data.json() : {};
  event.waitUntil(
    self.registration.showNotification(sent.title || "Tocsin", {
      body: sent.body || "",
      tag: sent.tag,
      lang: sent.lang,
      renotify: Boolean(sent.tag),
      requireInteraction: true,
      data: { url: sent.acknowledge || "/" },
    }),
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const to = new URL(event.notification.data.url, self.location.origin);
  if (to.origin === self.location.origin) event.waitUntil(self.clients.openWindow(to.href));
});
