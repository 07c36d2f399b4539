import { probeCertificate } from './certificate';
import { probeCommand } from './command';
import { probeDns } from './dns';
import { probeGroup } from './group';
import { probePrometheus } from './prometheus';
import { probeTcp } from './tcp';
import { EnvironmentManifest, HealthCheckManifest } from '../../contract/manifest';
import type { Clock } from '../clock';
import type { Prober, ProbeTarget, ProbeResponse } from './probe';
import type { CommandOptions, runUserCommand } from '../processes/user-command';

/** Functions of the first runtime file that probes need. */
export interface ProbeTools {
  readonly environment: EnvironmentManifest;
  /** Names of all secrets of the delivery; a command gets only its own. */
  readonly secretNames: readonly string[];
  readonly clock: Clock;
  /** For the members of a group. */
  readonly probe: Prober;
  /** Runs a command in the project's directory. */
  readonly run: (command: Parameters<typeof runUserCommand>[0], options: Omit<CommandOptions, 'cwd' | 'clock' | 'secrets'>) => ReturnType<typeof runUserCommand>;
}

/** Runs one probe of a check that is not http. Rejects with the signal's reason or a network error, which the caller turns into an observation. */
export function probeCheck(check: HealthCheckManifest, target: ProbeTarget, signal: AbortSignal, tools: ProbeTools): Promise<ProbeResponse> {
  switch (check.kind) {
    case 'tcp': return probeTcp(check, target, signal, tools);
    case 'command': return probeCommand(check, target, signal, tools);
    case 'prometheus': return probePrometheus(check, target, signal);
    case 'dns': return probeDns(check, signal);
    case 'certificate': return probeCertificate(check, target, signal, tools);
    case 'allOf':
    case 'anyOf': return probeGroup(check, target, signal, tools);
    // http checks belong to the first runtime file
    case 'http': return Promise.reject(new Error('an http check is not looked at here'));
  }
}
