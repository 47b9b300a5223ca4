// What a newspaper's page does while nobody asked it to. The page reads well without it.
document.documentElement.classList.add("js");
function acceptAll() {
  document.getElementById("cookie-banner").hidden = true;
}
function copyLink() {
  navigator.clipboard?.writeText(document.querySelector("link[rel=canonical]").href);
}
