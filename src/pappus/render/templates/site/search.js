/* Search in the reader's own browser. Nothing is loaded before something is typed, nothing is stored, nothing typed is sent anywhere: only
   files of the index are asked for. What an article is found by is said in search/terms.py, where what lies in search/blocks.py and
   search/segments.py of the program; what is written here follows them. ES2017, for old browsers. */
(function () {
  "use strict";
  const GAPS = "\\0-/:-@\\[-`{-\\u00a9\\u00ab\\u00ac\\u00ae-\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb-\\u00bf\\u00d7\\u00f7\\u02c2-\\u02df\\u037e\\u0387" +
    "\\u055a-\\u055f\\u0589\\u058a\\u05be\\u05c0\\u05c3\\u05c6\\u05f3\\u05f4\\u0600-\\u060f\\u061b-\\u061f\\u066a-\\u066d\\u06d4\\u06dd\\u06de\\u06e9" +
    "\\u0700-\\u070d\\u0964\\u0965\\u0970\\u0e3f\\u0e4f\\u0e5a\\u0e5b\\u0f04-\\u0f14\\u104a-\\u104f\\u1360-\\u1368\\u1680\\u17d4-\\u17db" +
    "\\u1800-\\u180a\\u2000-\\u200b\\u200e-\\u206f\\u20a0-\\u20cf\\u2150-\\u215f\\u2190-\\u245f\\u2500-\\u2bff\\u2e00-\\u2e7f\\u2ff0-\\u3004" +
    "\\u3008-\\u3020\\u302a-\\u3030\\u3036-\\u303f\\u3097-\\u30a0\\u30fb\\u3190-\\u319f\\u31c0-\\u31ef\\u3200-\\u33ff\\u4dc0-\\u4dff" +
    "\\ud800-\\uf8ff\\ufd3e-\\ufd4f\\ufe10-\\ufe1f\\ufe30-\\ufe6f\\ufeff-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe0-\\uffff" +
    "\\u{1f000}-\\u{1fbff}\\u{e0000}-\\u{10ffff}";
  const SIGNS = "\\u1100-\\u11ff\\u2e80-\\u2fdf\\u3005-\\u3007\\u3021-\\u3029\\u3031-\\u3035\\u3041-\\u3096\\u30a1-\\u30fa\\u30fc-\\u318f\\u31a0-\\u31bf" +
    "\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua960-\\ua97f\\uac00-\\ud7ff\\uf900-\\ufaff\\uff66-\\uff9f\\u{16fe0}-\\u{18cff}" +
    "\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3ffff}";
  const LETTERS = "\\u0e01-\\u0e30\\u0e32\\u0e33\\u0e40-\\u0e46\\u0e50-\\u0e59\\u0e80-\\u0eb0\\u0eb2\\u0eb3\\u0ebd-\\u0ec7\\u0ed0-\\u0eff\\u1000-\\u102a" +
    "\\u103f-\\u1049\\u1050-\\u1055\\u105a-\\u105d\\u1061\\u1065\\u1066\\u106e-\\u1070\\u1075-\\u1081\\u108e\\u1090-\\u1099\\u109e\\u109f" +
    "\\u1780-\\u17b3\\u17d7\\u17dc\\u17e0-\\u17ff\\ua9e0-\\ua9ff\\uaa60-\\uaa7a\\uaa7e\\uaa7f";
  const MARKS = "\\u0e31\\u0e34-\\u0e3a\\u0e47-\\u0e4e\\u0eb1\\u0eb4-\\u0ebc\\u0ec8-\\u0ecf\\u102b-\\u103e\\u1056-\\u1059\\u105e-\\u1060" +
    "\\u1062-\\u1064\\u1067-\\u106d\\u1071-\\u1074\\u1082-\\u108d\\u108f\\u109a-\\u109d\\u17b4-\\u17d3\\u17dd\\uaa7b-\\uaa7d";
  const WORD = new RegExp(`[^${GAPS}${SIGNS}${LETTERS}${MARKS}]+`, "gu");
  const RUN = new RegExp(`[${SIGNS}]+`, "gu");
  const CLUSTERED = new RegExp(`[${LETTERS}${MARKS}]+`, "gu");
  const CLUSTER = new RegExp(`[${LETTERS}](?:[${MARKS}]{0,4}[\\u1039\\u17d2][${LETTERS}]){0,3}[${MARKS}]{0,8}|[${MARKS}]{1,8}`, "gu");
  const UNUSUAL = /[\u1100-\u11ff\u3099\u309a\ua960-\ua97f\ud7b0-\ud7ff\uf900-\ufaff\uff66-\uff9f\u{2f800}-\u{2fa1f}]/u;
  const DROPPED = new RegExp("[\\u00ad\\u0300-\\u036f\\u0483-\\u0487\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u0640" +
    "\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u08d3-\\u08ff\\u180b-\\u180d\\u1ab0-\\u1aff\\u1dc0-\\u1dff" +
    "\\u200c\\u200d\\u20d0-\\u20ff\\ufe00-\\ufe0f\\ufe20-\\ufe2f]+", "gu");
  const FOLDED = {
    "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ø": "o", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe", "ς": "σ",
    "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",
  };
  for (const zero of [0x660, 0x6f0, 0x966, 0x9e6]) {
    for (let digit = 0; digit < 10; digit++) FOLDED[String.fromCharCode(zero + digit)] = String(digit);
  }
  const LONGEST = 40;
  const SIZE = 64; // articles of a block, files of a folder and so on, as the program has them
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
  const STEPS = "#$%&'()+,./:;<=>?@[]`{}";
  const GROUP = 2;
  const FOLDER = 256;

  const PAGE = 10; // results at a time
  const ENOUGH = 16384; // articles that are looked through in any case
  const BUDGET = 49152; // bytes of the index that are loaded before the reader is asked
  const WIDE = 16; // leaves that what has a beginning may be on, for segments that are looked through unasked
  const RIGHT = /^(?:ar|ckb|dv|fa|he|ps|ug|ur|yi)\b/; // languages that are written from the right
  const WEIGHTS = { "!": 4, "*": 2 };

  // What is looked for

  function fold(word) {
    const plain = word.normalize("NFKD").toUpperCase().toLowerCase().replace(DROPPED, "");
    const folded = Array.from(plain, (sign) => (FOLDED[sign] === undefined ? sign : FOLDED[sign])).join("");
    return (folded.match(WORD) || []).map((one) => Array.from(one).slice(0, LONGEST).join(""));
  }

  const simplified = new Map(); // by the traditional sign; empty until somebody finds nothing without it

  function learn(pairs) {
    pairs.replace(/(.)(.)/g, (_, sign, simple) => simplified.set(sign, simple));
  }

  const simple = (sign) => simplified.get(sign) || sign;

  function usual(text) {
    return Array.from(UNUSUAL.test(text) ? text.normalize("NFKC") : text, simple).join("");
  }

  /* Return what a reader asks for: terms, each whole or, with `prefix`, the beginning of one. Parts of a word that a joiner joined stand
     for it, for others write a space there. */
  function wanted(text) {
    const found = new Map();
    const add = (term, prefix) => found.set(term, { term, prefix: prefix || (found.get(term) || {}).prefix || false });
    const pairs = (signs) => {
      for (let at = 1; at < signs.length; at++) add(signs[at - 1] + signs[at], false);
      if (signs.length === 1) add(signs[0], true); // whatever follows
    };
    for (const word of text.match(WORD) || []) {
      const last = text.endsWith(word);
      const parts = [].concat(...word.split("\u200c").map(fold));
      parts.forEach((part, at) => add(part, last && at === parts.length - 1 && Array.from(part).length >= 3));
    }
    for (const run of usual(text).match(RUN) || []) pairs(Array.from(run));
    for (const run of text.match(CLUSTERED) || []) pairs(run.match(CLUSTER));
    return Array.from(found.values());
  }

  // Where it stands

  const PRIMES = [];
  for (let one = 2; PRIMES.length < 64; one++) if (PRIMES.every((prime) => one % prime)) PRIMES.push(one);
  const fraction = (root) => root % 1 * 0x100000000 | 0;
  const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const ROUNDS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
  const turned = (word, ...ways) => ways.reduce((sum, way) => sum ^ (word >>> way | word << 32 - way), 0);

  /* Return the SHA-256 of a text, in hexadecimal digits. Browsers have it only for pages that came by https. */
  function digest(text) {
    const bytes = Array.from(unescape(encodeURIComponent(text)), (sign) => sign.charCodeAt(0));
    const bits = bytes.length * 8;
    bytes.push(0x80);
    while (bytes.length % 64 !== 56) bytes.push(0);
    bytes.push(0, 0, 0, 0, bits >>> 24, bits >>> 16 & 255, bits >>> 8 & 255, bits & 255);
    let state = START;
    for (let at = 0; at < bytes.length; at += 64) {
      const words = [];
      let [a, b, c, d, e, f, g, h] = state;
      for (let round = 0; round < 64; round++) {
        const [old, young] = [words[round - 15], words[round - 2]];
        words.push(round < 16
          ? bytes.slice(at + 4 * round, at + 4 * round + 4).reduce((word, byte) => word << 8 | byte)
          : words[round - 16] + (turned(old, 7, 18) ^ old >>> 3) + words[round - 7] + (turned(young, 17, 19) ^ young >>> 10) | 0);
        const one = h + turned(e, 6, 11, 25) + (e & f ^ ~e & g) + ROUNDS[round] + words[round] | 0;
        const other = turned(a, 2, 13, 22) + (a & b ^ a & c ^ b & c) | 0;
        [a, b, c, d, e, f, g, h] = [one + other | 0, a, b, c, d + one | 0, e, f, g];
      }
      state = [a, b, c, d, e, f, g, h].map((word, place) => word + state[place] | 0);
    }
    return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /* Return the name of a page of a level, or of a leaf, which is of level 0, by its first term. */
  function place(segment, level, term) {
    const name = digest(term).slice(0, 32);
    return `${segment.name}/${level}/${name.slice(0, 2)}/${name.slice(2)}`;
  }

  /* Whether a term comes after another: by code points, as the program has them, not by halves of those that have two. */
  function after(one, other) {
    const [left, right] = [one, other].map((term) => Array.from(term, (sign) => sign.codePointAt(0)));
    const at = left.findIndex((code, place) => code !== right[place]);
    return at >= 0 && (at >= right.length || left[at] > right[at]);
  }

  /* Return those of some first terms behind which terms from `low` to `high` stand. */
  function between(firsts, low, high) {
    return firsts.filter((first, at) => !after(first, high) && (at + 1 === firsts.length || after(firsts[at + 1], low)));
  }

  /* Add the articles of terms on a leaf to a map of articles and weights; of all terms that `fits` accepts. */
  function collect(segment, text, fits, into) {
    for (const part of text.split("^")) {
      const entries = part.split("|");
      const start = entries.shift();
      for (const entry of entries) {
        const space = entry.indexOf(" ");
        if (fits(start + entry.slice(0, space))) decode(segment, entry.slice(space + 1), into);
      }
    }
  }

  function decode(segment, postings, into) {
    let base = (segment.first - 1) * SIZE;
    let passed = -1; // blocks without the term, of which the number was begun
    let article = 0;
    let bit = SIZE; // those of a block whose articles are bits
    for (const sign of postings) {
      const step = STEPS.indexOf(sign);
      if (step >= 0) {
        passed = Math.max(passed, 0) * STEPS.length + step;
        continue;
      }
      if (passed >= 0) {
        base += (passed + 1) * SIZE;
        passed = -1;
      }
      const digit = DIGITS.indexOf(sign);
      if (sign === "~") {
        bit = 0;
      } else if (bit < SIZE) {
        for (let at = 0; at < 6; at++) {
          if (digit >> at & 1) into.set(base + bit + at, Math.max(1, into.get(base + bit + at) || 0));
        }
        bit += 6;
      } else if (digit >= 0) {
        article = base + digit;
        into.set(article, Math.max(1, into.get(article) || 0));
      } else {
        into.set(article, Math.max(WEIGHTS[sign], into.get(article)));
      }
    }
  }

  // Loading

  const form = document.getElementById("search");
  const root = document.currentScript.getAttribute("data-root");
  const files = new Map();
  const arrive = new Map();
  let loaded = 0; // bytes

  window.pappusSearch = function (name, content) {
    if (arrive.has(name)) arrive.get(name)(content);
  };

  function load(name) {
    if (!files.has(name)) {
      files.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        arrive.set(name, (content) => {
          arrive.delete(name);
          loaded += new Blob([JSON.stringify(content)]).size;
          resolve(content);
        });
        script.onload = script.onerror = () => {
          script.remove();
          if (!arrive.delete(name)) return;
          files.delete(name); // it did not come, or another came in its place: next time it may
          reject(new Error(name));
        };
        script.src = `${root}search/${name}.js`;
        document.head.appendChild(script);
      }));
    }
    return files.get(name);
  }

  async function index() {
    const [last, segments, months] = await load("index");
    return { last, months, segments: segments.map(([first, end, level, terms]) => ({ first, end, level, terms, name: `${first}-${end}` })) };
  }

  // Looking

  const END = "\u{10ffff}"; // behind all that has a beginning

  /* Return the names of the leaves of a segment that terms from `low` to `high` are on. */
  async function leaves(segment, low, high) {
    let firsts = between(segment.terms, low, high);
    for (let level = segment.level; level; level--) {
      const pages = await Promise.all(firsts.map((first) => load(place(segment, level, first))));
      firsts = between([].concat(...pages), low, high);
    }
    return firsts.map((first) => place(segment, 0, first));
  }

  const ends = (item) => [item.term, item.prefix ? item.term + END : item.term];

  /* Return the articles of a segment that have terms from `low` to `high` that `fits` accepts, and their weights. */
  async function articles(segment, low, high, fits) {
    const found = new Map();
    const texts = await Promise.all((await leaves(segment, low, high)).map(load));
    for (const text of texts) collect(segment, text, fits, found);
    return found;
  }

  /* Return the articles of a segment that a filter lets through, null where all are. */
  async function allowed(segment, filter) {
    const lists = [];
    if (filter.channel) {
      const term = "#" + encodeURIComponent(filter.channel);
      lists.push(articles(segment, term, term, (one) => one === term));
    }
    if (filter.from || filter.until) {
      const [low, high] = ["@" + filter.from, "@" + (filter.until || END)];
      lists.push(articles(segment, low, high, (one) => one[0] === "@" && one >= low && one <= high));
    }
    const maps = await Promise.all(lists);
    return maps.length ? maps.reduce((all, map) => new Map(Array.from(all).filter(([one]) => map.has(one)))) : null;
  }

  /* Return, for each thing that is asked for, the articles of a segment that have it, and those that have all of it. Where no article
     has the first, nothing else is loaded. */
  async function look(segment, [first, ...others], filter) {
    const find = (item) => articles(segment, ...ends(item), item.prefix ? (term) => term.startsWith(item.term) : (term) => term === item.term);
    const begun = await find(first);
    const [lets, ...rest] = await Promise.all(begun.size ? [allowed(segment, filter), ...others.map(find)] : [null, ...others.map(() => new Map())]);
    const maps = [begun, ...rest];
    const rarest = maps.reduce((one, other) => (other.size < one.size ? other : one));
    const both = Array.from(rarest.keys()).filter((article) => maps.every((map) => map.has(article)) && (!lets || lets.has(article)));
    return { segment, maps, both };
  }

  /* A search: which segments are looked through, what was found in them, best first. */
  class Search {
    constructor(contents, text, filter) {
      Object.assign(this, { contents, text, filter });
      this.begin();
    }

    begin() {
      const items = wanted(this.text);
      items.sort((one, other) => one.prefix - other.prefix || other.term.length - one.term.length); // long words are rare, beginnings dear
      Object.assign(this, { items, usual: usual(this.text), left: this.contents.segments.slice(), looks: [], ranked: [], shown: 0 });
    }

    /* Begin anew with simplified signs in the place of traditional ones, of which the index has none. Returns whether there are any. */
    async simplify() {
      if (!simplified.size) learn(await load("simplified"));
      const changed = usual(this.text) !== this.usual; // another search may have learned them since this one began
      if (changed) this.begin();
      return changed;
    }

    get looked() {
      return this.left.length ? this.contents.last - (this.left[0].end + 1) * SIZE + 1 : this.contents.last;
    }

    /* Return on how many leaves of a segment there are terms of which the beginning alone is given. */
    async width(segment) {
      const names = await Promise.all(this.items.filter((item) => item.prefix).map((item) => leaves(segment, ...ends(item))));
      return names.reduce((sum, some) => sum + some.length, 0);
    }

    /* Return the segments that are looked through next: as many as make it enough, up to one on which a beginning is too wide. The first
       one is among them in any case, if the reader `asked` for it. */
    async next(asked) {
      const enough = this.left.findIndex((segment) => this.contents.last - segment.first * SIZE >= ENOUGH);
      const widths = await Promise.all(this.left.slice(0, enough < 0 ? this.left.length : enough + 1).map((segment) => this.width(segment)));
      let sum = 0;
      const wide = widths.findIndex((width) => (sum += width) > WIDE);
      return this.left.splice(0, wide < 0 ? widths.length : Math.max(wide, asked ? 1 : 0));
    }

    /* Look through the newest segments, and through older ones as long as there is too little, and it does not cost too much. */
    async go() {
      const before = loaded;
      const wish = this.ranked.length + PAGE;
      let asked = true;
      while (this.left.length) {
        const some = await this.next(asked);
        asked = false;
        this.looks.push(...await Promise.all(some.map((segment) => look(segment, this.items, this.filter))));
        this.rank();
        if (!some.length || this.ranked.length >= wish) break;
        if (!this.ranked.length && /[\u4e00-\u9fff]/.test(this.text)) asked = await this.simplify();
        if (!asked && loaded - before > BUDGET) break;
      }
    }

    /* What is rare says more than what is common, a title more than a text, what is new more than what is old. */
    rank() {
      const says = this.items.map((_, at) => {
        const often = this.looks.reduce((sum, one) => sum + one.maps[at].size, 0);
        return Math.log(1 + this.looked / (often + 1));
      });
      const scores = new Map();
      for (const { maps, both } of this.looks) {
        for (const article of both) {
          const score = maps.reduce((sum, map, at) => sum + says[at] * map.get(article), 0);
          scores.set(article, score * (1 + 1 / (1 + (this.contents.last - article) / 500)));
        }
      }
      const shown = this.ranked.slice(0, this.shown);
      const rest = Array.from(scores.keys()).filter((article) => !shown.includes(article));
      rest.sort((one, other) => scores.get(other) - scores.get(one) || other - one);
      this.ranked = shown.concat(rest);
    }
  }

  // Showing

  const said = document.getElementById("search-said");
  const list = document.getElementById("search-found");
  const more = document.getElementById("search-more");
  const older = document.getElementById("search-older");
  const words = form.dataset;
  const language = document.documentElement.lang;
  const digits = (text) => String(text).replace(/[0-9]/g, (digit) => words.digits[digit]);

  /* Put a text into an element, with what was asked for marked. Returns whether there is any of it. */
  function mark(element, text, items) {
    const marked = new Array(text.length).fill(false);
    const fill = (start, length) => marked.fill(true, start, start + length);
    const fits = (term) => items.some((item) => term === item.term || (item.prefix && term.startsWith(item.term)));
    const scan = (pattern, found) => {
      text.replace(pattern, (match, start) => {
        found(match, start);
        return match;
      });
    };
    const pairs = (signs, start) => {
      signs.forEach((sign, at) => {
        const next = signs[at + 1] || "";
        if (fits(sign)) fill(start, sign.length);
        if (next && items.some((item) => item.term === sign + next)) fill(start, sign.length + next.length);
        start += sign.length;
      });
    };
    scan(WORD, (word, start) => {
      if ([].concat(...word.split("\u200c").map(fold)).some(fits)) fill(start, word.length);
    });
    scan(RUN, (run, start) => pairs(Array.from(run, simple), start));
    scan(CLUSTERED, (run, start) => pairs(run.match(CLUSTER), start));
    for (let start = 0, at = 1; at <= text.length; at++) {
      if (at < text.length && marked[at] === marked[start]) continue;
      const piece = document.createTextNode(text.slice(start, at));
      element.appendChild(marked[start] ? make("mark", piece) : piece);
      start = at;
    }
    return marked.includes(true);
  }

  function make(name, ...children) {
    const element = document.createElement(name);
    children.forEach((child) => element.appendChild(typeof child === "string" ? document.createTextNode(child) : child));
    return element;
  }

  function title(channel) {
    const option = Array.from(form.channel.options).find((one) => one.value === channel);
    return option ? option.text : channel;
  }

  function result([path, name, summary, channel, language], items) {
    const heading = make("bdi");
    const text = make("bdi");
    const inTitle = mark(heading, name, items);
    const inText = mark(text, summary, items);
    const link = make("a", heading);
    link.href = `${root}pages/${path}.html`;
    const [, year, month, date] = path.split("/");
    const entry = make("li", link, make("p", text));
    if (language) [heading, text].forEach((one) => one.setAttribute("lang", language));
    if (RIGHT.test(language)) heading.dir = text.dir = "rtl"; // their first letter may be a Latin one
    if (!inTitle && !inText) entry.appendChild(hint(words.inside));
    entry.appendChild(hint(make("bdi", title(channel)), ` · ${written(year, month, date)}`));
    return entry;
  }

  /* Return a day, or without one a month, as pages write it. */
  function written(year, month, day) {
    if (words.names) {
      const [form, names] = day ? [words.day, words.names] : [words.month, words.alone];
      return digits(fill(form, { year: Number(year), month: names.split("|")[month - 1], day: Number(day) }));
    }
    const locale = day ? language : `${language}-u-ca-gregory`;
    const parts = { day: day && "numeric", month: "long", year: "numeric", timeZone: "UTC" };
    return new Intl.DateTimeFormat(locale, parts).format(Date.UTC(year, month - 1, day || 1));
  }

  function hint(...children) {
    const line = make("p", ...children);
    line.className = "hint";
    return line;
  }

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const filled = (text, values) => digits(fill(text, values));

  let current = null;

  async function show(search, focus) {
    const some = search.ranked.slice(search.shown, search.shown + PAGE);
    const cards = await Promise.all(some.map(async (article) => {
      const group = Math.floor(article / GROUP);
      const folder = Math.floor(group / FOLDER);
      const file = await load(`cards/${Math.floor(folder / FOLDER)}/${folder % FOLDER}/${group % FOLDER}`);
      return file[article % GROUP];
    }));
    if (search !== current) return;
    const entries = cards.filter(Boolean).map((card) => result(card, search.items));
    if (!search.shown) list.textContent = "";
    entries.forEach((entry) => list.appendChild(entry));
    search.shown += some.length;
    more.hidden = search.shown >= search.ranked.length;
    older.hidden = !search.left.length;
    const whole = filled(search.ranked.length ? words.found : words.none, { number: search.ranked.length });
    said.textContent = search.left.length ? `${whole} ${filled(words.looked, { number: search.looked, all: search.contents.last })}` : whole;
    if (focus && entries.length) entries[0].querySelector("a").focus();
  }

  async function run(step) {
    const search = current;
    if (search.busy) return; // a button was pressed twice
    search.busy = true;
    said.textContent = words.wait;
    try {
      await step(search);
    } catch (error) {
      if (search === current) said.textContent = words.failed;
    } finally {
      search.busy = false;
    }
  }

  function months([first, last]) {
    if (form.from.options.length > 1 || !first) return;
    for (let at = new Date(last + "-01T00:00:00Z"); at.toISOString().slice(0, 7) >= first; at.setUTCMonth(at.getUTCMonth() - 1)) {
      const month = at.toISOString().slice(0, 7);
      for (const field of [form.from, form.until]) field.add(new Option(written(...month.split("-")), month));
    }
  }

  function clear() {
    current = null;
    list.textContent = said.textContent = "";
    more.hidden = older.hidden = true;
  }

  function start() {
    const text = form.words.value;
    if (!wanted(text).length) {
      clear();
      if (text.trim()) said.textContent = words.none; // signs that stand in no word
      return;
    }
    const filter = { channel: form.channel.value, from: form.from.value, until: form.until.value };
    const token = current = {};
    run(async () => {
      const contents = await index();
      if (current !== token) return;
      months(contents.months);
      const search = current = new Search(contents, text, filter);
      await run(async () => {
        await search.go();
        if (search === current) await show(search, false);
      });
    });
  }

  let timer = 0;

  function later() {
    clearTimeout(timer);
    const items = wanted(form.words.value);
    const short = items.some((item) => item.prefix && item.term.length <= 3); // may be all that is meant, or the beginning of more
    timer = setTimeout(start, short ? 1000 : 300);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    start();
  });
  form.words.addEventListener("input", (event) => event.isComposing || later());
  form.words.addEventListener("compositionend", later);
  for (const field of [form.channel, form.from, form.until]) field.addEventListener("change", start);
  more.addEventListener("click", () => run((search) => show(search, true)));
  older.addEventListener("click", () => run(async (search) => {
    await search.go();
    await show(search, true);
  }));
  document.getElementById("search-without").hidden = true;
  form.hidden = false;
})();
