import { CheckManifest, EnvironmentManifest, HealthCheckManifest } from '../../../src/contract/manifest';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { Observation } from '../../../src/runtime/probing/observation';
import { probe, Prober, ProbeTarget } from '../../../src/runtime/probing/probe';
import { probeCheck } from '../../../src/runtime/probing/probe-check';
import { runUserCommand } from '../../../src/runtime/processes/user-command';
import { Release } from '../../../src/runtime/release';

export const RELEASE: Release = { version: 'v1.2.3', sha: '0123456789abcdef0123456789abcdef01234567' };

/** What every check has, with the defaults that synthesis writes. */
export const TIMES: Omit<CheckManifest, 'url'> = {
  name: 'it', intervalMs: 2_000, timeoutMs: 5_000, successThreshold: 3, failureThreshold: 3, deadlineMs: 120_000,
};

export interface Circumstances {
  readonly target?: Partial<ProbeTarget>;
  readonly environment?: Partial<EnvironmentManifest>;
  /** Of the delivery. */
  readonly secretNames?: readonly string[];
  readonly directory?: string;
  readonly signal?: AbortSignal;
}

/** One probe, as the runtime wires it: the first file's, which calls the second one for what is not http. */
export function lookOnce(check: HealthCheckManifest, { directory = '/', environment, secretNames = environment?.secrets ?? [], signal, target }: Circumstances = {}): Promise<Observation> {
  const clock = SYSTEM_CLOCK;
  const tools = {
    clock,
    secretNames,
    environment: { name: 'production', url: 'https://www.example.com', variables: {}, secrets: [], healthChecks: [check], ...environment } as unknown as EnvironmentManifest,
    run: (command: Parameters<typeof runUserCommand>[0], options: object) => (
      runUserCommand(command, { cwd: directory, clock, ...options } as Parameters<typeof runUserCommand>[1])
    ),
  };
  const prober: Prober = (one, given, end) => (
    probe(one, { env: { PATH: process.env.PATH }, ...given }, clock, end, (...what) => probeCheck(...what, { ...tools, probe: prober }))
  );
  return prober(check, { release: RELEASE, replaced: [{ version: 'v1.0.0', sha: '' }], ...target }, signal);
}
