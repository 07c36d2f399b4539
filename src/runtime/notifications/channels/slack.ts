import { ChannelLimits, fitting, fittingAddress, iconOf, safeLines } from './fitting';
import { safeLine } from '../../reporting/untrusted-text';
import { Notification } from '../notification';

/**
 * Header 150, section 3000, fallback text 4000. The context element is a text object, 3000: two links and two facts are shorter.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks/header-block
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block
 * @see https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#truncating
 */
const LIMIT = { title: 150, text: 3000, url: 600, fallback: 4000, fact: 150 } as const satisfies ChannelLimits;

/** Untrusted text goes into `plain_text`, which Slack does not format; the rest is ours. */
export function slackMessage(notification: Notification): Record<string, unknown> {
  const title = `${iconOf(notification.event)} ${safeLine(notification.title, 500)}`;
  const text = safeLines(notification.text);
  return {
    // for desktop notifications and screen readers
    text: fitting(title, LIMIT.fallback, escaped),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title, LIMIT.title) },
      ...(text === '' ? [] : [{ type: 'section', text: plain(text, LIMIT.text) }]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: facts(notification) }] },
    ],
  };
}

function plain(text: string, max: number): Record<string, unknown> {
  return { type: 'plain_text', text: fitting(text, max, escaped), emoji: false };
}

/** Names and their links. */
function facts({ check, environment, release, runUrl, url }: Notification): string {
  const links = [linked(environment, url), ...(runUrl === undefined ? [] : [linked('run', runUrl)])];
  const names = [...(check === undefined ? [] : [harmless(check)]), ...(release === undefined ? [] : [harmless(`${release.version} (${release.sha.slice(0, 7)})`)])];
  return [...links, ...names].join(' · ');
}

function linked(text: string, address: string): string {
  const safe = fittingAddress(address, LIMIT.url, (whole) => whole.replaceAll('&', '&amp;'));
  return safe === undefined ? harmless(text) : `<${safe}|${harmless(text)}>`;
}

/** Escapes text for mrkdwn: no formatting, no emoji names. */
function harmless(text: string): string {
  return fitting(safeLine(text, LIMIT.fact).replace(/[*_~`|@#:]/g, (mark) => `${mark}\u2060`), LIMIT.fact, escaped);
}

/** @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(character: string): string {
  return { '&': '&amp;', '<': '&lt;', '>': '&gt;' }[character] ?? character;
}
