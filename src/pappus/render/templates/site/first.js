(function (root) {
  "use strict";
  try {
    root.className = localStorage.getItem("pappus") || "";
  } catch (blocked) {}
})(document.documentElement);
