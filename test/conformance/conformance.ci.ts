import { EmulatedConformance, MeasuredRow, rowsOf, withOutcome } from './emulated';
import { Assumption, ASSUMPTIONS } from '../../conformance/assumptions';
import { GithubActionsOptions, RunRecord } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';

const ALL: readonly Assumption[] = ASSUMPTIONS;
const idsOf = (isMeant: (assumption: Assumption) => boolean) => ALL.filter(isMeant).map(({ id }) => id);

async function conformance<T>(options: Partial<GithubActionsOptions>, use: (emulated: EmulatedConformance) => Promise<T>): Promise<T> {
  const emulated = await EmulatedConformance.start(options);
  try {
    return await use(emulated);
  } finally {
    await emulated.stop();
  }
}

function violationsOf({ violations }: GithubStandIn): string[] {
  return [...violations];
}

test('the whole run, started by hand: every assumption has a row, all that can be measured hold, and the repository is as it was', async () => {
  await conformance({}, async (emulated) => {
    const run = await emulated.measure();
    const rows = rowsOf(run);
    expect(rows.filter(({ outcome }) => !['holds', 'not measurable here'].includes(outcome))).toEqual([]);
    expect(rows.map(({ id }) => id)).toEqual(idsOf(() => true));
    expect(withOutcome(rows, 'not measurable here')).toEqual(idsOf(({ notMeasurable }) => notMeasurable !== undefined));
    expect(run.conclusion).toBe('success');
    for (const { id } of rows) expect(run.jobs.measure.log).toContain(id);

    expect(emulated.git('tag', '--list')).toBe('');
    expect(emulated.api.deployments()).toEqual([]);
    expect(emulated.api.refs()).toEqual([]);
    expect(emulated.api.requests.length).toBeLessThan(600);
    expect(violationsOf(emulated.api)).toEqual([]);
  });
});

/** What GitHub might do, and which rows must say so. `only` keeps to what that touches, without releases. */
interface Mutation {
  readonly only: readonly string[];
  readonly wrong: readonly string[];
  readonly options?: Partial<GithubActionsOptions>;
  readonly mutate?: (api: GithubStandIn) => void;
}

const LEDGER = [
  'deployment-read-after-write', 'deployments-newest-first', 'deployment-ids-increase', 'payload-kept', 'creator-is-bot', 'status-read-after-write',
  'status-ids-increase', 'description-kept', 'log-url-kept', 'auto-inactive-off',
];
const QUEUE = ['queue-max', 'run-ids-increase', 'dispatch-with-token', 'dispatch-names-run', 'dispatched-run-listed'];
const RERUN = [
  'rerun-keeps-run-id', 'rerun-failed-keeps-outputs', 'masked-output-dropped', 'empty-environment-name',
  'artifact-names-repeat', 'artifact-by-id-after-rerun', 'artifact-redirect', 'artifact-digest',
];

test.each<[string, Mutation]>([
  ['lists come oldest first', { only: LEDGER, wrong: ['deployments-newest-first'], mutate: (api) => { api.listOrder = 'oldestFirst'; } }],
  ['what was written is shown late', { only: LEDGER, wrong: ['deployment-read-after-write', 'status-read-after-write'], mutate: (api) => { api.readLag = 7; } }],
  ['ids of runs descend', { only: QUEUE, wrong: ['run-ids-increase'], options: { firstRunId: 9000, nextRunId: (last) => last - 1 } }],
  ['a dispatch does not name its run', { only: QUEUE, wrong: ['dispatch-names-run'], mutate: (api) => { api.knowsRunDetails = false; } }],
  ['an artifact is not found by its id after a re-run', {
    only: RERUN,
    wrong: ['artifact-by-id-after-rerun'],
    mutate: (api) => api.fail({ method: 'GET', path: /\/actions\/artifacts\/\d+$/, misbehaviour: { kind: 'status', status: 404, body: { message: 'Not Found' } } }),
  }],
])('where %s, exactly the rows about that say so', async (_, { only, wrong, options = {}, mutate }) => {
  const run = await conformance(options, async (emulated) => {
    mutate?.(emulated.api);
    return emulated.measure(...only);
  });
  const rows = rowsOf(run);
  expect(withOutcome(rows, 'does not hold')).toEqual(wrong);
  expect(measured(rows)).toEqual(idsOf(({ id }) => only.includes(id)));
  expect(withOutcome(rows, 'could not be measured')).toEqual([]);
  expect(verdictOf(run)).toEqual({ measure: 'failure' });
});

function measured(rows: readonly MeasuredRow[]): string[] {
  return rows.filter(({ outcome }) => outcome === 'holds' || outcome === 'does not hold').map(({ id }) => id);
}

/** The run is red where something does not hold. */
function verdictOf(run: RunRecord): Record<string, string> {
  return { measure: run.jobs.measure.result };
}
