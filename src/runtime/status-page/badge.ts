import { Html, html } from './html';
import { PageVerdict, VERDICTS } from './measurements';
import { safeLine } from '../reporting/untrusted-text';

/** The contrast with white text is at least 4.5 to 1. */
const COLOURS: Record<PageVerdict, string> = {
  healthy: '#1a7f37', pending: '#9a6700', firing: '#cf222e', inconclusive: '#57606a', unprobed: '#57606a',
};

/** A badge for a README: the environment, its release and its health. */
export function badge(environment: string, version: string | undefined, verdict: PageVerdict): string {
  const left = safeLine(environment, 30);
  const right = safeLine(version === undefined ? WORDS[verdict] : `${version} ${WORDS[verdict]}`, 50);
  const [leftWidth, rightWidth] = [widthOf(left), widthOf(right)];
  const width = leftWidth + rightWidth;
  const text = (x: number, length: number, line: string): Html => html`<text x="${x}" y="14" textLength="${length}" fill="#ffffff">${line}</text>`;
  return `${html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${left}: ${right}">
<title>${left}: ${right}</title>
<clipPath id="round"><rect width="${width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="${leftWidth}" height="20" fill="#24292f"/><rect x="${leftWidth}" width="${rightWidth}" height="20" fill="${COLOURS[verdict]}"/></g>
<g font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">
${text(6, leftWidth - 12, left)}
${text(leftWidth + 6, rightWidth - 12, right)}
</g>
</svg>`.markup}\n`;
}

const WORDS: Record<PageVerdict, string> = { ...VERDICTS, pending: 'unhealthy', unprobed: 'not measured' };

/** Approximate: the browser fits the text. */
function widthOf(text: string): number {
  return [...text].reduce((width, character) => width + (/[ -~]/.test(character) ? 7 : 12), 12);
}
