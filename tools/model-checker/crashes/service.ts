import { execFileSync } from 'node:child_process';
import { closeSync, constants, cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SLOTS } from '../../../src/contract/workflows';
import { isAlive } from '../../github-actions-emulator/processes';

/** How a release responds to users. As a candidate each is fine. */
export type Behaviour = 'good' | 'bad';

/** Where deploying is asynchronous: after how many questions to the service a release shows; `Infinity` where it never does. */
export interface Lateness {
  readonly candidate: number;
  readonly users: number;
}

/** A change that a command requested, and that the service makes later. */
interface Change {
  /** A slot, or `live`. */
  readonly what: string;
  readonly value: string;
  /** The number of the question with which it shows. */
  readonly due: number;
}

/**
 * A little service on a machine of its own: two slots (or one place only), each a file that names the release in it, and a file
 * that names the slot with the users. What is half done responds with 500.
 */
export class Service {
  public static async start(machine: string): Promise<Service> {
    const service = new Service(machine);
    await new Promise<void>((ready) => service.server.listen(0, '127.0.0.1', ready));
    mkdirSync(machine, { recursive: true });
    return service;
  }

  /** The default is good. */
  public readonly behaviours: Record<string, Behaviour> = {};
  /** Of asynchronous releases. The default is `LATE`. */
  public readonly lateness: Record<string, Lateness> = {};
  private readonly server: Server;
  private readonly gates: number[] = [];

  private constructor(public readonly machine: string) {
    this.server = createServer((request, response) => this.respond(request, response));
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What users get a response from; undefined while nothing is there. */
  public get served(): string | undefined {
    return this.servedAt(this.requestCount);
  }

  /** What users get a response from, from now on, one after the other: first what responds now, last what stays. */
  public get servedFromNowOn(): (string | undefined)[] {
    const moments = this.changes.map(({ due }) => due).filter((due) => due > this.requestCount && due < Infinity);
    return [this.requestCount, ...moments.sort((a, b) => a - b)].map((count) => this.servedAt(count));
  }

  /** Whether users are served well. */
  public get isWell(): boolean {
    const served = this.servedFromNowOn.at(-1);
    return served !== undefined && /^v\d+$/.test(served) && this.behaviours[served] !== 'bad';
  }

  /** Whether a release shows at once that may be deployed again while a later one is still on its way: that one then comes after it, and stays. */
  public get overtakes(): boolean {
    return Object.values(this.lateness).some(({ users }) => users === 0);
  }

  /** What the command after the promotion was last run for; undefined where there is none. */
  public get announced(): string | undefined {
    return this.read('announced');
  }

  /** Every command that began, oldest first. */
  public get commands(): string[] {
    return this.read('commands')?.split('\n') ?? [];
  }

  public save(to: string): void {
    rmSync(to, { recursive: true, force: true });
    cpSync(this.machine, to, { recursive: true, verbatimSymlinks: true });
  }

  public restore(from: string | undefined): void {
    rmSync(this.machine, { recursive: true, force: true });
    if (from === undefined) mkdirSync(this.machine);
    else cpSync(from, this.machine, { recursive: true, verbatimSymlinks: true });
    rmSync(join(this.machine, 'commands'), { force: true });
    for (const version of Object.keys(this.lateness)) delete this.lateness[version];
  }

  /** A new gate: the command that the seam lets come to it waits there, half way. */
  public gate(): string {
    const file = join(this.machine, `gate ${this.gates.length}`);
    execFileSync('mkfifo', [file]);
    // both ends: neither opening it nor writing to it waits for the other side
    this.gates.push(openSync(file, constants.O_RDWR));
    return file;
  }

  /** A command that still waits half way does the other half; returns when it is gone. */
  public finishHeld(): void {
    const pid = Number(this.read('waiting') ?? 0);
    if (pid === 0) return;
    for (const gate of this.gates) writeSync(gate, '\n');
    const enough = Date.now() + 60_000;
    while (isAlive(pid) && Date.now() < enough) Atomics.wait(PAUSE, 0, 0, 1);
  }

  public forgetHeld(): void {
    this.gates.splice(0).forEach(closeSync);
  }

  public put(name: string, text: string): void {
    writeFileSync(join(this.machine, name), text);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private respond(request: IncomingMessage, response: ServerResponse): void {
    const [, first] = request.url!.split('/');
    const isCandidate = (SLOTS as readonly string[]).includes(first);
    const version = isCandidate ? this.valueAt(first, this.requestCount) : this.oneOfServed(this.requestCount);
    this.put('requests', String(this.requestCount + 1));
    if (version === undefined) {
      request.socket.resetAndDestroy();
      return;
    }
    // the URL of another release than the one that is there
    if (/^at-/.test(first) && first !== `at-${version}`) {
      response.writeHead(404).end();
      return;
    }
    const isBad = !/^v\d/.test(version) || (!isCandidate && this.behaviours[version] === 'bad');
    if (isBad) this.put('errors', String(Number(this.read('errors') ?? 0) + 1));
    response.writeHead(isBad ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ version }));
  }

  /** All that users may get a response from: two releases while they share the traffic. */
  private servedAt(count: number): string | undefined {
    const versions = this.slotsAt(count).map((slot) => this.valueAt(slot, count));
    return versions.length > 1 ? `${versions.join(' and ')} in turn` : versions[0];
  }

  /** Where two releases share the traffic, four responses are of the one that got its share last, then four of the other one, and so on: enough for a verdict. */
  private oneOfServed(count: number): string | undefined {
    const slots = this.slotsAt(count);
    if (slots.length < 2) return slots.length === 0 ? undefined : this.valueAt(slots[0], count);
    const shared = Number(this.read('shared') ?? 0);
    this.put('shared', String(shared + 1));
    return this.valueAt(slots[1 - Math.floor(shared / 4) % 2], count);
  }

  /** `blue`, or `blue+green` while they share the traffic. */
  private slotsAt(count: number): string[] {
    return this.valueAt('live', count)?.split('+') ?? [];
  }

  private valueAt(what: string, count: number): string | undefined {
    const due = this.changes.filter((change) => change.what === what && change.due <= count);
    return due.sort((a, b) => a.due - b.due).at(-1)?.value ?? this.read(what);
  }

  /** How often the service was probed. */
  private get requestCount(): number {
    return Number(this.read('requests') ?? 0);
  }

  /** Those that commands asked for, oldest first. One is made after the other, unless it takes no time. */
  private get changes(): Change[] {
    const free = new Map<string, number>();
    return (this.read('requested')?.split('\n') ?? []).map((line) => {
      const [what, value, version, at] = line.split(' ');
      const { candidate, users } = this.lateness[version] ?? LATE;
      const takes = what === 'live' || what === 'only' ? users : candidate;
      const due = takes === 0 ? Number(at) : Math.max(Number(at), free.get(what) ?? 0) + takes;
      if (due < Infinity) free.set(what, due);
      return { what, value, due };
    });
  }

  private read(name: string): string | undefined {
    const file = join(this.machine, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }
}

/** Long enough for a row of the old release's responses, had they counted. */
const LATE: Lateness = { candidate: 3, users: 5 };

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Where the gate is closed, a command waits here with its first half done. The seam sees the line, and may open the gate for all others. */
const STOP_HALF_WAY = 'if [ -p "$SHOP/gate" ]; then if [ -e "$SHOP/stubborn" ]; then trap "" INT TERM; fi; echo $$ > "$SHOP/waiting"; exec 3< "$SHOP/gate"; echo "half way"; read -r _ <&3; '
  + 'else echo "half way"; fi; ';

/** At once, as a router switches: a killed process leaves one or the other, never an empty file. */
const servedFrom = (slot: string) => `echo "${slot}" > "$SHOP/live.$$" && mv "$SHOP/live.$$" "$SHOP/live"`;

/** The slots with the traffic, after a weight was set. */
const SPLIT = 'other=blue; if [ "$DELIVERY_SLOT" = blue ]; then other=green; fi; '
  + 'case "$DELIVERY_WEIGHT" in 0) to=$other;; 100) to=$DELIVERY_SLOT;; *) to=$other+$DELIVERY_SLOT;; esac; ';

/** The commands of a target for it. The first word after `:` is what the seam calls them. Idempotent, as the contract requires. */
export const COMMANDS = {
  deploy: ': deploy; slot=${DELIVERY_SLOT:-only}; echo "deploy $DELIVERY_VERSION to $slot" >> "$SHOP/commands"; '
    + `if [ "$slot" = only ]; then ${servedFrom('only')}; fi; echo "half of $DELIVERY_VERSION" > "$SHOP/$slot"; `
    + `${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/$slot"`,
  promote: ': promote; echo "promote $DELIVERY_VERSION on $DELIVERY_SLOT" >> "$SHOP/commands"; '
    + `${STOP_HALF_WAY}${servedFrom('$DELIVERY_SLOT')}`,
  setWeight: ': weight; echo "weight $DELIVERY_WEIGHT for $DELIVERY_VERSION on $DELIVERY_SLOT" >> "$SHOP/commands"; '
    + `${STOP_HALF_WAY}${SPLIT}${servedFrom('$to')}`,
  beforeDeploy: `: before; echo "back up before $DELIVERY_VERSION" >> "$SHOP/commands"; ${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/backed-up"`,
  afterPromote: `: purge; echo "purge for $DELIVERY_VERSION" >> "$SHOP/commands"; ${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/announced"`,
  migrate: `: migrate; echo "migrate to $DELIVERY_VERSION" >> "$SHOP/commands"; ${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/schema"`,
};

/**
 * Prints the counters of a canary and of Stable: each time it has counted more. What `worse` names has errors, and Stable has none; every other
 * release has none, and Stable has some.
 */
export const COUNTERS = ': counters; n=$(($(cat "$SHOP/scrapes" 2>/dev/null || echo 0) + 1)); echo $n > "$SHOP/scrapes"; '
  + 'if [ "$(cat "$SHOP/worse" 2>/dev/null)" = "$DELIVERY_VERSION" ]; then canary=$((n * 10)); stable=0; else canary=0; stable=$((n * 10)); fi; '
  + 'echo "{ \\"canary\\": { \\"requests\\": $((n * 100)), \\"errors\\": $canary }, \\"stable\\": { \\"requests\\": $((n * 900)), \\"errors\\": $stable } }"';

/** The commands of a target where each release has a URL of its own, which only its deployment knows. `url` is that of the service. */
export function commandsWithOutputs(url: string): { readonly deploy: string; readonly afterPromote: string } {
  return {
    deploy: `${COMMANDS.deploy}; echo "output.Api.Url=${url}/at-$DELIVERY_VERSION" >> "$DELIVERY_RESULT"`,
    afterPromote: `: purge; echo "purge for $API" >> "$SHOP/commands"; ${STOP_HALF_WAY}echo "\${API##*/at-}" > "$SHOP/announced"`,
  };
}

/** The service makes the change later: the command only requests it, and ends. */
const requestChange = (what: string, value: string) => `echo "${what} ${value} $DELIVERY_VERSION $(cat "$SHOP/requests" 2>/dev/null || echo 0)" >> "$SHOP/requested"`;

/** Those of a target whose releases show some time after its commands have ended. */
export const ASYNCHRONOUS_COMMANDS = {
  deploy: ': deploy; slot=${DELIVERY_SLOT:-only}; echo "deploy $DELIVERY_VERSION to $slot" >> "$SHOP/commands"; '
    + `if [ "$slot" = only ]; then ${servedFrom('only')}; fi; ${STOP_HALF_WAY}${requestChange('$slot', '$DELIVERY_VERSION')}`,
  promote: ': promote; echo "promote $DELIVERY_VERSION on $DELIVERY_SLOT" >> "$SHOP/commands"; '
    + `${STOP_HALF_WAY}${requestChange('live', '$DELIVERY_SLOT')}`,
  // a weight is in effect when its command ends: else no step could be judged
  setWeight: COMMANDS.setWeight,
};
