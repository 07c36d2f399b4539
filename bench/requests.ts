import { atMost, Figure, Measurement } from './measurement';
import { median } from './statistics';
import { FlappingService, RUNS_A_DAY } from '../test/runtime/monitoring/flapping-service';
import { REQUEST_TARGET_EACH, REQUEST_TARGETS, RequestsPerCommand, requestsPerCommand } from '../test/runtime/requests-per-command';

const HISTORIES = [1, 100, 10_000] as const;
/** What all jobs of a repository together may send with GITHUB_TOKEN. */
const HOURLY_LIMIT = 1_000;
/** Runs of the watch in an hour by default. */
const WATCHES = 12;

const COMMANDS: readonly (readonly [key: keyof RequestsPerCommand, name: string, limit: number])[] = [
  ['plan', 'plan', REQUEST_TARGETS.plan],
  ['deploy', 'deploy', REQUEST_TARGETS.deploy],
  ['confirm', 'monitor (confirms)', REQUEST_TARGETS.confirm],
  ['watch', 'watch, one environment', REQUEST_TARGETS.watch],
  ['watchEach', 'watch, each further environment', REQUEST_TARGET_EACH],
];

/** What the requests of a run of the watch may come to, for how long soever an alert flaps. */
const FLAPPING_LIMIT = 15;
const FLAPPING_DAYS = 30;
const FLAPPING_RUNS = 9;

/** The requests of a run of the watch to GitHub while an alert flaps, on the first day and on the last. */
async function whileFlapping(): Promise<{ readonly first: number; readonly last: number }> {
  const flapping = await FlappingService.open();
  const measure = async () => {
    const counts: number[] = [];
    while (counts.length < FLAPPING_RUNS) counts.push(await flapping.watch());
    return median(counts);
  };
  try {
    const first = await measure();
    await flapping.pass((FLAPPING_DAYS - 1) * RUNS_A_DAY);
    const last = await measure();
    if (flapping.world.github.violations.length > 0) throw new Error(flapping.world.github.violations[0]);
    return { first, last };
  } finally {
    await flapping.world.destroy();
  }
}

/** (r) The requests of each command to GitHub, and that a long history makes it no dearer. */
export const requests: Measurement = {
  letter: 'r',
  name: 'requests',
  title: 'requests to GitHub\'s API per command, with 1, 100 and 10,000 records in the ledger (blue/green); of the watch, while an alert flaps',

  async run(say) {
    const counts: RequestsPerCommand[] = [];
    for (const records of HISTORIES) {
      say(`${records.toLocaleString('en')} records`);
      counts.push(await requestsPerCommand(records, 'blueGreen'));
    }
    say(`an alert that flaps for ${FLAPPING_DAYS} days`);
    const flapping = await whileFlapping();
    const most = counts.at(-1)!;
    const ofWatch = WATCHES * most.watch;
    const ofDeployment = most.plan + most.deploy + most.confirm;
    return {
      figures: [
        ...COMMANDS.map(([key, name, limit]): Figure => atMost(`${name}: requests with 10,000 records`, most[key], limit, String)),
        {
          what: `watch, one environment whose alert flaps: requests of a run on day 1, and on day ${FLAPPING_DAYS}`,
          measured: `${flapping.first}, ${flapping.last}`,
          limit: `≤ ${FLAPPING_LIMIT}, and the same`,
          holds: flapping.first === flapping.last && flapping.last <= FLAPPING_LIMIT,
        },
      ],
      table: {
        headers: ['command', ...HISTORIES.map((records) => `${records.toLocaleString('en')} ${records === 1 ? 'record' : 'records'}`), 'target'],
        rows: COMMANDS.map(([key, name, limit]) => [name, ...counts.map((count) => String(count[key])), `≤ ${limit}`]),
        caption: `Of the ${HOURLY_LIMIT.toLocaleString('en')} requests an hour a watch of one environment every 5 minutes takes ${ofWatch}, a deployment (plan, deploy, monitor) ${ofDeployment}.`,
      },
      notes: [
        'Counted by a stand-in for GitHub\'s API, on a healthy deployment without an artifact, `requires`, a lock or alerts, which ask for more.',
        `The alert that flaps: bad and well in turn every 5 minutes, so that each run writes of it; medians of ${FLAPPING_RUNS} runs. `
        + 'One run in 90 goes on in another record and sends 6 times more.',
      ],
      data: { histories: HISTORIES, counts, flapping },
      plot: {
        title: 'Requests to GitHub\'s API per command',
        x: 'records, as a power of ten',
        y: 'requests',
        series: COMMANDS.map(([key, name]) => ({ name, points: counts.map((count, i) => [Math.log10(HISTORIES[i]), count[key]] as const) })),
      },
    };
  },
};
