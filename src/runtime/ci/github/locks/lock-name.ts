import { createHash } from 'node:crypto';

/** Longer ones could not be stored as files, where git keeps a ref as one. */
const LONGEST = 120;

/**
 * The beginning of the names of an environment's locks; a number follows. An environment's name may hold what a ref's
 * may not, and GitHub takes `Production` and `production` for one environment.
 */
export function lockPrefix(environment: string): string {
  const segment = Buffer.from(environment.toLowerCase()).toString('latin1').replace(/[^a-z0-9-]/g, (byte) => `_${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const short = segment.length <= LONGEST ? segment : `${segment.slice(0, LONGEST)}__${createHash('sha256').update(segment).digest('hex').slice(0, 16)}`;
  return `refs/delivery/locks/${short}/lock-`;
}
