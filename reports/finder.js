// Sorts and filters what was measured. The rows are data: they reach the page as text nodes, never as markup.
"use strict";
(async () => {
  const FIRST = 20;
  const STEP = 500;
  const block = document.getElementById("rows");
  const place = document.getElementById("finder");
  if (!block || !place || !("DecompressionStream" in window)) return;
  const bytes = Uint8Array.from(atob(block.textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const packed = JSON.parse(await new Response(stream).text());
  const columns = packed.columns.map((c) => ({
    head: c.head,
    number: c.number,
    at: c.words ? (i) => c.words[c.cells[i]] : (i) => c.cells[i],
  }));
  const named = (head) => columns.find((c) => c.head === head);
  const shown = (value) =>
    value === null || value === "" ? "" : typeof value === "number" ? String(Number(value.toPrecision(6))) : value;
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const words = make("input", { type: "search", id: "find", size: 28 });
  const judged = make("select", { id: "judged" }, make("option", { value: "" }, "all"));
  for (const word of [...new Set(packed.judged)].sort()) judged.append(make("option", { value: word }, word));
  const told = make("p", { role: "status" });
  const body = make("tbody", {});
  const more = make("button", { type: "button" }, "Show more");
  const heads = columns.map((column, n) => {
    const button = make("button", { type: "button" }, column.head);
    const head = make("th", { scope: "col", class: column.number ? "n" : "" }, button);
    button.addEventListener("click", () => sort(n));
    return head;
  });
  const table = make("table", {}, make("caption", { class: "vh" }, "Measurements, sorted and filtered"),
    make("thead", {}, make("tr", {}, ...heads)), body);
  place.append(
    make("p", { class: "ask" }, make("label", { for: "find" }, "Find "), words, " ",
      make("label", { for: "judged" }, "Judged "), judged),
    told,
    make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Measurements" }, table),
    more,
  );

  let order = [...Array(packed.count).keys()];
  let found = order;
  let until = FIRST;
  let by = -1;
  let down = false;

  const sort = (n) => {
    down = by === n ? !down : false;
    by = n;
    const { at, number } = columns[n];
    const sign = down ? -1 : 1;
    // what is missing stands last, whichever way the rest is sorted
    const missing = (value) => value === null || value === "";
    order.sort((a, b) => {
      const [x, y] = [at(a), at(b)];
      if (missing(x) || missing(y)) return missing(x) - missing(y) || a - b;
      const apart = number && typeof x === "number" && typeof y === "number"
        ? x - y : String(x).localeCompare(String(y), "en", { numeric: true });
      return sign * apart || a - b;
    });
    heads.forEach((head, i) => head.setAttribute("aria-sort", i !== n ? "none" : down ? "descending" : "ascending"));
    search();
  };
  const search = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = order.filter((i) => {
      if (judged.value && named("Judged").at(i) !== judged.value) return false;
      if (!wanted.length) return true;
      const text = columns.map((c) => c.at(i)).filter((v) => typeof v === "string").join(" ").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    until = FIRST;
    draw();
  };
  const draw = () => {
    const rows = found.slice(0, until).map((i) => make("tr", {}, ...columns.map((column) =>
      make("td", { class: column.number ? "n" : "" }, shown(column.at(i))))));
    body.replaceChildren(...rows);
    told.textContent = `${found.length} of ${packed.count} measurements` +
      (found.length > until ? `, the first ${until} shown` : "");
    more.hidden = found.length <= until;
  };
  more.addEventListener("click", () => { until += STEP; draw(); });
  words.addEventListener("input", search);
  judged.addEventListener("change", search);
  place.hidden = false;
  draw();
})();
