import { probeCertificate } from './certificate';
import { probeAlarm } from './cloudwatch-alarm';
import { probeCommand } from './command';
import { probeDns } from './dns';
import { probeGroup } from './group';
import type { ProbeResponse, ProbeTarget, ProbeTools } from './probe';
import { probePrometheus } from './prometheus';
import { probeTcp } from './tcp';
import { HealthCheckManifest } from '../../contract/manifest';

/** Runs one probe of a check that is not http. Rejects with the signal's reason or a network error, which the caller turns into an observation. */
export function probeCheck(check: HealthCheckManifest, target: ProbeTarget, signal: AbortSignal, tools: ProbeTools): Promise<ProbeResponse> {
  switch (check.kind) {
    case 'tcp': return probeTcp(check, target, signal, tools);
    case 'command': return probeCommand(check, target, signal, tools);
    case 'prometheus': return probePrometheus(check, target, signal);
    case 'dns': return probeDns(check, signal);
    case 'certificate': return probeCertificate(check, target, signal, tools);
    case 'cloudWatchAlarm': return probeAlarm(check, target, signal, tools);
    case 'allOf':
    case 'anyOf': return probeGroup(check, target, signal, tools);
    case 'http': return Promise.reject(new Error('probe() sends http checks itself'));
  }
}
