import { analysisSection } from './analysis-text';
import { changesSection } from './changes-section';
import { DeploymentReport, NextStep, PhaseReport, PlanReport, Report, isBadFirst, isLeftAlone } from './deployment-report';
import { commandBlock, escapeMarkdown, inCode, link, markdownTable } from './markdown';
import { pathPicture } from './path-diagram';
import { nextAfterDeployment, nextAfterPlan } from './what-next';
import { formatDuration } from '../../contract/duration-text';
import { WeightManifest } from '../../contract/manifest';
import { RolloutStep } from '../../contract/strategies';
import { Event, State } from '../deployment/state-machine';
import { ProbeStatistics } from '../probing/observation';
import { Release } from '../release';
import { rolloutStrategy } from '../strategies/rollout-strategy';

/** The whole report in one line. */
export function sentenceOf(report: Report): string {
  return report.kind === 'plan' ? planSentence(report) : deploymentSentence(report);
}

function planSentence({ alreadyLive, environment, faults, frozen, notNow, release, stable, unread }: PlanReport): string {
  if (faults.length > 0) return `${release.version} cannot be deployed to ${environment}: ${faults.length === 1 ? '1 problem' : `${faults.length} problems`}`;
  if (notNow !== undefined) return `Nothing is deployed to ${environment}: ${notNow}`;
  if (alreadyLive && unread !== undefined) return `${release.version} is Stable on ${environment}: nothing to do. What is live could not be read: ${unread}`;
  if (alreadyLive) return `${release.version} is already live on ${environment}: nothing to do`;
  if (frozen !== undefined) return `${environment} is frozen ${frozen}: ${release.version} is not deployed now`;
  return `${release.version} would be deployed to ${environment}${stable ? `, replacing ${stable.release.version}` : ', as its first release'}`;
}

function deploymentSentence(report: DeploymentReport): string {
  const { requested, drill, environment, fault, isAbandoned, unrecorded, release: { version }, replaced, state } = report;
  switch (state) {
    case 'stable':
      if (requested === 'adopt') return `${version} was adopted on ${environment}: verified and Stable`;
      return requested === 'rollback' ? `${environment} was rolled back to ${version}, which is verified and Stable` : `${version} is live on ${environment}, verified and Stable`;
    case 'confirming':
      if (unrecorded) return `${version} is live on ${environment} and healthy, but the ledger did not record that: it is not Stable yet`;
      return `${version} is live on ${environment} and healthy; it is not confirmed yet`;
    case 'rollingBack':
      if (unrecorded) return `${version} is bad on ${environment}, but the ledger did not record that: the next job probes it again`;
      if (fault) return `${version} could not be deployed to ${environment}, which is not its fault${replaced ? `: ${replaced.version} is being restored` : ''}`;
      return `${version} is bad on ${environment} and is being rolled back${replaced ? ` to ${replaced.version}` : ''}`;
    case 'rolledBack':
      if (drill) return `Drill on ${environment}: the rollback works, ${version} is live again, verified${drill.rollbackMs === undefined ? '' : `, after ${formatDuration(drill.rollbackMs)}`}`;
      if (fault) return `${version} could not be deployed to ${environment}, which is not its fault: ${replaced?.version ?? 'the old release'} is live, verified`;
      if (isAbandoned) return `${version} was rolled back on ${environment} without a verdict: ${replaced?.version ?? 'the old release'} is live again, verified`;
      return `${version} was bad on ${environment} and was rolled back: ${replaced?.version ?? 'the old release'} is live again, verified`;
    case 'halted':
      if (isBadFirst(report)) return `${version} is bad on ${environment}, with nothing to go back to: ${environment} is halted until another release is deployed`;
      if (isLeftAlone(report)) return `${environment} is halted with ${version}: someone else changed it meanwhile, and nothing was restored over that`;
      if (fault) return `${environment} is halted with ${version}, which is not to blame, and a person must act: what users see could not be verified`;
      return `${environment} is halted with ${version}, and a person must act: what users see could not be verified`;
    case 'failed':
      if (requested === 'adopt') return `${version} was not adopted on ${environment}: nothing was recorded as Stable`;
      return `${version} was not deployed to ${environment}; nothing was changed`;
    case 'superseded':
      if (requested === 'adopt') return `${version} was not adopted on ${environment}, because another deployment started meanwhile: nothing was recorded as Stable`;
      return `${version} was superseded on ${environment}: a newer deployment came after it`;
    default: return `${version} is left ${state} on ${environment}`;
  }
}

const ICONS: Partial<Record<State, string>> = { stable: '✅', confirming: '⏳', rolledBack: '↩️', halted: '🛑', failed: '❌', superseded: '⏭️' };

/** For the head of the report. */
export function iconOf(report: Report): string {
  if (report.kind === 'deployment') return ICONS[report.state] ?? '⚠️';
  if (report.faults.length > 0) return '❌';
  if (report.frozen !== undefined) return '🧊';
  return report.alreadyLive || report.notNow !== undefined ? '💤' : '🗺️';
}

/** Why it came to this: the first thing that went wrong, else the last thing that happened. */
export function reasonOf({ cause, phases }: DeploymentReport): string | undefined {
  const wrong = phases.find(({ result }) => isTrouble(result.event));
  return cause || (wrong ?? phases.at(-1))?.result.note || undefined;
}

export function isTrouble(event: Event): boolean {
  return !['began', 'commandSucceeded', 'healthy'].includes(event);
}

/** What each event means for the phase it ended. */
export const RESULTS: Record<Event, string> = {
  began: 'begun',
  rejected: 'rejected',
  commandSucceeded: 'done',
  commandFailed: 'failed',
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  inconclusive: 'inconclusive',
  timedOut: 'timed out',
  overtaken: 'gave way',
  unrecorded: 'not recorded',
  abandoned: 'unfinished',
  superseded: 'superseded',
};

export function nextStepsOf(report: Report): readonly NextStep[] {
  return report.next ?? (report.kind === 'plan' ? nextAfterPlan(report) : nextAfterDeployment(report));
}

/** The job summary: GitHub's Markdown, in which no version, URL or response means anything. */
export function renderMarkdown(report: Report): string {
  const sections = report.kind === 'plan' ? planSections(report) : deploymentSections(report);
  return [
    `## ${iconOf(report)} ${escapeMarkdown(sentenceOf(report))}`,
    ...sections,
    nextSection(nextStepsOf(report)),
  ].filter((section) => section !== '').join('\n\n') + '\n';
}

function deploymentSections(report: DeploymentReport): string[] {
  const reason = reasonOf(report);
  return [
    reason === undefined ? '' : `> ${escapeMarkdown(reason, 1000)}`,
    facts(report),
    `\`\`\`mermaid\n${pictureOf(report)}\n\`\`\``,
    phasesTable(report.phases),
    analysisSection(report.phases.flatMap(({ result }) => result.analysis ?? [])),
    probesTable(report.phases),
    unwrittenWarning(report.unwritten ?? []),
  ];
}

function facts(report: DeploymentReport): string {
  const { by, environment, reason, release, runUrl, slot, strategy, url } = report;
  return markdownTable(['', ''], [
    ['Environment', link(environment, url)],
    ['Release', releaseCell(release)],
    ['Rollback point', rollbackPointCell(report)],
    ['Strategy', strategyCell(strategy, slot)],
    ...(by === undefined ? [] : [['Requested by', escapeMarkdown(by)]]),
    ...(reason === undefined ? [] : [['Reason', escapeMarkdown(reason)]]),
    ...(runUrl === undefined ? [] : [['Run', link(runUrl.split('/').at(-1) ?? 'run', runUrl)]]),
  ]);
}

function rollbackPointCell({ noRollback, replaced }: DeploymentReport): string {
  if (noRollback !== undefined) return 'none: the target cannot take a release back';
  return replaced ? releaseCell(replaced) : 'none: no release was verified here before';
}

function releaseCell({ artifact, image, sha, version }: Release): string {
  const built = [artifact, image].flatMap((one) => (one ? [`, ${one.image === undefined ? 'files' : 'image'} ${inCode(one.digest.slice(0, 12))}`] : []));
  return `${inCode(version)} at ${inCode(sha.slice(0, 7))}${built.join('')}`;
}

function strategyCell(strategy: string, slot: string | undefined): string {
  return `${rolloutStrategy(strategy, 'the report').title}${slot === undefined ? '' : `, to the slot ${inCode(slot)}`}`;
}

function pictureOf({ passed = [], phases, state, strategy }: DeploymentReport): string {
  const sums = new Map<State, number>();
  // a canary passes promoting once for each weight
  for (const phase of phases) sums.set(phase.state, (sums.get(phase.state) ?? 0) + phase.durationMs);
  const times = Object.fromEntries([...sums].filter(([, sumMs]) => sumMs > 0).map(([passedState, sumMs]) => [passedState, formatDuration(sumMs)]));
  return pathPicture({ steps: rolloutStrategy(strategy, 'the report').steps, path: [...passed, ...phases.map((phase) => phase.state), state], times });
}

function phasesTable(phases: readonly PhaseReport[]): string {
  if (phases.length === 0) return '';
  const rows = phases.map(({ state, durationMs, result }) => [state, RESULTS[result.event], formatDuration(durationMs), escapeMarkdown(result.note)]);
  return markdownTable(['Phase', 'Result', 'Time', 'What happened'], rows, ['Time']);
}

function probesTable(phases: readonly PhaseReport[]): string {
  const rows = phases.flatMap(({ state, result }) => (result.probes ?? []).map((check) => [
    escapeMarkdown(check.name), state, String(check.count), String(check.healthy), ...percentiles(check),
  ]));
  return rows.length === 0 ? '' : markdownTable(['Check', 'Phase', 'Probes', 'Healthy', 'p50', 'p95'], rows, ['Probes', 'Healthy', 'p50', 'p95']);
}

/** Of no probes there is no percentile. */
export function percentiles({ count, p50Ms, p95Ms }: ProbeStatistics): [string, string] {
  return count === 0 ? ['', ''] : [formatDuration(p50Ms), formatDuration(p95Ms)];
}

function unwrittenWarning(states: readonly State[]): string {
  return states.length === 0 ? '' : `> ⚠️ The ledger did not record ${states.join(', ')}; these states were reached nevertheless.`;
}

function planSections(plan: PlanReport): string[] {
  return [
    [...plan.faults.map((fault) => `- ❌ ${escapeMarkdown(fault, 1000)}`), ...[...(plan.unfinished ? [plan.unfinished.sentence] : []), ...plan.warnings].map((warning) => `- ⚠️ ${escapeMarkdown(warning, 1000)}`)].join('\n'),
    markdownTable(['', ''], [
      ['Environment', link(plan.environment, plan.url)],
      ['Release', releaseCell(plan.release)],
      [plan.unfinished ? 'Stable' : 'Live now', plan.stable ? `${releaseCell(plan.stable.release)}, Stable since ${escapeMarkdown(plan.stable.since)}` : 'no verified release'],
      ['Rollback', escapeMarkdown(plan.rollbackPoint, 1000)],
      ['Strategy', strategyCell(plan.strategy, plan.slot)],
      ['Deployed by', escapeMarkdown(plan.trigger)],
      ...(plan.override === undefined ? [] : [['Freeze', escapeMarkdown(plan.override, 500)]]),
    ]),
    plan.alreadyLive || plan.notNow !== undefined ? '' : numbered(plannedPhases(plan).map((phase) => escapeMarkdown(phase))),
    plan.changes ? changesSection(plan.changes) : '',
    checksTable(plan),
    configurationTable(plan),
  ];
}

/** What would happen, in order. */
export function plannedPhases(plan: PlanReport): string[] {
  const { bakeMs, detections, healthChecks, migrates, release, slot, strategy, rollbackPoint, unfinished, weights } = plan;
  const { steps, verifies } = rolloutStrategy(strategy, 'the report');
  const ofCandidate = verifies.verifying === 'candidate';
  const probed = ofCandidate ? healthChecks.filter(({ liveOnly }) => !liveOnly) : healthChecks;
  const healthy = probed.map(({ name, successThreshold }) => `${name} ${successThreshold} times in a row`).join(', ');
  const toSlot = slot === undefined ? '' : ` to the slot ${slot}`;
  const planned: Record<RolloutStep, string> = {
    deploying: `Deploy ${release.version}${toSlot}`,
    verifying: `Verify ${ofCandidate ? 'the candidate' : 'what users see'}: ${healthy}`,
    promoting: weights && weights.length > 1 ? weightsText(weights, toSlot, detections) : `Switch users${toSlot}`,
    baking: `Bake: probe what users see for ${formatDuration(bakeMs, 'exact')}; the bake must end healthy`,
  };
  return [
    ...(unfinished ? [unfinished.first] : []),
    ...(migrates ? ['Migrate: if the migration cannot be undone, there is no automatic rollback from then on'] : []),
    ...steps.map((step) => planned[step]),
    'Confirm it with new probes: then it is Stable',
    ifItFails(rollbackPoint),
  ];
}

function ifItFails(rollbackPoint: string): string {
  const [, why] = /^none: (.*)$/s.exec(rollbackPoint) ?? [];
  return why === undefined ? `If any step fails: ${rollbackPoint}` : `If any step fails, there is nothing to go back to: ${why}`;
}

/** The last one is all traffic. */
function weightsText(weights: readonly WeightManifest[], toSlot: string, detections: readonly string[] = []): string {
  const steps = weights.slice(0, -1).map((weight) => `${weight.percent} %${timesText(weight)}`);
  const expected = detections.length === 0 ? '' : `. To expect: ${detections.join('; ')}`;
  return `Shift the traffic${toSlot}: ${steps.join(', ')}, each of which must end healthy, then all of it${expected}`;
}

/** With an analysis, a verdict ends the step between the two. */
function timesText({ atLeastMs, atMostMs }: WeightManifest): string {
  if (atMostMs === undefined) return atLeastMs > 0 ? ` for at least ${formatDuration(atLeastMs, 'exact')}` : '';
  return ` for ${formatDuration(atLeastMs, 'exact')} to ${formatDuration(atMostMs, 'exact')}`;
}

function numbered(lines: readonly string[]): string {
  return lines.map((line, i) => `${i + 1}. ${line}`).join('\n');
}

function checksTable({ baseline, healthChecks }: PlanReport): string {
  const rows = healthChecks.map(({ name, url, intervalMs }) => [escapeMarkdown(name), link(url, url), `every ${formatDuration(intervalMs, 'exact')}`, reached(baseline[name])]);
  return markdownTable(['Health check', 'URL', 'While deploying', 'Now'], rows);
}

/** What the baseline says of a check. */
export function reached(isReached: boolean | undefined): string {
  if (isReached === undefined) return 'not probed';
  return isReached ? 'responds' : 'does not respond';
}

function configurationTable({ secrets, variables }: PlanReport): string {
  const rows = [
    ...Object.entries(variables).map(([name, value]) => [inCode(name), inCode(value, 500)]),
    ...secrets.map((name) => [inCode(name), 'a secret']),
  ];
  return rows.length === 0 ? '' : markdownTable(['Configuration', 'Value'], rows);
}

function nextSection(steps: readonly NextStep[]): string {
  const lines = steps.map(({ text, run }) => (run === undefined ? escapeMarkdown(text, 1000) : `${escapeMarkdown(text, 1000)}\n${commandBlock(run)}`));
  return lines.length === 0 ? '' : ['### Next steps', ...lines].join('\n\n');
}
