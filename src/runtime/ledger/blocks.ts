import { hasNoVerdict, Standing } from './entries';
import { Block, LedgerRecord } from './record';
import { Release, sameBuild, sameCommit } from '../release';

/** How many blocks a record carries, newest first. Older ones are found through the records of the commit. */
export const BLOCK_LIMIT = 50;

/** Whether two releases are the same commit, or the same files: tags move. */
export function alike(a: Release, b: Release): boolean {
  return sameCommit(a, b) || hasFilesOf(a, b);
}

function hasFilesOf(a: Release, b: Release): boolean {
  return a.artifact !== undefined && sameBuild(a, b);
}

/** The blocks after a decision, newest first. */
export function blocksAfterDecision(blocks: readonly Block[], { kind, release }: LedgerRecord): readonly Block[] {
  if (kind !== 'unblock') return blocks;
  const left = blocks.filter((block) => !alike(block.release, release));
  // if the files are unknown, they may be those of another blocked release
  const mayHaveTheirFiles = release.artifact === undefined && left.some((block) => block.release.artifact !== undefined);
  return mayHaveTheirFiles ? [{ release, why: 'lifted' as const }, ...left].slice(0, BLOCK_LIMIT) : left;
}

/** The blocks after an attempt, as far as it went, newest first. */
export function blocksAfter(blocks: readonly Block[], { record, state, entries }: Standing): readonly Block[] {
  const { kind, leaving, release } = record;
  if (kind === 'drill') return blocks;
  const isLeft = leaving !== undefined && entries.some((entry) => entry.state === 'deploying');
  const left = isLeft ? added(blocks, { release: hasFilesOf(leaving, release) ? withoutFiles(leaving) : leaving, why: 'left' }) : blocks;
  if (state === 'stable') return left.filter((block) => !alike(block.release, release));
  const isTakenBack = entries.some((entry) => entry.state === 'rollingBack' || entry.state === 'rolledBack');
  if (!isTakenBack || hasNoVerdict(entries)) return left;
  return added(left, blockOf(record, entries.some(({ commandFailed }) => commandFailed)));
}

/** Whether an attempt, as far as it went, blocked its own release: its commit, if it has the files of Stable. */
export function blocksItself(standing: Standing): boolean {
  const { release, stable } = standing.record;
  return blocksAfter([], standing).some((block) => alike(block.release, release) && findBlock([block], block.release, stable?.release) !== undefined);
}

/** Only a health verdict blocks files, and never those of Stable. */
function blockOf({ release, stable }: LedgerRecord, commandFailed: boolean): Block {
  if (commandFailed) return { release: withoutFiles(release), why: 'command' };
  return { release: stable && hasFilesOf(stable.release, release) ? withoutFiles(release) : release, why: 'health' };
}

function added(blocks: readonly Block[], block: Block): readonly Block[] {
  const isReplaced = ({ release }: Block) => release.sha === block.release.sha && (!release.artifact || hasFilesOf(release, block.release));
  const others = blocks.filter((one) => !isReplaced(one));
  return [block, ...others].slice(0, BLOCK_LIMIT);
}

function withoutFiles({ version, sha }: Release): Release {
  return { version, sha };
}

/** The block of a release. Stable is never blocked, unless a person rolled back that very commit. */
export function findBlock(blocks: readonly Block[], release: Release, stable: Release | undefined): Block | undefined {
  const found = blocks.find((block) => alike(block.release, release));
  if (!found || found.why === 'lifted') return undefined;
  const isStable = stable !== undefined && alike(stable, release);
  return isStable && !(found.why === 'left' && found.release.sha === release.sha) ? undefined : found;
}
