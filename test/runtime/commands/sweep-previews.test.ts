/** What the schedule of preview.yml starts, and what its run says of it. */
import { ExitCode } from '../../../src/contract/command-line';
import { DispatchRequest } from '../../../src/runtime/ci/ci-runtime';
import { sweepPreviews } from '../../../src/runtime/commands/sweep-previews';
import { RuntimeContext } from '../../../src/runtime/context';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { InMemoryEnvironment, STAGING } from '../deployment/in-memory-environment';
import { TO_STABLE } from '../ledger/records';

let staging: InMemoryEnvironment;
let started: string[];
beforeEach(async () => {
  staging = new InMemoryEnvironment();
  staging.manifest = { ...staging.manifest, previews: { environment: STAGING, remove: { kind: 'bash', line: 'true' } } };
  started = [];
  for (const number of [7, 8, 9]) await staging.record({ environment: `preview-${number}`, run: { id: number, attempt: 1 } }, ...TO_STABLE);
});

/** Of these pull requests, 8 is still open. GitHub refuses what is started for this one. */
function sweep(refused?: number): Promise<ExitCode> {
  const start = async ({ inputs }: DispatchRequest) => {
    if (inputs.number === String(refused)) throw new EventLogError('GitHub responds 503');
    started.push(`${inputs.action} ${inputs.number}`);
    return { url: 'https://ci/1' };
  };
  const ci = {
    dispatch: { start, started: async () => [] },
    pullRequests: { find: async (number: number) => ({ isOpen: number === 8, labels: [] }) },
  } as unknown as RuntimeContext['ci'];
  return sweepPreviews.run([staging.context({ id: 20 }, { ci })], { json: false, flags: {} });
}

it('starts the removal of each preview whose pull request is closed', async () => {
  expect(await sweep()).toBe(0);
  expect(started.sort()).toEqual(['removeIfDue 7', 'removeIfDue 9']);
});

it('is red if one could not be started, and starts the others nevertheless', async () => {
  expect([await sweep(7), started]).toEqual([1, ['removeIfDue 9']]);
  started = [];
  expect([await sweep(9), started]).toEqual([1, ['removeIfDue 7']]);
});
