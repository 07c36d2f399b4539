import { atMost, Figure, Measurement } from './measurement';
import { REQUEST_TARGET_EACH, REQUEST_TARGETS, RequestsPerCommand, requestsPerCommand } from '../test/runtime/requests-per-command';

const HISTORIES = [1, 100, 10_000] as const;
/** What all jobs of a repository together may ask with GITHUB_TOKEN. */
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

/** (r) What each command asks of GitHub, and that a long history makes it no dearer. */
export const requests: Measurement = {
  letter: 'r',
  name: 'requests',
  title: 'requests to GitHub\'s API per command, with 1, 100 and 10,000 records in the ledger (blue/green)',

  async run(say) {
    const counts: RequestsPerCommand[] = [];
    for (const records of HISTORIES) {
      say(`${records.toLocaleString('en')} records`);
      counts.push(await requestsPerCommand(records, 'blueGreen'));
    }
    const most = counts.at(-1)!;
    const ofWatch = WATCHES * most.watch;
    const ofDeployment = most.plan + most.deploy + most.confirm;
    return {
      figures: COMMANDS.map(([key, name, limit]): Figure => atMost(`${name}: requests with 10,000 records`, most[key], limit, String)),
      table: {
        headers: ['command', ...HISTORIES.map((records) => `${records.toLocaleString('en')} ${records === 1 ? 'record' : 'records'}`), 'target'],
        rows: COMMANDS.map(([key, name, limit]) => [name, ...counts.map((count) => String(count[key])), `≤ ${limit}`]),
        caption: `Of the ${HOURLY_LIMIT.toLocaleString('en')} requests an hour a watch of one environment every 5 minutes takes ${ofWatch}, a deployment (plan, deploy, monitor) ${ofDeployment}.`,
      },
      notes: ['Counted by a stand-in for GitHub\'s API, on a healthy deployment without an artifact, `requires`, a lock or alerts, which ask for more.'],
      data: { histories: HISTORIES, counts },
      plot: {
        title: 'Requests to GitHub\'s API per command',
        x: 'records, as a power of ten',
        y: 'requests',
        series: COMMANDS.map(([key, name]) => ({ name, points: counts.map((count, i) => [Math.log10(HISTORIES[i]), count[key]] as const) })),
      },
    };
  },
};
