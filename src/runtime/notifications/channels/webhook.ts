import { createHmac } from 'node:crypto';
import { fitting, fittingAddress, safeLines, ChannelLimits } from './fitting';
import { Channel, incidentOf, Notification } from '../notification';
import { Post, PostTimeouts, post } from './posting';
import { safeLine } from '../../reporting/untrusted-text';

/** Ours, in docs/alerts.md. */
const LIMIT = { title: 500, text: 20_000, url: 8192 } as const satisfies ChannelLimits;

/** The version of the JSON below. New fields may be added without a new version. */
const SCHEMA = 1;

export interface WebhookOptions {
  readonly name: string;
  readonly address: string;
  /** As it is, or `whsec_` and Base64. */
  readonly signingSecret?: string;
}

/** Opens a webhook: JSON as in docs/alerts.md, signed as Standard Webhooks specifies. */
export function webhook({ name, address, signingSecret }: WebhookOptions, patience: PostTimeouts): Channel {
  return {
    name,
    send: (notification) => post(address, () => postOf(notification, Math.floor(patience.clock.now() / 1000), signingSecret), patience),
  };
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function postOf(notification: Notification, timestamp: number, signingSecret?: string): Post {
  const body = JSON.stringify(webhookBody(notification));
  return {
    body,
    headers: {
      'webhook-id': notification.id,
      'webhook-timestamp': String(timestamp),
      ...(signingSecret && { 'webhook-signature': `v1,${signature(`${notification.id}.${timestamp}.${body}`, signingSecret)}` }),
    },
  };
}

function signature(content: string, secret: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  return createHmac('sha256', key).update(content).digest('base64');
}

export function webhookBody(notification: Notification): Record<string, unknown> {
  const { text, title, url } = LIMIT;
  return {
    schema: SCHEMA,
    ...notification,
    incident: incidentOf(notification),
    title: safeLine(notification.title, title),
    text: fitting(safeLines(notification.text), text),
    url: withinLimit(notification.url, url),
    ...(notification.runUrl !== undefined && { runUrl: withinLimit(notification.runUrl, url) }),
  };
}

/** The characters that a URL may contain. */
const SPELT = /^[\w!#$%&'()*+,./:;=?@[\]~-]*$/;

/** A URL that fits is not changed. */
function withinLimit(address: string, max: number): string {
  return address.length <= max && SPELT.test(address) ? address : fittingAddress(address, max) ?? '';
}
