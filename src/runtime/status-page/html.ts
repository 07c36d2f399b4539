import { safeLine, webUrl } from '../reporting/untrusted-text';

/** Markup that is safe to insert into other markup. */
export class Html {
  constructor(public readonly markup: string) {}
}

export const NOTHING = new Html('');

type Part = Html | string | number | readonly Part[];

/** A template tag that escapes inserted text. Attributes must be in double quotes. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, i) => `${text}${i < parts.length ? markupOf(parts[i]!) : ''}`).join(''));
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escape(part);
  return part.map(markupOf).join('');
}

/** One line without control characters, for HTML and for SVG. */
function escape(text: string): string {
  return safeLine(text, 1000).replace(/[&<>"'`]/g, (mark) => `&#${mark.codePointAt(0)};`);
}

/** A link if the address is http(s); otherwise only the text. */
export function anchor(text: string, address: string | undefined): Html {
  const url = webUrl(address);
  return url ? html`<a href="${url.href}" rel="noreferrer">${text}</a>` : html`${text}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `25 Nov`. */
export function formatDay(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** `25 Nov, 15:40`, where space is limited. */
export function formatScale(at: number): string {
  return `${formatDay(at)}, ${new Date(at).toISOString().slice(11, 16)}`;
}

/** `25 Nov 2026, 15:40 UTC`. The page does not know the reader's time zone. */
function formatMoment(at: number): string {
  const iso = new Date(at).toISOString();
  return `${formatDay(at)} ${iso.slice(0, 4)}, ${iso.slice(11, 16)} UTC`;
}

export function moment(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${formatMoment(at)}</time>`;
}
