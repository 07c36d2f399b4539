import { conjuncts } from './conjuncts';
import { Violation, violation, KEEP, ARTIFACT_JOBS, DeliveryJob } from './violation';
import { weakenedCase } from '../expressions/cases';
import { conditionOf } from '../expressions/condition';
import { parse, Tree } from '../expressions/tree';
import { unwrapped } from '../jobs/conditions';
import { WrittenJob } from '../workflows/written-workflow';

/** The jobs for which a narrower condition only means that less is deployed. */
const MAY_BE_NARROWER = ['plan', 'changes', 'comment', 'begin', 'preview', 'deploy', 'drill', ...ARTIFACT_JOBS];

/** The guarantee of the condition, by main step. */
const GUARANTEES: Record<string, string> = {
  plan: 'a ref without an environment, or a fork, starts no job',
  pack: 'a ref without an environment, or a fork, starts no job',
  image: 'a ref without an environment, or a fork, starts no job',
  download: 'only the release of this run is deployed, and never in a fork',
  changes: 'the secrets of an environment are never there for a fork',
  begin: 'the code of a fork is deployed only after its approval, and other code only from a branch of the repository',
  preview: 'nothing is deployed unless it was recorded before',
  finish: 'what a pull request deployed is verified and recorded',
  remove: 'each preview is removed when its pull request is closed, and no other one',
  sweep: 'the sweep starts on schedule, and never in a fork',
  deploy: 'nothing is deployed unless it was triggered, planned and built, and all earlier jobs succeeded',
  drill: 'a drill runs only on the environment and at the time that was requested',
  monitor: 'the confirmation also runs after a failed or cancelled deployment',
  rollback: 'each bad deployment is rolled back, and nothing else',
  recover: 'each unfinished deployment is recovered',
  hold: 'a rollback by hand first stops the deployments in the queue',
  start: 'drills start on schedule, and never in a fork',
  watch: 'the watch probes the live release, and never in a fork',
  heartbeat: 'the heartbeat is sent if the watch found everything healthy, and only then',
  unblock: 'a decision of a person applies to the chosen environment only',
};

/** Compares the results of a job's conditions in every case, so equivalent conditions are equal. */
export function condition({ job, mainStep }: DeliveryJob, { if: now, needs }: WrittenJob): Violation | undefined {
  const changed = changedCondition(job.if, now, [...job.needs ?? [], ...[needs ?? []].flat().map(String)]);
  if (changed === undefined || (changed.kind === 'narrowed' && mayBeNarrower(mainStep))) return undefined;
  const guarantee = `breaks the guarantee that ${GUARANTEES[mainStep] ?? 'it runs when it is needed'}`;
  if (changed.kind === 'weakened' && unwrapped(String(now)).includes('${{')) {
    return violation('if', `has text outside of \${{ }}, which makes it true whatever the expression says, which ${guarantee}`, 'Write all of it within one ${{ }}');
  }
  if (changed.kind === 'weakened') {
    return violation('if', `was weakened: it no longer requires ${code(changed.part)}, which ${guarantee}`, mayBeNarrower(mainStep) ? 'Keep this part, and add yours with && (...)' : KEEP);
  }
  return violation('if', `was narrowed: it also requires ${code(changed.part)}, which ${guarantee}`, KEEP);
}

/** Returns whether a job may have a narrower condition. */
export function mayBeNarrower(mainStep: string): boolean {
  return MAY_BE_NARROWER.includes(mainStep);
}

/** A change of a condition, and the changed part. */
export interface ChangedCondition {
  readonly kind: 'weakened' | 'narrowed';
  readonly part: string;
}

/** @param needs the jobs whose results the conditions may use */
export function changedCondition(ours: string | undefined, now: unknown, needs: readonly string[] = []): ChangedCondition | undefined {
  if (now === ours) return undefined;
  const [before, after] = [conditionOf(ours), conditionOf(now)];
  const options = { needs: [...new Set(needs)] };
  // otherwise GitHub requires success() of all ancestors, and a skipped job does not count as success
  const status = STATUS.exec(ours ?? '')?.[0];
  if (status !== undefined && !readsStatus(now)) return { kind: 'weakened', part: `${status})` };
  if (weakenedCase(after, before, options)) return { kind: 'weakened', part: unmet(ours, after, options) };
  if (weakenedCase(before, after, options)) return { kind: 'narrowed', part: unmet(now, before, options) };
  return undefined;
}

const STATUS = /!?\b(always|cancelled)\(/;

/** Returns whether a condition contains a status function. */
export function readsStatus(written: unknown): boolean {
  return /\b(always|success|failure|cancelled)\s*\(/i.test(String(written ?? '').replace(/'[^']*'/g, ''));
}

/** Whether a job begins only after another one succeeded, or was skipped if that is allowed, regardless of the rest of its condition. */
export function runsOnlyAfter({ if: now, needs }: WrittenJob, need: string): boolean {
  return weakenedCase(conditionOf(now), parse(`needs.${need}.result == 'success' || needs.${need}.result == 'skipped'`), { needs: [needs ?? []].flat().map(String) }) === undefined;
}

/** The part of the original condition that a condition does not require. */
function unmet(written: unknown, tree: Tree, options: { readonly needs: readonly string[] }): string {
  return conjuncts(String(written ?? '')).find((part) => part !== '' && weakenedCase(tree, parsed(part), options) !== undefined) ?? 'success()';
}

function parsed(part: string): Tree {
  return part.includes('${{') ? conditionOf(part) : parse(part);
}

/** Quotes an expression, which often contains quotation marks. */
function code(text: string): string {
  return `\`${text.length > 120 ? `${text.slice(0, 117)}...` : text}\``;
}
