import { Point } from './crash-world';

/**
 * The points of each process, those in a row together at which it leaves the same when it dies: between two changes it only reads. The files on its machine
 * are compared (`Point.left`), not taken to be the same.
 */
export function rowsOf(points: readonly Point[]): (readonly [Point, ...Point[]])[] {
  return [...new Set(points.map(({ where }) => where))].flatMap((where) => {
    const own = points.filter((point) => point.where === where);
    const left = leftAt(own);
    const begins = own.flatMap((_, index) => (left[index] === left[index - 1] ? [] : [index]));
    return begins.map((begin, index) => own.slice(begin, begins[index + 1]) as [Point, ...Point[]]);
  });
}

/** The first one of each row. */
export function whereItDiffers(points: readonly Point[]): Point[] {
  return rowsOf(points).map(([first]) => first);
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
