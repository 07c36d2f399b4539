/** What a comment on a pull request may contain. GitHub's limit is 65,536 characters; fewer bytes are fewer characters, and fit into a variable of a process. */
const COMMENT_BYTES = 60_000;

/** GitHub shows 1 MiB of a step's summary. */
const SUMMARY_BYTES = 900_000;

/** The character, and what HTML takes for it, with a semicolon or without. */
const AT = /@|&(?:#0*64(?!\d)|#x0*40(?![\da-f])|commat);?/gi;

/** What a comment is about: each has one of its own. */
export type CommentSubject = 'plan' | 'preview';

/** The newest run that wrote a comment. */
export interface CommentOrigin {
  readonly runId: number;
  readonly attempt: number;
}

/**
 * Returns the text of the comment. The job that made it runs code of the pull request, so it may contain anything: no one is mentioned, and no
 * mark is forged. GitHub looks for mentions in what it has rendered, where an entity is a character, too: one without width parts it from the name.
 *
 * @param project the subproject, whose comment is its own
 */
export function commentBody(text: string, origin: CommentOrigin, project: string | undefined, about: CommentSubject = 'plan'): string {
  const inert = text.replace(AT, '&#64;&#8203;').replaceAll('<!--', '&lt;!--');
  return `${marker(project, about)}${origin.runId}.${origin.attempt} -->\n${fittingLines(inert, COMMENT_BYTES)}`;
}

export function fittingComment(text: string): string {
  return fittingLines(text, COMMENT_BYTES);
}

export function fittingSummary(text: string): string {
  return fittingLines(text, SUMMARY_BYTES);
}

/** Returns who wrote a comment of ours; undefined for any other one. */
export function originOf(body: string, project: string | undefined, about: CommentSubject = 'plan'): CommentOrigin | undefined {
  const start = marker(project, about);
  const [, runId, attempt] = body.startsWith(start) ? /^(\d{1,15})\.(\d{1,6}) -->/.exec(body.slice(start.length)) ?? [] : [];
  return runId === undefined ? undefined : { runId: Number(runId), attempt: Number(attempt) };
}

export function isNewer(one: CommentOrigin, other: CommentOrigin): boolean {
  return one.runId === other.runId ? one.attempt > other.attempt : one.runId > other.runId;
}

function marker(project = '', about: CommentSubject): string {
  return `<!-- projen-delivery ${about} ${project}: `;
}

/** Cuts whole lines off, and says so. */
function fittingLines(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const lines = text.split('\n');
  const kept: string[] = [];
  let left = most - Buffer.byteLength(CUT);
  for (const line of lines) {
    left -= Buffer.byteLength(line) + 1;
    if (left < 0) break;
    kept.push(line);
  }
  return kept.join('\n') + CUT;
}

const CUT = '\n\n> ✂️ This is cut off here, because GitHub limits the size of a text. `delivery plan-merge` shows all of it on a laptop.\n';
