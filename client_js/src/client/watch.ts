/** In a browser: when the network or the page comes back, the connection is looked at once. */
export function watchPage(client: { check(): void }): () => void {
  const check = () => client.check();
  const shown = () => {
    if (document.visibilityState === "visible") client.check();
  };
  window.addEventListener("online", check);
  window.addEventListener("pageshow", check);
  document.addEventListener("visibilitychange", shown);
  return () => {
    window.removeEventListener("online", check);
    window.removeEventListener("pageshow", check);
    document.removeEventListener("visibilitychange", shown);
  };
}
