import { join } from 'node:path';
import type { Command } from '../../../src/runtime/commands/command';
import type { Deployment } from '../../../src/runtime/deployment/deployment';
import type { Lease } from '../../../src/runtime/deployment/lease';
import type { ConfigurationError, EnvironmentLockedError, LeaseLostError } from '../../../src/runtime/errors';
import type { EventLogError } from '../../../src/runtime/event-log/event-log';
import type { countingEntries, Standing } from '../../../src/runtime/ledger/entries';
import type { EnvironmentHistory } from '../../../src/runtime/ledger/history';
import { loadRuntime, Mutation } from '../../../test/mutated-runtime';

/** The runtime's decisions as they are in the repository (or a broken copy of them), without its network, files and processes. */
export interface DecisionCode {
  readonly commands: Readonly<Record<string, Pick<Command, 'run'>>>;
  readonly countingEntries: typeof countingEntries;
  readonly eventLogError: typeof EventLogError;
  readonly configurationError: typeof ConfigurationError;
  readonly leaseLostError: typeof LeaseLostError;
  readonly environmentLockedError: typeof EnvironmentLockedError;
  readonly deployment: typeof Deployment;
  readonly environmentHistory: typeof EnvironmentHistory;
  readonly lease: typeof Lease;
}

const COMMANDS = ['deploy', 'monitor', 'rollback', 'hold', 'drill', 'adopt', 'resolve', 'unblock', 'unfreeze'];

/** What a deploy command says of its work comes from a file; in the model it says nothing. */
const NO_RESULT_FILE = `
export class CommandResultError extends Error {}
export const withResultFile = (work: (file: string) => Promise<unknown>) => work('result');
export const readCommandResult = async () => ({});
`;

/** As it is in the repository: it keeps nothing from one process to the next, so that every exploration can have the same copy. */
let unbroken: Promise<DecisionCode> | undefined;

/** Loads the code, or a broken copy of it. Throws when a mutation no longer fits. */
export function loadDecisionCode(mutations: readonly Mutation[] = []): Promise<DecisionCode> {
  return mutations.length > 0 ? load(mutations) : (unbroken ??= load([]));
}

async function load(mutations: readonly Mutation[]): Promise<DecisionCode> {
  const code = await loadRuntime<DecisionCode>({ entry: ENTRY, mutations, replaced: { 'processes/command-result.ts': NO_RESULT_FILE } });
  showMemory(code);
  return code;
}

/** Something that wants to know what a process still remembers. */
export interface Remembering {
  remembers(memory: string): void;
  /** The record that it found open. */
  found(recordId: string | undefined): void;
}

/**
 * Before each phase, before it looks whether anything is open, and before it decides, a process begins to read the ledger afresh: what it read before
 * does not count any more. Then all it remembers is the deployment that it carries, and what it wrote itself.
 */
function showMemory({ deployment, environmentHistory, lease }: DecisionCode): void {
  const carrying = deployment.prototype as unknown as Record<'carryOn' | 'take', (this: Carrying, ...given: unknown[]) => unknown>;
  for (const name of ['carryOn', 'take'] as const) {
    const carry = carrying[name];
    carrying[name] = function (...given) {
      facts.set(this.context.ledger, this.facts);
      return carry.apply(this, given);
    };
  }
  const owning = lease.prototype as unknown as Record<Look, (this: Owning, state: string) => unknown>;
  for (const name of ['lookAgain', 'checkTaken', 'checkStands'] as const) {
    const look = owning[name];
    owning[name] = function (state) {
      const { context: { ledger }, record, takenFrom, written } = this;
      // an adoption goes on to remember the attempt that it decided by
      const known = record.kind === 'adopt' ? newest.get(ledger) : undefined;
      remember(ledger, JSON.stringify({ name, state, record: record.id, takenFrom, written, facts: facts.get(ledger), known }));
      return look.call(this, state);
    };
  }
  const reading = environmentHistory.prototype as unknown as Record<Question, (this: Reading) => unknown>;
  for (const question of ['open', 'newest', 'stable', 'verifiedReleases'] as const) {
    const read = reading[question];
    reading[question] = async function () {
      // `newest` is asked after one of the others, or is all that a process reads
      if (this.records === undefined && question !== 'newest') remember(this.ledger, question === 'open' ? LOOKS : DECIDES);
      const found = await read.call(this);
      const standing = found as Standing | undefined;
      if (question === 'open') (this.ledger as Remembering).found(standing?.record.id);
      if (question === 'newest') newest.set(this.ledger as object, `${standing?.record.id} ${standing?.state}`);
      return found;
    };
  }
}

/** By the process, that is by its ledger: the facts of the deployment that it carries. */
const facts = new WeakMap<object, unknown>();

interface Carrying {
  readonly context: { readonly ledger: object };
  readonly facts: unknown;
}

type Look = 'lookAgain' | 'checkTaken' | 'checkStands';

interface Owning {
  readonly context: { readonly ledger: object };
  readonly record: { readonly id: string; readonly kind: string };
  readonly takenFrom?: string;
  readonly written?: string;
}

/** It looks whether anything is open. */
export const LOOKS = 'looks';
/** It decides what to do, because nothing is open. */
const DECIDES = 'decides';

/** By the process: the attempt that it read last as the newest one. */
const newest = new WeakMap<object, string>();

type Question = 'open' | 'newest' | 'stable' | 'verifiedReleases';

interface Reading {
  readonly ledger: unknown;
  /** Undefined as long as it read nothing. */
  readonly records?: unknown;
}

function remember(ledger: unknown, memory: string): void {
  (ledger as Remembering).remembers(memory);
}

const ENTRY = [
  ...COMMANDS.map((name) => `import { ${name} } from './commands/${name}';`),
  `import { watch } from ${JSON.stringify(join(__dirname, 'watch-once'))};`,
  `export const commands = { ${COMMANDS.join(', ')}, watch };`,
  "export { countingEntries } from './ledger/entries';",
  "export { EventLogError as eventLogError } from './event-log/event-log';",
  "export { ConfigurationError as configurationError, LeaseLostError as leaseLostError, EnvironmentLockedError as environmentLockedError } from './errors';",
  "export { Deployment as deployment } from './deployment/deployment';",
  "export { Lease as lease } from './deployment/lease';",
  "export { EnvironmentHistory as environmentHistory } from './ledger/history';",
].join('\n');
