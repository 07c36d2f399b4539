import type { Command } from '../../../src/runtime/commands/command';
import type { EventLogError } from '../../../src/runtime/event-log/event-log';
import type { Ledger } from '../../../src/runtime/ledger/ledger';
import type { previewManifest } from '../../../src/runtime/previews/preview-context';
import type { PreviewLedger } from '../../../src/runtime/previews/preview-ledger';
import { loadRuntime, Mutation } from '../../../test/mutated-runtime';

/** The code of previews, or a broken copy of it. */
export interface PreviewCode {
  readonly beginPreview: Command;
  readonly finishPreview: Command;
  readonly removePreview: Command;
  readonly sweepPreviews: Command;
  readonly eventLogError: typeof EventLogError;
  readonly ledger: typeof Ledger;
  readonly previewLedger: typeof PreviewLedger;
  readonly previewManifest: typeof previewManifest;
}

const ENTRY = [
  "export { beginPreview } from './commands/preview';",
  "export { finishPreview } from './commands/finish-preview';",
  "export { removePreview } from './commands/remove-preview';",
  "export { sweepPreviews } from './commands/sweep-previews';",
  "export { EventLogError as eventLogError } from './event-log/event-log';",
  "export { Ledger as ledger } from './ledger/ledger';",
  "export { PreviewLedger as previewLedger } from './previews/preview-ledger';",
  "export { previewManifest } from './previews/preview-context';",
].join('\n');

/** What takes real time or real files: a verdict is one probe, a command writes no result, and no target has a driver. */
const REPLACED = {
  'targets/driver-registry.ts': 'export const driverOf = () => undefined;',
  'processes/command-result.ts': [
    'export class CommandResultError extends Error {}',
    "export const withResultFile = (work) => work('/dev/null');",
    'export const readCommandResult = async () => ({});',
  ].join('\n'),
  'deployment/phases/probing.ts': [
    'const perform = async ({ context, record }) => {',
    '  const { outcome } = await context.probe(context.environment.healthChecks[0], { release: record.release });',
    "  return { event: outcome === 'healthy' ? 'healthy' : 'unhealthy', note: outcome };",
    '};',
    "const phase = { title: () => 'Probe', perform };",
    'export const [baking, confirming, forcedVerdict, verifying] = [phase, phase, phase, phase];',
  ].join('\n'),
};

/** As it is in the repository: no model leaves anything in it. */
let unbroken: Promise<PreviewCode> | undefined;

/** Loads the code, or a broken copy of it. Throws when the mutation no longer fits. */
export function loadPreviewCode(mutation?: Mutation): Promise<PreviewCode> {
  return mutation ? load([mutation]) : (unbroken ??= load([]));
}

function load(mutations: readonly Mutation[]): Promise<PreviewCode> {
  return loadRuntime<PreviewCode>({ entry: ENTRY, mutations, replaced: REPLACED });
}
