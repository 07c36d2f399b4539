import { DeployingEvent } from './deploying-events';
import { HostJob } from './host-workflow';
import { atomsOf, RESULTS } from '../expressions/atoms';
import { findCase } from '../expressions/cases';
import { conditionOf } from '../expressions/condition';
import { Status } from '../expressions/evaluate';
import { NoExpression } from '../expressions/tokens';
import { Tree } from '../expressions/tree';
import { Value } from '../expressions/values';

/** The possible results of a workflow's jobs for an event, derived from their conditions. Unknown values can be anything. */
export class JobResults {
  private readonly known = new Map<string, readonly Status[]>();

  /**
   * @param awaited jobs that succeed in a run that is not cancelled; undefined if anything can happen
   */
  constructor(
    private readonly jobs: ReadonlyMap<string, HostJob>, private readonly event: DeployingEvent, private readonly awaited?: ReadonlySet<string>,
  ) {}

  public mayRun(id: string): boolean {
    return this.canCome(id, true);
  }

  /** Returns whether a job runs although all its needs failed. */
  public mayRunAfterFailure(id: string): boolean {
    const { needs = [] } = this.jobs.get(id) ?? {};
    return needs.length > 0 && this.canCome(id, true, ['failure']);
  }

  private of(id: string): readonly Status[] {
    if (this.awaited?.has(id)) return ['success'];
    const known = this.known.get(id);
    if (known) return known;
    // cycles are rejected elsewhere
    this.known.set(id, RESULTS);
    const ran = this.canCome(id, true) ? RESULTS.filter((result) => result !== 'skipped') : [];
    const results = [...ran, ...(ran.length === 0 || this.canCome(id, false) ? ['skipped' as const] : [])];
    this.known.set(id, results);
    return results;
  }

  private canCome(id: string, to: boolean, before?: readonly Status[]): boolean {
    const job = this.jobs.get(id);
    const tree = job && treeOf(job.condition);
    if (!job || !tree) return true;
    const options = { needs: job.needs, values: this.valuesFor(job, tree, before) };
    return findCase([tree], options, ([possible]) => (possible.includes(to) ? possible.length === 1 || undefined : false)) !== undefined;
  }

  private valuesFor({ needs, id }: HostJob, tree: Tree, before?: readonly Status[]): Record<string, readonly Value[]> {
    const atoms = atomsOf([tree]).map(({ path }) => [path, [this.event.valueOf(path)]] as const);
    const results = needs.map((need) => [`needs.${need.toLowerCase()}.result`, before ?? this.of(need)] as const);
    return { ...Object.fromEntries(atoms), ...Object.fromEntries(results), status: before ?? this.status(id) };
  }

  /** What the status functions may return: that looks at all jobs before, however far. */
  private status(id: string): readonly Status[] {
    const before = [...this.before(id)].map((one) => this.of(one));
    return RESULTS.filter((status) => {
      if (status === 'success') return before.every((results) => results.includes(status));
      return status === 'cancelled' ? this.awaited === undefined : before.some((results) => results.includes(status));
    });
  }

  private before(id: string, found = new Set<string>()): Set<string> {
    for (const need of this.jobs.get(id)?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      this.before(need, found);
    }
    return found;
  }
}

/** Returns undefined for a condition that GitHub rejects. */
function treeOf(condition: unknown): Tree | undefined {
  try {
    return conditionOf(condition);
  } catch (error) {
    if (error instanceof NoExpression) return undefined;
    throw error;
  }
}
