// Pages with results: sorting, filters and copy buttons; the editor, which runs queries in place, and their history.
// Without this script the forms still work.
"use strict";

const form = document.getElementById("ask");
const field = form?.querySelector("textarea");
const answer = document.getElementById("answer");
const heading = document.querySelector("h1"); // the title of the result, where there is one
const status = note("p"); // shown while a query runs, and announced by screen readers
status.id = "status";
status.setAttribute("role", "status");
const ROWS = 500; // rows of a table displayed at once; browsers need seconds to lay out more
const collator = new Intl.Collator("en", { numeric: true });
const LONGEST_ADDRESS = 8000; // characters; servers and proxies refuse longer ones, so such a query is posted

function note(tag, text = "") {
  const made = document.createElement(tag);
  made.className = "note";
  made.textContent = text;
  return made;
}

function button(text, does) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.textContent = text;
  made.addEventListener("click", does);
  return made;
}

// The editor

// The name, or the part of one, that ends at the cursor, and the state of the grammar before it.
function typed(yasqe) {
  const { line, ch } = yasqe.getDoc().getCursor();
  const string = /[?$]?[\w:-]*$/.exec(yasqe.getLine(line).slice(0, ch))[0];
  const { possibleNext, lastProperty } = yasqe.getPreviousNonWsToken(line, { start: ch - string.length }).state;
  return { string, start: ch - string.length, end: ch, possibleNext, lastProperty };
}

const isProperty = ({ possibleNext }) => possibleNext.includes("a");
const isClass = ({ possibleNext, lastProperty }) =>
  !possibleNext.includes("a") && ["a", "rdf:type", "rdfs:domain", "rdfs:range"].includes(lastProperty);

// Completes classes or properties by name or label, and declares the prefix of the chosen one.
function completer(terms, prefixes, fits) {
  const named = new Map(terms.map((term) => [term.name, term]));
  const insert = (yasqe, hint) => {
    yasqe.replaceRange(hint.text, hint.from, hint.to, "complete");
    const prefix = hint.text.split(":")[0];
    if (prefix in prefixes && !(prefix in yasqe.getPrefixesFromQuery())) yasqe.addPrefixes({ [prefix]: prefixes[prefix] });
  };
  return {
    isValidCompletionPosition: (yasqe) => !/^[?$]/.test(typed(yasqe).string) && fits(typed(yasqe)),
    preProcessToken: (yasqe, token) => {
      const { string, start, end } = typed(yasqe);
      return { ...token, string, from: { ch: start }, to: { ch: end } };
    },
    get: (_yasqe, token) =>
      terms
        .filter(({ name, label }) => `${name} ${label}`.toLowerCase().includes(token.string.toLowerCase()))
        .map(({ name }) => name),
    postProcessSuggestion: (_yasqe, _token, name) => name,
    postprocessHints: (yasqe, hints) =>
      hints.map((hint) => {
        const { name, label, count } = named.get(hint.text);
        const displayText = [name, label, `${count}×`].filter(Boolean).join(" · ");
        return { ...hint, displayText, hint: (_cm, _list, one) => insert(yasqe, one) };
      }),
  };
}

function makeEditor(offers) {
  const { Autocompleters } = Yasqe;
  Object.assign(Autocompleters.class, completer(offers.classes, offers.prefixes, isClass));
  Object.assign(Autocompleters.property, completer(offers.properties, offers.prefixes, isProperty));
  Object.assign(Autocompleters.prefixes, {
    get: Object.entries(offers.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`),
    persistenceId: null,
  });
  const run = () => form.requestSubmit();
  const place = document.createElement("div");
  field.after(place);
  const made = new Yasqe(place, {
    value: field.value,
    autocompleters: ["variables", "prefixes", "class", "property"],
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    editorHeight: "auto",
    resizeable: false,
    screenReaderLabel: "Query",
    // Tab leaves the editor, as it leaves any field.
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": run, "Cmd-Enter": run },
  });
  made.on("autocompletionShown", (_yasqe, { hints }) => hints.setAttribute("aria-label", "Completions"));
  const input = made.getInputField();
  input.id = "editor";
  input.setAttribute("aria-describedby", "keys");
  form.querySelector("label").htmlFor = input.id;
  field.hidden = true;
  const keys = note("p", "Ctrl+Enter runs the query, Ctrl+Space completes a term, Tab leaves the editor.");
  keys.id = "keys";
  place.after(keys);
  return made;
}

let editor = null;
const read = () => (editor ? editor.getValue() : field.value);
const write = (text) => (editor ? editor.setValue(text) : (field.value = text));

// The editor is large: it is loaded when the field is used.
let loading = null;
function loadEditor() {
  loading ??= (async () => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = form.dataset.style;
    const script = document.createElement("script");
    script.src = form.dataset.editor;
    const loaded = [style, script].map((part) => new Promise((done, fail) => Object.assign(part, { onload: done, onerror: fail })));
    document.querySelector("link[rel=stylesheet]").after(style); // before ours, which changes its colors
    document.head.append(script);
    const [offers] = await Promise.all([fetch(form.dataset.completions).then((response) => response.json()), ...loaded]);
    const cursor = field.selectionStart;
    const focused = document.activeElement === field;
    editor = makeEditor(offers);
    if (focused) {
      editor.focus();
      editor.getDoc().setCursor(editor.getDoc().posFromIndex(cursor));
    }
    markLine();
  })().catch(() => {}); // the plain field stays
}

// Run a query, and show the result in place

let running = null;
const stop = button("Stop", () => running?.abort());
stop.hidden = true;

async function ask(parameters) {
  running?.abort();
  const mine = (running = new AbortController());
  const address = `${form.getAttribute("action")}?${parameters}`;
  const posted = address.length > LONGEST_ADDRESS;
  stop.hidden = false;
  status.className = "busy";
  status.textContent = "Running …";
  try {
    const response = await fetch(posted ? form.action : address, {
      method: posted ? "POST" : "GET",
      body: posted ? parameters : null,
      headers: { Accept: "text/html" },
      signal: mine.signal,
    });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById("answer");
    if (found) heading.textContent = page.querySelector("h1").textContent;
    answer.replaceChildren(...(found ?? page.querySelector("main")).childNodes);
    status.textContent = answer.querySelector(".facts, .problem h2")?.textContent ?? "Done.";
    if (!posted) history.pushState(null, "", address);
    document.title = page.title || document.title;
    status.className = "";
    improve();
    if (response.ok) remember(parameters.get("query"));
  } catch {
    if (running === mine) status.textContent = mine.signal.aborted ? "Stopped." : "The server did not answer.";
  }
  if (running === mine) stop.hidden = true;
}

function enableForm() {
  form.after(status);
  form.querySelector("button[type=submit]").after(stop);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  if (form.dataset.editor) {
    for (const event of ["focus", "pointerdown"]) field.addEventListener(event, loadEditor, { once: true });
    if (document.activeElement === field) loadEditor();
  }
  form.addEventListener("submit", (event) => {
    field.value = read();
    if (event.submitter?.hasAttribute("formaction")) return; // a download
    event.preventDefault();
    ask(new URLSearchParams(new FormData(form)));
  });
  addEventListener("popstate", () => location.reload());
}

// The history of this browser; it is sent nowhere

const KEPT = 20;
const box = document.getElementById("history");

function recall() {
  try {
    return JSON.parse(localStorage.getItem("queries")) ?? [];
  } catch {
    return [];
  }
}

function keep(queries) {
  try {
    localStorage.setItem("queries", JSON.stringify(queries));
  } catch {} // storage is full, or not allowed
  showHistory();
}

function remember(query) {
  const title = heading.textContent;
  keep([{ query, title }, ...recall().filter((other) => other.query !== query)].slice(0, KEPT));
}

function showHistory() {
  if (!box) return;
  const queries = recall();
  box.hidden = !queries.length;
  const head = document.createElement("h2");
  head.textContent = "Your last queries";
  const list = document.createElement("ul");
  for (const { query, title } of queries) {
    const link = document.createElement("a");
    link.href = `${form.getAttribute("action")}?${new URLSearchParams({ query })}`;
    link.textContent = title;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  const forget = button("Forget them", () => keep([]));
  box.replaceChildren(head, list, note("p", "Kept in this browser only."), forget);
}

// Controls for a result

function improve() {
  if (form) {
    markLine();
    addDeclaration();
  }
  answer.querySelectorAll(":not(.problem) > pre").forEach(addCopy);
  const table = answer.querySelector("table");
  if (!table) return;
  const view = viewOf(table);
  [...table.tHead.rows[0].cells].forEach((head, column) => addSorting(table, head, column, view));
  if (view.rows.length > 10) addFilter(answer.querySelector(".scroll"), "Filter rows", view.filter);
}

// The visible rows of a table: those that match the filter, as many as a browser lays out at once.
function viewOf(table) {
  const view = { rows: [...table.tBodies[0].rows], words: [], most: ROWS };
  const more = button("", () => view.show(view.most + ROWS));
  view.show = (most) => {
    view.most = most;
    const found = show(view.rows, view.words, most);
    more.hidden = found <= most;
    more.textContent = `Show ${Math.min(ROWS, found - most)} more of ${found} rows`;
    return found;
  };
  view.filter = (words) => {
    view.words = words;
    return view.show(ROWS);
  };
  view.show(ROWS);
  table.closest(".scroll").after(more);
  return view;
}

function markLine() {
  editor?.eachLine((line) => editor.removeLineClass(line, "background", "wrong"));
  const { line, column } = answer.querySelector(".problem")?.dataset ?? {};
  if (!editor || !line || line > editor.lineCount()) return;
  editor.addLineClass(line - 1, "background", "wrong");
  editor.setCursor(line - 1, column - 1);
}

// A button that adds a missing prefix, if it is a known one.
function addDeclaration() {
  const codes = [...answer.querySelectorAll(".problem p code")].map((code) => code.textContent);
  const declaration = codes.find((text) => /^PREFIX \S*: <[^…]+>$/.test(text));
  if (!declaration) return;
  const declare = button("Add the prefix and run", () => {
    write(`${declaration}\n${read()}`);
    form.requestSubmit();
  });
  answer.querySelector(".problem").append(declare);
}

function addCopy(block) {
  if (!navigator.clipboard) return; // only in secure contexts
  const copy = button("Copy", async () => {
    await navigator.clipboard.writeText(block.textContent);
    copy.textContent = "Copied";
  });
  copy.classList.add("copy");
  block.before(copy);
}

function addSorting(table, head, column, view) {
  const sort = button(head.textContent, () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const texts = new Map(view.rows.map((row) => [row, row.cells[column].textContent]));
    const order = (a, b) => collator.compare(texts.get(a), texts.get(b));
    view.rows.sort(down ? (a, b) => order(b, a) : order);
    table.tBodies[0].append(...view.rows);
    view.show(view.most);
  });
  head.replaceChildren(sort);
}

function addFilter(before, label, apply) {
  const said = document.createElement("label");
  const input = document.createElement("input");
  const count = note("p");
  input.type = "search";
  said.append(label, input);
  count.setAttribute("role", "status");
  input.addEventListener("input", () => {
    const found = apply(input.value.toLowerCase().split(/\s+/).filter(Boolean));
    count.textContent = found === 1 ? "1 match." : `${found} matches.`;
  });
  before.before(said, count);
}

// Hides the entries that do not match, and those beyond the maximum. Returns how many match.
function show(entries, words, most = Infinity) {
  let found = 0;
  for (const entry of entries) {
    const text = `${entry.textContent} ${entry.dataset.words ?? ""}`.toLowerCase();
    const fits = words.every((word) => text.includes(word));
    if (fits) found += 1;
    entry.hidden = !fits || found > most;
  }
  return found;
}

// A term of the panel goes where the cursor is.
function insertTerm(name) {
  if (editor) {
    editor.getDoc().replaceSelection(name);
    editor.focus();
  } else field.setRangeText(name, field.selectionStart, field.selectionEnd, "end");
}

function enableTerms() {
  for (const code of document.querySelectorAll(".terms li > code")) {
    const name = code.textContent;
    const insert = button(name, () => insertTerm(name));
    insert.classList.add("term");
    insert.title = "Insert into the query";
    code.replaceWith(insert);
  }
}

if (answer) improve();
if (form) {
  enableForm();
  enableTerms();
  if (answer.querySelector("[aria-labelledby=result-title]")) remember(field.value);
  showHistory();
}
