// A link drawn: out of one bar's end, at right angles, into the other's, with an arrowhead.
const OUT = 8;

/** `type` FS, SS, FF or SF; ends as {from, to, y}; `half` is half a row. Returns the path and its arrowhead. */
export function linkPath(type, before, after, half) {
  const x1 = type[0] === "S" ? before.from : before.to;
  const x2 = type[1] === "S" ? after.from : after.to;
  const [y1, y2] = [before.y, after.y];
  const out = type[0] === "S" ? -OUT : OUT;
  const into = type[1] === "S" ? -OUT : OUT;
  const tip = into < 0 ? -5 : 5;
  const end = r(x2 + tip / 5);
  // The usual case as planners know it: along, then straight onto the bar that follows.
  const onto = after.width ? x2 + Math.min(4, after.width / 2) : after.x;
  const begin = before.width ? x1 : before.x; // out of the middle of a diamond
  if (type === "FS" && onto >= begin) {
    const edge = y2 > y1 ? y2 - 7 : y2 + 7;
    const back = y2 > y1 ? -5 : 5;
    return { path: `M${r(begin)} ${r(y1)}H${r(onto)}V${r(edge + back / 5)}`, head: `M${r(onto)} ${r(edge)}l-3.5 ${back}h7z` };
  }
  let path;
  if (out > 0 === into > 0) {
    const far = out > 0 ? Math.max(x1, x2) + out : Math.min(x1, x2) + out;
    path = `M${r(x1)} ${r(y1)}H${r(far)}V${r(y2)}H${end}`;
  } else {
    const turn = y2 - (y2 > y1 ? half : -half);
    path = `M${r(x1)} ${r(y1)}h${out}V${r(turn)}H${r(x2 + into)}V${r(y2)}H${end}`;
  }
  return { path, head: `M${r(x2)} ${r(y2)}l${tip} -3.5v7z` };
}

const r = (number) => Math.round(number * 2) / 2;
