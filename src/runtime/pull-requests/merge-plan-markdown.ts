import { Arrival, EnvironmentPlan, MergePlan } from './merge-plan';
import { formatDuration } from '../../contract/duration-text';
import { Approval } from '../ci/ci-runtime';
import { changesSection } from '../reporting/changes-section';
import { escapeMarkdown, inCode, link, markdownTable } from '../reporting/markdown';

/** More changes are counted. */
const CHANGES_SHOWN = 40;
const LONGEST = 500;

/** GitHub's Markdown, in which no name, branch, value or URL means anything. */
export function renderMergePlan(plan: MergePlan): string {
  return [
    `## 🗺️ ${escapeMarkdown(sentenceOf(plan))}`,
    plan.unread === undefined ? '' : `> ⚠️ ${escapeMarkdown(`The records of deployments could not be read, so what is live is not shown: ${plan.unread}`, 1000)}`,
    conditionOf(plan),
    environmentsTable(plan.environments),
    section('Changes of the delivery', differences(plan)),
    section('Changes of the engines', plan.environments.flatMap(engineLines)),
    section('Freezes in force', plan.environments.flatMap(freezeLine)),
    section('Risks', plan.environments.flatMap(({ name, risks }) => risks.map((risk) => `- ⚠️ ${bold(name)}: ${escapeMarkdown(risk, LONGEST)}`))),
    section('Who approves', plan.environments.flatMap(reviewLine)),
    watchLine(plan),
    footer(plan),
  ].filter((one) => one !== '').join('\n\n') + '\n';
}

/** One line for the log. */
export function sentenceOf({ base, environments, project }: MergePlan): string {
  const names = (wanted: Arrival['isDeployed']) => environments.filter(({ arrival }) => arrival.isDeployed === wanted).map(({ name }) => name);
  const [now, perhaps] = [names('yes'), names('perhaps')];
  const merging = `${project === undefined ? '' : `${project}: `}Merging into ${base}`;
  if (now.length > 0) return `${merging} deploys to ${now.join(', then ')}`;
  if (perhaps.length > 0) return `${merging} deploys to ${perhaps.join(', then ')}, if a version is released`;
  return `${merging} deploys nothing by itself`;
}

function conditionOf({ environments, onlyIfChanged = [] }: MergePlan): string {
  if (onlyIfChanged.length === 0 || environments.every(({ arrival }) => arrival.isDeployed === 'no')) return '';
  return `Only if it changes ${onlyIfChanged.map((path) => inCode(path, LONGEST)).join(', ')} or the manifest.`;
}

function environmentsTable(environments: readonly EnvironmentPlan[]): string {
  return markdownTable(
    ['Environment', 'The merge', 'Live now', 'Strategy', 'Worst-case detection', 'Worst-case rollback', 'Approval'],
    environments.map(({ approval, arrival, isRecorded, name, newest, stable, strategy, times, url }) => [
      link(name, url),
      escapeMarkdown(arrival.how),
      stable ? `${inCode(stable.release.version)} at ${inCode(stable.release.sha.slice(0, 7))}` : isRecorded ? 'nothing' : 'unknown',
      escapeMarkdown(strategy),
      times ? formatDuration(times.detectMs) : 'unknown',
      times ? formatDuration(times.restoreMs) : 'unknown',
      approvalCell(approval),
    ].map((cell, column) => (column === 2 && newest !== undefined && newest !== 'stable' ? `${cell} (last deployment: ${newest})` : cell))),
    ['Worst-case detection', 'Worst-case rollback'],
  );
}

function approvalCell(approval: Approval): string {
  if (approval.kind === 'unknown') return escapeMarkdown(`unknown: ${approval.why}`, LONGEST);
  const { reviewers, waitMinutes } = approval;
  const parts = [
    ...(reviewers.length === 0 ? [] : [`one of ${reviewers.map((one) => inCode(one)).join(', ')}`]),
    ...(waitMinutes === 0 ? [] : [`a wait of ${formatDuration(waitMinutes * 60_000)}`]),
  ];
  return parts.length === 0 ? 'none' : parts.join(', and ');
}

function differences({ differences: all }: MergePlan): string[] {
  if (all.length === 0) return ['- none'];
  return all.flatMap(({ changes, environment = 'whole delivery' }) => [
    ...changes.slice(0, CHANGES_SHOWN).map((change) => `- ${bold(environment)}: ${escapeMarkdown(change, LONGEST)}`),
    ...(changes.length > CHANGES_SHOWN ? [`- ${bold(environment)}: and ${changes.length - CHANGES_SHOWN} more`] : []),
  ]);
}

function engineLines({ changes, name }: EnvironmentPlan): string[] {
  return changes === undefined ? [] : [`${bold(name)}\n\n${changesSection(changes.changes, changes.more)}\n`];
}

function freezeLine({ frozen, name, override }: EnvironmentPlan): string[] {
  if (frozen !== undefined) return [`- 🧊 ${bold(name)}: ${escapeMarkdown(frozen, LONGEST)}. A merge is not deployed before; a rollback is still possible.`];
  return override === undefined ? [] : [`- ${bold(name)}: ${escapeMarkdown(override, LONGEST)}`];
}

function reviewLine({ name, reviewsChanges }: EnvironmentPlan): string[] {
  if (!reviewsChanges) return [];
  return [`- ${bold(name)}: the reviewer approves the very change set that runs. After the merge the plan of the deployment prepares and shows it, and the deployment executes exactly that one.`];
}

function watchLine({ watch }: MergePlan): string {
  if (!watch) return '';
  // the manifest of a pull request may have a text here
  const firesAfter = Number(watch.firesAfter);
  return `Between deployments, the watch probes every ${formatDuration(watch.intervalMs)}, and an alert fires after ${firesAfter} unhealthy run${firesAfter === 1 ? '' : 's'}.`;
}

function footer({ runUrl, sha }: MergePlan): string {
  const run = runUrl === undefined ? '' : `, ${link('planned by this run', runUrl)}`;
  return `The merge ${inCode(sha.slice(0, 7))}${run}. Times are the longest that the configuration allows; nothing was changed.`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `### ${title}\n\n${lines.join('\n')}`;
}

function bold(name: string): string {
  return `**${escapeMarkdown(name)}**`;
}
