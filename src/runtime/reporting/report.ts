import { placeOf } from './command-line';
import { PlanReport, Report } from './deployment-report';
import { escapeMarkdown } from './markdown';
import { maskWithin } from './masking';
import { nextStepsOf, reasonOf, renderMarkdown, sentenceOf } from './summary';
import { renderText } from './summary-text';
import { detectionsOf } from '../../contract/analysis-manifest';
import { ExitCode } from '../../contract/command-line';
import { TriggerManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { Deployment } from '../deployment/deployment';
import { Plan } from '../deployment/plan';
import { State } from '../deployment/state-machine';
import { blocksItself } from '../ledger/blocks';
import { Standing } from '../ledger/entries';
import { RecordKind } from '../ledger/record';
import { promotionOf, strategyOf } from '../strategies/rollout-strategy';

/** A drill succeeds if its own verdict rolled it back, and Stable is live again. */
export function exitCodeOf(kind: RecordKind, state: State, wasForced = false): ExitCode {
  if (kind === 'drill' && wasForced && state === 'rolledBack') return 0;
  switch (state) {
    case 'halted': return 3;
    case 'superseded': return 2;
    case 'rollingBack':
    case 'rolledBack':
    case 'failed': return 1;
    default: return 0;
  }
}

/** An outcome counts only if it is recorded. */
export function exitCodeAfter({ counts, facts, record, state }: Deployment): ExitCode {
  return exitCodeOf(record.kind, state, facts.forcedAt !== undefined) || (counts ? 0 : 1);
}

/** Reports the outcome of a deployment: in the job's summary or on the terminal, and in one last line. */
export function report(deployment: Deployment): void {
  const { context, record, facts, passed, completedPhases, unwritten } = deployment;
  const { environment, run } = context;
  // if an earlier process rolled it back, its entry says why
  const taken = passed.find((entry) => entry.state === 'rollingBack' || entry.state === 'halted');
  publish(context, {
    kind: 'deployment',
    ...placeOf(context),
    url: environment.url,
    requested: record.kind,
    release: record.release,
    replaced: record.stable?.release,
    strategy: record.strategy,
    slot: record.slot,
    state: deployment.outcome,
    passed: passed.map((entry) => entry.state),
    cause: taken?.note,
    isAbandoned: facts.hasNoVerdict,
    isBlocked: blocksItself(deployment.standing),
    fault: facts.fault,
    phases: completedPhases,
    unwritten,
    unrecorded: deployment.counts ? undefined : { recorded: deployment.recorded, why: deployment.rejection },
    irreversible: facts.irreversible,
    noRollback: environment.target.noRollback,
    drill: record.kind === 'drill' && (facts.forcedAt !== undefined || run.deployed)
      ? { rollbackMs: completedPhases.find((one) => one.state === 'rollingBack')?.durationMs }
      : undefined,
    by: record.by,
    reason: record.reason,
    inCi: run.inCi,
    runUrl: run.url,
  });
}

/** Reports a deployment that this process did not change, from the ledger. */
export function reportStanding(context: RuntimeContext, standing: Standing): void {
  report(Deployment.resume(context, standing));
}

/** Reports that there was nothing to do, in one line and in the job's summary. */
export function reportNothing({ environment, log, mask, outputs }: RuntimeContext, sentence: string): void {
  outputs.summary(`## 💤 ${escapeMarkdown(mask(`${environment.name}: ${sentence}`), 1000)}`);
  log.line(`${environment.name}: ${sentence}.`);
}

/** Shows what a deployment would do, before anyone approves it. */
export function reportPlan(context: RuntimeContext, plan: Plan & Pick<PlanReport, 'changes' | 'warnings'>, baseline: Record<string, boolean>): void {
  const { environment, run } = context;
  const { analysis, weights = [] } = environment.strategy;
  publish(context, {
    kind: 'plan',
    ...placeOf(context),
    url: environment.url,
    trigger: describeTrigger(environment.trigger),
    ...plan,
    strategy: environment.strategy.kind,
    migrates: environment.target.migrate !== undefined,
    bakeMs: environment.strategy.bakeMs,
    weights: promotionOf(strategyOf(environment), environment, { kind: 'deploy', slot: plan.slot, stable: plan.stable }),
    ...(analysis && { detections: detectionsOf(analysis, weights) }),
    baseline,
    healthChecks: environment.healthChecks,
    variables: environment.variables,
    secrets: environment.secrets,
    inCi: run.inCi,
  });
}

/** Describes what starts a deployment. */
export function describeTrigger(trigger: TriggerManifest): string {
  switch (trigger.kind) {
    case 'branch': return `a push to ${trigger.branch}`;
    case 'tag': return `a tag ${trigger.pattern}${trigger.except ? `, except ${trigger.except}` : ''}${trigger.requires ? `, verified on ${trigger.requires} before` : ''}`;
    case 'manual': return 'by hand';
    case 'release': return `what the project's release workflow releases${trigger.branches ? ` from ${trigger.branches.join(', ')}` : ''}`;
    case 'after': return `after ${trigger.environment}, in the same run`;
  }
}

function publish({ json, log, mask, outputs, print, run }: RuntimeContext, all: Report): void {
  // Before anything is escaped: afterwards a secret would look different.
  const masked = maskWithin(all, mask);
  outputs.summary(renderMarkdown(masked));
  if (json) print(JSON.stringify({ ...masked, sentence: sentenceOf(masked), next: nextStepsOf(masked) }, null, 2));
  else if (!run.inCi) print(renderText(masked));
  else if (masked.kind === 'deployment' && exitCodeOf(masked.requested, masked.state, masked.drill !== undefined) !== 0) log.error(`${masked.environment}: ${masked.state}`, lastLine(masked, reasonOf(masked)));
  else if (masked.kind === 'deployment' && masked.unrecorded) log.error(`${masked.environment}: not recorded`, lastLine(masked));
  else log.line(lastLine(masked));
}

/** What happened, why, and what to do next. */
function lastLine(masked: Report, reason?: string): string {
  const sentence = reason === undefined ? `${sentenceOf(masked)}.` : `${sentenceOf(masked)} (${reason}).`;
  return `${sentence} ${next(masked)}`.trim();
}

function next(masked: Report): string {
  return nextStepsOf(masked).map(({ text, run }) => (run === undefined ? text : `${text} ${run}`)).join(' ');
}
