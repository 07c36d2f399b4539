import { Channel } from './channel';
import { fitting, safeAddress, safeLines } from './fitting';
import { iconOf } from './icon';
import { incidentOf, Notice } from './notice';
import { Patience, post } from './posting';
import { safeLine } from '../../job/untrusted-text';

/** @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const TITLE_LIMIT = 256;
const DESCRIPTION_LIMIT = 4096;
const FIELD_LIMIT = 1024;

const COLOURS = { closed: 0x1f883d, open: 0xcf222e, unwatched: 0x6e7681 } as const;

/** A webhook of a Discord channel. */
export function discord(name: string, address: string, patience: Patience): Channel {
  return { name, tell: (notice) => post(address, () => ({ body: JSON.stringify(discordMessage(notice)) }), patience) };
}

/** Nobody is mentioned, whatever the text says. */
export function discordMessage(notice: Notice): Record<string, unknown> {
  const { at, check, environment, event, release, runUrl } = notice;
  const run = safeAddress(runUrl);
  const url = safeAddress(notice.url);
  const text = safeLines(notice.text);
  return {
    allowed_mentions: { parse: [] },
    embeds: [{
      title: fitting(`${iconOf(event)} ${safeLine(notice.title, 500)}`, TITLE_LIMIT, escaped),
      ...(text !== '' && { description: fitting(text, DESCRIPTION_LIMIT, escaped) }),
      ...(url !== undefined && { url }),
      color: COLOURS[event === 'unwatched' ? event : incidentOf(notice)],
      timestamp: at,
      fields: [
        field('Environment', environment),
        ...(check === undefined ? [] : [field('Check', check)]),
        ...(release === undefined ? [] : [field('Release', `${release.version} (${release.sha.slice(0, 7)})`)]),
        ...(run === undefined || run.length > 900 ? [] : [{ name: 'Run', value: `[${safeLine(run.split('/').at(-1) ?? 'run', 30).replace(/\W/g, '') || 'run'}](${run})`, inline: true }]),
      ],
    }],
  };
}

function field(name: string, value: string): Record<string, unknown> {
  return { name, value: fitting(safeLine(value), FIELD_LIMIT, escaped), inline: true };
}

/** No Markdown, no mention, no link: an address that stands alone would become one. */
function escaped(character: string): string {
  if (character === ':' || character === '@') return `${character}\u200b`;
  return /[\\*_~`|>#[\]()<+.-]/.test(character) ? `\\${character}` : character;
}
