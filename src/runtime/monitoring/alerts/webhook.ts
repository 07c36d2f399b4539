import { createHmac } from 'node:crypto';
import { Channel } from './channel';
import { fitting, safeLines } from './fitting';
import { incidentOf, Notice } from './notice';
import { Letter, Patience, post } from './posting';
import { safeLine } from '../../job/untrusted-text';

/** Of the JSON below. It grows by fields; what is there keeps its meaning. */
const SCHEMA = 1;
const TITLE_LIMIT = 500;
const TEXT_LIMIT = 20_000;

export interface WebhookOptions {
  readonly name: string;
  readonly address: string;
  /** As it is, or `whsec_` and Base64. */
  readonly signingSecret?: string;
}

/** Anybody's receiver: JSON that docs/alerts.md describes, signed as Standard Webhooks says. */
export function webhook({ name, address, signingSecret }: WebhookOptions, patience: Patience): Channel {
  return {
    name,
    tell: (notice) => post(address, () => letter(notice, Math.floor(patience.clock.now() / 1000), signingSecret), patience),
  };
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function letter(notice: Notice, timestamp: number, signingSecret?: string): Letter {
  const body = JSON.stringify(webhookBody(notice));
  return {
    body,
    headers: {
      'webhook-id': notice.id,
      'webhook-timestamp': String(timestamp),
      ...(signingSecret && { 'webhook-signature': `v1,${signature(`${notice.id}.${timestamp}.${body}`, signingSecret)}` }),
    },
  };
}

function signature(content: string, secret: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  return createHmac('sha256', key).update(content).digest('base64');
}

export function webhookBody(notice: Notice): Record<string, unknown> {
  const text = fitting(safeLines(notice.text), TEXT_LIMIT);
  return { schema: SCHEMA, ...notice, incident: incidentOf(notice), title: safeLine(notice.title, TITLE_LIMIT), text };
}
