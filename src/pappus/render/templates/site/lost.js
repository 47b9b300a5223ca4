document.addEventListener("DOMContentLoaded", function () {
  var path = location.pathname.replace(/^\/+/, "/"), way = document.getElementById("way");
  var inside = /\/(?:authors|days|feeds|indexes|media|pages|qr|search|sitemaps|tags)\//.exec(path);
  way.href = (inside ? path.slice(0, inside.index + 1) : path.replace(/[^\/]*$/, "")) + "index.html";
  way.parentNode.hidden = false;
});
