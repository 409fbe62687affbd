/** Style sheets that a page's Content-Security-Policy has nothing against. */
export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}
