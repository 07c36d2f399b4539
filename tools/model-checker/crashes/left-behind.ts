import { Point } from './crash-world';

/**
 * Without the points at which a process that dies leaves the same as at the point before and at the point after. Between two changes it only reads: what
 * it leaves there is met where its reading begins, and where it ends. The files on its machine are compared (`Point.left`), not taken to be the same.
 */
export function whereItDiffers(points: readonly Point[]): Point[] {
  return [...new Set(points.map(({ where }) => where))].flatMap((where) => {
    const own = points.filter((point) => point.where === where);
    const left = leftAt(own);
    return own.filter((_, index) => left[index] !== left[index - 1] || left[index] !== left[index + 1]);
  });
}

/** What differs for the next process, at each point of one. */
function leftAt(points: readonly Point[]): string[] {
  let changes = 0;
  return points.map(({ name, left }) => {
    const isBefore = ABOUT_TO.test(name);
    if (!isBefore && !LEAVES_NOTHING.test(name)) changes += 1;
    const here = `${changes} ${left}`;
    // from then on it may happen at any moment
    if (isBefore && !READS.test(name)) changes += 1;
    return here;
  });
}

/** What is not known to leave the world as it is counts as a change; at `before the guard` a command has begun. */
const ABOUT_TO = /^before (?!the guard)/;
const READS = /^(?:before|after) (?:(?:GET|HEAD|probe) |git rev-parse$)/;
const LEAVES_NOTHING = /^after (?:(?:GET|HEAD|probe) |git rev-parse$)/;
