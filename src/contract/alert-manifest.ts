import { CommandManifest } from './target-manifest';

/** Who is told what happens, and how. */
export type AlertManifest = AlertCommon & (
  | { readonly kind: 'webhook'; readonly address: string; readonly signingSecret?: string }
  | { readonly kind: 'chat'; readonly service: string; readonly address: string }
  | { readonly kind: 'pagerduty'; readonly routingKey: string; readonly url: string }
  | { readonly kind: 'githubIssue'; readonly labels: string[]; readonly assignees: string[] }
  | { readonly kind: 'command'; readonly command: CommandManifest }
);

/** `address`, `signingSecret` and `routingKey` are names of secrets, too. */
export interface AlertCommon {
  /** For a person, unique: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  readonly on: AlertEventName[];
  /** Absent where it is all of them. */
  readonly environments?: string[];
  /** Names of the secrets it needs; their values arrive in the process environment under the same names. */
  readonly secrets: string[];
}

export type AlertEventName = 'deployed' | 'rolledBack' | 'halted' | 'firing' | 'resolved';
