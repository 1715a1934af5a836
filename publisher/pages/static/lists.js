// Filters the rows of a list while the user types, where the list has one page. Without this script the form does it.
"use strict";
(() => {
  const field = document.getElementById("list-filter");
  const rows = Array.from(document.querySelectorAll("table.listing tbody tr"));
  const count = document.getElementById("list-count");
  if (!field || !rows.length || field.dataset.pages !== "1" || field.value) return;
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
})();
