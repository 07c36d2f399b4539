import { Point } from './crash-world';
import { isEngineChange } from './every-point';

/**
 * Before calls of an engine that change something, only where that differs from a point after such a call: at a process's first change, and where
 * a write to the ledger, or any other change, lies between. Else the process that dies before call k leaves what one leaves that dies after call k-1.
 */
export function beforeCalls(points: readonly Point[]): Point[] {
  const found: Point[] = [];
  /** By process: whether the engine made the last change, and it dies after that anyway; or it dies before the next one already. */
  const covered = new Set<string>();
  for (const point of points) {
    const { name, where } = point;
    const isCall = isEngineChange(name);
    if (name.startsWith('after ') && isCall) covered.add(where);
    else if (name.startsWith('after ') && !LEAVES_NOTHING.test(name)) covered.delete(where);
    if (!name.startsWith('before ') || !isCall || covered.has(where)) continue;
    found.push(point);
    covered.add(where);
  }
  return found;
}

/** What is not known to leave the world as it is counts as a change. */
const LEAVES_NOTHING = new RegExp([
  '(?:GET|HEAD|probe) ',
  // `annotate` is done with `--local`
  'command kubectl (?:access|annotate|api-resources|dry-run|get|version)$',
  'command ssh (?:check|exit|probe|read|version|weights)$',
  // agents end with their process
  'command ssh-(?:add|agent)$',
  'the guard began$',
].map((one) => `^after ${one}`).join('|'));
