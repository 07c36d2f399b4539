/** Limits in UTF-16 units, after escaping. A channel rejects a longer message as a whole, so it is cut before. */
export interface ChannelLimits {
  /** Of the title. */
  readonly title: number;
  /** Of the text, in all its lines. */
  readonly text: number;
  /** Of a URL: a longer one is shortened to its path or its origin. */
  readonly url: number;
  /** Of a single fact. */
  readonly fact?: number;
  /** Of all facts together. */
  readonly facts?: number;
  /** Of the fallback text. */
  readonly fallback?: number;
  /** Of a link, with its text. */
  readonly link?: number;
  /** Of the key by which a receiver groups notifications. */
  readonly key?: number;
  /** How many lines get a block of their own. */
  readonly lines?: number;
}

/** "Ours": the provider publishes no limit, or one for the whole message; our number keeps the whole below that. */
export const LIMITS = {
  /** Ours, in docs/alerts.md. */
  webhook: { title: 500, text: 20_000, url: 8192 },

  /** Ours: Linux takes 128 KiB for a variable, and DELIVERY_NOTIFICATION holds all of it. @see https://man7.org/linux/man-pages/man2/execve.2.html */
  command: { title: 500, text: 20_000, url: 8192, fact: 255 },

  /**
   * Header 150, section 3000, fallback text 4000. The context element is a text object, 3000; ours is shorter, and so is an address in it.
   *
   * @see https://docs.slack.dev/reference/block-kit/blocks/header-block
   * @see https://docs.slack.dev/reference/block-kit/blocks/section-block
   * @see https://docs.slack.dev/reference/block-kit/composition-objects/text-object
   * @see https://docs.slack.dev/reference/methods/chat.postMessage#truncating
   */
  slack: { title: 150, text: 3000, url: 600, fallback: 4000, facts: 2000, fact: 150 },

  /**
   * A message has 28 KB (of bytes, so a character counts up to 3); the rest is ours and keeps it below that.
   *
   * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#send-adaptive-cards-using-an-incoming-webhook
   */
  teams: { title: 300, text: 5000, url: 2048, lines: 40, facts: 300, fact: 100 },

  /**
   * Title 256, description 4096, field value 1024, 25 fields, 6000 in all; ours are shorter where all together would be more. To a longer address the
   * API answers "Must be 2048 or fewer in length".
   *
   * @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits
   * @see https://github.com/discord/discord-api-docs/pull/6531
   */
  discord: { title: 256, text: 3600, url: 2048, fact: 300, link: 1024 },

  /**
   * Summary 1024, dedup_key 255, an event 512 KB. None is published for an address or another field: ours.
   *
   * @see https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
   * @see https://developer.pagerduty.com/docs/events-api-v2-overview#size-limits
   */
  pagerduty: { title: 1024, text: 20_000, url: 2048, key: 255, fact: 255 },

  /**
   * Title 256, body and comment 65,536, as the API answers to more. Escaping makes up to 18 characters of one; those of title, text and facts are
   * counted before, so they are far shorter.
   *
   * @see https://github.com/orgs/community/discussions/27190
   */
  githubIssue: { title: 200, text: 2500, url: 2048, fact: 100 },
} as const satisfies Record<string, ChannelLimits>;
