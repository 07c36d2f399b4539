import { DecisionCode, LOOKS } from './decision-code';
import { Eventually } from './eventually';
import { Numbers } from './numbers';
import { RunningProcess } from './process';
import { ModelResponse, Ended, ProcessSpec, READS, Request } from './request';

/**
 * A process after it saw certain responses. The code is deterministic, so the responses are all there is to it:
 * two interleavings in which a process saw the same are the same to that process.
 */
export interface Position {
  readonly id: number;
  readonly spec: ProcessSpec;
  readonly requests: readonly Request[];
  readonly ended?: Ended;
  readonly before?: { readonly position: Position; readonly index: number; readonly response: ModelResponse };
  /** The record that the process made or wrote to last. */
  readonly recordId?: string;
  /** What its last probe saw. */
  readonly saw?: { readonly version: string; readonly slot?: string; readonly outcome: string };
  /** Whether it looked at the ledger since its last sleep, and did nothing else: it polls. */
  readonly polls: boolean;
  /** Whether it measures a canary: then it sleeps to measure again, and does not poll. */
  readonly isOnTrial: boolean;
  /** Whether it measured a canary, and has not looked at the ledger since. */
  readonly isUnchecked: boolean;
  /** What it wrote, and whether its patience is over: that it remembers. */
  readonly deeds: string;
  readonly edges: Map<string, Position>;
  parked?: RunningProcess;
}

/** In place of the index of a request: a signal, for which no process waits. */
export const CANCEL = -1;

/** Runs the real code only where no process has been before; everything else is looked up. */
export class Automata {
  /** How often the real code was started. */
  public starts = 0;
  private positions = 0;
  private readonly remembered = new Map<string, Position>();
  private readonly numbers = new Numbers();
  private readonly roots = new Map<string, Position>();

  /** `forgets`: positions in which a process remembers the same are one; else those in which it saw the same. */
  constructor(private readonly code: DecisionCode, private readonly forgets = true) {}

  /** How many different positions processes were seen in. */
  public get size(): number {
    return this.positions;
  }

  public start(spec: ProcessSpec): Eventually<Position> {
    const key = JSON.stringify(spec);
    return this.roots.get(key) ?? this.startAnew(spec, key);
  }

  private async startAnew(spec: ProcessSpec, key: string): Promise<Position> {
    this.starts++;
    const running = await RunningProcess.start(this.code, spec);
    const root = this.position(spec, running);
    this.roots.set(key, root);
    return root;
  }

  /** Undefined if the real code must decide first. */
  public known(position: Position, index: number, response: string): Position | undefined {
    return position.edges.get(`${index} ${response}`);
  }

  public async respond(position: Position, index: number, response: ModelResponse, key: string): Promise<Position> {
    const running = await this.revive(position);
    await running.respond(index, response);
    const made = this.position(position.spec, running, { position, index, response });
    const folded = foldedPoll(made) ?? this.sameMemory(made, running.memory) ?? made;
    position.edges.set(`${index} ${key}`, folded);
    return folded;
  }

  private sameMemory(made: Position, memory: string | undefined): Position | undefined {
    const { position, index } = made.before!;
    if (!this.forgets || memory === undefined || index === CANCEL) return undefined;
    // when it looks a second time, it may want to compare
    if (memory.startsWith(LOOKS) && READS.includes(position.requests[index].kind)) return undefined;
    const key = JSON.stringify([made.spec, made.deeds, memory, made.requests, made.polls, made.isOnTrial, made.isUnchecked]);
    const known = this.remembered.get(key);
    if (!known) this.remembered.set(key, made);
    return known;
  }

  private deedsAfter(past: string, request: Request | undefined, response: ModelResponse): string {
    const isDeed = request === undefined || request.kind === 'create' || request.kind === 'advance' || (request.kind === 'sleep' && !sleepless(response));
    if (!isDeed) return past;
    return String(this.numbers.of(`${past} ${JSON.stringify(request)} ${JSON.stringify(response)}`));
  }

  private async revive(position: Position): Promise<RunningProcess> {
    const { parked } = position;
    position.parked = undefined;
    if (parked) return parked;
    this.starts++;
    const running = await RunningProcess.start(this.code, position.spec);
    for (const { index, response } of responsesOf(position)) await running.respond(index, response);
    return running;
  }

  private position(spec: ProcessSpec, running: RunningProcess, before?: Position['before']): Position {
    const past = before?.position;
    const request = before && past?.requests[before.index];
    return {
      id: this.positions++,
      spec,
      requests: running.requests,
      ended: running.ended,
      before,
      recordId: (request && writtenBy(request, before!.response)) ?? past?.recordId,
      saw: request?.kind === 'probe' && before && 'outcome' in before.response ? { ...request, outcome: before.response.outcome } : past?.saw,
      polls: request !== undefined && (READS.includes(request.kind) ? true : request.kind === 'sleep' ? past!.polls : false),
      isOnTrial: running.isOnTrial,
      isUnchecked: request?.kind === 'measure' || (past !== undefined && past.isUnchecked && !(request !== undefined && READS.includes(request.kind))),
      deeds: before === undefined ? '' : this.deedsAfter(past!.deeds, request, before.response),
      edges: new Map(),
      parked: running.ended ? undefined : running,
    };
  }
}

function writtenBy(request: Request, response: ModelResponse): string | undefined {
  if (request.kind === 'advance') return request.record.id;
  return request.kind === 'create' && 'created' in response ? response.created.id : undefined;
}

function responsesOf(position: Position): Array<{ index: number; response: ModelResponse }> {
  const responses = [];
  for (let { before } = position; before; before = before.position.before) responses.push(before);
  return responses.reverse();
}

/** A process that waits polls again and again; as long as it only looks, no time passes, and it waits as it did before. */
function foldedPoll(position: Position): Position | undefined {
  if (!isPolling(position)) return undefined;
  for (let { before } = position; before; before = before.position.before) {
    const earlier = before.position;
    const request = earlier.requests[before.index];
    if (request === undefined) return undefined;
    if (request.kind === 'sleep') return isPolling(earlier) && sleepless(before.response) && sameWait(earlier, position) ? earlier : undefined;
    if (!READS.includes(request.kind)) return undefined;
  }
  return undefined;
}

/** It has looked at the ledger, and waits for nothing but time. */
export function isPolling({ isOnTrial, requests, polls }: Position): boolean {
  return polls && !isOnTrial && requests.length > 0 && requests.every(({ kind }) => kind === 'sleep');
}

function sleepless(response: ModelResponse): boolean {
  return 'sleptMs' in response && response.sleptMs === 0;
}

function sameWait(a: Position, b: Position): boolean {
  return JSON.stringify(a.requests) === JSON.stringify(b.requests);
}
