import { readCheckout } from '../checks/checkout';
import { checksOf, roomsOf } from '../checks/inputs';
import { names } from '../checks/parts';

/** The suites `*.ci.ts` that a change of a file selects in `.ci/run`, without the parts, which need engines or the network. */
export function selectedSuites(root: string, file: string): string[] {
  const patterns = roomsOf(file).flatMap(({ checks }) => checks);
  const suites = checksOf(readCheckout(root)).filter(({ isSuite, nightly }) => isSuite && !nightly).map(({ name }) => name);
  return suites.filter((suite) => patterns.some((pattern) => names(pattern, suite)));
}
