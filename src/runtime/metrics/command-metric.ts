import type { MetricContext, MetricSource } from './metric-source';
import { PRINTED_LIMIT, printedCounters } from './printed-counters';
import { formatDuration } from '../../contract/duration-text';
import { CommandMetricManifest } from '../../contract/metric-manifest';
import { Scrape } from '../analysis/counters';
import { InterruptedError } from '../errors';
import { commandEnvironment } from '../processes/command-environment';
import { safeLine } from '../reporting/untrusted-text';

/** Runs a command of the user, which prints the counters. */
export class CommandMetricSource implements MetricSource {
  constructor(private readonly manifest: CommandMetricManifest, private readonly context: MetricContext) {}

  public async scrape(signal: AbortSignal): Promise<Scrape> {
    const { canary, clock, environment, execute, processEnv, stable } = this.context;
    const { command, timeoutMs } = this.manifest;
    if (signal.aborted) throw new InterruptedError();
    const atMs = clock.now();
    const tooLong = new AbortController();
    const output = new Output(tooLong);
    let said = '';
    const { exitCode, outcome, signal: ending } = await execute(command, {
      env: commandEnvironment(processEnv, { environment, release: canary.release, slot: canary.slot, stable: stable.release }),
      timeoutMs,
      signal: AbortSignal.any([signal, tooLong.signal]),
      capture: { output: (line) => output.add(line), error: (line) => { said = line.trim() || said; }, longestLine: PRINTED_LIMIT },
    });
    const problem = (why: string): Scrape => ({ atMs, problem: `the command ${why}` });
    if (output.isCut) return problem(`printed more than ${PRINTED_LIMIT / 1024} KiB`);
    if (signal.aborted || outcome === 'interrupted') throw new InterruptedError();
    if (outcome === 'timedOut') return problem(`did not end within ${formatDuration(timeoutMs)}`);
    // what never began is explained in the output
    const why = safeLine(said || (exitCode === undefined && ending === undefined ? output.text : ''), 160);
    if (outcome === 'failed') return problem(`ended with ${exitCode === undefined ? ending ?? 'no exit code' : `exit code ${exitCode}`}${why === '' ? '' : `: ${why}`}`);
    return printedCounters(output.text, atMs);
  }
}

/** What the command printed. If it is too long, the command is stopped. */
class Output {
  private readonly lines: string[] = [];
  private length = 0;

  constructor(private readonly tooLong: AbortController) {}

  public get isCut(): boolean {
    return this.tooLong.signal.aborted;
  }

  public get text(): string {
    return this.lines.join('\n');
  }

  public add(line: string): void {
    this.length += line.length + 1;
    if (this.length > PRINTED_LIMIT) this.tooLong.abort();
    else this.lines.push(line);
  }
}
