import { Atom, atomsOf, pathOf, RESULTS } from './atoms';
import { nodesOf } from './condition';
import { evaluate, Status, EvaluationContext } from './evaluate';
import { Tree } from './tree';
import { Dictionary, truths, UNKNOWN, Value } from './values';

/** The context in which conditions are compared. */
export interface CasesOptions {
  /** The jobs that the job needs. */
  readonly needs: readonly string[];
  /**
   * By path in lower case (`github.event_name`, `needs.build.result`; `status`): the only possible values.
   *
   * @default - the values in the conditions, another value, and an empty one
   */
  readonly values?: Readonly<Record<string, readonly Value[]>>;
}

/** By path, `needs.build.result` for example: the known values. `status` is for the status functions. */
export type Case = ReadonlyMap<string, Value>;

/** @param possible decides from the possible results of each condition; undefined if they do not decide */
export type IsWanted = (possible: readonly (readonly boolean[])[]) => boolean | undefined;

/** The limit of evaluations in a search. Typical conditions take a few tens. */
const MOST = 10_000;

/**
 * Finds a case with the wanted results, if there is one. Assigns atoms only until the case is decided, so a condition of many parts takes
 * few steps. An undecided case (`hashFiles`, too many atoms) counts as found.
 */
export function findCase(trees: readonly Tree[], options: CasesOptions, isWanted: IsWanted): Case | undefined {
  let evaluations = 0;
  const search = (found: Case, atoms: readonly Atom[]): Case | undefined => {
    const known = context(found, options.needs);
    const wanted = isWanted(trees.map((tree) => truths(evaluate(tree, known))));
    evaluations += 1;
    if (wanted === false) return undefined;
    if (wanted === true || atoms.length === 0 || evaluations > MOST) return found;
    const [{ path, values }, ...rest] = atoms;
    for (const value of values) {
      const better = search(new Map([...found, [path, value]]), rest);
      if (better) return better;
    }
    return undefined;
  };
  return search(new Map(), atomsIn(trees, options));
}

/** Finds a case in which `now` is true and `before` is not. */
export function weakenedCase(now: Tree, before: Tree, options: CasesOptions): Case | undefined {
  return findCase([now, before], options, ([after, earlier]) => {
    if (!after.includes(true) || !earlier.includes(false)) return false;
    return !after.includes(false) && !earlier.includes(true) ? true : undefined;
  });
}

/** The status comes first, because it determines the results of the needs. */
function atomsIn(trees: readonly Tree[], { needs, values = {} }: CasesOptions): Atom[] {
  const nodes = trees.flatMap((tree) => [...nodesOf(tree)]);
  const readsStatus = nodes.some((node) => node.kind === 'call' && ['success', 'failure', 'cancelled'].includes(node.name));
  const readsAllNeeds = nodes.some((node) => node.kind === 'index' && node.key?.kind !== 'literal' && pathOf(node.of) === 'needs');
  const atoms = atomsOf(trees).filter(({ path }) => path !== 'needs');
  const all = readsAllNeeds ? needs.map((need) => `needs.${need.toLowerCase()}.result`).filter((path) => !atoms.some((atom) => atom.path === path)) : [];
  const status = readsStatus ? ['status'] : [];
  return [...status.map(everyResult), ...atoms, ...all.map(everyResult)].map((atom) => ({ ...atom, values: values[atom.path] ?? atom.values }));
}

function everyResult(path: string): Atom {
  return { path, values: RESULTS };
}

/** Values outside the case are unknown. With `success()` each need succeeded. */
function context(found: Case, needs: readonly string[]): EvaluationContext {
  const status = found.get('status') as Status | undefined;
  const results = needs.map((need) => [`needs.${need.toLowerCase()}.result`, status === 'success' ? status : UNKNOWN] as const);
  const values = new Map<string, Value>([...results, ...found, ...(status === 'success' ? results : [])]);
  const contexts = nested([...values].map(([path, value]) => [path.split('.'), value] as const));
  const jobs = contexts.find('needs');
  const closed = new Dictionary(jobs instanceof Dictionary ? Object.fromEntries(jobs.entries) : {});
  return { status, contexts: { ...Object.fromEntries(contexts.entries), needs: closed } };
}

function nested(values: readonly (readonly [readonly string[], Value])[]): Dictionary {
  const byKey = new Map<string, (readonly [readonly string[], Value])[]>();
  for (const [[key, ...rest], value] of values) byKey.set(key, [...byKey.get(key) ?? [], [rest, value]]);
  // no atom's path contains another one's
  return new Dictionary(Object.fromEntries([...byKey].map(([key, below]) => [key, below[0][0].length === 0 ? below[0][1] : nested(below)])), true);
}
