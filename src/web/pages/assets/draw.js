// Draws again in this browser what the service drew: the third program beside those in Rust and Python.
// No library, no network: works unplugged beside its saved page.
"use strict";

const recompute = (() => {
  const utf8 = new TextEncoder();

  // ---- SHA-256 (FIPS 180-4): browsers keep theirs from pages on plain http.

  const primes = [];
  for (let number = 2; primes.length < 64; number++) {
    if (primes.every((prime) => number % prime)) primes.push(number);
  }
  const fraction = (root) => Math.floor((root % 1) * 2 ** 32);
  const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));
  const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const right = (word, bits) => (word >>> bits) | (word << (32 - bits));

  function sha256(bytes) {
    const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const state = Uint32Array.from(START);
    const words = new Uint32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
      for (let at = 0; at < 16; at++) words[at] = view.getUint32(block + 4 * at);
      for (let at = 16; at < 64; at++) {
        const [early, late] = [words[at - 15], words[at - 2]];
        words[at] = words[at - 16] + words[at - 7] + (right(early, 7) ^ right(early, 18) ^ (early >>> 3)) +
          (right(late, 17) ^ right(late, 19) ^ (late >>> 10));
      }
      const s = state.slice();
      for (let at = 0; at < 64; at++) {
        const [a, b, c, e] = [s[0], s[1], s[2], s[4]];
        const keyed = s[7] + ROUNDS[at] + words[at];
        const one = keyed + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & s[5]) ^ (~e & s[6]));
        const two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        s.copyWithin(1, 0, 7);
        s[4] += one;
        s[0] = one + two;
      }
      s.forEach((word, at) => (state[at] += word));
    }
    return Uint8Array.from([...state].flatMap((word) => [word >>> 24, word >>> 16, word >>> 8, word]));
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  const joined = (...pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));

  /** A whole number in so many bytes, the lowest first. */
  const low = (number, bytes) => Uint8Array.from({length: bytes}, (_, at) => Math.floor(number / 256 ** at) % 256);

  // ---- ChaCha20 (64-bit counter and stream): the first 64 bits of a block.

  function cipher(key, counter, stream) {
    const start = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...key, ...counter, ...stream);
    const s = start.slice();
    const mix = (x, y, z, bits) => {
      s[x] += s[y];
      s[z] = right(s[z] ^ s[x], 32 - bits);
    };
    const quarter = (a, b, c, d) => {
      mix(a, b, d, 16);
      mix(c, d, b, 12);
      mix(a, b, d, 8);
      mix(c, d, b, 7);
    };
    for (let round = 0; round < 20; round++) {
      // Columns, then diagonals.
      const row = (number, at) => 4 * number + ((at + number * (round & 1)) & 3);
      for (let at = 0; at < 4; at++) quarter(at, row(1, at), row(2, at), row(3, at));
    }
    const [first, second] = [s[0] + start[0], s[1] + start[1]].map((sum) => BigInt(sum % 2 ** 32));
    return (second << 32n) | first;
  }

  const wordsOf = (bytes) => {
    const view = new DataView(bytes.buffer);
    return Array.from({length: bytes.length / 4}, (_, at) => view.getUint32(4 * at, true));
  };

  /** A person's number: a pure function of seed, round and person; the smaller comes first. */
  function lot(key, round, person) {
    const address = wordsOf(sha256(joined(utf8.encode("zhaosheng/lot/1"), low(round, 4), person)));
    return cipher(key, [address[2], address[3] & 0x0fffffff], [address[0], address[1]]);
  }

  const refuse = (row) => {
    throw Object.assign(new RangeError("row " + row), {row});
  };

  /** Cells of a line: no good one holds a comma, not even in quotes. */
  const cellsOf = (line) => line.split(",").map((cell) => cell.replace(/^"(.*)"$/, "$1").trim());

  /** A whole number as the service reads one, or NaN. */
  const whole = (text) => (/^\+?\d+$/.test(text) ? Number(text) : NaN);

  /** Tickets in the order of their ids. */
  function ticketsOf(text) {
    const all = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/).map((row, at) => ({row, line: at + 1}));
    const [head, ...rows] = all.filter(({row}) => row);
    const names = head ? cellsOf(head.row) : [];
    const strange = names.filter((name, at) => !/^(ticket|heads|number)$/.test(name) || names.indexOf(name) < at);
    if (!names.includes("ticket") || strange.length) refuse(1);
    const seen = new Set();
    const tickets = rows.map(({row, line}) => {
      const cells = cellsOf(row);
      const cell = (name) => cells[names.indexOf(name)] || "";
      const [id, heads] = [cell("ticket"), whole(cell("heads") || "1")];
      const fits = /^[\p{Alphabetic}\p{N}\-./:_]{1,64}$/u.test(id) && heads >= 1 && heads <= 9;
      if (!fits || cells.length > names.length || seen.has(id)) refuse(line);
      seen.add(id);
      const bytes = utf8.encode(id);
      return {id, heads, line, number: cell("number"), bytes, key: hex(bytes)};
    });
    if (!tickets.length) refuse(1);
    tickets.sort((one, other) => (one.key < other.key ? -1 : 1));
    tickets.forEach(({number, line}, at) => number === "" || whole(number) === at + 1 || refuse(line));
    return tickets;
  }

  /** Most tenths of a bit that can be in the parts. */
  function entropy(parts) {
    const tenths = parts.map((part) => {
      const of = (signs) => Array.from(part).filter((byte) => signs.test(String.fromCharCode(byte))).length;
      const [digits, between] = [of(/\d/), of(/[ ,.:;+\-/\t]/)];
      if (digits + between === part.length) return digits * 33;
      if (part.length >= 16 && of(/[\da-f]/i) === part.length) return part.length * 40;
      return digits * 33 + (part.length - digits - between) * 60;
    });
    return Math.min(2560, tenths.reduce((sum, one) => sum + one, 0));
  }

  /**
   * The draw of a form's texts: `parts` one a line, `whole` the hash of the list that the seed is of, or empty.
   * Throws a RangeError with the `row` of the list that is refused, 0 for another field.
   */
  return (asked) => {
    const tickets = ticketsOf(asked.list);
    const lines = tickets.map(({id, heads}) => `${id},${heads}\n`).join("");
    const hash = sha256(utf8.encode("zhaosheng/list/1" + lines));
    const [round, seats] = [asked.round, asked.seats].map((text) => whole(text.trim()));
    const parts = asked.parts.split(/\r?\n/).filter((part) => part !== "").map((part) => utf8.encode(part));
    const above = asked.whole.trim();
    const fit = round < 2 ** 32 && seats < 2 ** 32 && parts.length && /^([\da-f]{64})?$/i.test(above);
    if (!fit || !["admit_both", "next_single"].includes(asked.twins)) refuse(0);
    const frozen = above ? Uint8Array.from(above.match(/../g), (byte) => parseInt(byte, 16)) : hash;
    // A rehearsal's numbers are never those of the draw.
    const sources = asked.rehearsal ? [...parts, utf8.encode("rehearsal")] : parts;
    const told = sources.flatMap((part) => [low(part.length, 8), part]);
    const seed = sha256(joined(utf8.encode("zhaosheng/seed/1"), frozen, ...told));
    // Equal lots stay in the order of their ids: sorting is stable.
    const drawn = tickets.map((ticket) => ({...ticket, lot: lot(wordsOf(seed), round, ticket.bytes)}));
    drawn.sort((one, other) => (one.lot < other.lot ? -1 : Number(one.lot > other.lot)));
    let left = seats;
    const places = drawn.map(({id, lot, heads}, at) => {
      // Seats are counted by heads.
      const admitted = left > 0 && (heads <= left || asked.twins === "admit_both");
      if (admitted) left -= heads;
      return `${at + 1},${id},${lot},${heads},${admitted ? 1 : 0}\n`;
    });
    const order = "place,ticket,number,heads,admitted\n" + places.join("");
    const print = hex(sha256(utf8.encode(order)));
    return {hash: hex(hash), seed: hex(seed), bits: (entropy(parts) / 10).toFixed(1), order, print};
  };
})();

// ---- The page: the form is drawn here, then by the service; the two are compared.

if (typeof document === "object") {
  const at = (what) => document.querySelector(what);

  /** A file as the service reads it: UTF-8, else GB18030. */
  const textOf = (bytes) => {
    const [strict, loose] = [new TextDecoder("utf-8", {fatal: true}), new TextDecoder("gb18030")];
    try {
      return strict.decode(bytes);
    } catch {
      return loose.decode(bytes);
    }
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "draw") return;
    event.preventDefault();
    const sent = new FormData(form);
    const fields = Object.fromEntries(sent);
    const [own, verdict] = [at("#own"), at("#verdict")];
    const tell = (word, row) => {
      verdict.textContent = own.dataset[word] + (row ? " " + row : "");
      verdict.className = word === "same" ? "good" : "warning";
    };
    own.hidden = false;
    let drawn = {};
    try {
      const list = fields.file && fields.file.size ? textOf(await fields.file.arrayBuffer()) : fields.list;
      drawn = recompute({...fields, list});
      tell("alone");
    } catch (error) {
      tell("refused", error.row);
    }
    for (const place of own.querySelectorAll("[data-of]")) place.textContent = drawn[place.dataset.of] || "";
    if (location.protocol === "file:") return;
    try {
      const answer = await fetch(form.action, {method: "POST", body: sent});
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      at("#answer").replaceChildren(...page.querySelector("#answer").childNodes);
      const theirs = at("#drawn");
      const agree = (name) => theirs.dataset[name] === drawn[name];
      if (theirs) tell(["hash", "seed", "bits", "print"].every(agree) ? "same" : "different");
    } catch {
      // No answer: what this browser drew stands alone, and says so.
    }
    at("main").focus();
  });
}
