(function (root) {
  "use strict";
  try {
    root.className = localStorage.getItem("pappus-" + document.querySelector("[data-home]").src.replace(/[^\/]*$/, "")) || "";
  } catch (blocked) {}
})(document.documentElement);
