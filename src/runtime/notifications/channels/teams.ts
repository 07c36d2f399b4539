import { ChannelLimits, fitting, fittingAddress, iconOf, safeLines } from './fitting';
import { safeLine } from '../../reporting/untrusted-text';
import { incidentOf, Notification } from '../notification';

/**
 * A message has 28 KB (of bytes, so a character counts up to 3); the rest is ours and keeps it below that.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#send-adaptive-cards-using-an-incoming-webhook
 */
const LIMIT = { title: 300, text: 5000, url: 2048, lines: 40, facts: 300, fact: 100 } as const satisfies ChannelLimits;

const COLOURS = { closed: 'good', open: 'attention' } as const;

/**
 * Builds an Adaptive Card. All text is in rich text blocks: Teams reads Markdown in text blocks and facts.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export function teamsMessage(notification: Notification): Record<string, unknown> {
  const { check, environment, event, release, runUrl, url } = notification;
  const text = safeLines(notification.text);
  const facts = [environment, check, release && `${release.version} (${release.sha.slice(0, 7)})`].filter((fact) => fact !== undefined);
  return {
    type: 'message',
    attachments: [{
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: [
          rich(`${iconOf(event)} ${safeLine(notification.title, LIMIT.title)}`, { size: 'large', weight: 'bolder', color: event === 'unwatched' ? 'default' : COLOURS[incidentOf(notification)] }),
          ...linesOf(fitting(text, LIMIT.text)).map((line) => rich(line)),
          rich(safeLine(facts.join(' · '), LIMIT.facts), { isSubtle: true }),
        ],
        actions: [...open(`Open ${safeLine(environment, LIMIT.fact)}`, url), ...open('Open the run', runUrl)],
      },
    }],
  };
}

/** A block for each line, up to the limit; the rest shares the last one. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.length <= LIMIT.lines ? lines : [...lines.slice(0, LIMIT.lines - 1), lines.slice(LIMIT.lines - 1).join(' ')];
}

function rich(text: string, looks: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...looks }] };
}

function open(title: string, address: string | undefined): Record<string, unknown>[] {
  const safe = fittingAddress(address, LIMIT.url);
  return safe === undefined ? [] : [{ type: 'Action.OpenUrl', title, url: safe }];
}
