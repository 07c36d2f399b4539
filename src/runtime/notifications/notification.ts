import { createHash } from 'node:crypto';
import { NamedError } from '../errors';
import { safeLine } from '../reporting/untrusted-text';

/** What happened, as channels name it. */
export type NotificationEvent = 'firing' | 'reminder' | 'resolved' | 'unwatched' | 'deployed' | 'rolledBack' | 'halted';

/** Plain data. Text in it is untrusted: each channel escapes it for its own format. */
export interface Notification {
  /** The same for every attempt to send this notification, so that a receiver can drop duplicates. */
  readonly id: string;
  /** The same for an incident from its beginning to its end, so that a receiver can group its notifications. `<project>:<environment>/<check>`, or `.../deployment`; a slash in the environment's name is `%2F`. */
  readonly key: string;
  readonly event: NotificationEvent;
  /** @default - follows from the event */
  readonly incident?: Incident;
  readonly environment: string;
  readonly check?: string;
  /** One line. */
  readonly title: string;
  /** What happened, and what to do next. */
  readonly text: string;
  readonly release?: { readonly version: string; readonly sha: string };
  /** Of the environment. */
  readonly url: string;
  readonly runUrl?: string;
  /** ISO 8601. */
  readonly at: string;
  /** ISO 8601: when it began. */
  readonly since?: string;
  readonly lastedMs?: number;
}

const CLOSING: readonly NotificationEvent[] = ['resolved', 'unwatched', 'deployed'];

/** `open`: a person must act. `closed`: no longer. */
export type Incident = 'open' | 'closed';

export function incidentOf({ event, incident }: Pick<Notification, 'event' | 'incident'>): Incident {
  return incident ?? (CLOSING.includes(event) ? 'closed' : 'open');
}

export interface NotificationSubject {
  /** `owner/name` of the repository; undefined on a laptop. */
  readonly repository?: string;
  /** The subproject's name, where it is one. */
  readonly project?: string;
  readonly environment: string;
  /** The check, or `deployment`. */
  readonly about: string;
}

/** One PagerDuty account or Slack channel may receive notifications of many repositories. */
export function notificationKey(subject: NotificationSubject): string {
  // the names of environments and checks may contain a slash
  return `${placeName(subject)}:${subject.environment.replace(/[%/]/g, encodeURIComponent)}/${subject.about}`;
}

/** It is sent as a header, which allows only these characters. */
export function notificationId(key: string, ...parts: readonly string[]): string {
  return [key, ...parts].join('/').replace(/[^ -~]/gu, (character) => encodeURIComponent(Buffer.from(character).toString()));
}

/** The project and its repository, for receivers of several. */
export function placeName({ repository = 'laptop', project }: Pick<NotificationSubject, 'repository' | 'project'>): string {
  return project === undefined ? repository : `${repository}/${project}`;
}

/** A receiver of notifications. */
export interface Channel {
  /** Shown to people, unique in the delivery: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  /** Rejects with `ChannelError`, in bounded time. */
  send(notification: Notification): Promise<void>;
}

/** The notification was not delivered. The message gives the reason, without secrets or URLs. */
export class ChannelError extends NamedError {}

/** The message of an error in one safe line. */
export function faultOf(error: unknown): string {
  return safeLine(error instanceof Error ? error.message : String(error), 200);
}

/** A short hash of a channel's name, for records. */
export function channelKey(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}
