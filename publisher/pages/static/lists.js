// Filters a list while the user types: its rows where all of them are on the page, else by asking the server for the
// list that the form leads to. Without this script the form does it.
"use strict";
(() => {
  const PAUSE = 250; // milliseconds without a key before the server is asked
  const field = document.getElementById("list-filter");
  const count = document.getElementById("list-count");
  if (!field) return;

  const filterRows = () => {
    const rows = Array.from(document.querySelectorAll("table.listing tbody tr"));
    const stated = count.textContent;
    const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
    const texts = rows.map((row) => fold(row.textContent));
    field.addEventListener("input", () => {
      const words = fold(field.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, number) => {
        row.hidden = !words.every((word) => texts[number].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      count.textContent = words.length ? `${shown} of ${rows.length} shown` : stated;
    });
  };

  const askServer = () => {
    let timer = 0;
    let latest = 0;
    const show = (page) => {
      const form = field.form;
      const other = page.getElementById("list-filter").form;
      while (form.nextElementSibling) form.nextElementSibling.remove();
      while (other.nextElementSibling) form.parentNode.append(other.nextElementSibling);
      const found = document.getElementById("list-count");
      const words = found.textContent;
      found.replaceWith(count); // The element that screen readers watch stays.
      count.textContent = words;
    };
    const load = async () => {
      latest += 1;
      const number = latest;
      const url = new URL(field.form.action);
      url.search = new URLSearchParams(new FormData(field.form));
      const response = await fetch(url, { headers: { Accept: "text/html" } }).catch(() => null);
      const text = response && response.ok ? await response.text() : "";
      if (!text || number !== latest) return;
      show(new DOMParser().parseFromString(text, "text/html"));
      history.replaceState(null, "", url);
    };
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(load, PAUSE);
    });
  };

  if (field.dataset.pages === "1" && !field.value) filterRows();
  else askServer();
})();
