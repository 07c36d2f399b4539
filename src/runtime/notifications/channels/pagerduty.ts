import { createHash } from 'node:crypto';
import { fitting, fittingAddress, safeLines, ChannelLimits } from './fitting';
import { Channel, Notification, NotificationEvent, incidentOf } from '../notification';
import { PostTimeouts, post } from './posting';
import { safeLine } from '../../reporting/untrusted-text';

/**
 * Summary 1024, dedup_key 255, an event 512 KB. None is published for an address or another field: ours.
 *
 * @see https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 * @see https://developer.pagerduty.com/docs/events-api-v2-overview#size-limits
 */
const LIMIT = { title: 1024, text: 20_000, url: 2048, key: 255, fact: 255 } as const satisfies ChannelLimits;

const SEVERITIES: Record<NotificationEvent, 'critical' | 'error' | 'warning' | 'info'> = {
  halted: 'critical', firing: 'critical', reminder: 'critical', rolledBack: 'warning', resolved: 'info', unwatched: 'info', deployed: 'info',
};

export interface PagerdutyOptions {
  readonly name: string;
  /** The API address: EU accounts have another one. */
  readonly url: string;
  readonly routingKey: string;
}

/** Opens a PagerDuty service through the Events API v2. */
export function pagerduty({ name, url, routingKey }: PagerdutyOptions, patience: PostTimeouts): Channel {
  const bodyOf = (notification: Notification) => ({ body: JSON.stringify(pagerdutyEvent(notification, routingKey.trim())) });
  return { name, send: (notification) => post(url, () => bodyOf(notification), patience, [routingKey]) };
}

/** Builds an event. Its key groups all events of an incident. */
export function pagerdutyEvent(notification: Notification, routingKey: string): Record<string, unknown> {
  const { at, check, environment, event, key, release, runUrl, url } = notification;
  const subject = { routing_key: routingKey, dedup_key: dedupKey(key) };
  const action = incidentOf(notification) === 'closed' ? 'resolve' : 'trigger';
  // the check did not recover: the incident's log must state why it is resolved
  if (action === 'resolve' && event !== 'unwatched') return { ...subject, event_action: action };
  const [page, run] = [url, runUrl].map((address) => fittingAddress(address, LIMIT.url));
  return {
    ...subject,
    event_action: action,
    client: 'projen-delivery',
    ...(run !== undefined && { client_url: run }),
    payload: {
      summary: safeLine(notification.title, LIMIT.title),
      source: safeLine(environment, LIMIT.fact),
      severity: SEVERITIES[event],
      timestamp: at,
      component: check === undefined ? 'deployment' : safeLine(check, LIMIT.fact),
      class: event,
      custom_details: {
        text: fitting(safeLines(notification.text), LIMIT.text),
        ...(release && { release: safeLine(release.version, LIMIT.fact), sha: safeLine(release.sha) }),
      },
    },
    links: [
      ...(page === undefined ? [] : [{ href: page, text: safeLine(environment, LIMIT.fact) }]),
      ...(run === undefined ? [] : [{ href: run, text: 'run' }]),
    ],
  };
}

/** A key that is too long is cut and ends with its hash, so it stays unique. */
function dedupKey(key: string): string {
  return key.length <= LIMIT.key ? key : `${fitting(key, LIMIT.key - 13)}#${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
