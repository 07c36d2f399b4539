import { Channel } from './channel';
import { fitting, safeAddress, safeLines } from './fitting';
import { iconOf } from './icon';
import { Notice } from './notice';
import { Patience, post } from './posting';
import { safeLine } from '../../job/untrusted-text';

/** @see https://docs.slack.dev/reference/block-kit/blocks */
const HEADER_LIMIT = 150;
const SECTION_LIMIT = 3000;
const ELEMENT_LIMIT = 2000;
/** @see https://docs.slack.dev/reference/methods/chat.postMessage#truncating */
const TEXT_LIMIT = 4000;

/** An incoming webhook of Slack. */
export function slack(name: string, address: string, patience: Patience): Channel {
  return { name, tell: (notice) => post(address, () => ({ body: JSON.stringify(slackMessage(notice)) }), patience) };
}

/** Untrusted text is `plain_text`, in which Slack looks for no formatting; the rest is our own. */
export function slackMessage(notice: Notice): Record<string, unknown> {
  const title = `${iconOf(notice.event)} ${safeLine(notice.title, 500)}`;
  const text = safeLines(notice.text);
  return {
    // for notifications and for those who cannot see blocks
    text: fitting(title, TEXT_LIMIT, escaped),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title, HEADER_LIMIT) },
      ...(text === '' ? [] : [{ type: 'section', text: plain(text, SECTION_LIMIT) }]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: facts(notice) }] },
    ],
  };
}

function plain(text: string, max: number): Record<string, unknown> {
  return { type: 'plain_text', text: fitting(text, max, escaped), emoji: false };
}

/** Names, which are letters, digits and a few marks, and links to them. */
function facts({ check, environment, release, runUrl, url }: Notice): string {
  const links = [linked(environment, url), ...(runUrl === undefined ? [] : [linked('run', runUrl)])];
  const names = [...(check === undefined ? [] : [harmless(check)]), ...(release === undefined ? [] : [harmless(`${release.version} (${release.sha.slice(0, 7)})`)])];
  return [...links, ...names].join(' · ').slice(0, ELEMENT_LIMIT);
}

function linked(text: string, address: string): string {
  const safe = safeAddress(address)?.replaceAll('&', '&amp;');
  return safe === undefined || safe.length > 500 ? harmless(text) : `<${safe}|${harmless(text)}>`;
}

/** In mrkdwn: no formatting, no emoji names. */
function harmless(text: string): string {
  return fitting(safeLine(text, 150).replace(/[*_~`|@#:]/g, (mark) => `${mark}\u2060`), 300, escaped);
}

/** @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(character: string): string {
  return { '&': '&amp;', '<': '&lt;', '>': '&gt;' }[character] ?? character;
}
