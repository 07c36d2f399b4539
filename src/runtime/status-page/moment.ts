import { Html, html } from './html';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `25 Nov`. */
export function spellDay(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** `25 Nov, 15:40`, where little room is. */
export function spellScale(at: number): string {
  return `${spellDay(at)}, ${new Date(at).toISOString().slice(11, 16)}`;
}

/** `25 Nov 2026, 15:40 UTC`. A page has no idea where its reader is. */
export function spellMoment(at: number): string {
  const iso = new Date(at).toISOString();
  return `${spellDay(at)} ${iso.slice(0, 4)}, ${iso.slice(11, 16)} UTC`;
}

export function moment(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${spellMoment(at)}</time>`;
}
