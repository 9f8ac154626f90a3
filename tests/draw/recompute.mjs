// Draws what standard input asks for, a JSON object a line, with the page's own script; an answer a line.
import {readFileSync} from "node:fs";

const script = readFileSync(new URL("../../src/web/pages/assets/draw.js", import.meta.url), "utf8");
const recompute = new Function(script + "\nreturn recompute;")();
for (const line of readFileSync(0, "utf8").split("\n").filter((line) => line)) {
  let answer;
  try {
    answer = recompute(JSON.parse(line));
  } catch (error) {
    // A list that is refused is an answer; anything else is a fault of the script.
    if (!(error instanceof RangeError)) throw error;
    answer = null;
  }
  console.log(JSON.stringify(answer));
}
