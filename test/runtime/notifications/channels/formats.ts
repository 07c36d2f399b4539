import { createHmac, timingSafeEqual } from 'node:crypto';
import { Ajv, Schema } from 'ajv';
import { Letter } from '../receiver';

/** What each provider takes, transcribed from what it publishes. Whatever it does not name is a violation. */
export type Format = 'webhook' | 'slack' | 'teams' | 'discord' | 'pagerduty';

const text = (maxLength: number): Schema => ({ type: 'string', minLength: 1, maxLength });
const closed = (properties: Record<string, Schema>, required: string[] = Object.keys(properties)): Schema => ({
  type: 'object', properties, required, additionalProperties: false,
});
const ISO = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$';
/** An address that a browser may follow, whole. */
const web = (maxLength?: number): Schema => ({ type: 'string', pattern: '^https?://[^\\s<>|…]+$', maxLength });

const SCHEMAS: Record<Format, Schema> = {
  // docs/alerts.md
  webhook: closed({
    schema: { const: 1 },
    id: text(255),
    key: text(255),
    event: { enum: ['deployed', 'rolledBack', 'halted', 'firing', 'reminder', 'resolved', 'unwatched'] },
    incident: { enum: ['open', 'closed'] },
    environment: text(64),
    check: text(100),
    title: text(500),
    text: { type: 'string', maxLength: 20_000 },
    release: closed({ version: text(128), sha: { type: 'string', pattern: '^[0-9a-f]{40}$' } }),
    url: web(8192),
    runUrl: web(8192),
    at: { type: 'string', pattern: ISO },
    since: { type: 'string', pattern: ISO },
    lastedMs: { type: 'integer' },
  }, ['schema', 'id', 'key', 'event', 'incident', 'environment', 'title', 'text', 'url', 'at']),
  // https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
  slack: closed({
    text: text(4000),
    mrkdwn: { const: false },
    unfurl_links: { const: false },
    unfurl_media: { const: false },
    blocks: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: {
        oneOf: [
          closed({ type: { const: 'header' }, text: closed({ type: { const: 'plain_text' }, text: text(150), emoji: { type: 'boolean' } }) }),
          closed({ type: { const: 'section' }, text: closed({ type: { const: 'plain_text' }, text: text(3000), emoji: { type: 'boolean' } }) }),
          closed({
            type: { const: 'context' },
            elements: { type: 'array', minItems: 1, maxItems: 10, items: closed({ type: { const: 'mrkdwn' }, text: text(2000) }) },
          }),
        ],
      },
    },
  }),
  // https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using, https://adaptivecards.io/explorer
  teams: closed({
    type: { const: 'message' },
    attachments: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: closed({
        contentType: { const: 'application/vnd.microsoft.card.adaptive' },
        contentUrl: { type: 'null' },
        content: closed({
          $schema: { const: 'http://adaptivecards.io/schemas/adaptive-card.json' },
          type: { const: 'AdaptiveCard' },
          version: { enum: ['1.2', '1.3', '1.4', '1.5'] },
          body: {
            type: 'array',
            items: closed({
              type: { const: 'RichTextBlock' },
              inlines: {
                type: 'array',
                items: closed({
                  type: { const: 'TextRun' },
                  text: text(5000),
                  size: { enum: ['default', 'small', 'medium', 'large', 'extraLarge'] },
                  weight: { enum: ['default', 'lighter', 'bolder'] },
                  color: { enum: ['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention'] },
                  isSubtle: { type: 'boolean' },
                }, ['type', 'text']),
              },
            }),
          },
          actions: { type: 'array', maxItems: 6, items: closed({ type: { const: 'Action.OpenUrl' }, title: text(200), url: web(2048) }) },
        }),
      }),
    },
  }),
  // https://discord.com/developers/docs/resources/webhook#execute-webhook, .../message#embed-object-embed-limits
  discord: closed({
    allowed_mentions: closed({ parse: { type: 'array', maxItems: 0 } }),
    embeds: {
      type: 'array',
      minItems: 1,
      maxItems: 10,
      items: closed({
        title: text(256),
        description: text(4096),
        // what the API returns for more: "Must be 2048 or fewer in length"
        url: web(2048),
        color: { type: 'integer', minimum: 0, maximum: 0xffffff },
        timestamp: { type: 'string', pattern: ISO },
        fields: { type: 'array', maxItems: 25, items: closed({ name: text(256), value: text(1024), inline: { type: 'boolean' } }) },
      }, ['title', 'color', 'timestamp', 'fields']),
    },
  }),
  // https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ and .../resolve-events/
  pagerduty: {
    oneOf: [
      closed({ routing_key: { type: 'string', pattern: '^[0-9a-z]{32}$' }, event_action: { const: 'resolve' }, dedup_key: text(255) }),
      // a payload is required for a trigger, and may be there for the others: it then stands in the incident's log
      closed({
        routing_key: { type: 'string', pattern: '^[0-9a-z]{32}$' },
        event_action: { enum: ['trigger', 'resolve'] },
        dedup_key: text(255),
        client: text(255),
        // no length is published
        client_url: web(2048),
        payload: closed({
          summary: text(1024),
          source: text(255),
          severity: { enum: ['critical', 'error', 'warning', 'info'] },
          timestamp: { type: 'string', pattern: ISO },
          component: text(255),
          class: text(255),
          custom_details: { type: 'object' },
        }),
        links: { type: 'array', items: closed({ href: web(2048), text: text(255) }) },
      }, ['routing_key', 'event_action', 'dedup_key', 'payload']),
    ],
  },
};

/** In bytes: Teams takes 28 KB, PagerDuty 512 KB; Slack and Discord count characters, above. */
const SIZES: Partial<Record<Format, number>> = { teams: 28 * 1024, pagerduty: 512 * 1024 };

const ajv = new Ajv({ strict: false, allErrors: true });

/** What the provider would not take; empty where it takes it. */
export function violations(format: Format, { headers, text: body }: Letter): string[] {
  const validate = ajv.compile(SCHEMAS[format]);
  const value: unknown = JSON.parse(body);
  const size = SIZES[format] ?? Infinity;
  return [
    ...(validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)),
    ...(headers['content-type'] === 'application/json' ? [] : [`content-type ${headers['content-type']}`]),
    ...(Buffer.byteLength(body) > size ? [`more than ${size} bytes`] : []),
    ...(format === 'discord' && embedLength(value) > 6000 ? ['more than 6000 characters in the embeds'] : []),
  ];
}

function embedLength(value: unknown): number {
  const { embeds } = value as { embeds: { title?: string; description?: string; fields: { name: string; value: string }[] }[] };
  return embeds.flatMap(({ title = '', description = '', fields }) => [title, description, ...fields.flatMap((field) => [field.name, field.value])]).join('').length;
}

/** As a receiver verifies it by the specification of Standard Webhooks; throws where it must not be believed. */
export function verify({ headers, text: body }: Letter, secret: string, nowSeconds: number): void {
  const timestamp = Number(headers['webhook-timestamp']);
  if (!(Math.abs(nowSeconds - timestamp) <= 300)) throw new Error(`the timestamp ${timestamp} is too far from ${nowSeconds}`);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${String(headers['webhook-id'])}.${timestamp}.${body}`).digest();
  const given = String(headers['webhook-signature']).split(' ').map((one) => one.split(',')).filter(([version]) => version === 'v1');
  const isSigned = given.some(([, signature]) => {
    const bytes = Buffer.from(signature, 'base64');
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
  if (!isSigned) throw new Error('no signature fits');
}
