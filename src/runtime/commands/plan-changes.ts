import { Command } from './command';
import { CHANGES } from '../../contract/outputs';
import { requestedRelease } from '../deployment/requested-release';
import { writtenChanges } from '../pull-requests/merge-changes';
import { changesSection } from '../reporting/changes-section';
import { DELIVERY } from '../reporting/command-line';
import { maskWithin } from '../reporting/masking';
import { plannedChanges } from '../targets/planned-changes';

/** Reads what a release would change in the engine. It runs nothing of the release, and records nothing. */
export const planChanges: Command = {
  name: 'plan-changes',
  summary: 'show what deploying this release would change in the engine; changes nothing (plan shows it with all else)',
  environment: 'required',
  changes: false,
  readsNoRecords: true,
  options: {},
  examples: [`${DELIVERY} plan-changes production`],

  run: async ([context], given) => {
    const { environment: { name }, log, manifest, mask, outputs, print, run } = context;
    const planned = await plannedChanges(context, await requestedRelease(context));
    const changes = maskWithin(planned ?? { kind: 'unknown' as const, why: 'the target does not know them before a deployment' }, mask);
    const text = changesSection(changes);
    outputs.summary(`### ${name}\n\n${text}\n`);
    outputs.set({ [CHANGES]: writtenChanges(name, changes, manifest.pullRequests?.changes?.length ?? 1) });
    if (given.json) print(JSON.stringify(changes, null, 2));
    else if (run.inCi) log.line(changes.kind === 'known' ? `changes of the engine: ${changes.changes.length}` : 'changes of the engine: unknown, see the summary');
    else print(text);
    return 0;
  },
};
