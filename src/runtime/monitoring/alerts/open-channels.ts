import { Channel, ChannelError } from './channel';
import { commandChannel } from './command';
import { discord } from './discord';
import { githubIssue } from './github-issue';
import { NoticeEvent } from './notice';
import { pagerduty } from './pagerduty';
import { Patience } from './posting';
import { slack } from './slack';
import { teams } from './teams';
import { webhook } from './webhook';
import { AlertManifest } from '../../../manifest';
import type { GithubApi } from '../../ledger/github-api';
import type { Surroundings } from '../../surroundings';

/** What the channels work with. */
export interface ChannelSurroundings extends Pick<Surroundings, 'environment' | 'execute' | 'processEnv'> {
  /** GitHub's API, where there is one. */
  readonly api?: GithubApi;
}

/** A channel, and what it is told. */
export interface Audience {
  readonly channel: Channel;
  readonly on: readonly NoticeEvent[];
}

/** The channels that hear of an environment. One whose secret has no value here rejects, and says so. */
export function openChannels(alerts: readonly AlertManifest[], surroundings: ChannelSurroundings, patience: Patience): Audience[] {
  const { name } = surroundings.environment;
  const hidden = alerts.flatMap(({ secrets }) => secrets);
  return alerts
    .filter(({ environments }) => environments === undefined || environments.includes(name))
    .map((alert) => ({ on: alert.on, channel: open(alert, { ...surroundings, hidden }, patience) }));
}

function open(alert: AlertManifest, surroundings: ChannelSurroundings & { readonly hidden: readonly string[] }, patience: Patience): Channel {
  const { name, secrets } = alert;
  const { api, hidden, processEnv } = surroundings;
  const missing = secrets.filter((secret) => !processEnv[secret]);
  if (missing.length > 0) return silent(name, `${missing.join(', ')} has no value in this job: make it a secret of the repository or the organization`);
  switch (alert.kind) {
    case 'webhook': return webhook({ name, address: processEnv[alert.address]!, signingSecret: alert.signingSecret && processEnv[alert.signingSecret] }, patience);
    case 'slack': return slack(name, processEnv[alert.address]!, patience);
    case 'teams': return teams(name, processEnv[alert.address]!, patience);
    case 'discord': return discord(name, processEnv[alert.address]!, patience);
    case 'pagerduty': return pagerduty({ name, url: alert.url, routingKey: processEnv[alert.routingKey]! }, patience);
    case 'githubIssue': return api ? githubIssue({ ...alert, api }, patience) : silent(name, 'there are issues only in a GitHub run');
    case 'command': return commandChannel({ ...alert, hidden }, surroundings, patience);
  }
}

function silent(name: string, why: string): Channel {
  return { name, tell: () => Promise.reject(new ChannelError(why)) };
}
