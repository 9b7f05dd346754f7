
(function () {
  "use strict";
  // Numbers by value, texts as people sort them; what is missing comes last.
  function order(a, b, sign) {
    if (a === b) { return 0; }
    if (a === "") { return 1; }
    if (b === "") { return -1; }
    if (typeof a === "number" ? typeof b === "number" : false) { return a > b ? sign : -sign; }
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  }
  function key(cell) {
    if (cell.dataset.key !== undefined) { return Number(cell.dataset.key); }
    return cell.textContent === "–" ? "" : cell.textContent;
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var body = table.tBodies[0], rows = Array.from(body.rows), heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      button.append.apply(button, Array.from(head.childNodes));
      head.append(button);
      button.addEventListener("click", function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        rows.slice().sort(function (a, b) {
          return order(key(a.cells[column]), key(b.cells[column]), up ? 1 : -1);
        }).forEach(function (row) { body.append(row); });
      });
    });
  });
})();
