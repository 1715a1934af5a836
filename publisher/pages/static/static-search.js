// Searches the names of a static copy of the site: all words of the text must be in a name, in any order.
"use strict";
(() => {
  const SHOWN = 100;
  const text = new URLSearchParams(location.search).get("q") || "";
  const note = document.getElementById("search-note");
  const results = document.getElementById("search-results");
  const fold = (value) => value.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const words = fold(text).split(/\s+/).filter(Boolean);
  if (!words.length) return;
  document.getElementById("search-text").value = text;

  // A name that is the whole text is first, be it another name of the thing; then names that begin with it.
  const whole = words.join(" ");
  const rate = (name, all) => (`,${all},`.includes(`,${whole},`) ? 0 : name.startsWith(words[0]) ? 1 : 2);

  const show = (things) => {
    const found = things
      .map(([path, name, kind, others]) => ({ path, name, kind, folded: fold(name), all: fold(`${name},${others}`) }))
      .filter((thing) => words.every((word) => thing.all.includes(word)))
      .sort((one, other) => rate(one.folded, one.all) - rate(other.folded, other.all));
    note.textContent = found.length
      ? `${found.length} ${found.length === 1 ? "result" : "results"} for “${text}”` +
        (found.length > SHOWN ? `; the first ${SHOWN} are shown` : "")
      : `Nothing was found for “${text}”. Check the spelling, or try fewer words.`;
    for (const { path, name, kind } of found.slice(0, SHOWN)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = path;
      link.textContent = name;
      item.append(link, ` (${kind})`);
      results.append(item);
    }
  };

  fetch("search/names.json")
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(String(response.status)))))
    .then(show)
    .catch(() => {
      note.textContent = "The names could not be loaded. The lists below have them.";
    });
})();
