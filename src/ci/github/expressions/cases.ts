import { Atom, atomsOf, pathOf, RESULTS } from './atoms';
import { nodesOf } from './condition';
import { evaluate, Status, EvaluationContext } from './evaluate';
import { Tree } from './tree';
import { Dictionary, truths, UNKNOWN, Value } from './values';

/** Where conditions are compared. */
export interface CasesOptions {
  /** The jobs that the job needs. */
  readonly needs: readonly string[];
  /**
   * By path in small letters (`github.event_name`, `needs.build.result`; `status`): the only values that there are.
   *
   * @default - what the conditions themselves compare them with, something else, and nothing
   */
  readonly values?: Readonly<Record<string, readonly Value[]>>;
}

/** By path, `needs.build.result` for example: values that decide. `status` is what the status functions answer. */
export type Case = ReadonlyMap<string, Value>;

/** @param possible what each condition can come to in a case that is partly known; undefined as long as that does not decide */
export type IsWanted = (possible: readonly (readonly boolean[])[]) => boolean | undefined;

/** How many evaluations a search may take. Conditions that people write take some tens. */
const MOST = 10_000;

/**
 * A case in which conditions come to what is wanted, where there is one. Atoms are only looked at as long as the case is not decided,
 * so a condition of many parts takes few steps. A case that stays undecided (`hashFiles`, too many atoms) counts as one.
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

/** A case in which a condition holds and the other one does not: `now` lets a job run where `before` did not. */
export function weakenedCase(now: Tree, before: Tree, options: CasesOptions): Case | undefined {
  return findCase([now, before], options, ([after, earlier]) => {
    if (!after.includes(true) || !earlier.includes(false)) return false;
    return !after.includes(false) && !earlier.includes(true) ? true : undefined;
  });
}

/** The status comes first, because it says how the needs went. */
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

/** What is not in the case is unknown. `success()` says of each need that it succeeded. */
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
  // an atom is never a part of another one's path
  return new Dictionary(Object.fromEntries([...byKey].map(([key, below]) => [key, below[0][0].length === 0 ? below[0][1] : nested(below)])), true);
}
