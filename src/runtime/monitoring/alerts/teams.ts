import { Channel } from './channel';
import { fitting, safeAddress, safeLines } from './fitting';
import { iconOf } from './icon';
import { incidentOf, Notice } from './notice';
import { Patience, post } from './posting';
import { safeLine } from '../../job/untrusted-text';

/** A message may have 28 KB. */
const TEXT_LIMIT = 5000;
const TITLE_LIMIT = 300;

const COLOURS = { closed: 'good', open: 'attention' } as const;

/** A workflow of Teams: "When a Teams webhook request is received". (The connectors of Office 365, which took message cards, are retired.) */
export function teams(name: string, address: string, patience: Patience): Channel {
  return { name, tell: (notice) => post(address, () => ({ body: JSON.stringify(teamsMessage(notice)) }), patience) };
}

/**
 * An Adaptive Card. All text is in runs of rich text blocks, in which Teams looks for no Markdown, as it does in text blocks and facts.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export function teamsMessage(notice: Notice): Record<string, unknown> {
  const { check, environment, event, release, runUrl, url } = notice;
  const text = safeLines(notice.text);
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
          rich(`${iconOf(event)} ${safeLine(notice.title, TITLE_LIMIT)}`, { size: 'large', weight: 'bolder', color: event === 'unwatched' ? 'default' : COLOURS[incidentOf(notice)] }),
          ...fitting(text, TEXT_LIMIT).split('\n').filter((line) => line !== '').map((line) => rich(line)),
          rich(safeLine(facts.join(' · '), TITLE_LIMIT), { isSubtle: true }),
        ],
        actions: [...open(`Open ${safeLine(environment, 100)}`, url), ...open('Open the run', runUrl)],
      },
    }],
  };
}

function rich(text: string, looks: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...looks }] };
}

function open(title: string, address: string | undefined): Record<string, unknown>[] {
  const safe = safeAddress(address);
  return safe === undefined ? [] : [{ type: 'Action.OpenUrl', title, url: safe }];
}
