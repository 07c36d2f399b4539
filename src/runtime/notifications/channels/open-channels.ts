import { Channel, ChannelError } from '../channel';
import { commandChannel } from './command';
import { discord } from './discord';
import { pagerduty } from './pagerduty';
import { PostTimeouts } from './posting';
import { slack } from './slack';
import { teams } from './teams';
import { webhook } from './webhook';
import { AlertManifest, secretNames } from '../../../contract/manifest';
import type { RuntimeContext } from '../../context';

/** What channels need of the context. */
export type ChannelContext = Pick<RuntimeContext, 'ci' | 'environment' | 'execute' | 'manifest' | 'processEnv'>;

type Hearing = Pick<RuntimeContext, 'environment' | 'manifest' | 'run'>;

/** The alerts of an environment. Only runs on GitHub open issues. */
export function alertsOf({ environment, manifest, run }: Hearing): AlertManifest[] {
  return allAlertsOf({ manifest, run }).filter(({ environments }) => environments?.includes(environment.name) ?? true);
}

/** The alerts of all environments. */
export function allAlertsOf({ manifest, run }: Omit<Hearing, 'environment'>): AlertManifest[] {
  return (manifest.alerts ?? []).filter(({ kind }) => run.inCi || kind !== 'githubIssue');
}

/** Opens a channel for each alert, in this order. A channel whose secret has no value rejects with that reason. */
export function openChannels(alerts: readonly AlertManifest[], context: ChannelContext, patience: PostTimeouts): Channel[] {
  return alerts.map((alert) => openChannel(alert, context, patience));
}

/** As `openChannels`, for one. */
export function openChannel(alert: AlertManifest, context: ChannelContext, patience: PostTimeouts): Channel {
  const { name, secrets } = alert;
  const { manifest, processEnv } = context;
  const missing = secrets.filter((secret) => !processEnv[secret]);
  if (missing.length > 0) return silent(name, `${missing.join(', ')} has no value in this job: make it a secret of the repository or the organization`);
  switch (alert.kind) {
    case 'webhook': return webhook({ name, address: processEnv[alert.address]!, signingSecret: alert.signingSecret && processEnv[alert.signingSecret] }, patience);
    case 'slack': return slack(name, processEnv[alert.address]!, patience);
    case 'teams': return teams(name, processEnv[alert.address]!, patience);
    case 'discord': return discord(name, processEnv[alert.address]!, patience);
    case 'pagerduty': return pagerduty({ name, url: alert.url, routingKey: processEnv[alert.routingKey]! }, patience);
    case 'githubIssue': return context.ci.issues?.(alert, patience) ?? silent(name, 'there are issues only in a GitHub run');
    case 'command': return commandChannel({ ...alert, hidden: secretNames(manifest) }, context, patience);
  }
}

function silent(name: string, why: string): Channel {
  return { name, send: () => Promise.reject(new ChannelError(why)) };
}
