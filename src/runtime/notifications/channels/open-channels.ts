import { Channel, ChannelError, Notification } from '../notification';
import { commandChannel } from './command';
import { discordMessage } from './discord';
import { pagerduty } from './pagerduty';
import { post, PostTimeouts } from './posting';
import { slackMessage } from './slack';
import { teamsMessage } from './teams';
import { webhook } from './webhook';
import { AlertManifest, secretNames } from '../../../contract/manifest';
import type { RuntimeContext } from '../../context';

/** What channels need of the context. */
export type ChannelContext = Pick<RuntimeContext, 'ci' | 'environment' | 'execute' | 'manifest' | 'processEnv'>;

type NotificationContext = Pick<RuntimeContext, 'environment' | 'manifest' | 'run'>;

/** The alerts of an environment. Only runs on GitHub open issues. */
export function alertsOf({ environment, manifest, run }: NotificationContext): AlertManifest[] {
  return allAlertsOf({ manifest, run }).filter(({ environments }) => environments?.includes(environment.name) ?? true);
}

/** The alerts of all environments. */
export function allAlertsOf({ manifest, run }: Omit<NotificationContext, 'environment'>): AlertManifest[] {
  return (manifest.alerts ?? []).filter(({ kind }) => run.inCi || kind !== 'githubIssue');
}

/** Opens a channel for each alert, in this order. A channel whose secret has no value rejects with that reason. */
export function openChannels(alerts: readonly AlertManifest[], context: ChannelContext, patience: PostTimeouts): Channel[] {
  return alerts.map((alert) => openChannel(alert, context, patience));
}

/** As `openChannels`, for one. */
export function openChannel(alert: AlertManifest, context: ChannelContext, patience: PostTimeouts): Channel {
  const { name, secrets } = alert;
  const { processEnv } = context;
  const missing = secrets.filter((secret) => !processEnv[secret]);
  if (missing.length > 0) return silent(name, `${missing.join(', ')} has no value: make it a secret of the repository or the organization, or on a laptop an environment variable`);
  // the table has an entry for each kind
  const open = CHANNELS[alert.kind] as OpenChannel<AlertKind> | undefined;
  return open?.(alert, context, patience) ?? silent(name, `this runtime does not know channels of the kind ${alert.kind}`);
}

/** Builds the message that the webhook of a chat takes, as JSON. */
type ChatMessage = (notification: Notification) => Record<string, unknown>;

/** The chats, by the service's name in the manifest. */
const CHATS: Readonly<Record<string, ChatMessage | undefined>> = { slack: slackMessage, teams: teamsMessage, discord: discordMessage };

type AlertKind = AlertManifest['kind'];
type OpenChannel<K extends AlertKind> = (alert: Extract<AlertManifest, { kind: K }>, context: ChannelContext, patience: PostTimeouts) => Channel;

/** All kinds of channels. */
const CHANNELS: { readonly [K in AlertKind]: OpenChannel<K> } = {
  chat: ({ name, service, address }, { processEnv }, patience) => {
    const message = CHATS[service];
    if (!message) return silent(name, `this runtime does not know the service ${service}`);
    return { name, send: (notification) => post(processEnv[address]!, () => ({ body: JSON.stringify(message(notification)) }), patience) };
  },
  webhook: ({ name, address, signingSecret }, { processEnv }, patience) => (
    webhook({ name, address: processEnv[address]!, signingSecret: signingSecret && processEnv[signingSecret] }, patience)
  ),
  pagerduty: ({ name, url, routingKey }, { processEnv }, patience) => pagerduty({ name, url, routingKey: processEnv[routingKey]! }, patience),
  githubIssue: (alert, { ci }, patience) => ci.issues?.(alert, patience) ?? silent(alert.name, 'there are issues only in GitHub Actions'),
  command: (alert, context, patience) => commandChannel({ ...alert, hidden: secretNames(context.manifest) }, context, patience),
};

function silent(name: string, why: string): Channel {
  return { name, send: () => Promise.reject(new ChannelError(why)) };
}
