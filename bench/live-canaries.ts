import { describeErrors, expectedTime, HEALTHY, RELEASES, ReleaseStory, Played, play, playHealthy } from './live-canary-stories';
import { Measurement, Outcome, Figure } from './measurement';
import { CanaryStage } from '../test/canary/canary-stage';

/** So many requests while a healthy release is promoted: 17 minutes. */
const REQUESTS = 100_000;

/** (l) What bad releases cost behind a real HAProxy: with a canary, with blue/green, and with a redeploy. */
export const liveCanaries: Measurement = {
  letter: 'l',
  name: 'live-canaries',
  title: 'releases behind a real HAProxy, with 100 requests a second: a canary, blue/green, a redeploy',
  trials: { usual: REQUESTS, what: 'requests while a healthy release is promoted' },

  async run(say, { trials: requests = REQUESTS } = {}) {
    const stage = await CanaryStage.open();
    try {
      say(`${HEALTHY}: ${requests.toLocaleString('en')} requests`);
      const healthy = await playHealthy(stage, requests);
      const played: ReleaseStory[] = [];
      for (const release of RELEASES) {
        const by: Record<string, Played> = {};
        for (const strategy of ['canary', 'blueGreen', 'redeploy'] as const) {
          say(`${release.name}: ${strategy}`);
          by[strategy] = await play(stage, release, strategy);
        }
        played.push({ release, canary: by.canary!, blueGreen: by.blueGreen!, redeploy: by.redeploy! });
      }
      return report(healthy, played);
    } finally {
      await stage.close();
    }
  },
};

function report(healthy: Played, played: readonly ReleaseStory[]): Outcome {
  return {
    figures: [
      {
        what: 'failed requests while a healthy release is promoted, beside the errors that its service made',
        measured: `${Math.max(0, healthy.failed - healthy.served)} of ${healthy.requests.toLocaleString('en')}`,
        limit: '0',
        holds: healthy.end === 'promoted' && healthy.failed <= healthy.served && healthy.requests > 0,
      },
      ...played.map(({ canary, release }): Figure => ({
        what: `${release.name}: end, and time until then`, measured: `${canary.end}, ${decided(canary)}`, limit: 'taken back', holds: canary.end === 'taken back',
      })),
    ],
    table: {
      headers: ['release', 'canary', 'decided after', 'expected', 'harmed: canary', 'blue/green', 'redeploy'],
      rows: [
        [HEALTHY, healthy.end, seconds(healthy.tookMs), '', String(Math.max(0, healthy.failed - healthy.served)), '', ''],
        ...played.map(({ blueGreen, canary, redeploy, release }) => [
          release.name, canary.end, decided(canary), expectedTime(release), harmed(canary), harmed(blueGreen), harmed(redeploy),
        ]),
      ],
      caption: 'Harmed: requests that the release failed, or made slow, until the deployment ended; of the healthy one those that no service failed. "+ N a minute": the release stayed, and this went on until a person acts. '
        + 'Decided after, and expected (the median that synthesis computes, and the time of 1 in 100 canaries): from the first weight on, or the whole deployment if it ended before',
    },
    notes: [
      `HAProxy gives the release 10 %, then 50 %. ${describeErrors()} The canary is judged by HAProxy's counters every second, each error counts (splitsByRequest); the latency by Prometheus, with the defaults.`,
      'All three have the same health check of what users see (/, every 2 s, three in a row) and the default bake of 15 s; the canary and blue/green verify the release alone first. One release each.',
    ],
    data: { healthy, releases: played },
    plot: {
      title: 'Requests harmed until the deployment ended',
      x: 'release',
      y: 'requests',
      series: (['canary', 'blueGreen', 'redeploy'] as const).map((name) => ({ name, points: played.map((one, index) => [index + 1, one[name].harmed] as const) })),
    },
  };
}

/** The whole deployment, if it was not the traffic that decided. */
function decided({ decidedMs, tookMs }: Played): string {
  return seconds(decidedMs ?? tookMs);
}

function harmed({ end, harmed: count, harmedAMinute }: Played): string {
  return end === 'promoted' && harmedAMinute > 0 ? `${count} + ${harmedAMinute} a minute` : String(count);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
