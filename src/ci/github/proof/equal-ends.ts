import { keyOf } from './bound-conditions';
import { Cone, ConeJob, nameOf } from './cone';
import { Decisions, laterAttempts, neededAs } from './decisions';
import { End, keptEnd, Result } from './job-end';
import { STATE } from '../../../contract/outputs';
import { evaluate } from '../expressions/evaluate';
import { Tree } from '../expressions/tree';
import { Dictionary, truths } from '../expressions/values';

type Named = Pick<ConeJob, 'place' | 'kind' | 'of'>;

/** Finds the ends of a job that are the same for every condition and command that looks at them. */
export class EqualEnds {
  private readonly known = new Map<string, End>();
  private readonly byQuestion = new Map<string, End>();
  /** The smallest parts of the conditions that look at other jobs. */
  private readonly parts: readonly { readonly tree: Tree; readonly places: ReadonlySet<string>; readonly looksAtAll: boolean }[];

  constructor(private readonly cone: Cone, private readonly decisions: Decisions) {
    const trees = [...cone.jobs.map(({ tree }) => tree), ...cone.later.map(({ tree }) => tree), ...cone.readers];
    const parts = new Map(trees.flatMap(partsOf).map((tree) => [keyOf(tree), tree]));
    this.parts = [...parts].map(([key, tree]) => ({ tree, ...namedIn(key) }));
  }

  /** Returns the one that stands for all that are the same. */
  public of(job: Named, end: End): End {
    const key = `${job.place} ${end.id}`;
    let found = this.known.get(key);
    if (!found) {
      const question = [job.place, end.result, end.how, this.readByCommands(job, end), this.readByConditions(job, end)].join();
      found = this.byQuestion.get(question) ?? end;
      this.byQuestion.set(question, found);
      this.known.set(key, found);
    }
    return found;
  }

  /** Whether a condition may look at the state that a job reports. */
  public areStatesRead({ place }: Named): boolean {
    return this.parts.some(({ tree, places, looksAtAll }) => looksAtAll || (places.has(nameOf(place)) && keyOf(tree).toLowerCase().includes(`"${STATE}"`)));
  }

  /** By commands, and by what must hold. */
  private readByCommands({ kind, of }: Named, { result, outputs: { go, state } }: End): unknown {
    if (of !== undefined) return undefined;
    if (kind === 'plan') return result === 'success' && go;
    if (kind === 'deploy') return result === 'success' && state;
    return kind === 'monitor' && this.cone.later.length > 0 && state === 'stable';
  }

  private readByConditions({ place }: Named, end: End): string {
    // a job that is lost in a later attempt shows the outputs of this one
    const results: readonly Result[] = [end.result, 'failure', 'cancelled'];
    if (!results.some((result) => this.decisions.dependsOnOutputs({ place }, result))) return '';
    const parts = this.parts.filter(({ places, looksAtAll }) => looksAtAll || places.has(nameOf(place)));
    if (parts.some(({ tree, places, looksAtAll }) => looksAtAll || places.size > 1 || laterAttempts(tree).length > 1)) return String(end.id);
    const kept = keptEnd(end);
    return parts.map(({ tree }) => [truthsOf(tree, place, end, '1'), truthsOf(tree, place, end, '2'), truthsOf(tree, place, kept, '2')].join(';')).join(' ');
  }
}

function partsOf(tree: Tree): Tree[] {
  if (tree.kind === 'not') return partsOf(tree.of);
  if (tree.kind === 'and' || tree.kind === 'or') return [...partsOf(tree.left), ...partsOf(tree.right)];
  return keyOf(tree).includes('needs') ? [tree] : [];
}

const ONE_JOB = /needs\[string:"(#-?\d+)"\]\[string:"(?:result|outputs"\]\[string:"[^"]*)"\]/gi;

function namedIn(key: string): { readonly places: ReadonlySet<string>; readonly looksAtAll: boolean } {
  return { places: new Set([...key.matchAll(ONE_JOB)].map(([, place]) => place)), looksAtAll: key.replace(ONE_JOB, '').includes('needs') };
}

function truthsOf(tree: Tree, place: number, end: End, attempt: string): string {
  const needs = new Dictionary({ [nameOf(place)]: neededAs(end, attempt) });
  return truths(evaluate(tree, { contexts: { needs, github: new Dictionary({ run_attempt: attempt }, true) } })).join();
}
