/*
 * Freezes what this version writes, for all later ones: `npx ts-node -T --project test/tsconfig.json test/runtime/event-log/frozen/freeze-ledgers.ts`.
 * Run it before the schema changes. What is frozen is never written again.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsOf } from './facts';
import { FrozenGithub, FrozenResponses } from './frozen-github';
import { Logs, RecordCode, writeStory } from './story';
import { GithubApi } from '../../../../src/runtime/ci/github/api';
import { GithubEventLog } from '../../../../src/runtime/ci/github/event-log';
import { FileEventLog } from '../../../../src/runtime/ci/local/event-log';
import { EnvironmentHistory } from '../../../../src/runtime/ledger/history';
import { Ledger } from '../../../../src/runtime/ledger/ledger';
import { AlertLog } from '../../../../src/runtime/monitoring/alert-log';
import { NotificationLog } from '../../../../src/runtime/notifications/notification-log';
import { PreviewLedger } from '../../../../src/runtime/previews/preview-ledger';
import { GithubStandIn } from '../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../ledger/instant-clock';

const CODE: RecordCode = { AlertLog, EnvironmentHistory, Ledger, NotificationLog, PreviewLedger };
const REPOSITORY = 'acme/shop';

/** A second passes with each look at it. */
class TickingClock extends InstantClock {
  public override now(): number {
    this.advance(1_000);
    return super.now();
  }
}

async function freezeFile(folder: string): Promise<unknown> {
  const clock = new TickingClock();
  const logs: Logs = { deployments: new FileEventLog({ path: join(folder, 'ledger.json'), clock }), alerts: new FileEventLog({ path: join(folder, 'alerts.json'), clock }) };
  await writeStory(CODE, logs);
  rmSync(join(folder, 'ledger.json.reserve'));
  return factsOf(CODE, logs);
}

async function freezeGithub(folder: string): Promise<unknown> {
  const clock = new TickingClock();
  const github = await GithubStandIn.start({ repository: REPOSITORY, now: () => clock.now() });
  const token = github.token({ deployments: 'write' });
  const log = new GithubEventLog({ api: new GithubApi({ url: github.url, token, repository: REPOSITORY, clock: new InstantClock() }) });
  await writeStory(CODE, { deployments: log, alerts: log });
  const get = async <T>(path: string): Promise<T[]> => {
    const read: T[] = [];
    for (let page = 1; ; page++) {
      const response = await fetch(`${github.url}/repos/${REPOSITORY}/${path}?per_page=100&page=${page}`, { headers: { authorization: `Bearer ${token}` } });
      const found = await response.json() as T[];
      read.push(...found);
      if (found.length < 100) return read;
    }
  };
  const deployments = (await get<FrozenResponses['deployments'][number]>('deployments')).sort((a, b) => a.id - b.id);
  const statuses = Object.fromEntries(await Promise.all(deployments.map(async ({ id }) => [id, await get(`deployments/${id}/statuses`)] as const)));
  await github.stop();
  const responses = stable({ deployments, statuses }, github.url);
  writeFileSync(join(folder, 'github.json'), `${JSON.stringify(responses)}\n`);
  const frozen = await FrozenGithub.start(responses);
  const read = new GithubEventLog({ api: new GithubApi({ url: frozen.url, token, repository: REPOSITORY, clock: new InstantClock() }) });
  const facts = await factsOf(CODE, { deployments: read, alerts: read });
  await frozen.stop();
  return facts;
}

function stable(responses: FrozenResponses, url: string): FrozenResponses {
  return JSON.parse(JSON.stringify(responses).replaceAll(url, 'https://api.github.com')) as FrozenResponses;
}

async function main(): Promise<void> {
  const schema = Number(process.argv[2]);
  const folder = join(__dirname, `schema-${schema}`);
  if (!Number.isInteger(schema) || existsSync(folder)) throw new Error(`give the number of a schema that is not frozen yet, not ${process.argv[2]}`);
  mkdirSync(folder);
  const facts = { file: await freezeFile(folder), github: await freezeGithub(folder) };
  const written = (JSON.parse(readFileSync(join(folder, 'ledger.json'), 'utf8')) as { schema: number }).schema;
  if (written !== schema) throw new Error(`this version writes schema ${written}`);
  writeFileSync(join(folder, 'facts.json'), `${JSON.stringify(facts, null, 1)}\n`);
}

void main();
