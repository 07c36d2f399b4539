import { Alert, PendingNotification } from './alert-lifecycle';
import { BeforeStable } from './environment-status';
import { formatDuration } from '../../contract/duration-text';
import { EnvironmentManifest, Manifest } from '../../contract/manifest';
import { StablePointer } from '../ledger/record';
import { Notification, notificationId, notificationKey, placeName } from '../notifications/notification';
import { commandLine } from '../reporting/command-line';

/** What a notification is composed of. */
export interface NotificationContext {
  readonly manifest: Manifest;
  readonly environment: EnvironmentManifest;
  /** `owner/name`; undefined on a laptop. */
  readonly repository?: string;
  readonly runUrl?: string;
  readonly stable?: StablePointer;
  /** The Stable release before; `unknown` if the ledger does not say. */
  readonly before: BeforeStable;
  /** If an environment is gone: those without a verified release, one of which may be its new name. @default - none */
  readonly unverified?: readonly string[];
}

/** What an alert is about. */
export interface AlertSubject {
  /** The check's name; `deployment` where it is about the environment itself. */
  readonly name: string;
  readonly isDeployment: boolean;
  /** What to do, in a sentence. */
  readonly fix?: string;
  /** @default - the name, and whether it is healthy */
  readonly titleOf?: (pending: PendingNotification, lastedMs: number) => string;
}

/** The notification of a transition: the same, whichever process sends it. */
export function notificationOf(
  pending: PendingNotification, { name, isDeployment, fix, titleOf }: AlertSubject, place: NotificationContext,
): Notification {
  const { environment, manifest, repository, runUrl, stable } = place;
  const lastedMs = Date.parse(pending.at) - Date.parse(pending.since);
  const subject = { repository, project: manifest.project?.name, environment: environment.name, about: name };
  const key = notificationKey(subject);
  return {
    id: notificationId(key, pending.id),
    key,
    event: pending.event,
    environment: environment.name,
    ...(isDeployment ? {} : { check: name }),
    title: `${placeName(subject)}: ${environment.name}: ${titleOf?.(pending, lastedMs) ?? usualTitle(pending, name, lastedMs)}`,
    text: [`${pending.note}.`, ...nextSteps(pending, name, fix, place)].join(' '),
    ...(stable && { release: { version: stable.release.version, sha: stable.release.sha } }),
    url: environment.url,
    runUrl,
    at: pending.at,
    since: pending.since,
    ...(pending.event === 'firing' ? {} : { lastedMs }),
  };
}

function usualTitle({ event }: PendingNotification, name: string, lastedMs: number): string {
  switch (event) {
    case 'firing': return `${name} is unhealthy`;
    case 'reminder': return `${name} is still unhealthy after ${formatDuration(lastedMs, 'seconds')}`;
    case 'resolved': return `${name} is healthy again after ${formatDuration(lastedMs, 'seconds')}`;
    case 'unwatched': return `${name} is not watched any more`;
  }
}

/** The title of an alert about a rollback that the watch could not start. */
export function rollbackTitle({ event }: PendingNotification, lastedMs: number): string {
  switch (event) {
    case 'firing': return 'the automatic rollback failed';
    case 'reminder': return `the automatic rollback failed, and a rollback is still needed after ${formatDuration(lastedMs, 'seconds')}`;
    case 'resolved': return `a rollback is no longer needed, after ${formatDuration(lastedMs, 'seconds')}`;
    case 'unwatched': return 'the automatic rollback failed, and the environment is not watched any more';
  }
}

/** The title of an alert about a release that someone changed by hand. */
export function releaseTitle({ event }: PendingNotification, lastedMs: number): string {
  switch (event) {
    case 'firing': return 'the release was changed by hand';
    case 'reminder': return `the release that was changed by hand is still live after ${formatDuration(lastedMs, 'seconds')}`;
    case 'resolved': return `the engine serves the recorded release again, after ${formatDuration(lastedMs, 'seconds')}`;
    case 'unwatched': return 'the release was changed by hand, and the environment is not watched any more';
  }
}

/** The title of an alert about resources that someone changed outside of the releases. */
export function driftTitle({ event }: PendingNotification, lastedMs: number): string {
  switch (event) {
    case 'firing': return 'resources were changed by hand';
    case 'reminder': return `resources that were changed by hand still are, after ${formatDuration(lastedMs, 'seconds')}`;
    case 'resolved': return `the resources are as they were deployed again, after ${formatDuration(lastedMs, 'seconds')}`;
    case 'unwatched': return 'resources were changed by hand, and their drift is not watched any more';
  }
}

function nextSteps({ event }: PendingNotification, name: string, fix: string | undefined, place: NotificationContext): string[] {
  switch (event) {
    case 'resolved': return [];
    case 'unwatched': return ['Its alert was still firing, and nothing probes it now.', ...afterUnwatched(name, place)];
    default: return [fix ?? nextStep(place)];
  }
}

/** What to do about an alert whose check or environment is not watched any more. */
function afterUnwatched(name: string, { environment, manifest, unverified = [] }: NotificationContext): string[] {
  if (!manifest.environments.some((one) => one.name === environment.name)) {
    const [only, ...others] = unverified;
    const renamed = { environment: only !== undefined && others.length === 0 ? only : 'NAME', project: manifest.project?.name };
    const line = commandLine('adopt', renamed, { from: environment.name });
    return [`No environment is called ${environment.name} any more.`, `If it was renamed, record what is live under its new name: ${line}`];
  }
  const check = `Look at ${environment.url}: no one is notified when it is healthy again.`;
  if (!manifest.monitoring?.environments.includes(environment.name)) return [check, 'To watch it again, name it in monitoring.environments.'];
  return [`No check of ${environment.name} is called ${name} any more.`, 'If it was renamed, its new name is watched from now on.', check];
}

/** What to do about a check that fires. */
export function nextStep({ before, environment, manifest, stable }: Pick<NotificationContext, 'before' | 'environment' | 'manifest' | 'stable'>): string {
  const check = `Look at ${environment.url}.`;
  if (stable === undefined) return check;
  const place = { environment: environment.name, project: manifest.project?.name };
  const live = `${check} ${stable.release.version} is live, Stable since ${stable.since}`;
  const { noRollback } = environment.target;
  if (noRollback !== undefined) return `${live}. The target cannot take a release back. ${noRollback}.`;
  if (before === 'none') return `${live}; no release was verified here before it.`;
  if (before === 'unknown') return `${live}; to roll back, name a release that was verified before it: ${commandLine('rollback', place, { release: 'VERSION' })}`;
  return `${live}; to roll back to ${before.version}: ${commandLine('rollback', place, { release: before.version })}`;
}

/** The state of an alert, for a table. */
export function alertCell(alert: Alert | undefined, now: number): string {
  switch (alert?.phase) {
    case 'pending': return `pending, ${alert.bad} in a row`;
    case 'firing': return `firing for ${formatDuration(now - Date.parse(alert.since ?? ''), 'seconds')}`;
    default: return '';
  }
}
