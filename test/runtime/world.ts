import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EnvironmentManifest, HttpCheckManifest, Manifest, MANIFEST_SCHEMA } from '../../src/contract/manifest';
import { KnownStrategy, STRATEGIES, StrategyKind } from '../../src/contract/strategies';
import { BLUE_GREEN_TIME_BUDGET } from '../../src/strategies/blue-green';
import { canaryTimeBudget } from '../../src/strategies/canary';
import { REDEPLOY_TIME_BUDGET } from '../../src/strategies/redeploy';

/**
 * How a release responds to a probe. `bad` does so only before users, not as a candidate. `stale` says that it is v0. `slow` shows only
 * after some responses of what was there before, `late` only when the machine has already got the next one.
 */
export type Behaviour = 'good' | 'bad' | 'error' | 'stale' | 'reset' | 'slow' | 'late';

/** Compiles the bundle once for the processes of all worlds. */
const CODE_CACHE = resolve(__dirname, '../../tools/code-cache.cjs');
/** Gives a GitHub run the ledger in the file. */
const LEDGER_IN_RUN = resolve(__dirname, '../../tools/ledger-in-run.cjs');

/** So many responses a `slow` or `late` release takes to show. */
const ANSWERS_BEFORE = 6;

/** What responds somewhere, and what is on its way there. */
interface Place {
  version?: string;
  readonly changes: { readonly version: string | undefined; readonly isLate: boolean; left: number }[];
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly outputs: Record<string, string>;
  readonly summary: string;
}

export interface Step {
  readonly id: number;
  /** @default 1 */
  readonly attempt?: number;
  readonly tag: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onLine?: OnLine;
}

/** Sees each line of the output as it comes, and may stop the process then. */
export type OnLine = (line: string, stop: (signal: NodeJS.Signals) => void) => void;

/** A repository, a machine with two slots, and the bundled runtime as a real process. Intervals are short, all else is as in life. */
export class World {
  public static async create(strategy: StrategyKind = 'blueGreen', changes: Partial<EnvironmentManifest> = {}): Promise<World> {
    const world = new World(mkdtempSync(join(tmpdir(), 'delivery-world-')));
    await world.start(strategy, changes);
    return world;
  }

  /** What each version does; the default is good. */
  public readonly behaviours: Record<string, Behaviour> = {};
  /** The release of every response that users got, oldest first. */
  public readonly responses: string[] = [];
  private readonly places: Record<string, Place> = {};
  /** Whether the machine responds at all. */
  public up = true;
  public manifest!: Manifest;
  private users!: Server;
  private candidate!: Server;
  private lastRun = 0;
  private sharedResponses = 0;

  private constructor(public readonly root: string) {}

  /** The slot that users are on, or most of them. */
  public get live(): string | undefined {
    return this.traffic[0];
  }

  /** Four responses of the one that shares the traffic, then four of the other one, and so on: enough in a row for a verdict. */
  private get nextOfTraffic(): string | undefined {
    const slots = this.traffic;
    return slots.length < 2 ? slots[0] : slots[1 - Math.floor(this.sharedResponses++ / 4) % 2];
  }

  /** The slots with traffic, that of most users first. */
  private get traffic(): string[] {
    return existsSync(join(this.root, 'machine/live')) ? readFileSync(join(this.root, 'machine/live'), 'utf8').trim().split('+') : [];
  }

  /** The version that users reach. */
  public get served(): string | undefined {
    return this.live && this.traffic.map((slot) => this.versionIn(slot)).join(' and ');
  }

  /** Every command that ran, oldest first: `deploy v1 to blue`. */
  public get commands(): string[] {
    return existsSync(join(this.root, 'machine/commands')) ? readFileSync(join(this.root, 'machine/commands'), 'utf8').trim().split('\n') : [];
  }

  public forgetCommands(): void {
    rmSync(join(this.root, 'machine/commands'), { force: true });
  }

  public change(changes: Partial<EnvironmentManifest>): void {
    const [environment] = this.manifest.environments;
    this.manifest = { ...this.manifest, environments: [{ ...environment, ...changes }] };
    writeFileSync(join(this.root, '.projen/delivery.json'), JSON.stringify(this.manifest));
  }

  /** No wait is longer than a busy machine needs: for a service that is not reached until the deadline. */
  public shortenDeadline(): void {
    this.change({ healthChecks: this.manifest.environments[0].healthChecks.map((one) => ({ ...one, deadlineMs: 3_000 })) });
  }

  public commit(message: string): string {
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** A new commit whose sha begins so. Its message is varied until it does: by chance it would be one of some dozens. */
  public commitLike(begins: RegExp): string {
    const who = 'an engineer <engineer@example.com> 1750000000 +0000';
    const head = ['tree HEAD^{tree}', 'parent HEAD'].map((line) => line.split(' ')).map(([name, at]) => `${name} ${this.git('rev-parse', at!)}`);
    for (let change = 1; ; change++) {
      const commit = [...head, `author ${who}`, `committer ${who}`, '', `change ${change}`, ''].join('\n');
      const sha = createHash('sha1').update(`commit ${commit.length}\0${commit}`).digest('hex');
      if (!begins.test(sha)) continue;
      execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], { cwd: this.root, input: commit });
      this.git('update-ref', 'HEAD', sha);
      return sha;
    }
  }

  /** A new commit and its tag. */
  public release(version: string, behaviour: Behaviour = 'good'): string {
    this.behaviours[version] = behaviour;
    const sha = this.commit(version);
    this.git('tag', version);
    return sha;
  }

  /** On a laptop, with the ledger in a file. What is deployed is checked out before. */
  public delivery(...args: string[]): Promise<Ended> {
    const release = args.indexOf('--release');
    if (['deploy', 'plan'].includes(args[0]!) && release > 0) this.checkOut(args[release + 1]!);
    return this.run(args, {});
  }

  /** A name that git does not know is left to the command. */
  private checkOut(name: string): void {
    try {
      execFileSync('git', ['checkout', '--quiet', '--detach', name], { cwd: this.root, stdio: 'ignore' });
    } catch {
      return;
    }
  }

  /** Releases a new commit from a laptop. */
  public async ship(version: string, behaviour: Behaviour = 'good'): Promise<Ended> {
    this.release(version, behaviour);
    return this.delivery('deploy', 'production', '--release', version);
  }

  /** The id of a new run of CI, larger than any before. */
  public newRun(): number {
    this.lastRun = Math.max(Date.now(), this.lastRun + 1);
    return this.lastRun;
  }

  /** As a step of a GitHub run on a tag; the ledger stays the file, so that laptop and run share it. */
  public step(run: Step, ...args: string[]): Promise<Ended> {
    this.checkOut(run.tag);
    return this.run(args, {
      GITHUB_ACTIONS: 'true',
      GITHUB_RUN_ID: String(run.id),
      GITHUB_RUN_ATTEMPT: String(run.attempt ?? 1),
      GITHUB_SHA: this.git('rev-parse', `${run.tag}^{commit}`),
      GITHUB_REF_TYPE: 'tag',
      GITHUB_REF_NAME: run.tag,
      GITHUB_ACTOR: 'octocat',
      GITHUB_REPOSITORY: 'acme/shop',
      ...run.env,
    }, run.onLine);
  }

  public git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.root, encoding: 'utf8' }).trim();
  }

  public async destroy(): Promise<void> {
    for (const server of [this.users, this.candidate]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    // a process that was killed may still have written a file
    rmSync(this.root, { recursive: true, force: true, maxRetries: 10 });
  }

  private async start(strategy: StrategyKind, changes: Partial<EnvironmentManifest>): Promise<void> {
    this.users = await listen((request, response) => this.respond(this.nextOfTraffic, 'users', request, response));
    this.candidate = await listen((request, response) => this.respond(request.url?.split('/')[1], 'candidate', request, response));
    mkdirSync(join(this.root, '.projen'));
    mkdirSync(join(this.root, 'machine'));
    copyFileSync(resolve(__dirname, '../../assets/delivery.cjs'), join(this.root, '.projen/delivery.cjs'));
    this.git('init', '--quiet', '--initial-branch=main');
    appendFileSync(join(this.root, '.git/config'), '[user]\n\tname = an engineer\n\temail = engineer@example.com\n');
    const url = urlOf(this.users);
    const data = STRATEGIES.find(({ kind }) => kind === strategy)!;
    this.manifest = {
      schema: MANIFEST_SCHEMA,
      runtime: { version: '0.0.0', sha256: sha256(join(this.root, '.projen/delivery.cjs')) },
      environments: [{
        name: 'production',
        url,
        trigger: { kind: 'tag', pattern: 'v*' },
        variables: { GREETING: 'hello; $(id)' },
        secrets: [],
        strategy: { kind: strategy, bakeMs: 60, commandTimeoutMs: 60_000, ...this.partsOf(data) },
        target: {
          deploy: {
            kind: 'bash',
            line: 'slot=${DELIVERY_SLOT:-only}; echo "deploy $DELIVERY_VERSION to $slot" >> machine/commands; echo "$DELIVERY_VERSION" > machine/new; mv machine/new machine/$slot; '
            + 'if [ "$slot" = only ]; then echo only > machine/new; mv machine/new machine/live; fi',
          },
          ...(data.promotes === 'byWeight'
            ? {
              setWeight: {
                kind: 'bash',
                line: 'echo "weight $DELIVERY_WEIGHT for $DELIVERY_VERSION on $DELIVERY_SLOT" >> machine/commands; other=blue; if [ "$DELIVERY_SLOT" = blue ]; then other=green; fi; '
                + 'case "$DELIVERY_WEIGHT" in 0) to=$other;; 100) to=$DELIVERY_SLOT;; *) to=$other+$DELIVERY_SLOT;; esac; echo "$to" > machine/new; mv machine/new machine/live',
              },
            } as const
            : {}),
          ...(data.promotes === 'atOnce'
            ? { promote: { kind: 'bash', line: 'echo "promote $DELIVERY_VERSION on $DELIVERY_SLOT" >> machine/commands; echo "$DELIVERY_SLOT" > machine/new; mv machine/new machine/live' } as const }
            : {}),
        },
        healthChecks: [check(`${url}/health`)],
        freezes: [],
      }],
    };
    this.change(changes);
    // a changed configuration is no change of what is deployed here
    writeFileSync(join(this.root, '.gitignore'), '.docker\n.projen\nmachine\n');
    this.git('add', '.');
    this.commit('the shop');
  }

  private partsOf({ promotes, slots }: KnownStrategy): Pick<EnvironmentManifest['strategy'], 'candidateUrl' | 'timeBudget' | 'weights'> {
    const candidateUrl = `${urlOf(this.candidate)}/{slot}`;
    const weights = [{ percent: 10, atLeastMs: 60 }, { percent: 50, atLeastMs: 60 }];
    if (slots.length === 0) return { timeBudget: REDEPLOY_TIME_BUDGET };
    return promotes === 'byWeight' ? { candidateUrl, weights, timeBudget: canaryTimeBudget(weights) } : { candidateUrl, timeBudget: BLUE_GREEN_TIME_BUDGET };
  }

  private versionIn(slot: string): string | undefined {
    return existsSync(join(this.root, 'machine', slot)) ? readFileSync(join(this.root, 'machine', slot), 'utf8').trim() : undefined;
  }

  private respond(slot: string | undefined, audience: 'users' | 'candidate', request: IncomingMessage, response: ServerResponse): void {
    const version = this.shown(audience === 'users' ? audience : slot ?? '', slot && this.versionIn(slot));
    const behaviour = version === undefined ? undefined : this.behaviours[version] ?? 'good';
    if (!this.up || behaviour === undefined || behaviour === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const isBad = behaviour === 'error' || (behaviour === 'bad' && audience === 'users');
    response.writeHead(isBad ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ version: behaviour === 'stale' ? 'v0' : version }));
    if (audience === 'users') this.responses.push(version!);
  }

  /** What responds in a place whose machine was asked for `wanted`: changes show one after the other. */
  private shown(where: string, wanted: string | undefined): string | undefined {
    const place = this.places[where] ??= { changes: [] };
    const { changes } = place;
    if (wanted !== (changes.at(-1) ?? place).version) {
      const behaviour = wanted === undefined ? 'good' : this.behaviours[wanted];
      const takes = behaviour === 'slow' || (behaviour === 'late' && where === 'users') || changes.length > 0;
      changes.push({ version: wanted, isLate: behaviour === 'late', left: takes ? ANSWERS_BEFORE : 0 });
    }
    const [first] = changes;
    if (first && !(first.isLate && where === 'users' && changes.length === 1) && first.left-- <= 0) place.version = changes.shift()!.version;
    return place.version;
  }

  /** As a process with this in its environment. The ledger is the file of this world, unless the environment says otherwise. */
  public run(args: string[], env: NodeJS.ProcessEnv, onLine?: OnLine): Promise<Ended> {
    const files = { GITHUB_OUTPUT: join(this.root, 'machine/output'), GITHUB_STEP_SUMMARY: join(this.root, 'machine/summary') };
    for (const file of Object.values(files)) writeFileSync(file, '');
    const ledger = join(this.root, 'machine/ledger.json');
    const givesLedger = env.GITHUB_ACTIONS === 'true' && !('DELIVERY_LEDGER' in env);
    const child = spawn(process.execPath, ['--require', CODE_CACHE, ...(givesLedger ? ['--require', LEDGER_IN_RUN] : []), join(this.root, '.projen/delivery.cjs'), ...args], {
      cwd: this.root,
      env: {
        PATH: process.env.PATH,
        HOME: this.root,
        USER: 'engineer',
        ...(givesLedger ? { LEDGER_IN_RUN: ledger } : { DELIVERY_LEDGER: ledger }),
        ...(env.GITHUB_ACTIONS ? files : {}),
        ...env,
      },
    });
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      for (const line of chunk.toString().split('\n')) onLine?.(line, (signal) => child.kill(signal));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    return new Promise((done) => child.on('close', (code) => done({
      code,
      output,
      outputs: parseOutputs(readFileSync(files.GITHUB_OUTPUT, 'utf8')),
      summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    })));
  }
}

/** A health check as the options would resolve it. It probes often, and waits as long as a busy machine needs. */
export function check(url: string, changes: Partial<HttpCheckManifest> = {}): HttpCheckManifest {
  return {
    kind: 'http',
    name: 'health',
    url,
    intervalMs: 20,
    timeoutMs: 5_000,
    successThreshold: 3,
    failureThreshold: 3,
    deadlineMs: 60_000,
    status: [{ first: 200, last: 299 }],
    json: [],
    headers: [],
    requestHeaders: {},
    secretRequestHeaders: {},
    maxRedirects: 0,
    release: { kind: 'json', path: 'version' },
    ...changes,
  };
}

/** Kills the runtime as soon as it says that it begins a phase. */
export function killAt(phase: string, how: NodeJS.Signals = 'SIGKILL'): OnLine {
  return (line, stop) => {
    if (line.includes(`::group::${phase}`)) stop(how);
  };
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function parseOutputs(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]));
}

async function listen(respond: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(respond);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
