import { EnvironmentManifest } from '../../../src/contract/manifest';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { RuntimeContext } from '../../../src/runtime/context';
import { MetricContext } from '../../../src/runtime/metrics/metric-source';
import { runUserCommand } from '../../../src/runtime/processes/user-command';

export const CANARY = { release: { version: 'v2.0.0', sha: '2222222222222222222222222222222222222222' }, slot: 'green' };
export const STABLE = { release: { version: 'v1.9.0', sha: '1111111111111111111111111111111111111111' }, slot: 'blue' };

/** What a metric source gets, with commands that run as in the runtime. */
export function metricContext(changes: Partial<MetricContext> = {}, directory = '/'): MetricContext {
  const interrupted = new AbortController().signal;
  const execute: RuntimeContext['execute'] = (command, { capture, signal, ...options }) => runUserCommand(command, {
    cwd: directory,
    ...options,
    keepsLines: capture?.longestLine === undefined,
    longestLine: capture?.longestLine,
    signal,
    graceMs: 500,
    onLine: capture?.output ?? (() => undefined),
    onErrorLine: capture?.error,
  });
  return {
    canary: CANARY,
    stable: STABLE,
    clock: SYSTEM_CLOCK,
    environment: { name: 'production', url: 'https://www.example.com', variables: { SHOP: 'shoes' }, secrets: [], healthChecks: [] } as unknown as EnvironmentManifest,
    execute,
    interrupted,
    log: { line: () => undefined },
    processEnv: { PATH: process.env.PATH },
    ...changes,
  };
}

/** A scrape with a signal that never aborts. */
export const UNSTOPPED: AbortSignal = new AbortController().signal;
