// Comfort, for who has scripts: how pages look, sharing, keeping pages for when there is no network, forgetting them. Nothing is stored without a press.
(function () {
  "use strict";
  var AT_ONCE = 4; // requests
  var FIRST = ["index.html", "offline.html", "about.html", "guide.html", "search.html", "site.js", "icon.png"];
  var html = document.documentElement;
  var home = new URL(document.currentScript.getAttribute("data-home"), location.href);
  var root = new URL(".", home).href;
  var NAME = "pappus-" + root; // of what this site keeps: in localStorage the classes of <html>, which first.js sets, and a cache, as in sw.js
  var canKeep = "serviceWorker" in navigator && "caches" in window && window.isSecureContext && /^http/.test(location.protocol);

  function all(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }
  function show(element) {
    element.hidden = false;
  }
  function say(button, words) {
    var status = button.parentNode.querySelector("[role=status]");
    if (status) status.textContent = words;
  }
  function fill(words, values) {
    return words.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  // What only scripts can do waits in scripts that are none: parts.html.
  all("script[type='text/plain']", function (part) {
    part.insertAdjacentHTML("afterend", part.textContent);
  });

  // How pages look: buttons name a class, and the group of which one at most is set.
  function chosen(group) {
    return group.filter(function (name) { return name && html.classList.contains(name); })[0] || "";
  }
  function group(button) {
    return button.getAttribute("data-group").split(" ");
  }
  function press() {
    all("[data-choice]", function (button) {
      button.setAttribute("aria-pressed", String(chosen(group(button)) === button.getAttribute("data-choice")));
    });
  }
  all("[data-choice]", function (button) {
    button.addEventListener("click", function () {
      var choice = button.getAttribute("data-choice");
      group(button).forEach(function (name) { if (name) html.classList.remove(name); });
      if (choice) html.classList.add(choice);
      press();
      try {
        if (html.className) localStorage.setItem(NAME, html.className);
        else localStorage.removeItem(NAME);
      } catch (blocked) {} // it holds for this page then
    });
  });
  press();
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    try {
      html.className = localStorage.getItem(NAME) || "";
    } catch (blocked) {}
    press();
  });

  // Sharing
  var here = location.href.replace(/#.*/, "");
  all("[data-copy]", function (button) {
    if (!navigator.clipboard) return;
    show(button);
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(here).then(function () { say(button, button.getAttribute("data-copy")); });
    });
  });
  all("[data-share]", function (button) {
    if (!navigator.share) return;
    show(button);
    button.addEventListener("click", function () {
      navigator.share({ title: document.title, url: here }).catch(function () {}); // put away by the reader
    });
  });

  // Browsers inside other programs: their maker reads along, and most can open a page outside.
  if (/MicroMessenger|QQ\/|Weibo|DingTalk|FBAN|FBAV|Instagram|Line\/|KAKAOTALK|Zalo|musical_ly|BytedanceWebview|Snapchat|; wv\)/.test(navigator.userAgent)) {
    all("[data-app]", show);
  }

  // Keeping
  function inTurn(items, act) {
    var next = 0;
    function more() {
      return next < items.length ? act(items[next++]).then(more) : Promise.resolve();
    }
    var ways = [];
    for (var i = 0; i < AT_ONCE; i++) ways.push(more());
    return Promise.all(ways);
  }
  function get(address) {
    return fetch(address).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer;
    });
  }
  // As a new answer: where a host leaves ".html" out of addresses, no browser shows what another address answered.
  function keepFile(cache, address) {
    return get(address).then(function (answer) { return answer.blob(); }).then(function (body) {
      return cache.put(address, new Response(body));
    });
  }
  // A page is kept with its plain pictures: which of the others a browser would take is not known before it is shown, and sw.js shows these then.
  function keepPage(cache, address) {
    return get(address).then(function (answer) { return answer.text(); }).then(function (text) {
      var headers = { "Content-Type": "text/html; charset=utf-8" };
      return cache.put(address, new Response(text, { headers: headers })).then(function () {
        if (html.classList.contains("text")) return [];
        var page = new DOMParser().parseFromString(text, "text/html");
        return Array.prototype.slice.call(page.querySelectorAll("img[src]"));
      });
    }).then(function (images) {
      return Promise.all(images.map(function (image) {
        var picture = new URL(image.getAttribute("src"), address).href;
        return get(picture).then(function (answer) { return cache.put(picture, answer); }).catch(function () {}); // the text is kept
      }));
    });
  }
  function listed() {
    var found = {};
    all("main a[href]", function (link) {
      var address = link.href.replace(/[?#].*/, "");
      if (address.indexOf(root + "pages/") === 0) found[address] = true;
    });
    return [location.href.replace(/[?#].*/, "")].concat(Object.keys(found));
  }
  function start() {
    return navigator.serviceWorker.register(root + "sw.js", { scope: root }).then(function () {
      return navigator.serviceWorker.ready;
    });
  }
  all("[data-newer] button", function (button) {
    button.addEventListener("click", function () { location.reload(); });
  });
  if (canKeep) {
    all("[data-keep]", function (section) {
      var button = section.querySelector("button");
      show(section);
      button.addEventListener("click", function () {
        var addresses = listed();
        var done = 0;
        var missed = 0;
        var kept;
        button.disabled = true;
        start().then(function () { return caches.open(NAME); }).then(function (cache) {
          kept = cache;
          return inTurn(FIRST, function (name) { return keepFile(kept, root + name).catch(function () {}); }); // the pages are kept
        }).then(function () {
          return inTurn(addresses, function (address) {
            return keepPage(kept, address).catch(function () { missed++; }).then(function () {
              done++;
              say(button, fill(button.getAttribute("data-done"), { done: done - missed, all: addresses.length }));
            });
          });
        }).catch(function () {
          say(button, button.getAttribute("data-failed"));
        }).then(function () { button.disabled = false; });
      });
    });
    navigator.serviceWorker.addEventListener("message", function (event) {
      if (event.data === "newer") all("[data-newer]", show);
      if (event.data === "kept") all("[data-kept]", show);
    });
    if (navigator.serviceWorker.controller) navigator.serviceWorker.controller.postMessage("shown");
  }

  // Forgetting: everything that this site left in the browser.
  all("[data-forget]", function (button) {
    button.addEventListener("click", function () {
      var done = [];
      html.className = "";
      press();
      try {
        localStorage.removeItem(NAME);
      } catch (blocked) {}
      if (canKeep) {
        done.push(caches.delete(NAME));
        done.push(navigator.serviceWorker.getRegistration(root).then(function (registration) {
          return registration && registration.scope === root ? registration.unregister() : false;
        }));
      }
      Promise.all(done).then(function () { say(button, button.getAttribute("data-forget")); });
    });
  });
})();
