import { createHash } from 'node:crypto';
import { Channel } from './channel';
import { fitting, safeAddress, safeLines } from './fitting';
import { Notice, NoticeEvent, incidentOf } from './notice';
import { Patience, post } from './posting';
import { safeLine } from '../../job/untrusted-text';

/** @see https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
const SUMMARY_LIMIT = 1024;
const DEDUP_KEY_LIMIT = 255;
const TEXT_LIMIT = 20_000;

const SEVERITIES: Record<NoticeEvent, 'critical' | 'error' | 'warning' | 'info'> = {
  halted: 'critical', firing: 'critical', reminder: 'critical', rolledBack: 'warning', resolved: 'info', unwatched: 'info', deployed: 'info',
};

export interface PagerdutyOptions {
  readonly name: string;
  /** Where events go: EU accounts have another address. */
  readonly url: string;
  readonly routingKey: string;
}

/** A service of PagerDuty, by its Events API v2. */
export function pagerduty({ name, url, routingKey }: PagerdutyOptions, patience: Patience): Channel {
  return { name, tell: (notice) => post(url, () => ({ body: JSON.stringify(pagerdutyEvent(notice, routingKey.trim())) }), patience, [routingKey]) };
}

/** One incident from the first bad news to the good one, by its key. */
export function pagerdutyEvent(notice: Notice, routingKey: string): Record<string, unknown> {
  const { at, check, environment, event, key, release, runUrl, url } = notice;
  const subject = { routing_key: routingKey, dedup_key: dedupKey(key) };
  const action = incidentOf(notice) === 'closed' ? 'resolve' : 'trigger';
  // nothing is well again: the incident's log must say why it is resolved
  if (action === 'resolve' && event !== 'unwatched') return { ...subject, event_action: action };
  const [page, run] = [safeAddress(url), safeAddress(runUrl)];
  return {
    ...subject,
    event_action: action,
    client: 'projen-delivery',
    ...(run !== undefined && { client_url: run }),
    payload: {
      summary: fitting(safeLine(notice.title, SUMMARY_LIMIT), SUMMARY_LIMIT),
      source: safeLine(environment),
      severity: SEVERITIES[event],
      timestamp: at,
      component: check === undefined ? 'deployment' : safeLine(check),
      class: event,
      custom_details: {
        text: fitting(safeLines(notice.text), TEXT_LIMIT),
        ...(release && { release: safeLine(release.version), sha: safeLine(release.sha) }),
      },
    },
    links: [
      ...(page === undefined ? [] : [{ href: page, text: safeLine(environment) }]),
      ...(run === undefined ? [] : [{ href: run, text: 'run' }]),
    ],
  };
}

/** What is too long for it ends with what tells it from all others. */
function dedupKey(key: string): string {
  return key.length <= DEDUP_KEY_LIMIT ? key : `${fitting(key, DEDUP_KEY_LIMIT - 13)}#${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
