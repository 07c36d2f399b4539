import { Channel, ChannelError } from '../channel';
import { commandChannel } from './command';
import { discord } from './discord';
import { githubIssue } from './github-issue';
import { pagerduty } from './pagerduty';
import { Patience } from './posting';
import { slack } from './slack';
import { teams } from './teams';
import { webhook } from './webhook';
import { AlertManifest, secretNames } from '../../../contract/manifest';
import type { Surroundings } from '../../context';

/** What the channels work with. */
export type ChannelSurroundings = Pick<Surroundings, 'api' | 'environment' | 'execute' | 'manifest' | 'processEnv'>;

type Hearing = Pick<Surroundings, 'environment' | 'manifest' | 'run'>;

/** Those who hear of an environment. Issues are opened by GitHub's runs only. */
export function alertsOf({ environment, manifest, run }: Hearing): AlertManifest[] {
  return allAlertsOf({ manifest, run }).filter(({ environments }) => environments?.includes(environment.name) ?? true);
}

/** Those who hear of any environment. */
export function allAlertsOf({ manifest, run }: Omit<Hearing, 'environment'>): AlertManifest[] {
  return (manifest.alerts ?? []).filter(({ kind }) => run.inCi || kind !== 'githubIssue');
}

/** A channel for each of them, in this order. One whose secret has no value here rejects, and says so. */
export function openChannels(alerts: readonly AlertManifest[], surroundings: ChannelSurroundings, patience: Patience): Channel[] {
  return alerts.map((alert) => openChannel(alert, surroundings, patience));
}

/** As `openChannels`, for one. */
export function openChannel(alert: AlertManifest, surroundings: ChannelSurroundings, patience: Patience): Channel {
  const { name, secrets } = alert;
  const { manifest, processEnv } = surroundings;
  const missing = secrets.filter((secret) => !processEnv[secret]);
  if (missing.length > 0) return silent(name, `${missing.join(', ')} has no value in this job: make it a secret of the repository or the organization`);
  switch (alert.kind) {
    case 'webhook': return webhook({ name, address: processEnv[alert.address]!, signingSecret: alert.signingSecret && processEnv[alert.signingSecret] }, patience);
    case 'slack': return slack(name, processEnv[alert.address]!, patience);
    case 'teams': return teams(name, processEnv[alert.address]!, patience);
    case 'discord': return discord(name, processEnv[alert.address]!, patience);
    case 'pagerduty': return pagerduty({ name, url: alert.url, routingKey: processEnv[alert.routingKey]! }, patience);
    case 'githubIssue': return issues(alert, surroundings, patience);
    case 'command': return commandChannel({ ...alert, hidden: secretNames(manifest) }, surroundings, patience);
  }
}

function issues(alert: Extract<AlertManifest, { readonly kind: 'githubIssue' }>, { api }: ChannelSurroundings, patience: Patience): Channel {
  const github = api();
  return github ? githubIssue({ ...alert, api: github }, patience) : silent(alert.name, 'there are issues only in a GitHub run');
}

function silent(name: string, why: string): Channel {
  return { name, tell: () => Promise.reject(new ChannelError(why)) };
}
