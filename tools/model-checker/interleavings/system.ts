import { Automata, CANCEL, isPolling, Position } from './automaton';
import { DecisionCode } from './decision-code';
import { Eventually, then } from './eventually';
import { LedgerModel, Stored } from './ledger-model';
import { Numbers } from './numbers';
import { contextOf, firstAttempt, isComplete, jobsOf, JobState, rerun, Result, RunSpec, RunState, specOf, stepAfter } from './pipeline';
import { ModelResponse, Dispatched, Ended, Measurement, MEASUREMENTS, ProcessSpec, READS, Request, sayRequest, shaOf } from './request';
import { Facts, NO_FACTS, Rules } from './rules';
import { commandStep, fulfilled, isAwaited, TargetBehaviour } from './target-kinds';
import { Behaviour, probe, seen, served, World } from './world-model';
import type { Ledger } from '../../../src/runtime/ledger/ledger';
import type { LedgerRecord, NewRecord } from '../../../src/runtime/ledger/record';
import { strategyData } from '../strategies';

export interface Scenario extends TargetBehaviour {
  readonly name: string;
  readonly strategy: ProcessSpec['strategy'];
  /** Whether `beforeDeploy` and `afterPromote` are run around the target's commands. */
  readonly around?: boolean;
  /** Whether a freeze is on. */
  readonly frozen?: boolean;
  /** What was before. @default 'stable' */
  readonly begins?: Beginning;
  readonly runs: readonly RunSpec[];
  /** What is not named is good. */
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** A release that may turn bad, once, at any time while users are on it. */
  readonly turnsBad?: string;
  /** Whether the jobs share the group that keeps deploy jobs apart; two workflows of different names do not. */
  readonly groups: boolean;
  /** `step`: others may go between any two requests of a look at the ledger. `whole`: not within a look, only before and after it. */
  readonly looks?: 'step' | 'whole';
  /** Whose runner is lost, if one is: `A.deploy`. @default anyone's */
  readonly mayBeLost?: readonly string[];
  /** How many runners are lost at most. Their processes may live on, and wake up at any time, or never. */
  readonly losses?: number;
  /** How many writes the ledger refuses at most. */
  readonly rejections?: number;
  /** How many reads of a record's entries miss its last one at most, because the list lags. */
  readonly lags?: number;
  /** Whether canaries are measured, and what ends a step without a verdict. */
  readonly analysis?: ProcessSpec['analysis'];
  /** How many canaries a person cancels at most, while they are measured. */
  readonly cancellations?: number;
}

/**
 * Before the first run of a scenario v0 was adopted, and v1 deployed over it:
 * - `stable`: v1 is Stable
 * - `judged`: v2 came after it, was bad, and was rolled back
 * - `halted`: likewise, and the rollback point was not healthy; users are on v1
 * - `haltedAhead`: likewise, and no rollback was tried; users are on v2
 */
export type Beginning = 'stable' | 'confirmed' | 'halted' | 'haltedAhead';

/** A process of the runtime on a runner. */
export interface Running {
  readonly position: Position;
  readonly run: number;
  readonly job: string;
  readonly step: string;
  /** Of its run: a process on a lost runner stays what it was. */
  readonly attempt: number;
  readonly conclusions: Readonly<Record<string, Result>>;
  /** GitHub gave its runner up; the process knows nothing of that. */
  readonly isLost: boolean;
  /** How many records there were when it last listed them. */
  readonly listed: number;
  /** While it polls: whether anything that it reads has changed. */
  readonly isNews: boolean;
  /** What the ledger showed when it last began to look: that its deployment is another's, or that it is held. */
  readonly lookedLost: boolean;
  readonly lookedHeld: boolean;
}

export interface State {
  readonly ledger: readonly Stored[];
  /** How many records were there at the beginning. */
  readonly seeds: number;
  readonly world: World;
  readonly runs: readonly RunState[];
  readonly processes: readonly Running[];
  readonly losses: number;
  readonly rejections: number;
  readonly lags: number;
  readonly cancellations: number;
  readonly facts: Facts;
}

export interface Transition {
  readonly kind: 'start' | 'startLost' | 'rerun' | 'turn' | 'engine' | 'respond' | 'lag' | 'refuse' | 'again' | 'late' | 'timer' | 'cancel';
  /** Of the run, or of the process. */
  readonly index: number;
  readonly job?: string;
  readonly request?: number;
  /** What it measures. */
  readonly measured?: Measurement;
}

/** What a reader of the ledger gets. */
export interface Reading {
  readonly stable?: string;
  readonly stableSlot?: string;
  /** The slot that users are on. */
  readonly slot?: string;
  /** The state of the last attempt that changed something. */
  readonly newest?: string;
}

/** A job whose needs are done. */
interface ReadyJob {
  readonly job: string;
  readonly group?: 'deploy' | 'rollback';
  /** Whether its condition holds; else it is skipped. */
  readonly runs: boolean;
}

const A_DAY = 86_400_000;
/** Who waits no longer than this waits only for his own entry to be read back. */
const READ_BACK_MS = 1000;

/** The whole: ledger, world, runs and the processes of the runtime between them. One transition is one step of one of them. */
export class System {
  public readonly automata: Automata;
  public readonly ledger: LedgerModel;
  private readonly numbers = new Numbers();
  private readonly readings = new Map<string, Reading>();
  /** Of the runs, by where they are: jobs that wait for nothing but a free group. */
  private readonly readyJobs = new WeakMap<RunState, readonly ReadyJob[]>();
  /** Of a process, and of a ledger: a step changes one of them, and leaves the others as they are. */
  private readonly processKeys = new WeakMap<Running, string>();
  private readonly ledgerKeys = new WeakMap<readonly Stored[], string>();

  constructor(private readonly code: DecisionCode, public readonly scenario: Scenario, private readonly rules: Rules, shared?: Pick<System, 'automata' | 'ledger'>) {
    this.automata = shared?.automata ?? new Automata(code);
    this.ledger = shared?.ledger ?? new LedgerModel(code);
  }

  /** @see Beginning */
  public async initial(): Promise<State> {
    const { begins = 'stable', strategy, runs } = this.scenario;
    const { slots: [first, second], steps } = strategyData(strategy);
    const inSlot = (slot: string | undefined) => (slot === undefined ? {} : { slot });
    const release = (version: string) => ({ version, sha: shaOf(version) });
    const base = { environment: 'production', strategy, by: 'octocat' };
    let ledger: readonly Stored[] = [];
    const v0: NewRecord = { ...base, kind: 'adopt', release: release('v0'), run: { id: 1, attempt: 1 }, processId: '1.1.seed', ...inSlot(first) };
    ledger = this.ledger.create(ledger, v0);
    ledger = this.ledger.advance(ledger, '1', { state: 'stable', note: 'adopted', processId: '1.1.seed' });
    const stable = { recordId: '1', release: v0.release, since: ledger[0].entries[0].at, ...inSlot(first) };
    const v1: NewRecord = { ...base, kind: 'deploy', release: release('v1'), run: { id: 2, attempt: 1 }, processId: '2.1.seed', stable, ...inSlot(second) };
    ledger = this.ledger.create(ledger, v1);
    for (const state of [...steps, 'confirming', 'stable'] as const) {
      ledger = this.ledger.advance(ledger, '2', { state, note: 'as it should', processId: '2.1.seed' });
    }
    if (begins !== 'stable') {
      const way = { recordId: '2', release: v1.release, since: ledger[1].entries.at(-1)!.at, ...inSlot(second) };
      const v2: NewRecord = { ...base, kind: 'deploy', release: release('v2'), run: { id: 3, attempt: 1 }, processId: '3.1.seed', stable: way, ...inSlot(first) };
      ledger = this.ledger.create(ledger, v2);
      for (const state of [...steps, 'rollingBack', begins === 'confirmed' ? 'rolledBack' : 'halted'] as const) {
        ledger = this.ledger.advance(ledger, '3', { state, note: 'as it was', processId: '3.1.seed' });
      }
    }
    return {
      ledger,
      seeds: ledger.length,
      world: worldOf(strategy, begins, this.scenario),
      runs: runs.map(firstAttempt),
      processes: [],
      facts: { ...NO_FACTS, stable: 'v1' },
      losses: this.scenario.losses ?? 0,
      rejections: this.scenario.rejections ?? 0,
      lags: this.scenario.lags ?? 0,
      cancellations: this.scenario.cancellations ?? 0,
    };
  }

  /** Everything that may happen next. `isQuiet` when only processes on lost runners could still do something. */
  public transitions(state: State): { readonly all: Transition[]; readonly isQuiet: boolean } {
    const all: Transition[] = [];
    state.runs.forEach((run, index) => this.jobTransitions(state, run, index, all));
    let isQuiet = all.length === 0;
    state.processes.forEach((process, index) => {
      const before = all.length;
      processTransitions(state, process, index, all);
      if (all.length > before && !process.isLost) isQuiet = false;
    });
    const { turnsBad } = this.scenario;
    if (state.world.wishes !== undefined) {
      all.push({ kind: 'engine', index: 0 });
      isQuiet = false;
    }
    if (!isQuiet && turnsBad && state.world.turned === undefined && served(state.world) === turnsBad) all.push({ kind: 'turn', index: 0 });
    return { all, isQuiet };
  }

  /** At once, unless the real code must decide first: almost every step was decided before. */
  public apply(state: State, transition: Transition): Eventually<State> {
    const { kind, index, job } = transition;
    switch (kind) {
      case 'start': return then(this.start(state, index, job!, false), (started) => this.runAhead(started));
      case 'startLost': return then(this.start({ ...state, losses: state.losses - 1 }, index, job!, true), (started) => this.runAhead(started));
      case 'rerun': {
        const runs = replaced(state.runs, index, rerun(this.scenario.runs[index], state.runs[index]));
        return this.runAhead(withNews({ ...state, runs }));
      }
      case 'turn': return { ...state, world: { ...state.world, turned: this.scenario.turnsBad } };
      case 'engine': return { ...state, world: fulfilled(state.world) };
      default: return then(this.step(state, transition), (stepped) => this.runAhead(stepped));
    }
  }

  public say(state: State, { kind, index, job, request, measured }: Transition): string {
    const run = this.scenario.runs[index];
    if (kind === 'start') return `${run.name}${state.runs[index].attempt}: job ${job} begins`;
    if (kind === 'startLost') return `${run.name}${state.runs[index].attempt}: job ${job} begins; its runner is given up, its process lives on`;
    if (kind === 'turn') return `${this.scenario.turnsBad} TURNS BAD`;
    if (kind === 'engine') return `the engine fulfils ${JSON.stringify(state.world.wishes)}`;
    if (kind === 'rerun') return `${run.name}: run again`;
    const { position, isLost } = state.processes[index];
    const who = `${position.spec.name}${isLost ? ' (lost)' : ''}`;
    switch (kind) {
      case 'again': return `${who} polls again`;
      case 'late': return `${who} has waited as long as it may`;
      case 'timer': return `${who} was paused so long that its timer comes first`;
      case 'refuse': return `${who} ${sayRequest(position.requests[request!])}: THE LEDGER REFUSES`;
      case 'lag': return `${who} ${sayRequest(position.requests[request!])}: WITHOUT THE LAST ENTRY`;
      case 'cancel': return `${who} is CANCELLED`;
      default: return `${who} ${sayRequest(position.requests[request!])}${measured ? `: ${measured}` : ''}`;
    }
  }

  /** Two states of one key have the same future. */
  public key(state: State): string {
    const processes = state.processes.map((one) => this.processKey(one)).sort();
    return [
      this.placeKey(state),
      this.numbers.ofObject(state.runs),
      this.numbers.ofObject(state.facts),
      state.losses, state.rejections, state.lags, state.cancellations,
      ...processes,
    ].join(' ');
  }

  private processKey(one: Running): string {
    const known = this.processKeys.get(one) ?? [
      one.position.id, one.run, one.job, Number(one.isLost), Number(one.isNews), Number(one.lookedLost), Number(one.lookedHeld),
      this.numbers.ofObject(one.conclusions),
    ].join('.');
    this.processKeys.set(one, known);
    return known;
  }

  /** What is left when every process is gone. */
  public placeKey({ ledger, world }: State): string {
    return `${this.ledgerKey(ledger)}/${this.numbers.ofObject(world)}`;
  }

  private ledgerKey(ledger: readonly Stored[]): string {
    const known = this.ledgerKeys.get(ledger) ?? ledger.map(({ key }) => key).join();
    this.ledgerKeys.set(ledger, known);
    return known;
  }

  private jobTransitions(state: State, run: RunState, index: number, all: Transition[]): void {
    const spec = this.scenario.runs[index];
    if (spec.waitsForWatch && run.dispatched === undefined) return;
    for (const { job, group } of this.readyIn(run, spec)) {
      if (this.isBusy(state, group)) continue;
      all.push({ kind: 'start', index, job });
      const { mayBeLost } = this.scenario;
      if (state.losses > 0 && (!mayBeLost || mayBeLost.includes(`${spec.name}.${job}`))) all.push({ kind: 'startLost', index, job });
    }
    if (isComplete(run) && run.attempt < (spec.attempts ?? 1)) all.push({ kind: 'rerun', index });
  }

  private readyIn(run: RunState, spec: RunSpec): readonly ReadyJob[] {
    const known = this.readyJobs.get(run);
    if (known) return known;
    const jobs = Object.entries(jobsOf(spec))
      .filter(([job, { needs }]) => run.jobs[job].status === 'waiting' && needs.every((need) => run.jobs[need].status === 'done'))
      .map(([job, { condition, group }]) => ({ job, group, runs: condition(contextOf(spec, run)) }));
    this.readyJobs.set(run, jobs);
    return jobs;
  }

  private isBusy(state: State, group: 'deploy' | 'rollback' | undefined): boolean {
    if (group === undefined || (group === 'deploy' && !this.scenario.groups)) return false;
    return state.runs.some(({ jobs }, index) => Object.entries(jobs).some(([job, { status }]) => status === 'running' && jobsOf(this.scenario.runs[index])[job].group === group));
  }

  private start(state: State, index: number, job: string, isLost: boolean): Eventually<State> {
    const run = state.runs[index];
    const before = run.jobs[job];
    const now: JobState = isLost ? { status: 'done', result: 'failure', outputs: before.outputs } : { status: 'running', outputs: before.outputs };
    const started = { ...state, runs: replaced(state.runs, index, { ...run, jobs: { ...run.jobs, [job]: now } }) };
    return this.nextStep(withNews(started), { run: index, job, attempt: run.attempt, conclusions: {}, isLost });
  }

  private nextStep(state: State, of: Pick<Running, 'run' | 'job' | 'attempt' | 'conclusions' | 'isLost'>): Eventually<State> {
    const run = this.scenario.runs[of.run];
    const step = stepAfter(jobsOf(run)[of.job], of.conclusions);
    if (!step) return state;
    return then(this.automata.start(specOf(run, { ...state.runs[of.run], attempt: of.attempt }, of.job, step, this.scenario)), (position) => {
      const running: Running = { ...of, position, step: step.id, listed: 0, isNews: false, lookedLost: false, lookedHeld: false };
      return { ...state, processes: [...state.processes, running] };
    });
  }

  private step(state: State, { kind, index, measured, request = 0 }: Transition): Eventually<State> {
    const process = state.processes[index];
    if (kind === 'cancel') {
      const facts = { ...state.facts, cancelled: [...state.facts.cancelled ?? [], process.position.recordId!] };
      return then(this.advance(process.position, CANCEL, { cancelled: true }, kind), (position) => (
        withProcess({ ...state, facts, cancellations: state.cancellations - 1 }, index, { ...process, position })));
    }
    if (kind === 'again' || kind === 'late' || kind === 'timer') {
      const waits = process.position.requests[request];
      const facts = kind === 'late' && waits.kind === 'sleep' && waits.ms > READ_BACK_MS ? { ...state.facts, late: true } : state.facts;
      return then(this.advance(process.position, request, { sleptMs: kind === 'again' ? 0 : A_DAY }, kind), (position) => (
        withProcess({ ...state, facts }, index, { ...process, position, isNews: false })));
    }
    const pending = process.position.requests[request];
    if (kind === 'lag') {
      const { entries, key } = this.ledger.standing(withoutLastEntry(state, pending)!);
      return then(this.advance(process.position, request, { entries }, String(key)), (position) => (
        withProcess({ ...state, lags: state.lags - 1 }, index, { ...process, position })));
    }
    if (kind === 'refuse') {
      return then(this.advance(process.position, request, { ledgerFault: 'rejected' }, kind), (position) => (
        withProcess({ ...state, rejections: state.rejections - 1 }, index, { ...process, position })));
    }
    const looks = READS.includes(pending.kind) && !process.position.polls;
    const looking = looks ? { ...process, ...this.rules.look(this, state, process) } : process;
    const listed = pending.kind === 'records' ? state.ledger.length : process.listed;
    const { response, key, after } = this.perform(state, pending, measured);
    return then(this.advance(process.position, request, response, key), (position) => {
      const facts = this.rules.observe(this, state, looking, pending, after, measured);
      const isNews = READS.includes(pending.kind) && !looks && process.isNews;
      const done = withProcess({ ...after, facts }, index, { ...looking, listed, position, isNews });
      return after.ledger === state.ledger ? done : withNews(done);
    });
  }

  private advance(position: Position, index: number, response: ModelResponse, key: string): Eventually<Position> {
    return this.automata.known(position, index, key) ?? this.automata.respond(position, index, response, key);
  }

  private perform(state: State, request: Request, measured: Measurement = 'none'): { readonly response: ModelResponse; readonly key: string; readonly after: State } {
    const { ledger, world } = state;
    switch (request.kind) {
      case 'records': return { response: { records: ledger.map(({ record }) => record).reverse() }, key: ledger.map(({ recordKey }) => recordKey).join(), after: state };
      case 'history': {
        const { entries, key } = this.standingOf(state, request.record.id);
        return { response: { entries }, key: String(key), after: state };
      }
      case 'create': {
        const after = this.ledger.create(ledger, request.record);
        const { record, key } = after[after.length - 1];
        return { response: { created: record }, key: String(key), after: { ...state, ledger: after } };
      }
      case 'advance': return performed({ ...state, ledger: this.ledger.advance(ledger, request.record.id, request.entry) });
      case 'isAlive': {
        const alive = this.isAlive(state, request.run);
        return { response: { alive }, key: String(alive), after: state };
      }
      case 'probe': {
        const outcome = probe(world, this.scenario.behaviours, request);
        return { response: { outcome }, key: outcome, after: { ...state, world: seen(world, request.slot, outcome) } };
      }
      case 'measure': return { response: { measured }, key: measured, after: state };
      case 'command': {
        const { response, world: after } = commandStep(world, request, this.scenario);
        return { response, key: JSON.stringify(response), after: { ...state, world: after } };
      }
      case 'dispatch': return performed({ ...state, runs: this.dispatched(state.runs, { release: request.release, from: request.from }) });
      case 'sleep': return { response: { sleptMs: request.ms }, key: 'slept', after: state };
    }
  }

  /** A second request finds the run that the first one started. */
  private dispatched(runs: readonly RunState[], dispatch: Dispatched): RunState[] {
    const waits = (run: RunState, index: number) => this.scenario.runs[index].waitsForWatch && run.dispatched === undefined;
    return runs.map((run, index) => (waits(run, index) ? { ...run, dispatched: dispatch } : run));
  }

  /** What the code makes of the ledger, when nothing disturbs it. */
  public async read({ ledger }: State): Promise<Reading> {
    const key = this.ledgerKey(ledger);
    const known = this.readings.get(key) ?? await this.readAfresh(ledger);
    this.readings.set(key, known);
    return known;
  }

  private async readAfresh(ledger: readonly Stored[]): Promise<Reading> {
    const reader = {
      records: async () => ledger.map(({ record }) => record).reverse(),
      history: async ({ id }: LedgerRecord) => [...this.ledger.standing(ledger[Number(id) - 1]).entries],
      remembers: () => undefined,
      found: () => undefined,
    };
    const history = new this.code.environmentHistory(reader as unknown as Ledger, 'production');
    const [stable, newest, slot] = [await history.stable(), await history.newest(), await history.slotWithTraffic()];
    return { stable: stable?.release.version, stableSlot: stable?.slot, slot, newest: newest?.state };
  }

  public standingOf(state: State, recordId: string) {
    return this.ledger.standing(state.ledger[Number(recordId) - 1]);
  }

  private isAlive({ runs }: State, { id, attempt }: { id: number; attempt: number }): boolean {
    const index = this.scenario.runs.findIndex((run) => run.id === id);
    return index >= 0 && runs[index].attempt === attempt && !isComplete(runs[index]);
  }

  /** Transitions without interaction: skipped jobs, following steps, and reads of final records. */
  private runAhead(state: State): Eventually<State> {
    const skipped = this.skipJobs(state);
    if (skipped) return this.runAhead(skipped);
    const goOn = (made: Eventually<State>) => then(made, (next) => this.runAhead(next));
    for (const [index, process] of state.processes.entries()) {
      if (process.position.ended) return goOn(this.end(state, index, process.position.ended));
      const isKnown = (one: Request) => one.kind === 'history' && this.standingOf(state, one.record.id).isFinal && !(state.lags > 0 && withoutLastEntry(state, one));
      const request = process.position.requests.findIndex(isKnown);
      if (request >= 0) return goOn(this.step(state, { kind: 'respond', index, request }));
      const next = this.scenario.looks === 'whole' && process.position.polls ? process.position.requests.findIndex(({ kind }) => READS.includes(kind)) : -1;
      if (next >= 0) return goOn(this.step(state, { kind: 'respond', index, request: next }));
    }
    return state;
  }

  private skipJobs(state: State): State | undefined {
    for (const [index, run] of state.runs.entries()) {
      const skipped = this.readyIn(run, this.scenario.runs[index]).find(({ runs }) => !runs);
      if (!skipped) continue;
      const done: JobState = { status: 'done', result: 'skipped', outputs: run.jobs[skipped.job].outputs };
      return withNews({ ...state, runs: replaced(state.runs, index, { ...run, jobs: { ...run.jobs, [skipped.job]: done } }) });
    }
    return undefined;
  }

  private end(state: State, index: number, ended: Ended): Eventually<State> {
    const process = state.processes[index];
    this.rules.end(this, state, process, ended);
    const without = { ...state, processes: state.processes.filter((_, other) => other !== index) };
    const conclusions = { ...process.conclusions, [process.step]: ended.code === 0 ? 'success' : 'failure' } as const;
    const next = process.isLost ? without : withOutputs(without, process, ended, jobsOf(this.scenario.runs[process.run])[process.job].outputs);
    const following = this.nextStep(next, { run: process.run, job: process.job, attempt: process.attempt, conclusions, isLost: process.isLost });
    return then(following, (went) => {
      if (process.isLost || went.processes.length > without.processes.length) return went;
      const run = went.runs[process.run];
      const result = Object.values(conclusions).includes('failure') ? 'failure' : 'success';
      const job: JobState = { ...run.jobs[process.job], status: 'done', result };
      return withNews({ ...went, runs: replaced(went.runs, process.run, { ...run, jobs: { ...run.jobs, [process.job]: job } }) });
    });
  }
}

function worldOf(strategy: Scenario['strategy'], begins: Beginning, { target }: TargetBehaviour): World {
  const { slots: [first, second] } = strategyData(strategy);
  const only = begins === 'haltedAhead' ? 'v2' : 'v1';
  if (first === undefined) return { live: 'only', slots: { only, ...(target === 'hosts' && { other: only }) }, verified: [] };
  return { live: begins === 'haltedAhead' ? first : second, slots: { [first]: begins === 'stable' ? 'v0' : 'v2', [second]: 'v1' }, verified: [first, second].sort() };
}

function performed(after: State): { readonly response: ModelResponse; readonly key: string; readonly after: State } {
  return { response: { done: true }, key: 'done', after };
}

function processTransitions(state: State, process: Running, index: number, all: Transition[]): void {
  const { position, isLost } = process;
  const { requests } = position;
  const first = requests.findIndex(({ kind }) => kind !== 'sleep');
  const sleep = requests.findIndex(({ kind }) => kind === 'sleep');
  if (position.isOnTrial && !isLost && state.cancellations > 0) all.push({ kind: 'cancel', index });
  if (first >= 0) {
    const pending = requests[first];
    const { kind } = pending;
    if (pending.kind === 'measure' && !pending.isFirst) all.push(...MEASUREMENTS.map((measured) => ({ kind: 'respond', index, request: first, measured }) as const));
    else if (pending.kind !== 'command' || !isAwaited(state.world, pending)) all.push({ kind: 'respond', index, request: first });
    if (state.rejections > 0 && (kind === 'create' || kind === 'advance')) all.push({ kind: 'refuse', index, request: first });
    if (state.lags > 0 && withoutLastEntry(state, pending)) all.push({ kind: 'lag', index, request: first });
    if (isLost && sleep >= 0 && READS.includes(kind)) all.push({ kind: 'timer', index, request: sleep });
  } else if (isPolling(position)) {
    if (process.isNews) all.push({ kind: 'again', index, request: sleep });
    all.push({ kind: 'late', index, request: sleep });
  } else if (sleep >= 0) {
    const soonest = requests.reduce((best, one, at) => (one.kind === 'sleep' && one.ms < (requests[best] as { ms: number }).ms ? at : best), sleep);
    all.push({ kind: 'respond', index, request: soonest });
  }
}

/** A record as a reader gets it whose list lacks the last entry. */
function withoutLastEntry({ ledger }: State, request: Request): Stored | undefined {
  return request.kind === 'history' ? ledger[Number(request.record.id) - 1]?.before : undefined;
}

function withOutputs(state: State, process: Running, ended: Ended, outputs: Readonly<Record<string, string>>): State {
  const run = state.runs[process.run];
  const set = Object.entries(outputs).filter(([, step]) => step === process.step).map(([name]) => [name, ended.outputs[name] ?? ''] as const);
  const job = { ...run.jobs[process.job], outputs: { ...run.jobs[process.job].outputs, ...Object.fromEntries(set) } };
  return { ...state, runs: replaced(state.runs, process.run, { ...run, jobs: { ...run.jobs, [process.job]: job } }) };
}

function withProcess(state: State, index: number, process: Running): State {
  return { ...state, processes: replaced(state.processes, index, process) };
}

/** A polling process would see a change. */
function withNews(state: State): State {
  if (!state.processes.some(({ position, isNews }) => !isNews && position.polls)) return state;
  return { ...state, processes: state.processes.map((one) => (one.position.polls ? { ...one, isNews: true } : one)) };
}

function replaced<T>(all: readonly T[], index: number, by: T): T[] {
  return all.map((one, other) => (other === index ? by : one));
}
