import { execFileSync } from 'node:child_process';
import { closeSync, constants, cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isAlive } from '../e2e/executor/processes';

/** How a release behaves when users ask it. As a candidate each is fine. */
export type Behaviour = 'good' | 'bad';

/**
 * A little service on a machine of its own: two slots (or one place only), each a file that names the release in it, and a file
 * that names the slot with the users. What is half done answers 500.
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
  private readonly server: Server;
  private readonly gates: number[] = [];

  private constructor(public readonly machine: string) {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What users are answered by; undefined while nothing is there. */
  public get served(): string | undefined {
    return this.versionIn(this.read('live'));
  }

  /** Whether users are served well. */
  public get isWell(): boolean {
    const { served } = this;
    return served !== undefined && /^v\d/.test(served) && this.behaviours[served] !== 'bad';
  }

  /** What the command after the promotion was last run for; undefined where there is none. */
  public get told(): string | undefined {
    return this.read('told');
  }

  /** Every command that began, oldest first. */
  public get commands(): string[] {
    return this.read('commands')?.split('\n') ?? [];
  }

  public save(to: string): void {
    rmSync(to, { recursive: true, force: true });
    cpSync(this.machine, to, { recursive: true });
  }

  public restore(from: string | undefined): void {
    rmSync(this.machine, { recursive: true, force: true });
    if (from === undefined) mkdirSync(this.machine);
    else cpSync(from, this.machine, { recursive: true });
    rmSync(join(this.machine, 'commands'), { force: true });
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
    const enough = Date.now() + 2_000;
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

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [, first] = request.url!.split('/');
    const isCandidate = first === 'blue' || first === 'green';
    const version = this.versionIn(isCandidate ? first : this.read('live'));
    if (version === undefined) {
      request.socket.resetAndDestroy();
      return;
    }
    const isBad = !/^v\d/.test(version) || (!isCandidate && this.behaviours[version] === 'bad');
    response.writeHead(isBad ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ version }));
  }

  private versionIn(slot: string | undefined): string | undefined {
    return slot === undefined ? undefined : this.read(slot);
  }

  private read(name: string): string | undefined {
    const file = join(this.machine, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Where the gate is closed, a command waits here with its first half done. The seam sees the line, and may open the gate for all others. */
const STOP_HALF_WAY = 'if [ -p "$SHOP/gate" ]; then if [ -e "$SHOP/stubborn" ]; then trap "" INT TERM; fi; echo $$ > "$SHOP/waiting"; exec 3< "$SHOP/gate"; echo "half way"; read -r _ <&3; '
  + 'else echo "half way"; fi; ';

/** At once, as a router switches: whoever is killed over it leaves the one or the other, never an empty file. */
const servedFrom = (slot: string) => `echo "${slot}" > "$SHOP/live.$$" && mv "$SHOP/live.$$" "$SHOP/live"`;

/** The commands of a target for it. The first word after `:` is what the seam calls them. Idempotent, as the contract asks. */
export const COMMANDS = {
  deploy: ': deploy; slot=${DELIVERY_SLOT:-only}; echo "deploy $DELIVERY_VERSION to $slot" >> "$SHOP/commands"; '
    + `if [ "$slot" = only ]; then ${servedFrom('only')}; fi; echo "half of $DELIVERY_VERSION" > "$SHOP/$slot"; `
    + `${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/$slot"`,
  promote: ': promote; echo "promote $DELIVERY_VERSION on $DELIVERY_SLOT" >> "$SHOP/commands"; '
    + `${STOP_HALF_WAY}${servedFrom('$DELIVERY_SLOT')}`,
  beforeDeploy: `: before; echo "back up before $DELIVERY_VERSION" >> "$SHOP/commands"; ${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/backed-up"`,
  afterPromote: `: purge; echo "purge for $DELIVERY_VERSION" >> "$SHOP/commands"; ${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/told"`,
  migrate: `: migrate; echo "migrate to $DELIVERY_VERSION" >> "$SHOP/commands"; ${STOP_HALF_WAY}echo "$DELIVERY_VERSION" > "$SHOP/schema"`,
};
