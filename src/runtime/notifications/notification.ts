/** What happened, as a channel is told. */
export type NotificationEvent = 'firing' | 'reminder' | 'resolved' | 'unwatched' | 'deployed' | 'rolledBack' | 'halted';

/** What a channel is told. Plain data; text in it is untrusted and is escaped by each channel for its own format. */
export interface Notification {
  /** The same for every attempt to tell the same thing: a receiver may drop a second one. */
  readonly id: string;
  /** The same from the first bad news to the good one: a receiver's key to put them together. `<project>:<environment>/<check>`, or `.../deployment`; a slash in the environment's name is `%2F`. */
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
  /** ISO 8601: since when it is so. */
  readonly since?: string;
  readonly lastedMs?: number;
}

const CLOSING: readonly NotificationEvent[] = ['resolved', 'unwatched', 'deployed'];

/** `open`: a person has to look. `closed`: no one has to any more. */
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

/** One account of PagerDuty, or one Slack channel, may hear of many repositories. */
export function notificationKey(subject: NotificationSubject): string {
  // an environment's name may hold a slash, a check's too
  return `${placeName(subject)}:${subject.environment.replace(/[%/]/g, encodeURIComponent)}/${subject.about}`;
}

/** It is sent as a header, which holds no other letters. */
export function notificationId(key: string, ...parts: readonly string[]): string {
  return [key, ...parts].join('/').replace(/[^ -~]/gu, (character) => encodeURIComponent(Buffer.from(character).toString()));
}

/** Which project of which repository, for whoever hears of several. */
export function placeName({ repository = 'laptop', project }: Pick<NotificationSubject, 'repository' | 'project'>): string {
  return project === undefined ? repository : `${repository}/${project}`;
}
