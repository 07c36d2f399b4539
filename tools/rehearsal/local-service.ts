import { once } from 'node:events';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { HEADER_VALUE, TIMES } from './rehearsed-manifest';
import { ReleaseKind } from './scenario';
import { CallRecord, Service, ServiceCall } from './service';
import { Users } from './users';
import { COMMAND_VARIABLE } from '../../src/contract/environment-variables';
import { HttpCheckManifest } from '../../src/contract/manifest';

interface Slot {
  readonly version: string;
  /** What it said when it was deployed: a stale release says that it is the one before. */
  readonly before?: string;
}

/** Where a request came in. */
interface Place {
  readonly port: 'users' | 'candidate';
  readonly path: string;
}

/** Traffic of a target without slots goes here. */
const ONLY = 'only';

/**
 * The service of one environment, in place of the target: slots, weights, and what users and health checks get. Real HTTP on loopback.
 * It knows a release by its version.
 */
export class LocalService implements Service {
  public static async start(environment: string): Promise<LocalService> {
    const service = new LocalService(environment);
    for (const server of service.servers) await once(server.listen(0, '127.0.0.1'), 'listening');
    return service;
  }

  /** By its path. */
  public checks: ReadonlyMap<string, HttpCheckManifest> = new Map();
  public readonly calls: CallRecord[] = [];
  private readonly kinds = new Map<string, ReleaseKind>();
  private readonly slots = new Map<string, Slot>();
  private weights = new Map<string, number>();
  /** Each slot's share that is due: the highest one responds. */
  private readonly due = new Map<string, number>();
  /** Each path counts by itself: what a health check gets does not depend on how many users come between. */
  private readonly responses = new Map<string, number>();
  private readonly candidateServer = createServer((request, response) => this.asCandidate(request, response));
  private readonly usersServer = createServer((request, response) => this.asUsers(request, response));
  public readonly users = new Users(() => `${this.usersUrl}/`);

  private constructor(public readonly environment: string) {}

  /** Decides whether a call fails, before it changes anything. */
  public onCall: (call: ServiceCall, version: string) => 'fails' | 'works' = () => 'works';
  /** A health check reaches a release as users do. */
  public onLive: (version: string) => void = () => undefined;

  public get usersUrl(): string {
    return urlOf(this.usersServer);
  }

  public get candidateUrl(): string {
    return urlOf(this.candidateServer);
  }

  public live(): Promise<string | undefined> {
    return Promise.resolve(this.commanded);
  }

  public get commanded(): string | undefined {
    const [slot] = [...this.weights].sort(([, a], [, b]) => b - a)[0] ?? [];
    return slot === undefined ? undefined : this.slots.get(slot)?.version;
  }

  /** What a release does here. @default 'good' */
  public setKind(version: string, kind: ReleaseKind): void {
    this.kinds.set(version, kind);
  }

  /** Carries a command out; what it prints. */
  public call(call: ServiceCall, variables: Readonly<Record<string, string>>): { readonly text: string; readonly ok: boolean } {
    const version = variables[COMMAND_VARIABLE.VERSION] ?? '';
    const slot = variables[COMMAND_VARIABLE.SLOT];
    const weight = variables[COMMAND_VARIABLE.WEIGHT] === undefined ? undefined : Number(variables[COMMAND_VARIABLE.WEIGHT]);
    const failed = this.onCall(call, version) === 'fails';
    this.calls.push({ call, version, failed, ...(slot && { slot }), ...(weight !== undefined && { weight }) });
    if (failed) return { ok: false, text: `the local service refuses ${call} of ${version}, as this rehearsal asks for` };
    this.apply(call, version, slot ?? ONLY, weight);
    return { ok: true, text: `the local service did ${call} of ${version}${slot ? ` in the slot ${slot}` : ''}${weight === undefined ? '' : ` with ${weight} %`}` };
  }

  public async stop(): Promise<void> {
    this.users.stop();
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  }

  private get servers(): Server[] {
    return [this.usersServer, this.candidateServer];
  }

  private apply(call: ServiceCall, version: string, slot: string, weight: number | undefined): void {
    if (call === 'deploy') this.slots.set(slot, { version, before: this.commanded });
    const isLive = (call === 'deploy' && slot === ONLY) || call === 'promote' || call === 'rollback';
    if (call === 'rollback' && slot === ONLY) this.slots.set(slot, { version, before: this.commanded });
    if (isLive) this.weights = new Map([[slot, 100]]);
    if (call === 'setWeight' && weight !== undefined) {
      const other = [...this.slots.keys()].find((one) => one !== slot);
      this.weights = new Map([[slot, weight], ...(other && weight < 100 ? [[other, 100 - weight] as const] : [])]);
    }
  }

  /** Slots take turns in the proportion of their weights. */
  private next(): Slot | undefined {
    for (const [slot, weight] of this.weights) this.due.set(slot, (this.due.get(slot) ?? 0) + weight);
    const [chosen] = [...this.weights.keys()].sort((a, b) => this.due.get(b)! - this.due.get(a)!);
    if (chosen === undefined) return undefined;
    this.due.set(chosen, this.due.get(chosen)! - 100);
    return this.slots.get(chosen);
  }

  private asUsers(request: IncomingMessage, response: ServerResponse): void {
    const slot = this.next();
    const check = this.checks.get(pathOf(request));
    if (check && slot) this.onLive(slot.version);
    this.respond(slot, check, response, { port: 'users', path: pathOf(request) });
  }

  /** `/slot-blue/check/0` */
  private asCandidate(request: IncomingMessage, response: ServerResponse): void {
    const [, slot, path] = /^\/slot-([^/]*)(\/.*)$/.exec(pathOf(request)) ?? [];
    this.respond(this.slots.get(slot || ONLY), this.checks.get(path ?? ''), response, { port: 'candidate', path: path ?? '' });
  }

  private respond(slot: Slot | undefined, check: HttpCheckManifest | undefined, response: ServerResponse, { path, port }: Place): void {
    if (!slot) {
      // nothing is deployed, so nothing responds
      response.socket?.resetAndDestroy();
      return;
    }
    const kind = this.kinds.get(slot.version) ?? 'good';
    const counted = `${slot.version} ${path}`;
    const count = (this.responses.get(counted) ?? 0) + 1;
    this.responses.set(counted, count);
    if (kind === 'crash') response.socket?.resetAndDestroy();
    else if ((kind === 'bad' && port === 'users') || (kind === 'flapping' && count % 3 === 0)) response.writeHead(500).end('a fault of this rehearsal');
    else if (kind === 'slow') setTimeout(() => healthy(slot.version, check, response), TIMES.slowResponse).unref();
    else healthy(kind === 'stale' ? slot.before ?? slot.version : slot.version, check, response);
  }
}

function healthy(version: string, check: HttpCheckManifest | undefined, response: ServerResponse): void {
  const body: Record<string, unknown> = { rehearsed: true };
  for (const { path, equals } of check?.json ?? []) assign(body, path, equals);
  if (check?.release?.kind === 'json') assign(body, check.release.path, version);
  for (const { name } of check?.headers ?? []) response.setHeader(name, HEADER_VALUE);
  if (check?.release?.kind === 'header') response.setHeader(check.release.name, version);
  const accepted = check?.status ?? [];
  const accepts = (status: number) => accepted.some(({ first, last }) => first <= status && status <= last);
  response.setHeader('content-type', 'application/json');
  response.writeHead(accepts(200) ? 200 : accepted[0]?.first ?? 200).end(JSON.stringify(body));
}

/** `checks.database` */
function assign(body: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  let place = body;
  for (const key of keys) place = (place[key] ??= {}) as Record<string, unknown>;
  place[last] = value;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function pathOf({ url }: IncomingMessage): string {
  return new URL(url ?? '/', 'http://127.0.0.1').pathname;
}
