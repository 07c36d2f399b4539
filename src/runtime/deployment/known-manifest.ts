import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DriverCall, EnvironmentManifest, Manifest, manifestFile, RUNTIME_FILE, TargetCommandManifest, WeightManifest } from '../../contract/manifest';
import { MetricManifest } from '../../contract/metric-manifest';
import { PackageRegistryDriverManifest } from '../../engines/package-registry/manifest';
import { ConfigurationError } from '../errors';
import { setWeightOf } from './phases/command';
import { StepAnalysis } from './phases/step-analysis';
import { unlessEjected } from '../reporting/command-line';
import { isWeighted, knownToWriter, strategyOf } from '../strategies/rollout-strategy';
import { ABSENT_DRIVERS, PRESENT_DRIVERS } from '../targets/driver-registry';

/** How this runtime can run a command. */
const COMMAND_KINDS: readonly string[] = ['exec', 'bash', 'driver'] satisfies TargetCommandManifest['kind'][];

const DRIVER_CALLS: readonly string[] = ['deploy', 'promote', 'setWeight', 'rollback'] satisfies DriverCall[];

/** A kind that the runtime has no source for does not compile here. */
const KNOWN_METRICS = { cloudWatch: true, command: true, haproxy: true, prometheus: true } satisfies Record<MetricManifest['kind'], true>;
const METRIC_KINDS: readonly string[] = Object.keys(KNOWN_METRICS);

const KNOWN_REGISTRIES = { go: true, maven: true, pypi: true } satisfies Record<PackageRegistryDriverManifest['registry']['ecosystem'], true>;
const ECOSYSTEMS: readonly string[] = Object.keys(KNOWN_REGISTRIES);

/** Throws `ConfigurationError` where the manifest names a strategy, a driver or a kind of command that this runtime does not know. */
export function checkKnown({ environments }: Manifest): void {
  for (const environment of environments) {
    checkWeights(environment);
    checkCommands(environment);
  }
}

/** A file that was changed by hand: a canary would fail in the middle. */
function checkWeights(environment: EnvironmentManifest): void {
  if (!isWeighted(strategyOf(environment))) return;
  setWeightOf(environment);
  const { name, strategy: { weights = [] } } = environment;
  const isFit = ({ atLeastMs, atMostMs = atLeastMs, percent }: WeightManifest) => (
    atLeastMs >= 0 && atMostMs >= atLeastMs && Number.isInteger(percent) && percent > 0 && percent < 100
  );
  if (weights.length > 0 && weights.every(isFit)) return checkAnalysis(environment);
  throw new ConfigurationError(`the manifest's environment ${JSON.stringify(name)} has a canary without weights from 1 to 99. ${unlessEjected('Run npx projen', 'Restore .projen/delivery.json')}.`);
}

/** It begins when users already share the traffic, so a metric source that is not known must be found before. */
function checkAnalysis({ name, strategy: { analysis } }: EnvironmentManifest): void {
  if (!analysis) return;
  if ((StepAnalysis as unknown) === undefined) throw writtenWithout(`the manifest's environment ${JSON.stringify(name)} has a canary with an analysis`);
  const unknown = analysis.metrics.find(({ metric }) => !METRIC_KINDS.includes(metric.kind));
  if (unknown) reject(name, `whose canary reads a metric source of the kind ${JSON.stringify(unknown.metric.kind)}`, METRIC_KINDS);
  if (analysis.metrics.length > 0 && analysis.metrics.every(({ errors, latency }) => (errors === undefined) !== (latency === undefined))) return;
  throw new ConfigurationError(`the manifest's environment ${JSON.stringify(name)} has an analysis that judges neither errors nor a latency, or both at once. ${unlessEjected('Run npx projen', 'Restore .projen/delivery.json')}.`);
}

function checkCommands({ afterPromote, beforeDeploy, name, target }: EnvironmentManifest): void {
  const { driver, noRollback, ...own } = target;
  const commands = Object.entries<TargetCommandManifest | undefined>({ ...own, beforeDeploy, afterPromote });
  if (noRollback !== undefined && typeof noRollback !== 'string') {
    throw new ConfigurationError(`the manifest's environment ${JSON.stringify(name)} has a target whose noRollback is not a text. ${unlessEjected('Run npx projen', 'Restore .projen/delivery.json')}.`);
  }
  const unknown = commands.find(([, command]) => command && !COMMAND_KINDS.includes(command.kind));
  if (unknown) reject(name, `whose ${unknown[0]} is of the kind ${JSON.stringify(unknown[1]?.kind)}`, COMMAND_KINDS);
  const without = commands.find(([, command]) => command?.kind === 'driver' && !driver);
  if (without) reject(name, `whose ${without[0]} calls a driver, and which names none`, PRESENT_DRIVERS);
  const [call, called] = commands.find(([, command]) => command?.kind === 'driver' && !DRIVER_CALLS.includes(command.call)) ?? [];
  if (called?.kind === 'driver') reject(name, `whose ${call} calls ${JSON.stringify(called.call)} of the driver`, DRIVER_CALLS);
  const kind: string | undefined = driver?.kind;
  if (kind !== undefined && ABSENT_DRIVERS.includes(kind)) {
    throw writtenWithout(`the manifest's environment ${JSON.stringify(name)} has a target with the driver ${JSON.stringify(kind)}`);
  }
  if (kind !== undefined && !PRESENT_DRIVERS.includes(kind)) reject(name, `with the driver ${JSON.stringify(kind)}`, PRESENT_DRIVERS);
  const mode: string | undefined = driver?.kind === 'awsCdk' ? driver.changeSet : undefined;
  if (mode !== undefined && mode !== 'review') reject(name, `with the change sets ${JSON.stringify(mode)}`, ['review']);
  const ecosystem: string | undefined = driver?.kind === 'packageRegistry' ? driver.registry.ecosystem : undefined;
  if (ecosystem !== undefined && !ECOSYSTEMS.includes(ecosystem)) reject(name, `with the registry ${JSON.stringify(ecosystem)}`, ECOSYSTEMS);
}

function writtenWithout(what: string): ConfigurationError {
  return new ConfigurationError(`${what}, and ${RUNTIME_FILE} was written without it. ${unlessEjected('Run npx projen and commit both files', 'Restore both files as one commit has them')}.`);
}

function reject(environment: string, what: string, known: readonly string[]): never {
  throw new ConfigurationError(
    `the manifest's environment ${JSON.stringify(environment)} has a target ${what}, which this runtime does not know `
    + `(it knows ${known.join(', ') || 'none'}). ${knownToWriter()}.`,
  );
}

/** The digest of a synthesized file, independent of the line ends of the checkout. */
export function fingerprint(file: string): string {
  const bytes = readFileSync(file);
  // nearly always the bytes are hashed as they are: the start of a deployment does not wait for a conversion of 1 MB
  return createHash('sha256').update(bytes.includes('\r\n') ? bytes.toString('utf8').replaceAll('\r\n', '\n') : bytes).digest('hex');
}

/** Why the runtime's file does not match the manifest, if it does not. A rollback does not check it, because it must run anyway. */
export function mismatchOf(file: string, { project, runtime }: Manifest): string | undefined {
  if (fingerprint(file) === runtime.sha256) return undefined;
  return `${RUNTIME_FILE} is not the one that ${manifestFile(project?.name)} was synthesized with (projen-delivery ${runtime.version}). ${unlessEjected('Run npx projen and commit both', 'Restore both as one commit has them')}.`;
}
