import { ChannelLimits, fitting, fittingAddress, iconOf, safeLines } from './fitting';
import { safeLine } from '../../reporting/untrusted-text';
import { incidentOf, Notification } from '../notification';

/**
 * Title 256, description 4096, field value 1024, 25 fields, 6000 in all; ours are shorter where all together would be more. To a longer address the
 * API responds "Must be 2048 or fewer in length".
 *
 * @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 * @see https://github.com/discord/discord-api-docs/pull/6531
 */
const LIMIT = { title: 256, text: 3600, url: 2048, fact: 300, link: 1024 } as const satisfies ChannelLimits;

const COLOURS = { closed: 0x1f883d, open: 0xcf222e, unwatched: 0x6e7681 } as const;

/** No text can mention anyone. */
export function discordMessage(notification: Notification): Record<string, unknown> {
  const { at, check, environment, event, release, runUrl } = notification;
  const url = fittingAddress(notification.url, LIMIT.url);
  const text = safeLines(notification.text);
  return {
    allowed_mentions: { parse: [] },
    embeds: [{
      title: fitting(`${iconOf(event)} ${safeLine(notification.title, 500)}`, LIMIT.title, escaped),
      ...(text !== '' && { description: fitting(text, LIMIT.text, escaped) }),
      ...(url !== undefined && { url }),
      color: COLOURS[event === 'unwatched' ? event : incidentOf(notification)],
      timestamp: at,
      fields: [
        field('Environment', environment),
        ...(check === undefined ? [] : [field('Check', check)]),
        ...(release === undefined ? [] : [field('Release', `${release.version} (${release.sha.slice(0, 7)})`)]),
        ...runField(runUrl),
      ],
    }],
  };
}

function field(name: string, value: string): Record<string, unknown> {
  return { name, value: fitting(safeLine(value), LIMIT.fact, escaped), inline: true };
}

/** A link to the run, by its number. */
function runField(runUrl: string | undefined): Record<string, unknown>[] {
  const number = safeLine(runUrl?.split('/').at(-1) ?? '', 30).replace(/\W/g, '') || 'run';
  const link = fittingAddress(runUrl, LIMIT.link, (address) => `[${number}](${address})`);
  return link === undefined ? [] : [{ name: 'Run', value: link, inline: true }];
}

/** Escapes Markdown, mentions and bare URLs, which Discord would link. */
function escaped(character: string): string {
  if (character === ':' || character === '@') return `${character}\u200b`;
  return /[\\*_~`|>#[\]()<+.-]/.test(character) ? `\\${character}` : character;
}
